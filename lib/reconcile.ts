/**
 * Start here. One run, level-triggered: read what EC2 has, decide what the policy wants, guard the deletions, apply the
 * difference, report. It reads afresh each time and may run twice, late, out of order or beside another run. The event
 * handlers, the sweep and the command line all enter here; `plan` is this with nothing applied.
 */
import { type Applied, applyPlan, type Outcome, observePlan } from './apply.ts';
import { type Run, renewNonce } from './call.ts';
import type { Plan } from './core/actions.ts';
import { type Coverage, measureCoverage } from './core/coverage.ts';
import { guardPlan, isGuarded } from './core/guard.ts';
import type { NetworkInterfaceId, Policy } from './core/model.ts';
import { isOurs } from './core/ownership.ts';
import type { Situation } from './core/situation.ts';
import { settleRepairs } from './core/tampering.ts';
import type { Infrastructure } from './infrastructure.ts';
import type { World } from './ports.ts';
import { judgeFilters, type Prepared, type PrepareOptions, prepare, prepareChanged } from './prepare.ts';
import type { ChangedScope, Reading, Scope } from './read.ts';
import { noteRepairs } from './repairs.ts';
import { trace } from './trace.ts';

export interface ReconcileOptions extends PrepareOptions {
  /** False: plan only, whatever the policy's mode. */
  readonly writes: boolean;
  /** Guarded deletions up to this number pass the guards. */
  readonly allowDeletes?: number;
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

/** Makes the sessions of the scope equal to the policy and says what it did and why. Throws when a read fails. */
export async function reconcile(run: Run, policy: Policy, scope: Scope, options: ReconcileOptions): Promise<Report> {
  const isObserved = !options.writes || policy.mode === 'observe';
  const prepared = await prepare(run.world, policy, scope, options);
  const { reading, infrastructure } = prepared;
  const plan = restrain(prepared, policy, scope, options, run.world);
  if (isObserved) {
    const coverage = measureCoverage(plan.decisions);
    const outcomes = observePlan(plan);
    return { scope, policy, plan, outcomes, filterFailures: [], coverage, reading, infrastructure, isObserved };
  }
  const first = await trace(run.world, 'apply', () => applyPlan(plan, run));
  const applied = await lookAgain(run, policy, { scope, accused: prepared.accused }, first, options);
  noteRepairs(run.world, applied.outcomes, plan.filterActions, options.tampered);
  const coverage = measureAfter(plan, applied.outcomes);
  return { scope, policy, plan, ...applied, coverage, reading, infrastructure, isObserved };
}

/** A run that looks again: what it was about at first, and how many guarded deletions it has made since. */
interface RunSoFar {
  readonly scope: Scope;
  readonly deletedBefore: number;
}

/** Holds what the guards hold, and repairs of sessions that were repaired a moment ago. */
function restrain(
  prepared: Prepared,
  policy: Policy,
  scope: Scope,
  options: ReconcileOptions,
  world: World,
  { scope: runScope, deletedBefore }: RunSoFar = { scope, deletedBefore: 0 },
): Plan {
  const owner = { fleet: world.fleet, accountId: world.accountId };
  let ourSessions = 0;
  for (const session of prepared.infrastructure.sessions.values()) if (isOurs(session, owner)) ourSessions += 1;
  const guarded = guardPlan(prepared.plan, {
    guards: policy.guards,
    scope: runScope.kind,
    ourSessions,
    deletedBefore,
    ...(options.allowDeletes !== undefined && { allowDeletes: options.allowDeletes }),
  });
  if (scope.kind === 'fleet') return clearFilters(prepared, guarded, policy, world);
  if (options.tampered === undefined || options.tampered.size === 0) return guarded;
  return settleRepairs(guarded, options.tampered, world.memory.repairedAtMs, world.clock.now());
}

/** Adds the deletion of filters that nothing uses once the plan is performed; a deletion that a guard holds keeps its filter. */
function clearFilters(prepared: Prepared, plan: Plan, policy: Policy, world: World): Plan {
  const { deletions } = judgeFilters(world, policy, prepared, plan.decisions);
  return { ...plan, filterActions: [...plan.filterActions, ...deletions] };
}

/** How many times a run looks again at most: a pool of targets that others have filled must not cost the whole run. */
const looksMax = 4;

/**
 * Reads the sources once more whose actions met a world that had changed, and plans and applies them once more. As long as
 * EC2 calls another target full it looks again, so that the rest of the pool is tried, or its lack is told.
 */
async function lookAgain(
  run: Run,
  policy: Policy,
  begun: { readonly scope: Scope; readonly accused: Situation['accused'] },
  first: Applied,
  options: ReconcileOptions,
  looks = 1,
): Promise<Applied> {
  const again = new Set<NetworkInterfaceId>();
  for (const { outcome, action } of first.outcomes) if (outcome === 'look-again') again.add(action.networkInterfaceId);
  if (again.size === 0) return first;
  const { world } = run;
  if (world.clock.now() >= run.deadlineAtMs) return { ...first, outcomes: first.outcomes.map(deferLooking) };
  const scope: ChangedScope = {
    kind: 'changed',
    instanceIds: [],
    networkInterfaceIds: [...again],
    departedInstanceIds: [],
    sessionIds: [],
  };
  const { fullTargets } = first;
  const fresh = { ...options, rereadsInfrastructure: true, fullTargets, accused: begun.accused };
  const prepared = await prepareChanged(world, policy, scope, fresh);
  const deletedBefore = first.outcomes.filter(({ action, outcome }) => outcome === 'done' && isGuarded(action)).length;
  const plan = restrain(prepared, policy, scope, options, world, { scope: begun.scope, deletedBefore });
  const second = await trace(world, 'apply', () => applyPlan(plan, renewNonce(run)));
  // What was done on a source before it was looked at again stays done; the rest was decided anew.
  const settled = first.outcomes.filter(
    ({ action, outcome }) => outcome === 'done' || !again.has(action.networkInterfaceId),
  );
  const both = {
    outcomes: [...settled, ...second.outcomes],
    filterFailures: [...first.filterFailures, ...second.filterFailures],
    fullTargets: new Set([...first.fullTargets, ...second.fullTargets]),
  };
  const hasLearned = both.fullTargets.size > first.fullTargets.size;
  if (hasLearned && looks < looksMax) return lookAgain(run, policy, begun, both, options, looks + 1);
  return { ...both, outcomes: both.outcomes.map(endLooking) };
}

/** No time is left to look again in this run. */
function deferLooking(outcome: Outcome): Outcome {
  return outcome.outcome === 'look-again' ? { ...outcome, outcome: 'deferred' } : outcome;
}

/** After the last look an action that is still at odds with EC2 is refused for a known reason, or has failed. */
function endLooking(outcome: Outcome): Outcome {
  if (outcome.outcome !== 'look-again') return outcome;
  return { ...outcome, outcome: outcome.because === undefined ? 'failed' : 'settled' };
}

/** The coverage of the plan's sources once the sessions that were created or moved are counted in. */
function measureAfter(plan: Plan, outcomes: readonly Outcome[]): Coverage {
  const gained = new Map<NetworkInterfaceId, Set<number>>();
  for (const { action, outcome } of outcomes) {
    if (outcome !== 'done' || (action.kind !== 'create' && action.kind !== 'modify')) continue;
    const numbers = gained.get(action.networkInterfaceId) ?? new Set();
    gained.set(action.networkInterfaceId, numbers.add(action.sessionNumber));
  }
  return measureCoverage(
    plan.decisions.map((decision) => {
      const numbers = gained.get(decision.networkInterfaceId);
      if (numbers === undefined) return decision;
      const inPlace = decision.wanted.filter((number) => numbers.has(number) || decision.inPlace.includes(number));
      return { ...decision, inPlace };
    }),
  );
}
