/**
 * Start here. One run, level-triggered: read what EC2 has, decide what the policy wants, guard the deletions, apply the
 * difference, report. It reads afresh each time and may run twice, late, out of order or beside another run. The event
 * handlers, the sweep and the command line all enter here; `plan` is this with nothing applied.
 */
import { type Applied, applyPlan, type Outcome, observePlan } from './apply.ts';
import { type Run, renewNonce } from './call.ts';
import type { Plan } from './core/actions.ts';
import { type Coverage, decideAfter, measureCoverage } from './core/coverage.ts';
import { guardPlan, heldBy, isGuarded } from './core/guard.ts';
import type { NetworkInterfaceId, Policy } from './core/model.ts';
import { isOurs } from './core/ownership.ts';
import type { Situation } from './core/situation.ts';
import { settleRepairs } from './core/tampering.ts';
import { isEc2Failure } from './failure.ts';
import type { Infrastructure } from './memory.ts';
import { judgeFilters, type Prepared, type PrepareOptions, prepare, prepareChanged } from './prepare.ts';
import type { ChangedScope, Reading, Scope } from './read.ts';
import { noteRepairs } from './repairs.ts';
import { trace } from './trace.ts';

export interface ReconcileOptions extends PrepareOptions {
  /** False: plan only, whatever the policy's mode. */
  readonly writes: boolean;
  /** Guarded deletions up to this number pass the guards. */
  readonly allowDeletes?: number;
  /** True for a batch of changes: it may make ten guarded deletions, whatever the policy's guards say. */
  readonly isBatch?: boolean;
  /** Guarded deletions that this invocation has made before, for other messages of its batch. */
  readonly deletedBefore?: number;
  /** Sources whose sessions a stranger touched: each session is repaired at most once a minute. */
  readonly tampered?: ReadonlySet<NetworkInterfaceId>;
}

export interface Report {
  readonly scope: Scope;
  readonly policy: Policy;
  readonly plan: Plan;
  readonly outcomes: readonly Outcome[];
  readonly filterFailures: Applied['filterFailures'];
  /** Of the sources that this run looked at, after it. */
  readonly coverage: Coverage;
  readonly reading: Reading;
  readonly infrastructure: Infrastructure;
  /** True when nothing was written by intent: `observe` mode, or `plan`. */
  readonly isObserved: boolean;
}

/** What a run is about, from its beginning to its end. */
interface Task {
  readonly run: Run;
  readonly policy: Policy;
  readonly scope: Scope;
  readonly options: ReconcileOptions;
}

/** Makes the sessions of the scope equal to the policy and says what it did and why. Throws when its first read fails. */
export async function reconcile(run: Run, policy: Policy, scope: Scope, options: ReconcileOptions): Promise<Report> {
  const task: Task = { run, policy, scope, options };
  const isObserved = !options.writes || policy.mode === 'observe';
  const prepared = await prepare(run.world, policy, scope, options);
  const { reading, infrastructure, accused } = prepared;
  const restrained = restrain(task, prepared, []);
  const plan = scope.kind === 'fleet' ? clearFilters(task, prepared, restrained) : restrained;
  if (isObserved) {
    const coverage = measureCoverage(plan.decisions);
    const outcomes = observePlan(plan);
    return { scope, policy, plan, outcomes, filterFailures: [], coverage, reading, infrastructure, isObserved };
  }
  const first = await perform(plan, run);
  const applied = await lookAgain(task, accused, first);
  noteRepairs(run.world, applied, plan.filterActions, options.tampered);
  const coverage = measureAfter(plan, applied.outcomes);
  return { scope, policy, plan, ...applied, coverage, reading, infrastructure, isObserved };
}

/** Applies a plan, as a step of its own in the trace. */
function perform(plan: Plan, run: Run): Promise<Applied> {
  return trace(run.world, 'apply', () => applyPlan(plan, run));
}

/** The guarded deletions that were made. */
export function countGuarded(outcomes: readonly Outcome[]): number {
  return outcomes.filter(({ action, outcome }) => outcome === 'done' && isGuarded(action)).length;
}

