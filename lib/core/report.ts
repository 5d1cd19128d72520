/** From one run over the whole fleet to its coverage report. Pure: same run, same report. */
import { decideAfter, measureCoverage } from './coverage.ts';
import type { ReportFacts, ReportSource } from './report-facts.ts';
import { findGaps, sinceGaps } from './report-gaps.ts';
import { describeHealth } from './report-health.ts';
import { describeInterface } from './report-interface.ts';
import { closeGaps } from './report-open.ts';
import { countQuotas, estimateCost, listCrossAccount, listForeign } from './report-quotas.ts';
import type { CoverageReport } from './report-schema.ts';
import { totalBy, totalGaps, totalTiers } from './report-totals.ts';

/** Writes the report of a fleet: what is mirrored, what is not, why, what to do, what room is left, what it costs. */
export function buildReport(facts: ReportFacts): CoverageReport {
  const { policy, owner, takenAt, isObserved } = facts;
  const sources = joinSources(facts);
  const gaps = sinceGaps(
    sources.flatMap((source) => findGaps(source, policy)),
    takenAt,
    facts.before?.gaps,
  );
  const gapsOf = Map.groupBy(gaps, (gap) => gap.networkInterfaceId);
  const interfaces = sources.map((source) =>
    describeInterface(source, policy, owner, gapsOf.get(source.decision.networkInterfaceId) ?? []),
  );
  const byId = new Map(interfaces.map((row) => [row.networkInterfaceId, row]));
  const groups = (nameOf: Parameters<typeof totalBy>[1]) => totalBy(sources, nameOf);
  return {
    version: 1,
    fleet: policy.fleet,
    accountId: owner.accountId,
    region: facts.region,
    takenAt,
    isObserved,
    isFirst: facts.before === undefined,
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
  const outcomesOf = Map.groupBy(facts.outcomes, ({ action }) => action.networkInterfaceId);
  const sessionsOf = Map.groupBy(facts.sessions, (session) => session.networkInterfaceId);
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
      decision: decideAfter(decision, outcomes),
      outcomes,
      networkInterface: facts.interfaces.get(networkInterfaceId),
      instance: instanceId && facts.instances.get(instanceId),
      sessions: sessions.sort((one, other) => one.sessionNumber - other.sessionNumber),
      verdict: verdictOf.get(networkInterfaceId),
    };
  });
}
