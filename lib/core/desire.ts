import type { DesiredSession, Drift } from './actions.ts';
import { packetLengthMax } from './limits.ts';
import type {
  Filter,
  FilterId,
  NetworkInterface,
  Policy,
  Session,
  Target,
  TargetId,
  TargetKind,
  Tier,
} from './model.ts';
import { carrierOf } from './ownership.ts';

/** The name of a tier's session: the tier stands in the description, where a modify can repair it. */
export function describeTier(tier: Tier): string {
  return tier.description === undefined ? `tier ${tier.name}` : `tier ${tier.name}: ${tier.description}`;
}

/** The tier that a session of ours says it belongs to; `undefined` when its description was changed by someone. */
export function tierOf(session: Session): string | undefined {
  return /^tier ([a-z][a-z0-9-]{0,30})(?::|$)/.exec(session.description ?? '')?.[1];
}

/**
 * Which filter a tier's sessions use. `missing`: the policy names a filter by id that EC2 does not show. A managed
 * filter that does not exist yet has no `filterId`; it is created before its first session.
 */
export function findFilter(
  policy: Policy,
  tier: Tier,
  filters: ReadonlyMap<FilterId, Filter>,
  managed: ReadonlyMap<string, FilterId>,
):
  | { readonly kind: 'found'; readonly filter: DesiredSession['filter'] }
  | { readonly kind: 'missing'; readonly id: FilterId } {
  const spec = policy.filters[tier.filter];
  if (spec?.kind === 'given') {
    if (!filters.has(spec.id)) return { kind: 'missing', id: spec.id };
    return { kind: 'found', filter: { name: tier.filter, filterId: spec.id } };
  }
  const filterId = managed.get(tier.filter);
  return { kind: 'found', filter: filterId === undefined ? { name: tier.filter } : { name: tier.filter, filterId } };
}

/** A tier's session on one interface, filled in with what is chosen for this source alone. */
export function tierSession(
  tier: Tier,
  filter: DesiredSession['filter'],
  networkInterface: NetworkInterface,
  chosen: { readonly targetId: TargetId; readonly virtualNetworkId: number | undefined },
): DesiredSession {
  const desired: { -readonly [K in keyof DesiredSession]: DesiredSession[K] } = {
    networkInterfaceId: networkInterface.networkInterfaceId,
    sessionNumber: tier.sessionNumber,
    tier: tier.name,
    targetId: chosen.targetId,
    filter,
    description: describeTier(tier),
    carrier: carrierOf(networkInterface),
  };
  if (tier.packetLength !== undefined) desired.packetLength = tier.packetLength;
  if (chosen.virtualNetworkId !== undefined) desired.virtualNetworkId = chosen.virtualNetworkId;
  return desired;
}

/**
 * The fields in which a session differs from what is desired. Fields that the policy leaves open (a number that EC2
 * assigns) never differ. To a load balancer AWS itself cuts sessions to 8500 bytes, and an endpoint takes no more, so that
 * value equals "whole" there; an interface takes more [D: API CreateTrafficMirrorSession, limitations].
 */
export function findDrift(desired: DesiredSession, session: Session, targetKind?: TargetKind): readonly Drift[] {
  const drift: Drift[] = [];
  const compare = (field: Drift['field'], from: Drift['from'], to: Drift['to']) => {
    if (from !== to) drift.push({ field, from, to });
  };
  compare('sessionNumber', session.sessionNumber, desired.sessionNumber);
  compare('targetId', session.targetId, desired.targetId);
  compare('filterId', session.filterId, desired.filter.filterId);
  const whole = targetKind === 'network-interface' ? undefined : packetLengthMax;
  if ((session.packetLength ?? whole) !== (desired.packetLength ?? whole)) {
    drift.push({ field: 'packetLength', from: session.packetLength, to: desired.packetLength });
  }
  if (desired.virtualNetworkId !== undefined) {
    compare('virtualNetworkId', session.virtualNetworkId, desired.virtualNetworkId);
  }
  compare('description', session.description, desired.description);
  return drift;
}

/** True when the session may stay on its target: the target exists and the tier's pool still names it. */
export function keepsTarget(
  session: Session,
  pool: { readonly ids: readonly TargetId[] },
  targets: ReadonlyMap<TargetId, Target>,
): boolean {
  return targets.has(session.targetId) && pool.ids.includes(session.targetId);
}
