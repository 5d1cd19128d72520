/**
 * Start here. One run, level-triggered: read what EC2 has, decide what the policy wants, guard the deletions, apply the
 * difference, report. It reads afresh each time and may run twice, late, out of order or beside another run. The event
 * handlers, the sweep and the command line all enter here; `plan` is this with nothing applied.
 */
import { type Applied, applyPlan, type Outcome, observePlan } from './apply.ts';
import { type Run, renewNonce } from './call.ts';
import type { Plan } from './core/actions.ts';
import { type Coverage, measureCoverage } from './core/coverage.ts';
import { guardPlan } from './core/guard.ts';
import { keepLateSources } from './core/late-read.ts';
import type { NetworkInterfaceId, Policy, Session, TargetId } from './core/model.ts';
import { isOurs } from './core/ownership.ts';
import { planSources } from './core/plan.ts';
import {
  type FilterDeletions,
  findManagedFilters,
  planFilterCreations,
  planFilterDeletions,
  planFilterRepairs,
  sessionsAfter,
} from './core/plan-filters.ts';
import type { Situation } from './core/situation.ts';
import { settleRepairs } from './core/tampering.ts';
import { probedNumbers } from './core/virtual-network-id.ts';
import { type Infrastructure, readInfrastructure, recallInfrastructure } from './infrastructure.ts';
import { addOwnFilters } from './own-writes.ts';
import type { World } from './ports.ts';
import { type ChangedScope, type Reading, readChanged, readFleet, type Scope } from './read.ts';
import { isRepairedLately, noteRepairs } from './repairs.ts';
import { trace } from './trace.ts';

export interface ReconcileOptions {
  /** False: plan only, whatever the policy's mode. */
  readonly writes: boolean;
  /** Guarded deletions up to this number pass the guards. */
  readonly allowDeletes?: number;
  /** Do not trust the remembered targets and filters: someone has just changed them. */
  readonly rereadsInfrastructure?: boolean;
  /** Sources whose sessions a stranger touched: each session is repaired at most once a minute. */
  readonly tampered?: ReadonlySet<NetworkInterfaceId>;
  /** Sources that a read shows late, as the caller knows: what they have is neither changed nor deleted. */
  readonly findLate?: (reading: Reading) => ReadonlySet<NetworkInterfaceId>;
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
  const applied = await lookAgain(run, policy, first, options);
  noteRepairs(run.world, applied.outcomes, plan.filterActions, options.tampered);
  const coverage = measureAfter(plan, applied.outcomes);
  return { scope, policy, plan, ...applied, coverage, reading, infrastructure, isObserved };
}

interface Prepared {
  readonly reading: Reading;
  readonly infrastructure: Infrastructure;
  readonly plan: Plan;
  /** What an earlier complete read of this run accused, and this one may delete. */
  readonly accused: Situation['accused'];
}

/** Reads and plans, and reads again where a decision rests on something's absence. */
async function prepare(world: World, policy: Policy, scope: Scope, options: ReconcileOptions): Promise<Prepared> {
  return scope.kind === 'fleet' ? prepareFleet(world, policy) : prepareChanged(world, policy, scope, options);
}

async function prepareFleet(world: World, policy: Policy): Promise<Prepared> {
  const first = await readAndPlanFleet(world, policy, new Set());
  if (first.plan.accused.length === 0) return first;
  // What is to go without its age or target being known is deleted only when a second read agrees.
  return readAndPlanFleet(world, policy, new Set(first.plan.accused));
}

async function readAndPlanFleet(world: World, policy: Policy, accused: Situation['accused']): Promise<Prepared> {
  const { reading, infrastructure } = await trace(world, 'read', async () => {
    const fleet = await readFleet(world);
    return { reading: fleet, infrastructure: await readInfrastructure(world, fleet) };
  });
  const plan = await trace(world, 'plan', async () => planFleet(world, policy, { reading, infrastructure }, accused));
  return { reading, infrastructure, plan, accused };
}

function planFleet(
  world: World,
  policy: Policy,
  { reading, infrastructure }: Pick<Prepared, 'reading' | 'infrastructure'>,
  accused: Situation['accused'],
): Plan {
  const situation = { ...situate(world, policy, 'fleet', infrastructure), accused };
  const { decisions, accused: newlyAccused } = planSources(reading.candidates, situation);
  const { filters, managedFilters } = situation;
  const filterActions = [
    ...planFilterRepairs(policy, filters, managedFilters),
    ...planFilterCreations(policy, decisions),
  ];
  const ageless = judgeFilters(world, policy, { reading, infrastructure, accused }, decisions).accused;
  return { decisions, filterActions, accused: [...newlyAccused, ...ageless] };
}

async function prepareChanged(
  world: World,
  policy: Policy,
  scope: ChangedScope,
  options: ReconcileOptions & { readonly fullTargets?: ReadonlySet<TargetId> },
): Promise<Prepared> {
  const reading = await trace(world, 'read', () => readChanged(world, scope));
  if (options.rereadsInfrastructure) world.memory.ownFilters.clear();
  const remembered = options.rereadsInfrastructure === true ? undefined : world.memory.infrastructure;
  let infrastructure = await trace(world, 'read', () =>
    options.rereadsInfrastructure ? readInfrastructure(world) : recallInfrastructure(world),
  );
  const limits = { late: options.findLate?.(reading), fullTargets: options.fullTargets };
  const planWith = () => trace(world, 'plan', async () => planChanged(world, policy, reading, infrastructure, limits));
  let plan = await planWith();
  const isFresh = () => infrastructure !== remembered;
  if (!isFresh() && restsOnAbsence(plan)) {
    infrastructure = await trace(world, 'read', () => readInfrastructure(world));
    plan = await planWith();
  }
  const numbers = probedNumbers(plan.decisions, policy);
  if (numbers.length > 0) {
    const users = await trace(world, 'read', () => world.ec2.readSessions({ virtualNetworkIds: numbers }));
    for (const session of users) {
      infrastructure.sessions.set(session.sessionId, session);
    }
    plan = await planWith();
  }
  const repairs = isFresh()
    ? planFilterRepairs(policy, infrastructure.filters, findFilters(policy, infrastructure))
    : [];
  const due = options.rereadsInfrastructure ? repairs.filter((repair) => !isRepairedLately(world, repair)) : repairs;
  return {
    reading,
    infrastructure,
    plan: { ...plan, filterActions: [...due, ...plan.filterActions] },
    accused: new Set(),
  };
}

