/** Exit codes of every command. */
export const exitCodes = {
  /** Nothing to do, or done. */
  ok: 0,
  failed: 1,
  /** Changes are pending: only planned, held by a guard, or in `mode: observe`. `report --fail-on-gap`: there are gaps. */
  pending: 2,
  /** The command was called wrongly, or its input (a policy, an id) is wrong. */
  usage: 64,
} as const;

/** What to say when a command that asks no policy finds nothing of a fleet, whose name may be a slip. */
export function describeEmptyFleet(fleet: string): string {
  return `Nothing in this account and Region belongs to the fleet ${fleet}. Is it the right --fleet and --region?`;
}

/** Wrong usage: told on stderr in one or a few lines, exit code 64. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
