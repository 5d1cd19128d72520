import type { Action, DeleteAction, ModifyAction, SourceDecision } from './actions.ts';
import { tagsLateMsMax } from './limits.ts';
import type { NetworkInterfaceId } from './model.ts';
import { ageMsOf } from './ownership.ts';

/**
 * Keeps the sessions of sources that EC2 shows late (an event told of tags that the read does not have yet) as they are:
 * what an outdated tag asks for must neither delete nor change anything. Sessions that are missing by the tags as shown
 * are made: one too many is deleted seconds later, while a packet that was not mirrored is lost.
 */
export function keepLateSources(
  decisions: readonly SourceDecision[],
  late: ReadonlySet<NetworkInterfaceId>,
): readonly SourceDecision[] {
  if (late.size === 0) return decisions;
  return decisions.map((decision) =>
    late.has(decision.networkInterfaceId) ? { ...decision, actions: decision.actions.map(keep) } : decision,
  );
}

/**
 * Keeps the sessions that were made moments ago and that nothing asks for by the tags as shown, where no event tells of
 * tags: whoever made them has seen tags that this read does not have yet. Tags that were removed are told by an event of
 * their own, and a sweep goes by what it reads.
 */
export function keepNewSessions(
  decisions: readonly SourceDecision[],
  toldOf: ReadonlySet<NetworkInterfaceId>,
  nowMs: number,
): readonly SourceDecision[] {
  const keepNew = (action: Action) =>
    action.because === 'not-covered' && deletesYounger(action, tagsLateMsMax, nowMs) ? retainLate(action) : action;
  return decisions.map((decision) =>
    toldOf.has(decision.networkInterfaceId) ? decision : { ...decision, actions: decision.actions.map(keepNew) },
  );
}

/**
 * Keeps the sessions that are newer than the read that would delete them: sessions are read last, after a slow answer by a
 * minute, and whoever made these has seen what carries them later than this read did.
 */
export function keepSessionsMadeSince(
  decisions: readonly SourceDecision[],
  readAtMs: number,
  nowMs: number,
): readonly SourceDecision[] {
  const keepMade = (action: Action) =>
    deletesYounger(action, nowMs - readAtMs, nowMs)
      ? retain(action, 'it was made after this run began to read')
      : action;
  return decisions.map((decision) => ({ ...decision, actions: decision.actions.map(keepMade) }));
}

/** True for the deletion of a session that is younger than this; one of unknown age is not. */
function deletesYounger(action: Action, ageMsMax: number, nowMs: number): action is DeleteAction {
  if (action.kind !== 'delete') return false;
  const ageMs = ageMsOf(action.session.tags, nowMs);
  return ageMs !== undefined && ageMs < ageMsMax;
}

function keep(action: Action): Action {
  return action.kind === 'modify' || action.kind === 'delete' ? retainLate(action) : action;
}

function retainLate(action: ModifyAction | DeleteAction): Action {
  return retain(action, 'EC2 does not show the changed tags yet');
}

function retain(
  { networkInterfaceId, instanceId, session, because }: ModifyAction | DeleteAction,
  detail: string,
): Action {
  return {
    kind: 'retain',
    networkInterfaceId,
    ...(instanceId !== undefined && { instanceId }),
    sessionNumber: session.sessionNumber,
    because: 'read-incomplete',
    detail,
    session,
    held: because,
  };
}
