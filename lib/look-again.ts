/** What a run does where the world had changed under it: it reads and plans these sources afresh, and acts on that. */
import { type Applied, applyPlan, type Outcome } from './apply.ts';
import { type Run, renewNonce } from './call.ts';
import type { Plan } from './core/actions.ts';
import { looksInVainMax } from './core/limits.ts';
import type { NetworkInterfaceId } from './core/model.ts';
import { isEc2Failure } from './failure.ts';
import { type Prepared, prepareChanged } from './prepare.ts';
import type { ChangedScope } from './read.ts';
import { restrain } from './restrain.ts';
import { findRoomSeekers } from './room.ts';
import { mergeStands, type Stand } from './stand.ts';
import type { Task } from './task.ts';
import { trace } from './trace.ts';

/** Applies a plan, as a step of its own in the trace. */
export function perform(plan: Plan, run: Run): Promise<Applied> {
  return trace(run.world, 'apply', () => applyPlan(plan, run));
}

/**
 * Looks again at the sources whose actions met a world that had changed, and at those that found no room where this run
 * has made some. It does so as often as a plan grows too old to be acted on, and as long as EC2 calls another target full,
 * so that the rest of the pool is tried, or its lack is told: each such look takes a target from the policy's pools.
 * Without the time or the answers for it, or when the policy is no longer in force, what is undecided is left to the next
 * run, and what was done so far is told all the same.
 */
export async function lookAgain(task: Task, first: Stand): Promise<Stand> {
  const { world } = task.run;
  let { run } = task;
  let stand = first;
  let latest = first.applied.outcomes;
  let looksInVain = 0;
  while (looksInVain < looksInVainMax) {
    const unsettled = findUnsettled(task, stand, latest);
    if (unsettled.size === 0) break;
    const startedAtMs = world.clock.now();
    const prepared = (await mayLook(task, stand)) ? await planAgain(task, stand, unsettled) : undefined;
    if (prepared === undefined) return settle(stand, deferLooking);
    const readMs = world.clock.now() - startedAtMs;
    run = renewNonce(run);
    const applied = await perform(prepared.plan, run);
    const hasLearned = !applied.fullTargets.isSubsetOf(stand.applied.fullTargets);
    // An outdated plan is no disagreement with EC2, and this one was acted on until it was outdated.
    const isOutdated = applied.outcomes.some((one) => one.isOutdated);
    if (!hasLearned && !isOutdated) looksInVain += 1;
    stand = mergeStands(stand, { prepared, applied, readMs }, unsettled);
    latest = applied.outcomes;
  }
  return settle(stand, endLooking);
}

/** The sources of which what was read is no longer true. */
function findUnsettled(
  { policy }: Task,
  { applied: { outcomes } }: Stand,
  latest: readonly Outcome[],
): ReadonlySet<NetworkInterfaceId> {
  const unsettled = new Set(findRoomSeekers(policy, outcomes, latest));
  for (const { outcome, action } of outcomes) if (outcome === 'look-again') unsettled.add(action.networkInterfaceId);
  return unsettled;
}

async function mayLook({ run: { world, deadlineAtMs }, options }: Task, { readMs }: Stand): Promise<boolean> {
  // A reading that ends after the deadline takes from the time that is kept back for what follows it.
  const hasTime = world.clock.now() + readMs < deadlineAtMs;
  return hasTime && (options.isInForce === undefined || (await options.isInForce()));
}

/** Reads these sources afresh and plans them; `undefined` when EC2 does not let us. */
async function planAgain(
  task: Task,
  { prepared: { accused }, applied: { outcomes, fullTargets } }: Stand,
  unsettled: ReadonlySet<NetworkInterfaceId>,
): Promise<Prepared | undefined> {
  const { world } = task.run;
  const scope: ChangedScope = {
    kind: 'changed',
    instanceIds: [],
    networkInterfaceIds: [...unsettled],
    departedInstanceIds: [],
    sessionIds: [],
  };
  const options = { ...task.options, rereadsInfrastructure: true, fullTargets, accused };
  try {
    const prepared = await prepareChanged(world, task.policy, scope, options);
    return { ...prepared, plan: restrain(task, prepared, outcomes) };
  } catch (error) {
    if (!isEc2Failure(error)) throw error;
    const { kind, code, operation } = error;
    world.log.warn('What changed under this run could not be read again.', { operation, code, kind });
    return undefined;
  }
}

function settle(stand: Stand, settleOutcome: (outcome: Outcome) => Outcome): Stand {
  const { applied } = stand;
  return { ...stand, applied: { ...applied, outcomes: applied.outcomes.map(settleOutcome) } };
}

/** This run cannot look again: the next one does. */
function deferLooking(outcome: Outcome): Outcome {
  return outcome.outcome === 'look-again' ? { ...outcome, outcome: 'deferred' } : outcome;
}

/** After the last look an action that is still at odds with EC2 is refused for a known reason, or has failed. */
function endLooking(outcome: Outcome): Outcome {
  if (outcome.outcome !== 'look-again') return outcome;
  return { ...outcome, outcome: outcome.because === undefined ? 'failed' : 'settled' };
}
