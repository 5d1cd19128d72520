/**
 * Sessions that this function has just created: for a while EC2's reads may not show them [D: EC2 eventual consistency],
 * and a second event of the same launch would make them again. What is known here comes from EC2's own answers to our
 * creations; whether such a session should be there is always decided on facts read afresh.
 */
import { ownSessionMs } from './core/limits.ts';
import type { NetworkInterfaceId, Session, SessionId } from './core/model.ts';
import type { Memory } from './memory.ts';
import type { World } from './ports.ts';

/** Notes a session that EC2 says it has created or changed. */
export function rememberOwnSession({ memory, clock }: World, session: Session): void {
  memory.ownSessions.set(session.sessionId, { session, writtenAtMs: clock.now() });
}

/** The session is gone, by us or by someone else. */
export function forgetOwnSession({ ownSessions }: Memory, sessionId: SessionId): void {
  ownSessions.delete(sessionId);
}

/** Someone else touched these sources: from now on only a read says what is there. */
export function forgetOwnSessionsOn({ ownSessions }: Memory, sources: ReadonlySet<NetworkInterfaceId>): void {
  for (const [sessionId, { session }] of ownSessions) {
    if (sources.has(session.networkInterfaceId)) ownSessions.delete(sessionId);
  }
}

/** What was read, and what we wrote so lately on these sources (all when absent) that the read need not show it. */
export function addOwnSessions(
  { memory: { ownSessions }, clock }: World,
  read: readonly Session[],
  sources?: ReadonlySet<NetworkInterfaceId>,
): readonly Session[] {
  const shown = new Set(read.map(({ sessionId }) => sessionId));
  const hidden: Session[] = [];
  for (const [sessionId, { session, writtenAtMs }] of ownSessions) {
    if (clock.now() - writtenAtMs >= ownSessionMs) ownSessions.delete(sessionId);
    else if (!shown.has(sessionId) && (sources?.has(session.networkInterfaceId) ?? true)) hidden.push(session);
  }
  return hidden.length > 0 ? [...read, ...hidden] : read;
}
