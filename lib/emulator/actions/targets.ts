import type {
  CreateTrafficMirrorTargetRequest,
  CreateTrafficMirrorTargetResult,
  DeleteTrafficMirrorTargetRequest,
  DeleteTrafficMirrorTargetResult,
  DescribeTrafficMirrorTargetsRequest,
  DescribeTrafficMirrorTargetsResult,
  TrafficMirrorTarget,
} from '@aws-sdk/client-ec2';
import type { Target } from '../account.ts';
import { addTarget, removeTarget } from '../account-change.ts';
import { refuse, refuseUnauthorized, requireParameter } from '../aws-error.ts';
import type { Call, Effect } from '../call.ts';
import { describe } from '../describe.ts';
import { checkId, checkMirroringId, findInterface, findTarget, refuseMissingMirroring } from '../lookup.ts';
import { checkTagSpecifications, listTags, writeTags } from '../tags.ts';

type Destination = Pick<Target, 'type' | 'networkInterfaceId' | 'networkLoadBalancerArn' | 'endpointId'>;

/** Makes a destination for mirrored traffic out of one interface, load balancer or endpoint. */
export function createTrafficMirrorTarget(
  input: CreateTrafficMirrorTargetRequest,
  call: Call,
): Effect<CreateTrafficMirrorTargetResult> {
  const destination = checkDestination(input, call);
  const tags = checkTagSpecifications(call, input.TagSpecifications, ['traffic-mirror-target']);
  if (call.account.targets.size >= call.rules.targetsMax) {
    refuse('TrafficMirrorTargetLimitExceeded', `Target limit reached (${call.rules.targetsMax}).`);
  }
  return () => {
    const target: Target = {
      ...destination,
      targetId: `tmt-${call.random.hex(17)}`,
      ownerId: call.account.accountId,
      description: input.Description,
      createdAt: call.now,
    };
    addTarget(call.account, target);
    const given = tags['traffic-mirror-target'] ?? {};
    writeTags(call, target.targetId, given);
    return { TrafficMirrorTarget: showTarget(target, given), ClientToken: input.ClientToken };
  };
}

/** Removes a target that no session uses; only its owner may. */
export function deleteTrafficMirrorTarget(
  input: DeleteTrafficMirrorTargetRequest,
  call: Call,
): Effect<DeleteTrafficMirrorTargetResult> {
  const target = findTarget(call, requireParameter('TrafficMirrorTargetId', input.TrafficMirrorTargetId));
  if (target.ownerId !== call.account.accountId) refuseUnauthorized();
  if (call.account.sessionsByTarget.has(target.targetId)) {
    refuse('TrafficMirrorTargetInUseException', `The target '${target.targetId}' is in use by a session.`);
  }
  return () => {
    removeTarget(call.account, target);
    return { TrafficMirrorTargetId: target.targetId };
  };
}

/** Targets of the account and those shared with it. No filter by tag: AWS documents none here. */
export function describeTrafficMirrorTargets(
  input: DescribeTrafficMirrorTargetsRequest,
  call: Call,
): Effect<DescribeTrafficMirrorTargetsResult> {
  const page = describe<Target>(call, input, input.TrafficMirrorTargetIds, {
    table: call.account.targets,
    unpagedIds: call.rules.mirroringIdsWithPage === 'refused' ? 'trafficMirrorTargetIdSet' : undefined,
    isVisible: call.view.hasMirroring,
    checkId: (id) => checkMirroringId('target', id),
    refuseMissing: (id) => refuseMissingMirroring(call, 'target', id),
    fields: {
      description: ({ description }) => description,
      'network-interface-id': ({ networkInterfaceId }) => networkInterfaceId,
      'network-load-balancer-arn': ({ networkLoadBalancerArn }) => networkLoadBalancerArn,
      'owner-id': ({ ownerId }) => ownerId,
      'traffic-mirror-target-id': ({ targetId }) => targetId,
    },
    indexes: { 'traffic-mirror-target-id': (id) => [id] },
  });
  return () => ({
    TrafficMirrorTargets: page.rows.map((target) => showTarget(target, call.view.tagsOf(target.targetId))),
    NextToken: page.nextToken,
  });
}

