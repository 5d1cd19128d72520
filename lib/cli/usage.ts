/** Exit codes of every command. */
export const exitCodes = {
  /** Nothing to do, or done. */
  ok: 0,
  failed: 1,
  /** Something was found: changes that are pending or held, gaps, failing checks, mirrors in trouble. */
  pending: 2,
  /** The command was called wrongly, or its policy, an id or a file cannot be used. */
  usage: 64,
} as const;

/** What the exit codes mean for one command, where it can say more than that it is done or has failed. */
export interface ExitMeanings {
  readonly ok?: string;
  readonly failed?: string;
  /** Absent for a command that never exits with 2. */
  readonly pending?: string;
}

/** What stands under a command's options in its help: what its exit codes mean, and examples, one a line. */
export function endHelp(meanings: ExitMeanings, ...examples: readonly string[]): string {
  const { ok = 'done', failed = 'failed', pending } = meanings;
  const lines = [
    [exitCodes.ok, ok],
    [exitCodes.failed, failed],
    ...(pending === undefined ? [] : [[exitCodes.pending, pending]]),
    [exitCodes.usage, 'wrong usage or input (a policy, a file, an id)'],
  ].map(([code, meaning]) => `  ${String(code).padStart(2)}  ${meaning}`);
  return ['', 'Exit codes:', ...lines, '', 'Example:', ...examples.map((line) => `  $ ${line}`)].join('\n');
}

/** What to say when a command that asks no policy finds nothing of a fleet, whose name may be a slip. */
export function describeEmptyFleet(fleet: string): string {
  return `Nothing in this account and Region belongs to the fleet ${fleet}. Is it the right --fleet and --region?`;
}

/** Wrong usage: told on stderr in one or a few lines, exit code 64. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
