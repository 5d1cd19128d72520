/** What of AWS's quotas is used and by whom, sessions of others, and what ours cost. */
import { hoursPerMonth, sessionsPerAccountMax, sessionsPerSourceMax } from './limits.ts';
import type { NetworkInterfaceId, TargetId } from './model.ts';
import { isOurs } from './ownership.ts';
import type { ReportFacts, ReportSource } from './report-facts.ts';
import type { CoverageReport } from './report-schema.ts';
import { capacityOf } from './targets.ts';

/** Sessions of the account, sources of each target, slots on wanted interfaces. */
export function countQuotas(sources: readonly ReportSource[], facts: ReportFacts): CoverageReport['quotas'] {
  const own = ownSessions(facts);
  const inAccount = facts.sessions.filter(({ ownerId }) => ownerId === facts.owner.accountId);
  const wanted = sources.filter(({ decision }) => decision.wanted.length > 0);
  return {
    accountSessions: { used: inAccount.length, ours: own.length, limit: sessionsPerAccountMax },
    targets: countTargets(facts),
    slots: {
      heldByStrangers: wanted.reduce(
        (sum, { sessions }) => sum + sessions.filter((session) => !isOurs(session, facts.owner)).length,
        0,
      ),
      fullInterfaces: wanted.filter(({ sessions }) => sessions.length >= sessionsPerSourceMax).length,
    },
  };
}

/** Targets that are used or in the policy, the fullest first. */
function countTargets({ policy, owner, sessions, targets }: ReportFacts): CoverageReport['quotas']['targets'] {
  const sourcesOf = new Map<TargetId, Set<NetworkInterfaceId>>();
  const ourSourcesOf = new Map<TargetId, Set<NetworkInterfaceId>>();
  const note = (map: Map<TargetId, Set<NetworkInterfaceId>>, targetId: TargetId, id: NetworkInterfaceId) => {
    map.set(targetId, (map.get(targetId) ?? new Set()).add(id));
  };
  for (const session of sessions) {
    note(sourcesOf, session.targetId, session.networkInterfaceId);
    if (isOurs(session, owner)) note(ourSourcesOf, session.targetId, session.networkInterfaceId);
  }
  const inPolicy = new Set(Object.values(policy.targets).flatMap(({ ids }) => ids));
  return [...targets.values()]
    .filter(({ targetId }) => sourcesOf.has(targetId) || inPolicy.has(targetId))
    .map((target) => {
      const { targetId, kind, ownerId } = target;
      const sources = sourcesOf.get(targetId)?.size ?? 0;
      const capacity = capacityOf(target);
      const limit = Number.isFinite(capacity) ? capacity : null;
      return { targetId, kind, ownerId, sources, limit, strangers: sources - (ourSourcesOf.get(targetId)?.size ?? 0) };
    })
    .sort((one, other) => shareOf(other) - shareOf(one) || (one.targetId < other.targetId ? -1 : 1));
}

function shareOf({ sources, limit }: { readonly sources: number; readonly limit: number | null }): number {
  return limit === null ? -1 : sources / limit;
}

/** Sessions that others made, which are never changed, by interface and number. */
export function listForeign({ sessions, owner }: ReportFacts): CoverageReport['foreign'] {
  return sessions
    .filter((session) => !isOurs(session, owner))
    .map(({ sessionId, networkInterfaceId, sessionNumber, targetId, ownerId, description }) => ({
      sessionId,
      networkInterfaceId,
      sessionNumber,
      targetId,
      ownerId,
      ...(description && { description }),
    }))
    .sort(byInterface);
}

/** Our sessions that send packets into another account. */
export function listCrossAccount(facts: ReportFacts): CoverageReport['crossAccount'] {
  return ownSessions(facts)
    .flatMap(({ sessionId, networkInterfaceId, sessionNumber, targetId }) => {
      const targetOwnerId = facts.targets.get(targetId)?.ownerId;
      if (targetOwnerId === undefined || targetOwnerId === facts.owner.accountId) return [];
      return { sessionId, networkInterfaceId, sessionNumber, targetId, targetOwnerId };
    })
    .sort(byInterface)
    .map(({ sessionNumber: _order, ...row }) => row);
}

/** What our sessions cost in a month of 730 hours, to the cent. */
export function estimateCost(facts: ReportFacts): CoverageReport['cost'] {
  const { sessionHourUsd, source } = facts.policy.cost;
  const sessions = ownSessions(facts).length;
  const monthlyUsd = Math.round(sessions * sessionHourUsd * hoursPerMonth * 100) / 100;
  return { isEstimate: true, sessions, sessionHourUsd, hoursPerMonth, monthlyUsd, source };
}

function ownSessions({ sessions, owner }: ReportFacts) {
  return sessions.filter((session) => isOurs(session, owner));
}

function byInterface(
  one: { readonly networkInterfaceId: string; readonly sessionNumber: number },
  other: { readonly networkInterfaceId: string; readonly sessionNumber: number },
): number {
  if (one.networkInterfaceId !== other.networkInterfaceId) {
    return one.networkInterfaceId < other.networkInterfaceId ? -1 : 1;
  }
  return one.sessionNumber - other.sessionNumber;
}