function checkDestination(input: CreateTrafficMirrorTargetRequest, call: Call): Destination {
  const { NetworkInterfaceId: eni, NetworkLoadBalancerArn: arn, GatewayLoadBalancerEndpointId: endpoint } = input;
  const given = [eni, arn, endpoint].filter((each) => each !== undefined);
  if (given.length > 1) {
    refuse('InvalidParameterCombination', 'Exactly one of the three kinds of destination must be given.');
  }
  const none = { networkInterfaceId: undefined, networkLoadBalancerArn: undefined, endpointId: undefined };
  if (eni !== undefined) return { ...none, type: 'network-interface', networkInterfaceId: checkInterface(eni, call) };
  if (arn !== undefined) {
    return { ...none, type: 'network-load-balancer', networkLoadBalancerArn: checkLoadBalancer(arn, call) };
  }
  const endpointId = checkEndpoint(requireParameter('NetworkInterfaceId', endpoint), call);
  return { ...none, type: 'gateway-load-balancer-endpoint', endpointId };
}

/** mirroring/traffic-mirroring-targets: type `interface`, in one target only, and no source of a session. */
function checkInterface(id: string, call: Call): string {
  const row = findInterface(call, id);
  if (row.ownerId !== call.account.accountId) refuseUnauthorized();
  if (row.interfaceType !== 'interface') {
    refuse('NetworkInterfaceNotSupported', `The network interface '${id}' is not supported for Traffic Mirroring.`);
  }
  if (call.account.targetByInterface.has(id)) {
    refuse('InterfaceInUseByTrafficMirrorTarget', `The network interface '${id}' is in use by target`);
  }
  if (call.account.sessionsByInterface.has(id)) {
    refuse('InterfaceInUseByTrafficMirrorSession', `The network interface '${id}' is in use by a session.`);
  }
  return id;
}

/** ec2/devguide/errors-overview: `InvalidNetworkLoadBalancerArn.*`, `NlbInUseByTrafficMirrorTargetException`. */
function checkLoadBalancer(arn: string, call: Call): string {
  if (!/^arn:[a-z-]+:elasticloadbalancing:[a-z0-9-]+:\d{12}:loadbalancer\/net\/[^/]+\/[0-9a-f]+$/.test(arn)) {
    refuse('InvalidNetworkLoadBalancerArn.Malformed', `The network load balancer ARN '${arn}' is malformed.`);
  }
  if (!call.account.loadBalancers.has(arn)) {
    refuse('InvalidNetworkLoadBalancerArn.NotFound', `The network load balancer '${arn}' does not exist.`);
  }
  for (const { networkLoadBalancerArn } of call.account.targets.rows()) {
    if (networkLoadBalancerArn === arn) {
      refuse('NlbInUseByTrafficMirrorTargetException', `The network load balancer '${arn}' is in use by a target.`);
    }
  }
  return arn;
}

function checkEndpoint(id: string, call: Call): string {
  checkId('vpce', id, 'InvalidVpcEndpointId.Malformed', 'VPC endpoint');
  if (call.account.endpoints.get(id)?.type !== 'GatewayLoadBalancer') {
    refuse('InvalidVpcEndpointId.NotFound', `The VPC endpoint ID '${id}' does not exist`);
  }
  return id;
}

function showTarget(target: Target, tags: Readonly<Record<string, string>>): TrafficMirrorTarget {
  return {
    TrafficMirrorTargetId: target.targetId,
    NetworkInterfaceId: target.networkInterfaceId,
    NetworkLoadBalancerArn: target.networkLoadBalancerArn,
    GatewayLoadBalancerEndpointId: target.endpointId,
    Type: target.type,
    Description: target.description,
    OwnerId: target.ownerId,
    Tags: listTags(tags),
  };
}
