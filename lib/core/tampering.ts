import type { Action, Plan } from './actions.ts';
import { repairIntervalMs } from './limits.ts';
import type { NetworkInterfaceId } from './model.ts';

/**
 * Leaves repairs to the sweep that would undo a stranger's change for the second time within a minute: two controllers
 * that undo each other must come to rest. `repairedAtMs` maps `interface number` to the last repair.
 */
export function settleRepairs(
  plan: Plan,
  tampered: ReadonlySet<NetworkInterfaceId>,
  repairedAtMs: ReadonlyMap<string, number>,
  nowMs: number,
): Plan {
  const isTooSoon = (action: Action) => {
    const lastMs = repairedAtMs.get(`${action.networkInterfaceId} ${action.sessionNumber}`);
    return lastMs !== undefined && nowMs - lastMs < repairIntervalMs;
  };
  const decisions = plan.decisions.map((decision) => {
    if (!tampered.has(decision.networkInterfaceId)) return decision;
    return {
      ...decision,
      actions: decision.actions.map((action) => (isTooSoon(action) ? leaveToSweep(action) : action)),
    };
  });
  return { ...plan, decisions };
}

function leaveToSweep(action: Action): Action {
  const { networkInterfaceId, instanceId, sessionNumber } = action;
  const because = 'left-to-sweep';
  const carrier = instanceId !== undefined && { instanceId };
  if (action.kind === 'modify' || action.kind === 'delete') {
    const { session } = action;
    return {
      kind: 'retain',
      networkInterfaceId,
      ...carrier,
      sessionNumber: action.sessionNumber,
      because,
      session,
      held: action.because,
    };
  }
  if (action.kind === 'create') {
    return {
      kind: 'refuse',
      networkInterfaceId,
      ...carrier,
      because,
      tier: action.desired.tier,
      ...(sessionNumber && { sessionNumber }),
    };
  }
  return action;
}
