import type { Action } from '../../lib/core/actions.ts';
import type { Session } from '../../lib/core/model.ts';
import { aSession } from './session.ts';

/** EC2, as far as one source goes: does what it is told, or throws what it would refuse. Returns the state after each call. */
export function perform(before: readonly Session[], actions: readonly Action[]): (readonly Session[])[] {
  const isDuplicated = (sessions: readonly Session[]) =>
    new Set(sessions.map(({ sessionNumber }) => sessionNumber)).size < sessions.length;
  // Whether EC2 wants each number once on a source is unknown; a source that has it twice shows an EC2 that does not.
  const wantsUnique = !isDuplicated(before);
  const steps: (readonly Session[])[] = [];
  let now = before;
  for (const action of actions) {
    if (action.kind === 'retain' || action.kind === 'refuse') continue;
    if (action.kind !== 'create' && !now.includes(action.session))
      throw new Error('InvalidTrafficMirrorSessionId.NotFound');
    if (action.kind !== 'create') now = now.filter((session) => session !== action.session);
    if (action.kind !== 'delete') {
      const { sessionNumber, targetId, filter, description, networkInterfaceId } = action.desired;
      const old = action.kind === 'modify' ? action.session : aSession({ sessionId: `tms-0e${sessionNumber}` });
      if (filter.filterId === undefined || targetId === 'tmt-0dead') throw new Error('InvalidParameterValue');
      const { packetLength: _, ...kept } = old;
      const made = { ...kept, networkInterfaceId, sessionNumber, targetId, filterId: filter.filterId, description };
      now = [...now, made];
    }
    if (now.length > 3) throw new Error('TrafficMirrorSessionsPerInterfaceLimitExceeded');
    if (wantsUnique && isDuplicated(now)) throw new Error(`the session number is already being used`);
    steps.push(now);
  }
  return steps;
}
