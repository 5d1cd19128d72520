/** What a run does before it writes: reads what EC2 has, and plans the difference to what the policy wants. */
import type { Plan } from './core/actions.ts';
import { keepLateSources, keepNewSessions, keepSessionsMadeSince } from './core/late-read.ts';
import type { NetworkInterfaceId, Policy, Session, TargetId } from './core/model.ts';
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
import { probedNumbers } from './core/virtual-network-id.ts';
import { readInfrastructure, recallInfrastructure } from './infrastructure.ts';
import type { Infrastructure } from './memory.ts';
import { addOwnFilters } from './own-writes.ts';
import type { World } from './ports.ts';
import { type ChangedScope, type Reading, readChanged, readFleet, type Scope } from './read.ts';
import { isRepairedLately } from './repairs.ts';
import { trace } from './trace.ts';

/** What a run knows of its sources before it reads them. */
export interface PrepareOptions {
  /** Do not trust the remembered targets and filters: someone has just changed them. */
  readonly rereadsInfrastructure?: boolean;
  /** Sources that a read shows late, as the caller knows: what they have is neither changed nor deleted. */
  readonly findLate?: (reading: Reading) => ReadonlySet<NetworkInterfaceId>;
  /** Sources of whose tags the caller was told; of the others a read may show the tags of their launch late. */
  readonly findTold?: (reading: Reading) => ReadonlySet<NetworkInterfaceId>;
}

/** The plan of a run, and the reads that it rests on. */
export interface Prepared {
  readonly reading: Reading;
  readonly infrastructure: Infrastructure;
  readonly plan: Plan;
  /** What an earlier complete read of this run accused, and this one may delete. */
  readonly accused: Situation['accused'];
}

/** Reads and plans, and reads again where a decision rests on something's absence. */
export async function prepare(world: World, policy: Policy, scope: Scope, options: PrepareOptions): Promise<Prepared> {
  if (scope.kind === 'fleet') return prepareFleet(world, policy);
  // Somebody else may have deleted a filter that we made; whoever only looks again still knows what this run has made.
  if (options.rereadsInfrastructure) world.memory.ownFilters.clear();
  return prepareChanged(world, policy, scope, options);
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

/** The same for a batch of changes, and for what a run looks at once more. */
export async function prepareChanged(
  world: World,
  policy: Policy,
  scope: ChangedScope,
  options: PrepareOptions & Partial<Learned>,
): Promise<Prepared> {
  const readAtMs = world.clock.now();
  const reading = await trace(world, 'read', () => readChanged(world, scope));
  const { accused = new Set(), fullTargets = new Set(), rereadsInfrastructure = false } = options;
  const late = options.findLate?.(reading) ?? new Set();
  const doubts = { late, toldOf: options.findTold?.(reading), readAtMs };
  const planBy = ({ infrastructure }: Sight) =>
    trace(world, 'plan', async () =>
      planChanged(world, policy, { reading, infrastructure }, { accused, fullTargets, ...doubts }),
    );

  let sight = await seeInfrastructure(world, reading, rereadsInfrastructure);
  let plan = await planBy(sight);
  if (!sight.isFresh && restsOnAbsence(plan)) {
    sight = await seeInfrastructure(world, reading, true);
    plan = await planBy(sight);
  }
  const { infrastructure } = sight;
  const numbers = probedNumbers(plan.decisions, policy);
  if (numbers.length > 0) {
    const users = await trace(world, 'read', () => world.ec2.readSessions({ virtualNetworkIds: numbers }));
    for (const session of users) infrastructure.sessions.set(session.sessionId, session);
    replaceSessions(infrastructure, reading);
    plan = await planBy(sight);
  }
  const repairs = sight.isFresh
    ? planFilterRepairs(policy, infrastructure.filters, findFilters(policy, infrastructure))
    : [];
  const due = rereadsInfrastructure ? repairs.filter((repair) => !isRepairedLately(world, repair)) : repairs;
  if (due.length < repairs.length) world.log.count('TamperingLeftToSweep', repairs.length - due.length);
  return {
    reading,
    infrastructure,
    plan: { ...plan, filterActions: [...due, ...plan.filterActions] },
    accused,
  };
}

interface Sight {
  readonly infrastructure: Infrastructure;
  /** True when this run has read it: only then may something's absence decide. */
  readonly isFresh: boolean;
}

/** The infrastructure as remembered, or read now, with what was just read of the sources in its place. */
async function seeInfrastructure(world: World, reading: Reading, rereads: boolean): Promise<Sight> {
  const remembered = world.memory.infrastructure;
  const infrastructure = await trace(world, 'read', () =>
    rereads ? readInfrastructure(world) : recallInfrastructure(world),
  );
  replaceSessions(infrastructure, reading);
  return { infrastructure, isFresh: infrastructure !== remembered };
}

/** What a run that looks again has learned before. */
export interface Learned {
  /** Targets that EC2 called full. */
  readonly fullTargets: ReadonlySet<TargetId>;
  readonly accused: Situation['accused'];
}

/** What a read may show late. */
interface Doubts {
  readonly late: ReadonlySet<NetworkInterfaceId>;
  readonly toldOf: ReadonlySet<NetworkInterfaceId> | undefined;
  /** When it began, milliseconds since 1970. */
  readonly readAtMs: number;
}

function planChanged(
  world: World,
  policy: Policy,
  { reading, infrastructure }: Pick<Prepared, 'reading' | 'infrastructure'>,
  { late, toldOf, readAtMs, ...learned }: Learned & Doubts,
): Plan {
  const situation = { ...situate(world, policy, 'changed', infrastructure), ...learned };
  const planned = planSources(reading.candidates, situation);
  const known = keepSessionsMadeSince(keepLateSources(planned.decisions, late), readAtMs, situation.nowMs);
  const decisions = toldOf === undefined ? known : keepNewSessions(known, toldOf, situation.nowMs);
  return { decisions, accused: planned.accused, filterActions: planFilterCreations(policy, decisions) };
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
    lostInterfaces: infrastructure.lostInterfaces,
    targetInterfaceIds: infrastructure.targetInterfaceIds,
    filters: infrastructure.filters,
    managedFilters: addOwnFilters(world, findFilters(policy, infrastructure)),
    accountSessions,
    guestSessions,
    fullTargets: new Set(),
    accused: new Set(),
  };
}

/** The managed filters that nothing uses once these decisions are performed. */
export function judgeFilters(
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
