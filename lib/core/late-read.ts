import type { Action, SourceDecision } from './actions.ts';
import type { NetworkInterfaceId } from './model.ts';

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

function keep(action: Action): Action {
  if (action.kind !== 'modify' && action.kind !== 'delete') return action;
  const { networkInterfaceId, instanceId, session } = action;
  return {
    kind: 'retain',
    networkInterfaceId,
    ...(instanceId !== undefined && { instanceId }),
    sessionNumber: session.sessionNumber,
    because: 'read-incomplete',
    detail: 'EC2 does not show the changed tags yet',
    session,
    held: action.because,
  };
}
