import type { Action, CreateAction, DriftField, ModifyAction } from '../../lib/core/actions.ts';
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
    if (action.kind === 'create') now = [...now, create(action)];
    if (action.kind === 'modify') now = [...now, modify(action)];
    if (now.length > 3) throw new Error('TrafficMirrorSessionsPerInterfaceLimitExceeded');
    if (wantsUnique && isDuplicated(now)) throw new Error(`the session number is already being used`);
    steps.push(now);
  }
  return steps;
}

/** EC2 chooses a number where none is asked for, and mirrors whole packets where no length is. */
function create({ sessionNumber, desired }: CreateAction): Session {
  const { networkInterfaceId, targetId, filter, description, packetLength, virtualNetworkId } = desired;
  return {
    ...aSession({ sessionId: `tms-0e${sessionNumber}`, networkInterfaceId, sessionNumber, description }),
    targetId: existing(targetId),
    filterId: existing(filter.filterId),
    ...(packetLength !== undefined && { packetLength }),
    ...(virtualNetworkId !== undefined && { virtualNetworkId }),
  };
}

/** Only what drifts is sent, so everything else of the session stays as it is; a length is taken away by its field's name. */
function modify({ session, desired, drift }: ModifyAction): Session {
  const isSent = (field: DriftField) => drift.some((each) => each.field === field);
  const { packetLength: lengthBefore, ...rest } = session;
  const packetLength = isSent('packetLength') ? desired.packetLength : lengthBefore;
  const { sessionNumber, description, virtualNetworkId } = desired;
  return {
    ...rest,
    ...(packetLength !== undefined && { packetLength }),
    ...(isSent('targetId') && { targetId: existing(desired.targetId) }),
    ...(isSent('filterId') && { filterId: existing(desired.filter.filterId) }),
    ...(isSent('sessionNumber') && { sessionNumber }),
    ...(isSent('description') && { description }),
    ...(isSent('virtualNetworkId') && virtualNetworkId !== undefined && { virtualNetworkId }),
  };
}

function existing<Id extends string>(id: Id | undefined): Id {
  if (id === undefined || id === 'tmt-0dead') throw new Error('InvalidParameterValue');
  return id;
}