/** Holds what the guards hold, and repairs of sessions that were repaired a moment ago. */
function restrain({ run, policy, scope, options }: Task, prepared: Prepared, soFar: readonly Outcome[]): Plan {
  const { world } = run;
  let ourSessions = 0;
  for (const session of prepared.infrastructure.sessions.values()) if (isOurs(session, world)) ourSessions += 1;
  const heldBefore = soFar.map(({ action }) => heldBy(action)).find((because) => because !== undefined);
  const guarded = guardPlan(prepared.plan, {
    guards: policy.guards,
    scope: scope.kind,
    ourSessions,
    deletedBefore: (options.deletedBefore ?? 0) + countGuarded(soFar),
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

function countLeftToSweep({ decisions }: Plan): number {
  let count = 0;
  for (const { actions } of decisions) count += actions.filter(({ because }) => because === 'left-to-sweep').length;
  return count;
}

/** Adds the deletion of filters that nothing uses once the plan is performed; a deletion that a guard holds keeps its filter. */
function clearFilters({ run, policy }: Task, prepared: Prepared, plan: Plan): Plan {
  const { deletions } = judgeFilters(run.world, policy, prepared, plan.decisions);
  return { ...plan, filterActions: [...plan.filterActions, ...deletions] };
}

/** How many times a run looks again at most: a pool of targets that others have filled must not cost the whole run. */
const looksMax = 4;
/** How many times it looks again without a new lesson: two others at most work beside it, and each may have been first. */
const looksUsual = 2;

/**
 * Looks once more at the sources whose actions met a world that had changed. As long as EC2 calls another target full it
 * looks again, so that the rest of the pool is tried, or its lack is told; and so it does as often as a plan grows too old
 * to be acted on. Without the time or the answers for it, what is undecided is left to the next run, and what was done so
 * far is told all the same.
 */
async function lookAgain(task: Task, accused: Situation['accused'], first: Applied): Promise<Applied> {
  const { world, deadlineAtMs } = task.run;
  let applied = first;
  let { run } = task;
  let looks = 0;
  while (looks < looksMax) {
    const unsettled = findUnsettled(applied);
    if (unsettled.size === 0) return applied;
    if (world.clock.now() >= deadlineAtMs) return { ...applied, outcomes: applied.outcomes.map(deferLooking) };
    const plan = await planAgain(task, accused, applied, unsettled);
    if (plan === undefined) return { ...applied, outcomes: applied.outcomes.map(deferLooking) };
    run = renewNonce(run);
    const more = await perform(plan, run);
    const fullTargets = applied.fullTargets.union(more.fullTargets);
    const hasLearned = fullTargets.size > applied.fullTargets.size;
    // What was done on a source before it was looked at again stays done; the rest was decided anew.
    const settled = applied.outcomes.filter(
      ({ action, outcome }) => outcome === 'done' || !unsettled.has(action.networkInterfaceId),
    );
    applied = {
      outcomes: [...settled, ...more.outcomes],
      filterFailures: [...applied.filterFailures, ...more.filterFailures],
      fullTargets,
    };
    // An outdated plan is no disagreement with EC2, and this one was acted on until it was outdated.
    if (more.outcomes.some(({ isOutdated }) => isOutdated)) continue;
    looks += 1;
    if (!hasLearned && looks >= looksUsual) break;
  }
  return { ...applied, outcomes: applied.outcomes.map(endLooking) };
}

/** The sources of which what was read is no longer true. */
function findUnsettled({ outcomes }: Applied): ReadonlySet<NetworkInterfaceId> {
  const unsettled = new Set<NetworkInterfaceId>();
  for (const { outcome, action } of outcomes) if (outcome === 'look-again') unsettled.add(action.networkInterfaceId);
  return unsettled;
}

/** Reads these sources afresh and plans them; `undefined` when EC2 does not let us. */
async function planAgain(
  task: Task,
  accused: Situation['accused'],
  { outcomes, fullTargets }: Applied,
  unsettled: ReadonlySet<NetworkInterfaceId>,
): Promise<Plan | undefined> {
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
    return restrain(task, await prepareChanged(world, task.policy, scope, options), outcomes);
  } catch (error) {
    if (!isEc2Failure(error)) throw error;
    const { kind, code, operation } = error;
    world.log.warn('What changed under this run could not be read again.', { operation, code, kind });
    return undefined;
  }
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

/** The coverage of the plan's sources as they are after the run. */
function measureAfter(plan: Plan, outcomes: readonly Outcome[]): Coverage {
  const outcomesOf = Map.groupBy(outcomes, ({ action }) => action.networkInterfaceId);
  return measureCoverage(
    plan.decisions.map((decision) => decideAfter(decision, outcomesOf.get(decision.networkInterfaceId) ?? [])),
  );
}
