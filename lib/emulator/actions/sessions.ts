import type {
  CreateTrafficMirrorSessionRequest,
  CreateTrafficMirrorSessionResult,
  DeleteTrafficMirrorSessionRequest,
  DeleteTrafficMirrorSessionResult,
  DescribeTrafficMirrorSessionsRequest,
  DescribeTrafficMirrorSessionsResult,
  ModifyTrafficMirrorSessionRequest,
  ModifyTrafficMirrorSessionResult,
  TrafficMirrorSession,
} from '@aws-sdk/client-ec2';
import type { Session, Target } from '../account.ts';
import { addSession, redirectSession, removeSession, renumberSession } from '../account-change.ts';
import { refuseUnauthorized, requireParameter, requireRange } from '../aws-error.ts';
import type { Call, Effect } from '../call.ts';
import { describe } from '../describe.ts';
import {
  checkMirroringId,
  findFilter,
  findInterface,
  findSession,
  findTarget,
  refuseMissingMirroring,
} from '../lookup.ts';
import {
  requireSessionRoom,
  requireSource,
  requireTargetRoom,
  requireUnusedNumber,
  requireUnusedVirtualNetworkId,
} from '../session-rules.ts';
import { checkTagSpecifications, listTags, writeTags } from '../tags.ts';

/** mirroring/traffic-mirroring-sessions: "Valid values are 1-32766". */
const SESSION_NUMBER_MAX = 32_766;
/**
 * API_CreateTrafficMirrorSession: 1–8500; 8500 is also the default for load balancer targets. The page on limitations
 * asks for 35 bytes, or 55 with IPv6; the API's own range is taken.
 */
const PACKET_LENGTH_MAX = 8_500;
/** A VXLAN network id has 24 bits (RFC 7348 §5). */
const VIRTUAL_NETWORK_ID_MAX = 16_777_215;

/** Starts to mirror a source: at most three sessions each, a number of its own, a target with room. */
export function createTrafficMirrorSession(
  input: CreateTrafficMirrorSessionRequest,
  call: Call,
): Effect<CreateTrafficMirrorSessionResult> {
  const sessionNumber = requireParameter('SessionNumber', input.SessionNumber);
  checkRanges(input);
  const source = findInterface(call, requireParameter('NetworkInterfaceId', input.NetworkInterfaceId));
  const target = findTarget(call, requireParameter('TrafficMirrorTargetId', input.TrafficMirrorTargetId));
  const filter = findFilter(call, requireParameter('TrafficMirrorFilterId', input.TrafficMirrorFilterId));
  const tags = checkTagSpecifications(call, input.TagSpecifications, ['traffic-mirror-session']);
  requireSource(call, source);
  requireSessionRoom(call, source);
  requireUnusedNumber(call, source.networkInterfaceId, sessionNumber);
  requireUnusedVirtualNetworkId(call, input.VirtualNetworkId);
  requireTargetRoom(call, target, source.networkInterfaceId);
  return () => {
    const session: Session = {
      sessionId: `tms-${call.random.hex(17)}`,
      ownerId: call.account.accountId,
      networkInterfaceId: source.networkInterfaceId,
      createdAt: call.now,
      targetId: target.targetId,
      filterId: filter.filterId,
      sessionNumber,
      virtualNetworkId: input.VirtualNetworkId ?? chooseVirtualNetworkId(call),
      packetLength: input.PacketLength ?? packetLengthDefault(target),
      description: input.Description,
    };
    addSession(call.account, session);
    const given = tags['traffic-mirror-session'] ?? {};
    writeTags(call, session.sessionId, given);
    return { TrafficMirrorSession: showSession(session, given), ClientToken: input.ClientToken };
  };
}

/** Changes what the caller names and resets what it removes; the source and the tags cannot change here. */
export function modifyTrafficMirrorSession(
  input: ModifyTrafficMirrorSessionRequest,
  call: Call,
): Effect<ModifyTrafficMirrorSessionResult> {
  checkRanges(input);
  const session = findSession(call, requireParameter('TrafficMirrorSessionId', input.TrafficMirrorSessionId));
  requireOwn(call, session);
  const target = findTarget(call, input.TrafficMirrorTargetId ?? session.targetId);
  const filter = findFilter(call, input.TrafficMirrorFilterId ?? session.filterId);
  const sessionNumber = input.SessionNumber ?? session.sessionNumber;
  if (sessionNumber !== session.sessionNumber) requireUnusedNumber(call, session.networkInterfaceId, sessionNumber);
  if (input.VirtualNetworkId !== session.virtualNetworkId) requireUnusedVirtualNetworkId(call, input.VirtualNetworkId);
  if (target.targetId !== session.targetId) requireTargetRoom(call, target, session.networkInterfaceId);
  const removed = new Set<string>(input.RemoveFields ?? []);
  return () => {
    redirectSession(call.account, session, target.targetId, filter.filterId);
    session.sessionNumber = sessionNumber;
    session.packetLength = removed.has('packet-length')
      ? packetLengthDefault(target)
      : (input.PacketLength ?? session.packetLength);
    session.description = removed.has('description') ? undefined : (input.Description ?? session.description);
    const virtualNetworkId = removed.has('virtual-network-id')
      ? chooseVirtualNetworkId(call)
      : (input.VirtualNetworkId ?? session.virtualNetworkId);
    renumberSession(call.account, session, virtualNetworkId);
    const tags = call.account.tags.get(session.sessionId)?.tags ?? {};
    return { TrafficMirrorSession: showSession(session, tags) };
  };
}

