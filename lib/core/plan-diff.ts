import type { Action, FilterAction, Plan } from './actions.ts';
import { tierOf } from './desire.ts';
import type { InstanceId, NetworkInterfaceId, Session } from './model.ts';
import type { Because } from './reasons.ts';

/** What becomes of one session number of one source under a plan. */
export type Fate =
  | {
      readonly kind: 'mirrored';
      readonly tier?: string;
      readonly targetId: string;
      /** The filter's id, or the name of a managed filter that does not exist yet. */
      readonly filter: string;
      readonly packetLength?: number;
      /** Absent: EC2 assigns one. */
      readonly virtualNetworkId?: number;
    }
  /** A session stays that the policy does not want, or cannot judge. */
  | { readonly kind: 'kept'; readonly because: Because; readonly held?: Because }
  | { readonly kind: 'deleted'; readonly because: Because }
  | { readonly kind: 'refused'; readonly because: Because }
  /** No session, and none wanted. */
  | { readonly kind: 'none' };

/** One session number of one source that two policies treat differently. */
export interface FateChange {
  readonly networkInterfaceId: NetworkInterfaceId;
  readonly instanceId?: InstanceId;
  /** Absent where the source as a whole is refused. */
  readonly sessionNumber?: number;
  readonly before: Fate;
  readonly after: Fate;
}

export interface PlanDiff {
  /** In the order of interface and session number. */
  readonly changes: readonly FateChange[];
  /** Work on managed filters that only the second plan does. */
  readonly filterActions: readonly FilterAction[];
}

/**
 * The difference between what two policies make of the same account. Sessions that both leave, make or delete alike do
 * not appear, and neither do those of strangers; that one policy gives another reason for the same is no difference.
 */
export function comparePlans(before: Plan, after: Plan): PlanDiff {
  const [old, next] = [indexFates(before), indexFates(after)];
  const changes: FateChange[] = [];
  for (const key of [...new Set([...old.keys(), ...next.keys()])].sort(byPlace)) {
    const [one, other] = [old.get(key), next.get(key)];
    const [from, to] = [one?.fate ?? none, other?.fate ?? none];
    const place = one ?? other;
    if (place === undefined || isSameFate(from, to)) continue;
    const { networkInterfaceId, instanceId, sessionNumber } = place;
    changes.push({
      networkInterfaceId,
      ...(instanceId && { instanceId }),
      ...(sessionNumber !== undefined && { sessionNumber }),
      before: from,
      after: to,
    });
  }
  const known = new Set(before.filterActions.map((action) => JSON.stringify(action)));
  return { changes, filterActions: after.filterActions.filter((action) => !known.has(JSON.stringify(action))) };
}

const none: Fate = { kind: 'none' };

interface Placed extends Pick<Action, 'networkInterfaceId' | 'instanceId' | 'sessionNumber'> {
  readonly fate: Fate;
}

function indexFates({ decisions }: Plan): ReadonlyMap<string, Placed> {
  const fates = new Map<string, Placed>();
  for (const action of decisions.flatMap((decision) => decision.actions)) {
    if (action.because === 'not-ours') continue;
    const { networkInterfaceId, instanceId, sessionNumber } = action;
    const key = `${networkInterfaceId} ${String(sessionNumber ?? 0).padStart(5, '0')}`;
    fates.set(key, { networkInterfaceId, instanceId, sessionNumber, fate: fateOf(action) } as Placed);
  }
  return fates;
}

function byPlace(one: string, other: string): number {
  return one < other ? -1 : 1;
}

function fateOf(action: Action): Fate {
  switch (action.kind) {
    case 'create': {
      const { tier, targetId, filter, packetLength, virtualNetworkId } = action.desired;
      return mirrored({ tier, targetId, filter: filter.filterId ?? filter.name, packetLength, virtualNetworkId });
    }
    case 'modify': {
      // What does not drift stays as EC2 has it, though the policy may leave it open.
      const { desired, session, drift } = action;
      const fields = new Set(drift.map(({ field }) => field));
      const { packetLength } = fields.has('packetLength') ? desired : session;
      const { virtualNetworkId } = fields.has('virtualNetworkId') ? desired : session;
      const filter = desired.filter.filterId ?? desired.filter.name;
      return mirrored({ tier: desired.tier, targetId: desired.targetId, filter, packetLength, virtualNetworkId });
    }
    case 'delete':
      return { kind: 'deleted', because: action.because };
    case 'refuse':
      return { kind: 'refused', because: action.because };
    case 'retain':
      if (action.because === 'as-desired') return mirroredNow(action.session);
      return { kind: 'kept', because: action.because, ...(action.held && { held: action.held }) };
  }
}

function mirroredNow(session: Session): Fate {
  const { targetId, filterId: filter, packetLength, virtualNetworkId } = session;
  return mirrored({ tier: tierOf(session), targetId, filter, packetLength, virtualNetworkId });
}

type Loose<T> = { readonly [K in keyof T]: T[K] | undefined };

function mirrored(fields: Loose<Omit<Extract<Fate, { kind: 'mirrored' }>, 'kind'>>): Fate {
  const present = Object.entries(fields).filter(([, value]) => value !== undefined);
  return { kind: 'mirrored', ...Object.fromEntries(present) } as Fate;
}

/** Deleted for another reason is deleted all the same; refused or kept for another is worth telling. */
function isSameFate(one: Fate, other: Fate): boolean {
  if (one.kind === 'deleted' && other.kind === 'deleted') return true;
  return JSON.stringify(one) === JSON.stringify(other);
}
