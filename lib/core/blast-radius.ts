import type { Action, Halt, Plan } from './actions.ts';
import { unattendedDeletesMax } from './limits.ts';

/** How much of the account a plan would change: what is told before a policy is put to work. */
export interface BlastRadius {
  readonly creates: number;
  readonly modifies: number;
  readonly deletes: number;
  /** Deletions that a guard would hold, and that wait for `apply --allow-deletes`. */
  readonly held: number;
  readonly refusals: number;
  /** The same by reason, the most frequent first. */
  readonly refusedBecause: Readonly<Partial<Record<Action['because'], number>>>;
  readonly filterChanges: number;
  /** Interfaces with at least one session created, changed or deleted. */
  readonly sources: number;
  readonly halted?: Halt;
}

/** Counts what a plan would do. A create that only EC2 can settle (`unknown: try`) counts as one. */
export function measureBlastRadius({ decisions, filterActions, halted }: Plan): BlastRadius {
  const actions = decisions.flatMap((decision) => decision.actions);
  const countOf = (kind: Action['kind']) => actions.filter((action) => action.kind === kind).length;
  return {
    creates: countOf('create'),
    modifies: countOf('modify'),
    deletes: countOf('delete'),
    held: actions.filter(({ because }) => because === 'held-by-guard').length,
    refusals: countOf('refuse'),
    refusedBecause: countRefusals(actions),
    filterChanges: filterActions.length,
    sources: decisions.filter((decision) => decision.actions.some(isChange)).length,
    ...(halted && { halted }),
  };
}

function countRefusals(actions: readonly Action[]): BlastRadius['refusedBecause'] {
  const numbers: Partial<Record<Action['because'], number>> = {};
  for (const { kind, because } of actions) if (kind === 'refuse') numbers[because] = (numbers[because] ?? 0) + 1;
  return Object.fromEntries(Object.entries(numbers).sort(([, one], [, other]) => other - one));
}

function isChange({ kind }: Action): boolean {
  return kind === 'create' || kind === 'modify' || kind === 'delete';
}

/**
 * Why somebody should look before this policy is put to work, or `undefined` when it may go ahead unattended: a guard
 * would hold its deletions, or it deletes more sessions at once than `unattendedDeletesMax`.
 */
export function findObjection({ deletes, held, halted }: BlastRadius): string | undefined {
  if (halted !== undefined) {
    return `A guard would hold ${held} deletions (${halted.limit}); the next sweep would halt and raise its alarm.`;
  }
  if (deletes > unattendedDeletesMax) {
    return `It would delete ${deletes} sessions, more than ${unattendedDeletesMax} at once.`;
  }
  return undefined;
}
