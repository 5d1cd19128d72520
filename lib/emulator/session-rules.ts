import type { NetworkInterface, Target } from './account.ts';
import { refuse, refuseUnauthorized } from './aws-error.ts';
import type { Call } from './call.ts';
import largeTargetTypes from './large-target-types.json' with { type: 'json' };

/** "Requester-managed network interfaces created by Amazon RDS or Amazon ElastiCache" (mirroring/traffic-mirroring-network-limitations). */
const MIRRORABLE_REQUESTERS = new Set(['amazon-rds', 'amazon-elasticache']);
const LARGE_TARGET_TYPES: ReadonlySet<string> = new Set(largeTargetTypes.types);

/** Stops the call unless the interface may be a traffic mirror source at all. */
export function requireSource(call: Call, source: NetworkInterface): void {
  const { networkInterfaceId, interfaceType, requesterManaged, requesterId, ownerId, attachment } = source;
  // "Only if you are the owner of the network interface or the subnet" (mirroring/create-traffic-mirroring-session).
  if (ownerId !== call.account.accountId && !requesterManaged) refuseUnauthorized();
  const isForeignService = requesterManaged && !MIRRORABLE_REQUESTERS.has(requesterId ?? '');
  if (interfaceType !== 'interface' || isForeignService) refuseUnsupported(networkInterfaceId);
  const instanceType = call.account.instances.get(attachment?.instanceId ?? '')?.instanceType;
  if (instanceType !== undefined && call.rules.isUnsupportedType(instanceType)) refuseUnsupported(networkInterfaceId);
  if (attachment === undefined && call.rules.unattachedSource === 'refused') refuseUnsupported(networkInterfaceId);
  // "An interface can only be associated with a session, or with a target, but not both" (ec2/devguide/errors-overview).
  if (call.account.targetByInterface.has(networkInterfaceId)) {
    const message = `The network interface '${networkInterfaceId}' is in use by target`;
    refuse('InterfaceInUseByTrafficMirrorTarget', message);
  }
}

function refuseUnsupported(networkInterfaceId: string): never {
  const message = `The network interface '${networkInterfaceId}' is not supported for Traffic Mirroring.`;
  return refuse('NetworkInterfaceNotSupported', message);
}

/** Stops the call when the source or the account has as many sessions as it may (mirroring/traffic-mirroring-quotas). */
export function requireSessionRoom(call: Call, { networkInterfaceId }: NetworkInterface): void {
  const { sessionsPerInterfaceMax, sessionsMax } = call.rules;
  const { sessionsByInterface, sessions } = call.account;
  if ((sessionsByInterface.get(networkInterfaceId)?.size ?? 0) >= sessionsPerInterfaceMax) {
    const message = `Sessions per interface limit reached (${sessionsPerInterfaceMax}).`;
    refuse('TrafficMirrorSessionsPerInterfaceLimitExceeded', message);
  }
  if (sessions.size - call.account.foreignSessions >= sessionsMax) {
    refuse('TrafficMirrorSessionLimitExceeded', `Session limit reached (${sessionsMax}).`);
  }
}

/**
 * Stops the call when another session of the source has the number. AWS does not document the rule or its code;
 * client code matches the words "already being used".
 */
export function requireUnusedNumber(call: Call, networkInterfaceId: string, sessionNumber: number): void {
  if (call.rules.duplicateSessionNumber === 'accepted') return;
  for (const id of call.account.sessionsByInterface.get(networkInterfaceId) ?? []) {
    if (call.account.sessions.get(id)?.sessionNumber !== sessionNumber) continue;
    const message = `The session number ${sessionNumber} is already being used by '${id}' on '${networkInterfaceId}'.`;
    refuse('InvalidParameterValue', message);
  }
}

/** Stops the call when another session of the account has the network id; where the rule says so, since no page does. */
export function requireUnusedVirtualNetworkId(call: Call, virtualNetworkId: number | undefined): void {
  if (call.rules.duplicateVirtualNetworkId === 'accepted' || virtualNetworkId === undefined) return;
  if (call.account.virtualNetworkIdUses.has(virtualNetworkId)) {
    refuse('InvalidParameterValue', `The virtual network ID ${virtualNetworkId} is already being used.`);
  }
}

/**
 * Stops the call when an interface target has its 10 sources, or 100 on the largest instance types
 * (mirroring/traffic-mirroring-quotas). Load balancers and endpoints take any number.
 */
export function requireTargetRoom(call: Call, target: Target, networkInterfaceId: string): void {
  if (target.type !== 'network-interface') return;
  const { sessions, sessionsByTarget, interfaces, instances } = call.account;
  const carrier = interfaces.get(target.networkInterfaceId ?? '')?.attachment?.instanceId;
  const instanceType = instances.get(carrier ?? '')?.instanceType ?? '';
  const max = LARGE_TARGET_TYPES.has(instanceType)
    ? call.rules.sourcesPerLargeTargetMax
    : call.rules.sourcesPerTargetMax;
  const ids = [...(sessionsByTarget.get(target.targetId) ?? [])];
  if (ids.length >= call.rules.sessionsPerTargetMax) {
    refuse('TrafficMirrorSessionsPerTargetLimitExceeded', `Sessions per target limit reached (${ids.length}).`);
  }
  const used = ids.map((id) => sessions.get(id)?.networkInterfaceId ?? '');
  const sources = call.rules.sourceCountsOncePerTarget ? new Set([...used, networkInterfaceId]).size : used.length + 1;
  if (sources > max) {
    const message = `Sources per interface-target limit reached (${sources})`;
    refuse('TrafficMirrorSourcesPerTargetLimitExceeded', message);
  }
}
