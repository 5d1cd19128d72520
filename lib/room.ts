/** Room that a run makes while it works: places at targets, and in the account. */
import type { Outcome } from './apply.ts';
import type { Action, ModifyAction } from './core/actions.ts';
import type { NetworkInterfaceId, Policy, TargetId } from './core/model.ts';

/**
 * The sources that were refused for want of room, of which the latest deletions and moves have made some. Whether it
 * suffices for all of them only a new plan says.
 */
export function findRoomSeekers(
  policy: Policy,
  outcomes: readonly Outcome[],
  latest: readonly Outcome[],
): ReadonlySet<NetworkInterfaceId> {
  const freedTargets = new Set<TargetId>();
  let hasDeleted = false;
  for (const one of latest) {
    const { action } = one;
    if (action.kind === 'delete' && isGone(one)) hasDeleted = true;
    else if (action.kind !== 'modify' || !isMoved(action, one)) continue;
    freedTargets.add(action.session.targetId);
  }
  const hasRoom = ({ action, because = action.because }: Outcome) =>
    because === 'account-full'
      ? hasDeleted
      : because === 'target-full' && poolOf(policy, action).some((id) => freedTargets.has(id));
  return new Set(outcomes.filter(hasRoom).map(({ action }) => action.networkInterfaceId));
}

/** Deleted by us, or by somebody else when we came. */
function isGone({ outcome, because }: Outcome): boolean {
  return outcome === 'done' || (outcome === 'settled' && because === undefined);
}

function isMoved({ drift }: ModifyAction, { outcome }: Outcome): boolean {
  return outcome === 'done' && drift.some(({ field }) => field === 'targetId');
}

/** The targets that the tier of this action may have. */
function poolOf({ tiers, targets }: Policy, { sessionNumber }: Action): readonly TargetId[] {
  const tier = tiers.find((one) => one.sessionNumber === sessionNumber);
  return tier === undefined ? [] : (targets[tier.target]?.ids ?? []);
}
