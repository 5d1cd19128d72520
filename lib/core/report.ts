/** From one run over the whole fleet to its coverage report. Pure: same run, same report. */
import type { Action, SourceDecision } from './actions.ts';
import { measureCoverage } from './coverage.ts';
import type { HealthVerdict } from './health.ts';
import type {
  Instance,
  InstanceId,
  NetworkInterface,
  NetworkInterfaceId,
  Policy,
  Session,
  Target,
  TargetId,
} from './model.ts';
import type { Owner } from './ownership.ts';
import type { Because } from './reasons.ts';
import { findGaps, sinceGaps } from './report-gaps.ts';
import { describeHealth, type HealthFacts } from './report-health.ts';
import { describeInterface } from './report-interface.ts';
import { closeGaps } from './report-open.ts';
import { countQuotas, estimateCost, listCrossAccount, listForeign } from './report-quotas.ts';
import type { CoverageReport, OpenFindings } from './report-schema.ts';
import { totalBy, totalGaps, totalTiers } from './report-totals.ts';

/** What a report is made from: a run's decisions and outcomes, and what was read for it. */
export interface ReportFacts {
  readonly policy: Policy;
  readonly owner: Owner;
  /** ISO 8601, UTC. */
  readonly takenAt: string;
  /** True when nothing was to be written. */
  readonly isObserved: boolean;
  readonly decisions: readonly SourceDecision[];
  readonly outcomes: readonly ReportedOutcome[];
  readonly interfaces: ReadonlyMap<NetworkInterfaceId, NetworkInterface>;
  readonly instances: ReadonlyMap<InstanceId, Instance>;
  /** All sessions of the account, after the run. */
  readonly sessions: readonly Session[];
  readonly targets: ReadonlyMap<TargetId, Target>;
  /** What the report before left open. */
  readonly before?: OpenFindings;
  /** What CloudWatch told of the mirrors; absent when nobody asked it. */
  readonly health?: HealthFacts;
}

/** What became of an action. */
export interface ReportedOutcome {
  readonly action: Action;
  readonly outcome: CoverageReport['interfaces'][number]['decisions'][number]['outcome'];
  readonly because?: Because;
  readonly code?: string;
}

/** One source with all that a report says of it: its decision as it is after the run, and what was read of it. */
export interface ReportSource {
  readonly decision: SourceDecision;
  readonly outcomes: readonly ReportedOutcome[];
  readonly networkInterface: NetworkInterface | undefined;
  readonly instance: Instance | undefined;
  readonly sessions: readonly Session[];
  /** Of the instance behind it; absent when nobody asked, or no session is ours. */
  readonly verdict: HealthVerdict | undefined;
}

/** Writes the report of a fleet: what is mirrored, what is not, why, what to do, what room is left, what it costs. */
export function buildReport(facts: ReportFacts): CoverageReport {
  const { policy, owner, takenAt, isObserved } = facts;
  const sources = joinSources(facts);
  const gaps = sinceGaps(
    sources.flatMap((source) => findGaps(source, policy)),
    takenAt,
    facts.before?.gaps,
  );
  const gapsOf = groupBy(gaps, (gap) => gap.networkInterfaceId);
  const interfaces = sources.map((source) =>
    describeInterface(source, policy, owner, gapsOf.get(source.decision.networkInterfaceId) ?? []),
  );
  const byId = new Map(interfaces.map((row) => [row.networkInterfaceId, row]));
  const groups = (nameOf: Parameters<typeof totalBy>[1]) => totalBy(sources, nameOf);
  return {
    version: 1,
    fleet: policy.fleet,
    accountId: owner.accountId,
    takenAt,
    isObserved,
    coverage: measureCoverage(sources.map(({ decision }) => decision)),
    totals: {
      vpcs: groups(({ networkInterface }) => networkInterface?.vpcId),
      zones: groups(({ networkInterface }) => networkInterface?.availabilityZone),
      profiles: groups(({ decision }) => byId.get(decision.networkInterfaceId)?.profile ?? 'tiers by tag'),
      tiers: totalTiers(sources, policy),
      families: groups(({ instance }) => instance?.instanceType.split('.')[0] ?? 'not visible'),
      gaps: totalGaps(gaps),
    },
    interfaces,
    gaps,
    closed: closeGaps(gaps, sources, facts),
    health: describeHealth(facts),
    quotas: countQuotas(sources, facts),
    foreign: listForeign(facts),
    crossAccount: listCrossAccount(facts),
    cost: estimateCost(facts),
  };
}

function joinSources(facts: ReportFacts): readonly ReportSource[] {
  const outcomesOf = groupBy(facts.outcomes, ({ action }) => action.networkInterfaceId);
  const sessionsOf = groupBy(facts.sessions, (session) => session.networkInterfaceId);
  const verdictOf = new Map(
    (facts.health?.kind === 'read' ? facts.health.lines : []).flatMap(({ networkInterfaceIds, verdict }) =>
      networkInterfaceIds.map((id) => [id, verdict] as const),
    ),
  );
  return facts.decisions.map((decision) => {
    const { networkInterfaceId, instanceId } = decision;
    const outcomes = outcomesOf.get(networkInterfaceId) ?? [];
    const sessions = [...(sessionsOf.get(networkInterfaceId) ?? [])];
    return {
      decision: { ...decision, inPlace: inPlaceAfter(decision, outcomes) },
      outcomes,
      networkInterface: facts.interfaces.get(networkInterfaceId),
      instance: instanceId && facts.instances.get(instanceId),
      sessions: sessions.sort((one, other) => one.sessionNumber - other.sessionNumber),
      verdict: verdictOf.get(networkInterfaceId),
    };
  });
}

/** The session numbers that mirror once what the run created or moved is counted in. */
function inPlaceAfter(decision: SourceDecision, outcomes: readonly ReportedOutcome[]): readonly number[] {
  const gained = new Set<number | undefined>(decision.inPlace);
  for (const { action, outcome } of outcomes) {
    if (outcome === 'done' && (action.kind === 'create' || action.kind === 'modify')) gained.add(action.sessionNumber);
  }
  return decision.wanted.filter((sessionNumber) => gained.has(sessionNumber));
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
