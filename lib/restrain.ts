/** What a run leaves undone of its plan: deletions that the guards hold, and repairs that a stranger would undo again. */
import type { Outcome } from './apply.ts';
import type { Plan } from './core/actions.ts';
import { guardPlan, heldBy, isGuarded } from './core/guard.ts';
import { isOurs } from './core/ownership.ts';
import { settleRepairs } from './core/tampering.ts';
import type { Prepared } from './prepare.ts';
import type { Task } from './task.ts';

/**
 * Holds what the guards hold, and repairs of sessions that were repaired a moment ago. `soFar`: what the run has done
 * before it looked again; the guards count it, as if it were all one plan.
 */
export function restrain({ run, policy, scope, options }: Task, prepared: Prepared, soFar: readonly Outcome[]): Plan {
  const { world } = run;
  const deletedSoFar = countGuarded(soFar);
  // What the run has deleted stood before it: the share is of the sessions that there were.
  let ourSessions = deletedSoFar;
  for (const session of prepared.infrastructure.sessions.values()) if (isOurs(session, world)) ourSessions += 1;
  const heldBefore = soFar.map(({ action }) => heldBy(action)).find((because) => because !== undefined);
  const guarded = guardPlan(prepared.plan, {
    guards: policy.guards,
    scope: scope.kind,
    ourSessions,
    deletedBefore: (options.deletedBefore ?? 0) + deletedSoFar,
    ...(options.isBatch && { isBatch: true }),
    ...(heldBefore !== undefined && { heldBefore }),
    ...(options.allowDeletes !== undefined && { allowDeletes: options.allowDeletes }),
  });
  if (options.tampered === undefined || options.tampered.size === 0) return guarded;
  const settled = settleRepairs(guarded, options.tampered, world.memory.repairedAtMs, world.clock.now());
  const left = countLeftToSweep(settled) - countLeftToSweep(guarded);
  if (left > 0) world.log.count('TamperingLeftToSweep', left);
  return settled;
}

/** The guarded deletions that were made. */
export function countGuarded(outcomes: readonly Outcome[]): number {
  return outcomes.filter(({ action, outcome }) => outcome === 'done' && isGuarded(action)).length;
}

function countLeftToSweep({ decisions }: Plan): number {
  let count = 0;
  for (const { actions } of decisions) count += actions.filter(({ because }) => because === 'left-to-sweep').length;
  return count;
}
