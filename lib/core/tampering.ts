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
  const isTooSoon = ({ networkInterfaceId, sessionNumber }: Action) => {
    const lastMs = repairedAtMs.get(`${networkInterfaceId} ${sessionNumber}`) ?? Number.NEGATIVE_INFINITY;
    return nowMs - lastMs < repairIntervalMs;
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
  const { networkInterfaceId, instanceId } = action;
  const left = {
    networkInterfaceId,
    ...(instanceId !== undefined && { instanceId }),
    because: 'left-to-sweep',
  } as const;
  if (action.kind === 'modify' || action.kind === 'delete') {
    const { sessionNumber, session, because: held } = action;
    return { kind: 'retain', ...left, sessionNumber, session, held };
  }
  if (action.kind === 'create') {
    const { sessionNumber, desired } = action;
    return { kind: 'refuse', ...left, sessionNumber, tier: desired.tier };
  }
  return action;
}