/** Ends a session of the caller's own. */
export function deleteTrafficMirrorSession(
  input: DeleteTrafficMirrorSessionRequest,
  call: Call,
): Effect<DeleteTrafficMirrorSessionResult> {
  const session = findSession(call, requireParameter('TrafficMirrorSessionId', input.TrafficMirrorSessionId));
  requireOwn(call, session);
  return () => {
    removeSession(call.account, session);
    return { TrafficMirrorSessionId: session.sessionId };
  };
}

/**
 * Sessions of the account, and those that other accounts send to its shared targets (mirroring/tm-sharing).
 * No filter by tag: AWS documents none here.
 */
export function describeTrafficMirrorSessions(
  input: DescribeTrafficMirrorSessionsRequest,
  call: Call,
): Effect<DescribeTrafficMirrorSessionsResult> {
  const { sessions, sessionsByInterface, sessionsByTarget, sessionsByFilter } = call.account;
  const page = describe<Session>(call, input, input.TrafficMirrorSessionIds, {
    table: sessions,
    unpagedIds: call.rules.mirroringIdsWithPage === 'refused' ? 'trafficMirrorSessionIdSet' : undefined,
    isVisible: call.view.hasMirroring,
    checkId: (id) => checkMirroringId('session', id),
    refuseMissing: (id) => refuseMissingMirroring(call, 'session', id),
    fields: {
      description: ({ description }) => description,
      'network-interface-id': ({ networkInterfaceId }) => networkInterfaceId,
      'owner-id': ({ ownerId }) => ownerId,
      'packet-length': ({ packetLength }) => packetLength,
      'session-number': ({ sessionNumber }) => sessionNumber,
      'traffic-mirror-filter-id': ({ filterId }) => filterId,
      'traffic-mirror-session-id': ({ sessionId }) => sessionId,
      'traffic-mirror-target-id': ({ targetId }) => targetId,
      'virtual-network-id': ({ virtualNetworkId }) => virtualNetworkId,
    },
    indexes: {
      'traffic-mirror-session-id': (id) => [id],
      'network-interface-id': (id) => sessionsByInterface.get(id) ?? [],
      'traffic-mirror-target-id': (id) => sessionsByTarget.get(id) ?? [],
      'traffic-mirror-filter-id': (id) => sessionsByFilter.get(id) ?? [],
    },
  });
  return () => ({
    TrafficMirrorSessions: page.rows.map((session) => showSession(session, call.view.tagsOf(session.sessionId))),
    NextToken: page.nextToken,
  });
}

function checkRanges(input: CreateTrafficMirrorSessionRequest | ModifyTrafficMirrorSessionRequest): void {
  requireRange('SessionNumber', input.SessionNumber, 1, SESSION_NUMBER_MAX);
  requireRange('PacketLength', input.PacketLength, 1, PACKET_LENGTH_MAX);
  requireRange('VirtualNetworkId', input.VirtualNetworkId, 0, VIRTUAL_NETWORK_ID_MAX);
}

function requireOwn(call: Call, session: Session): void {
  if (session.ownerId !== call.account.accountId) refuseUnauthorized();
}

function packetLengthDefault({ type }: Target): number | undefined {
  return type === 'network-load-balancer' ? PACKET_LENGTH_MAX : undefined;
}

/** "A random value that is unique to all sessions in the account" (mirroring/traffic-mirroring-packet-formats). */
function chooseVirtualNetworkId(call: Call): number {
  const { virtualNetworkIdUses } = call.account;
  for (;;) {
    const chosen = 1 + call.random.integer(VIRTUAL_NETWORK_ID_MAX);
    if (!virtualNetworkIdUses.has(chosen)) return chosen;
  }
}

function showSession(session: Session, tags: Readonly<Record<string, string>>): TrafficMirrorSession {
  return {
    TrafficMirrorSessionId: session.sessionId,
    TrafficMirrorTargetId: session.targetId,
    TrafficMirrorFilterId: session.filterId,
    NetworkInterfaceId: session.networkInterfaceId,
    OwnerId: session.ownerId,
    PacketLength: session.packetLength,
    SessionNumber: session.sessionNumber,
    VirtualNetworkId: session.virtualNetworkId,
    Description: session.description,
    Tags: listTags(tags),
  };
}
