import type {
  Action,
  CreateAction,
  DeleteAction,
  DesiredSession,
  ModifyAction,
  RefuseAction,
  RetainAction,
} from './actions.ts';
import { findDrift, tierOf } from './desire.ts';
import type { NetworkInterfaceId, Session, TargetKind, Tier } from './model.ts';
import type { Because } from './reasons.ts';

/** Leaves a session alone, and says why. */
export function retain(session: Session, because: Because, detail?: string): RetainAction {
  const { networkInterfaceId, sessionNumber } = session;
  const tier = tierOf(session);
  return {
    kind: 'retain',
    networkInterfaceId,
    sessionNumber,
    because,
    session,
    ...(tier !== undefined && { tier }),
    ...(detail !== undefined && { detail }),
  };
}

/** Leaves a session alone that is what the tier wants. */
export function retainAsDesired(session: Session, tier: Tier): RetainAction {
  const { networkInterfaceId, sessionNumber } = session;
  return { kind: 'retain', networkInterfaceId, sessionNumber, because: 'as-desired', session, tier: tier.name };
}

/** Deletes a session of ours. */
export function remove(session: Session, because: Because): DeleteAction {
  const { networkInterfaceId, sessionNumber } = session;
  return { kind: 'delete', networkInterfaceId, sessionNumber, because, session };
}

/** Makes a session that does not exist yet. */
export function create(desired: DesiredSession, because: Because, triedType?: string): CreateAction {
  const { networkInterfaceId, sessionNumber } = desired;
  return {
    kind: 'create',
    networkInterfaceId,
    sessionNumber,
    because,
    desired,
    ...(triedType !== undefined && { triedType }),
  };
}

/** Changes a session of ours in place, to a target of this kind; `drift` lists the fields and may be empty. */
export function modify(
  session: Session,
  desired: DesiredSession,
  because: Because,
  targetKind?: TargetKind,
): ModifyAction {
  const { networkInterfaceId, sessionNumber } = desired;
  const drift = findDrift(desired, session, targetKind);
  return { kind: 'modify', networkInterfaceId, sessionNumber, because, session, desired, drift };
}

/** Says that one tier of a source is wanted but not possible. */
export function refuseTier(
  networkInterfaceId: NetworkInterfaceId,
  tier: Tier,
  because: Because,
  detail?: string,
): RefuseAction {
  const { name, sessionNumber } = tier;
  return {
    kind: 'refuse',
    networkInterfaceId,
    sessionNumber,
    tier: name,
    because,
    ...(detail !== undefined && { detail }),
  };
}

const rankOfKind = { delete: 0, modify: 1, create: 2, retain: 3, refuse: 4 } as const;

/** The order on a source: room is made before it is taken, and what exists is repaired before anything is added. */
export function inOrderOfApplication(one: Action, other: Action): number {
  return rankOfKind[one.kind] - rankOfKind[other.kind] || (one.sessionNumber ?? 0) - (other.sessionNumber ?? 0);
}