/** What this run knows besides its reads. */
interface PlanLimits {
  readonly late: ReadonlySet<NetworkInterfaceId> | undefined;
  /** Targets that EC2 called full. */
  readonly fullTargets: ReadonlySet<TargetId> | undefined;
}

function planChanged(
  world: World,
  policy: Policy,
  reading: Reading,
  infrastructure: Infrastructure,
  { late = new Set(), fullTargets = new Set() }: PlanLimits,
): Plan {
  replaceSessions(infrastructure, reading);
  const situation = { ...situate(world, policy, 'changed', infrastructure), fullTargets };
  const planned = planSources(reading.candidates, situation);
  const { accused } = planned;
  const decisions = keepLateSources(planned.decisions, late);
  return { decisions, accused, filterActions: planFilterCreations(policy, decisions) };
}

/** What was just read of these sources takes the place of what was remembered of them. */
function replaceSessions(infrastructure: Infrastructure, reading: Reading): void {
  const sources = new Set(reading.candidates.map((candidate) => candidate.networkInterfaceId));
  for (const session of infrastructure.sessions.values()) {
    if (sources.has(session.networkInterfaceId)) infrastructure.sessions.delete(session.sessionId);
  }
  for (const session of reading.sessions) infrastructure.sessions.set(session.sessionId, session);
}

const absenceReasons: ReadonlySet<string> = new Set(['target-gone', 'target-missing', 'filter-missing', 'target-full']);

/** True when the plan says that something is missing or full, or makes a filter: no memory may decide that. */
function restsOnAbsence(plan: Plan): boolean {
  if (plan.filterActions.length > 0) return true;
  return plan.decisions.some(({ actions }) => actions.some(({ because }) => absenceReasons.has(because)));
}

function findFilters(policy: Policy, infrastructure: Infrastructure) {
  return findManagedFilters(policy, infrastructure.filters.values());
}

/** What a plan rests on besides its sources, as of these reads. */
export function situate(world: World, policy: Policy, scope: Scope['kind'], infrastructure: Infrastructure): Situation {
  const accountSessions: Session[] = [];
  const guestSessions: Session[] = [];
  for (const session of infrastructure.sessions.values()) {
    (session.ownerId === world.accountId ? accountSessions : guestSessions).push(session);
  }
  return {
    policy,
    owner: { fleet: world.fleet, accountId: world.accountId },
    scope,
    nowMs: world.clock.now(),
    targets: infrastructure.targets,
    targetInterfaceIds: infrastructure.targetInterfaceIds,
    filters: infrastructure.filters,
    managedFilters: addOwnFilters(world, findFilters(policy, infrastructure)),
    accountSessions,
    guestSessions,
    fullTargets: new Set(),
    accused: new Set(),
  };
}

/** Holds what the guards hold, and repairs of sessions that were repaired a moment ago. */
function restrain(prepared: Prepared, policy: Policy, scope: Scope, options: ReconcileOptions, world: World): Plan {
  const owner = { fleet: world.fleet, accountId: world.accountId };
  let ourSessions = 0;
  for (const session of prepared.infrastructure.sessions.values()) if (isOurs(session, owner)) ourSessions += 1;
  const guarded = guardPlan(prepared.plan, {
    guards: policy.guards,
    scope: scope.kind,
    ourSessions,
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

function judgeFilters(
  world: World,
  policy: Policy,
  { reading, infrastructure, accused }: Omit<Prepared, 'plan'>,
  decisions: Plan['decisions'],
): FilterDeletions {
  return planFilterDeletions(policy, {
    filters: infrastructure.filters,
    managed: findFilters(policy, infrastructure),
    sessions: sessionsAfter(reading.sessions, decisions),
    nowMs: world.clock.now(),
    accused,
  });
}

/** Reads the sources once more whose actions met a world that had changed, and plans and applies them once more. */
async function lookAgain(run: Run, policy: Policy, first: Applied, options: ReconcileOptions): Promise<Applied> {
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
  const fresh = { ...options, rereadsInfrastructure: true, fullTargets: first.fullTargets };
  const prepared = await prepareChanged(world, policy, scope, fresh);
  const plan = restrain(prepared, policy, scope, options, world);
  const second = await trace(world, 'apply', () => applyPlan(plan, renewNonce(run)));
  // What was done on a source before it was looked at again stays done; the rest was decided anew.
  const settled = first.outcomes.filter(
    ({ action, outcome }) => outcome === 'done' || !again.has(action.networkInterfaceId),
  );
  return {
    outcomes: [...settled, ...second.outcomes.map(endLooking)],
    filterFailures: [...first.filterFailures, ...second.filterFailures],
    fullTargets: new Set([...first.fullTargets, ...second.fullTargets]),
  };
}

/** No time is left to look again in this run. */
function deferLooking(outcome: Outcome): Outcome {
  return outcome.outcome === 'look-again' ? { ...outcome, outcome: 'deferred' } : outcome;
}

/** After the second look an action that is still at odds with EC2 is refused for a known reason, or has failed. */
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
