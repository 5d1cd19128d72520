import type { Candidate } from './actions.ts';
import type { Instance, InstanceId, NetworkInterface, NetworkInterfaceId, Session, SessionId } from './model.ts';

/**
 * Joins what was read into one candidate per interface: the interface, the instance that carries it and all sessions
 * on it. A session whose interface was not in the read makes a candidate without an interface. A session that was read
 * twice (pages shift while they are read) counts once: it must not look like a duplicate of itself.
 */
export function assembleCandidates(
  interfaces: Iterable<NetworkInterface>,
  instances: ReadonlyMap<InstanceId, Instance>,
  sessions: Iterable<Session>,
): readonly Candidate[] {
  const distinct = new Map<SessionId, Session>();
  for (const session of sessions) distinct.set(session.sessionId, session);
  const sessionsOf = new Map<NetworkInterfaceId, Session[]>();
  for (const session of distinct.values()) {
    const known = sessionsOf.get(session.networkInterfaceId);
    if (known === undefined) sessionsOf.set(session.networkInterfaceId, [session]);
    else known.push(session);
  }
  const candidates: Candidate[] = [];
  for (const networkInterface of interfaces) {
    const { networkInterfaceId, attachment } = networkInterface;
    const instance = attachment?.instanceId && instances.get(attachment.instanceId);
    candidates.push({
      networkInterfaceId,
      networkInterface,
      ...(instance && { instance }),
      sessions: sessionsOf.get(networkInterfaceId) ?? [],
    });
    sessionsOf.delete(networkInterfaceId);
  }
  for (const [networkInterfaceId, orphans] of sessionsOf) candidates.push({ networkInterfaceId, sessions: orphans });
  return candidates;
}
