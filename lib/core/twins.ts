import { findDrift, findFilter, keepsTarget, tierSession } from './desire.ts';
import type { NetworkInterface, Session, Tier } from './model.ts';
import type { Situation } from './situation.ts';

/**
 * Puts the one first that stays where two sessions of ours on a source share a number: the one that needs the least
 * repair, so that what mirrors now is not given up for what has to be mended, and of equals the one with the lowest
 * id. The sessions come sorted by number, then id.
 */
export function soundestFirst(
  sessions: readonly Session[],
  tiers: readonly Tier[],
  networkInterface: NetworkInterface,
  situation: Situation,
): readonly Session[] {
  const numbers = new Set(sessions.map((session) => session.sessionNumber));
  if (numbers.size === sessions.length) return sessions;
  const damages = new Map<Session, number>();
  for (const session of sessions) {
    const tier = tiers.find(({ sessionNumber }) => sessionNumber === session.sessionNumber);
    damages.set(session, tier === undefined ? 0 : damageOf(session, tier, networkInterface, situation));
  }
  const damage = (session: Session) => damages.get(session) ?? 0;
  return sessions.toSorted((one, other) => one.sessionNumber - other.sessionNumber || damage(one) - damage(other));
}

/**
 * | session                                     | damage |
 * |---------------------------------------------|--------|
 * | as desired                                  | 0      |
 * | another field than the target has drifted   | 1      |
 * | its target lives, but not in the pool       | 2      |
 * | its target is gone, so it mirrors nothing   | 3      |
 */
function damageOf(session: Session, tier: Tier, networkInterface: NetworkInterface, situation: Situation): number {
  const { policy, targets, filters, managedFilters } = situation;
  if (!targets.has(session.targetId)) return 3;
  if (!keepsTarget(session, policy.targets[tier.target] ?? { ids: [] }, targets)) return 2;
  const found = findFilter(policy, tier, filters, managedFilters);
  const filter = found.kind === 'found' ? found.filter : { name: tier.filter, filterId: found.id };
  // A number that is assigned, by EC2 or by us, is that of the session.
  const virtualNetworkId = typeof tier.virtualNetworkId === 'number' ? tier.virtualNetworkId : undefined;
  const desired = tierSession(tier, filter, networkInterface, { targetId: session.targetId, virtualNetworkId });
  return findDrift(desired, session).length === 0 ? 0 : 1;
}
