/**
 * Sessions and filters that this function has just created: for a while EC2's reads may not show them [D: EC2 eventual
 * consistency], and a second event of the same launch would make them again. What is known here comes from EC2's own
 * answers to our creations; whether such a session should be there is always decided on facts read afresh.
 */
import { ownWritesMs } from './core/limits.ts';
import type { FilterId, NetworkInterfaceId, Session, SessionId } from './core/model.ts';
import type { Memory } from './memory.ts';
import type { World } from './ports.ts';

/** Notes a session that EC2 says it has created or changed. */
export function rememberOwnSession({ memory, clock }: World, session: Session): void {
  memory.ownSessions.set(session.sessionId, { session, writtenAtMs: clock.now() });
}

/** The session is gone, or someone else touched it: from now on only a read says what is there. */
export function forgetOwnSession({ ownSessions }: Memory, sessionId: SessionId): void {
  ownSessions.delete(sessionId);
}

/**
 * What was read, and what we wrote so lately on these sources (all when absent) that the read need not show it. Tags may
 * come later than their session, which must not look like someone else's meanwhile. A number on a source is remembered
 * for one session only, and not at all where a session was read: someone may have deleted ours since, and the session
 * that is there now would look like its duplicate and be deleted for what only a memory says.
 */
export function addOwnSessions(
  { memory: { ownSessions }, clock }: World,
  read: readonly Session[],
  sources?: ReadonlySet<NetworkInterfaceId>,
): readonly Session[] {
  for (const [sessionId, { writtenAtMs }] of ownSessions) {
    if (clock.now() - writtenAtMs >= ownWritesMs) ownSessions.delete(sessionId);
  }
  if (ownSessions.size === 0) return read;
  const shown = new Set(read.map(({ sessionId }) => sessionId));
  const taken = new Set(read.map(placeOf));
  const hidden = new Map<string, Session>();
  for (const { session } of ownSessions.values()) {
    const isElsewhere = sources?.has(session.networkInterfaceId) === false;
    if (!isElsewhere && !shown.has(session.sessionId) && !taken.has(placeOf(session))) {
      hidden.set(placeOf(session), session);
    }
  }
  const tagged = read.map((session) => {
    const own = ownSessions.get(session.sessionId);
    return own === undefined ? session : { ...session, tags: own.session.tags };
  });
  return [...tagged, ...hidden.values()];
}

function placeOf({ networkInterfaceId, sessionNumber }: Session): string {
  return `${networkInterfaceId} ${sessionNumber}`;
}

/** The managed filters by name that were read, and those that we created so lately that no read need show them. */
export function addOwnFilters(
  { memory: { ownFilters }, clock }: World,
  read: ReadonlyMap<string, FilterId>,
): ReadonlyMap<string, FilterId> {
  const known = new Map(read);
  for (const [name, { filterId, writtenAtMs }] of ownFilters) {
    if (clock.now() - writtenAtMs >= ownWritesMs) ownFilters.delete(name);
    else if (!known.has(name)) known.set(name, filterId);
  }
  return known;
}
