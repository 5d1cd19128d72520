/** The SDK's shapes end here: each becomes one of our words, once. A shape without its id is nothing. */
import type * as sdk from '@aws-sdk/client-ec2';
import type {
  Attachment,
  Filter,
  FilterId,
  FilterRule,
  FilterRuleId,
  Instance,
  InstanceId,
  NetworkInterface,
  NetworkInterfaceId,
  PortRange,
  Session,
  SessionId,
  Tags,
  Target,
  TargetId,
  TargetKind,
} from '../core/model.ts';

function tagsFromEc2(tags: readonly sdk.Tag[] | undefined): Tags {
  const record: Record<string, string> = {};
  for (const { Key, Value } of tags ?? []) if (Key !== undefined) record[Key] = Value ?? '';
  return record;
}

/** Drops the members that EC2 did not send, which our types mark as absent rather than undefined. */
function present<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const member = value[key as keyof T];
    if (member !== undefined) result[key] = member;
  }
  return result as { [K in keyof T]: Exclude<T[K], undefined> };
}

export function interfaceFromEc2(shape: sdk.NetworkInterface): NetworkInterface {
  return present({
    networkInterfaceId: shape.NetworkInterfaceId as NetworkInterfaceId,
    interfaceType: shape.InterfaceType ?? 'interface',
    status: shape.Status ?? '',
    ownerId: shape.OwnerId ?? '',
    vpcId: shape.VpcId ?? '',
    subnetId: shape.SubnetId ?? '',
    availabilityZone: shape.AvailabilityZone ?? '',
    securityGroupIds: (shape.Groups ?? []).flatMap(({ GroupId }) => GroupId ?? []),
    privateIpAddress: shape.PrivateIpAddress,
    addresses: addressesFromEc2(shape),
    requesterManaged: shape.RequesterManaged ?? false,
    requesterId: shape.RequesterId,
    attachment: attachmentFromEc2(shape.Attachment),
    tags: tagsFromEc2(shape.TagSet),
  }) as NetworkInterface;
}

function addressesFromEc2(shape: sdk.NetworkInterface): readonly string[] {
  const addresses = new Set<string>();
  if (shape.PrivateIpAddress !== undefined) addresses.add(shape.PrivateIpAddress);
  for (const { PrivateIpAddress } of shape.PrivateIpAddresses ?? [])
    if (PrivateIpAddress) addresses.add(PrivateIpAddress);
  for (const { Ipv6Address } of shape.Ipv6Addresses ?? []) if (Ipv6Address) addresses.add(Ipv6Address);
  return [...addresses];
}

function attachmentFromEc2(shape: sdk.NetworkInterfaceAttachment | undefined): Attachment | undefined {
  if (shape === undefined) return undefined;
  return present({
    status: shape.Status ?? '',
    instanceId: shape.InstanceId as InstanceId | undefined,
    instanceOwnerId: shape.InstanceOwnerId,
    deviceIndex: shape.DeviceIndex ?? 0,
    networkCardIndex: shape.NetworkCardIndex ?? 0,
  }) as Attachment;
}

export function instanceFromEc2(shape: sdk.Instance): Instance {
  return {
    instanceId: shape.InstanceId as InstanceId,
    instanceType: shape.InstanceType ?? '',
    state: shape.State?.Name ?? '',
    tags: tagsFromEc2(shape.Tags),
  };
}

export function sessionFromEc2(shape: sdk.TrafficMirrorSession): Session {
  return present({
    sessionId: shape.TrafficMirrorSessionId as SessionId,
    networkInterfaceId: shape.NetworkInterfaceId as NetworkInterfaceId,
    targetId: shape.TrafficMirrorTargetId as TargetId,
    filterId: shape.TrafficMirrorFilterId as FilterId,
    sessionNumber: shape.SessionNumber ?? 0,
    virtualNetworkId: shape.VirtualNetworkId,
    packetLength: shape.PacketLength,
    description: shape.Description,
    ownerId: shape.OwnerId ?? '',
    tags: tagsFromEc2(shape.Tags),
  }) as Session;
}

export function targetFromEc2(shape: sdk.TrafficMirrorTarget): Target {
  return present({
    targetId: shape.TrafficMirrorTargetId as TargetId,
    kind: (shape.Type ?? 'network-interface') as TargetKind,
    ownerId: shape.OwnerId ?? '',
    networkInterfaceId: shape.NetworkInterfaceId as NetworkInterfaceId | undefined,
  }) as Target;
}

export function filterFromEc2(shape: sdk.TrafficMirrorFilter): Filter {
  const rules = [...(shape.IngressFilterRules ?? []), ...(shape.EgressFilterRules ?? [])];
  return present({
    filterId: shape.TrafficMirrorFilterId as FilterId,
    networkServices: shape.NetworkServices ?? [],
    rules: rules.map(ruleFromEc2),
    description: shape.Description,
    tags: tagsFromEc2(shape.Tags),
  }) as Filter;
}

function ruleFromEc2(shape: sdk.TrafficMirrorFilterRule): FilterRule {
  return present({
    ruleId: shape.TrafficMirrorFilterRuleId as FilterRuleId,
    direction: shape.TrafficDirection ?? 'ingress',
    ruleNumber: shape.RuleNumber ?? 0,
    action: shape.RuleAction ?? 'reject',
    protocol: shape.Protocol,
    sourceCidr: shape.SourceCidrBlock ?? '',
    destinationCidr: shape.DestinationCidrBlock ?? '',
    sourcePorts: portsFromEc2(shape.SourcePortRange),
    destinationPorts: portsFromEc2(shape.DestinationPortRange),
    description: shape.Description,
  }) as FilterRule;
}

function portsFromEc2(shape: sdk.TrafficMirrorPortRange | undefined): PortRange | undefined {
  if (shape?.FromPort === undefined || shape.ToPort === undefined) return undefined;
  return { from: shape.FromPort, to: shape.ToPort };
}
