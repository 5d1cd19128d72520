import type { Action, Halt, Plan } from './actions.ts';
import { guardedDeletesPerBatchMax, guardPercentFrom } from './limits.ts';
import type { Policy } from './model.ts';
import type { Because } from './reasons.ts';

/** Deletions that a mistake in the policy, the tags or a listing could cause by the hundred. */
const guardedReasons: ReadonlySet<Because> = new Set<Because>([
  'opted-out',
  'not-covered',
  'excluded',
  'tier-withdrawn',
  'type-unsupported',
  'target-gone',
]);

export interface GuardSettings {
  readonly guards: Policy['guards'];
  /** Of the run, also where it looks again at a few sources. */
  readonly scope: 'fleet' | 'changed';
  /** Sessions of ours in the fleet: what the percentage counts against. */
  readonly ourSessions: number;
  /** `apply --allow-deletes N`: up to this many guarded deletions pass, whatever the guards say. */
  readonly allowDeletes?: number;
  /** Guarded deletions that this run has made already, before it looked again or for other messages; 0 when absent. */
  readonly deletedBefore?: number;
  /** How this run has held deletions before it looked again: now as well, however few are left of them. */
  readonly heldBefore?: HeldBecause;
  /** True for a batch of changes, which may make ten guarded deletions and no more. */
  readonly isBatch?: boolean;
}

/** Why a guard keeps a session. */
export type HeldBecause = 'held-by-guard' | 'left-to-sweep';

/**
 * Holds every guarded deletion of a plan that makes too many of them; what needs none of them proceeds. In a batch of
 * changes more than ten are left to the sweep, which sees the whole fleet before it decides. Held deletions are
 * settled: the next sweep plans them again.
 */
export function guardPlan(plan: Plan, settings: GuardSettings): Plan {
  let planned = 0;
  for (const decision of plan.decisions) planned += decision.actions.filter(isGuarded).length;
  if (planned === 0) return plan;
  if (settings.heldBefore !== undefined) return hold(plan, settings.heldBefore);
  const guarded = planned + (settings.deletedBefore ?? 0);
  if (guarded <= (settings.allowDeletes ?? 0)) return plan;
  if (settings.isBatch && guarded > guardedDeletesPerBatchMax) return hold(plan, 'left-to-sweep');
  const limit = findExceededLimit(guarded, settings);
  if (limit === undefined) return plan;
  return { ...hold(plan, 'held-by-guard'), halted: { guarded, ourSessions: settings.ourSessions, limit } };
}

/** How a guard holds this action, if it does. */
export function heldBy(action: Action): HeldBecause | undefined {
  if (action.kind !== 'retain' || action.held === undefined || !guardedReasons.has(action.held)) return undefined;
  return action.because === 'held-by-guard' || action.because === 'left-to-sweep' ? action.because : undefined;
}

/** True for a deletion that the guards count. */
export function isGuarded(action: Action): action is Extract<Action, { kind: 'delete' }> {
  return action.kind === 'delete' && guardedReasons.has(action.because);
}

function findExceededLimit(guarded: number, { guards, scope, ourSessions }: GuardSettings): Halt['limit'] | undefined {
  if (guarded > guards.maxDeletes) return `maxDeletes: ${guards.maxDeletes}`;
  if (scope !== 'fleet' || guarded < guardPercentFrom) return undefined;
  return guarded * 100 > guards.maxDeletePercent * ourSessions
    ? `maxDeletePercent: ${guards.maxDeletePercent}`
    : undefined;
}

function hold(plan: Plan, because: HeldBecause): Plan {
  const decisions = plan.decisions.map((decision) => ({
    ...decision,
    actions: decision.actions.map((action) => holdAction(action, because)),
  }));
  return { ...plan, decisions };
}

function holdAction(action: Action, because: HeldBecause): Action {
  if (!isGuarded(action)) return action;
  return { ...action, kind: 'retain', because, held: action.because };
}
