import type {
  DescribeInstancesRequest,
  DescribeInstancesResult,
  Instance as Ec2Instance,
  InstanceNetworkInterface,
  InstanceStateName,
  Reservation,
} from '@aws-sdk/client-ec2';
import type { Attachment, Instance, InstanceState, NetworkInterface } from '../account.ts';
import type { Call, Effect } from '../call.ts';
import { describe } from '../describe.ts';
import { checkInstanceId, refuseMissingInstance } from '../lookup.ts';
import { isShown, showOperator } from '../operator.ts';
import type { FilterFields } from '../row-filters.ts';
import { listTags } from '../tags.ts';

/** AWSEC2/APIReference/API_InstanceState. */
export const STATE_CODES: Readonly<Record<InstanceState, number>> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

/** Instances by reservation; a reservation that crosses the end of a page goes on in the next. */
export function describeInstances(input: DescribeInstancesRequest, call: Call): Effect<DescribeInstancesResult> {
  const { instances, interfaces } = call.account;
  const page = describe<Instance>(call, input, input.InstanceIds, {
    table: instances,
    unpagedIds: 'instancesSet',
    isVisible: (row) => call.view.hasInstance(row) && isShown(row, input.IncludeManagedResources),
    checkId: checkInstanceId,
    refuseMissing: refuseMissingInstance,
    fields: fieldsOf(call),
    tagsOf: ({ instanceId }) => call.view.tagsOf(instanceId),
    indexes: {
      'instance-id': (id) => [id],
      'network-interface.network-interface-id': (id) => [interfaces.get(id)?.attachment?.instanceId ?? ''],
    },
  });
  return () => ({ Reservations: groupByReservation(call, page.rows), NextToken: page.nextToken });
}

function fieldsOf(call: Call): FilterFields<Instance> {
  const interfacesOf = (instance: Instance): NetworkInterface[] => listInterfaces(call, instance);
  return {
    'availability-zone': ({ zone }) => zone,
    'client-token': ({ clientToken }) => clientToken,
    'image-id': ({ imageId }) => imageId,
    'instance-id': ({ instanceId }) => instanceId,
    'instance-state-code': ({ state }) => STATE_CODES[state],
    'instance-state-name': ({ state }) => state,
    'instance-type': ({ instanceType }) => instanceType,
    'launch-index': ({ launchIndex }) => launchIndex,
    'network-interface.attachment.attachment-id': (row) =>
      interfacesOf(row).map(({ attachment }) => attachment?.attachmentId ?? ''),
    'network-interface.network-interface-id': ({ interfaceIds }) => interfaceIds,
    'network-interface.status': (row) => interfacesOf(row).map(() => 'in-use'),
    'network-interface.subnet-id': (row) => interfacesOf(row).map(({ subnetId }) => subnetId),
    'network-interface.vpc-id': (row) => interfacesOf(row).map(({ vpcId }) => vpcId),
    'owner-id': ({ ownerId }) => ownerId,
    'private-ip-address': (row) => interfacesOf(row)[0]?.privateIpAddress,
    'reservation-id': ({ reservationId }) => reservationId,
    'subnet-id': ({ subnetId }) => subnetId,
    'tag-value': ({ instanceId }) => Object.values(call.view.tagsOf(instanceId)),
    'vpc-id': ({ vpcId }) => vpcId,
  };
}

function groupByReservation(call: Call, instances: readonly Instance[]): Reservation[] {
  const byId = new Map<string, Ec2Instance[]>();
  const reservations: Reservation[] = [];
  for (const instance of instances) {
    const { reservationId, ownerId } = instance;
    let members = byId.get(reservationId);
    if (members === undefined) {
      members = [];
      byId.set(reservationId, members);
      reservations.push({ ReservationId: reservationId, OwnerId: ownerId, Groups: [], Instances: members });
    }
    members.push(showInstance(call, instance));
  }
  return reservations;
}

function listInterfaces(call: Call, instance: Instance): NetworkInterface[] {
  return instance.interfaceIds
    .map((id) => call.account.interfaces.get(id))
    .filter((found) => found !== undefined && call.view.hasInterface(found)) as NetworkInterface[];
}

/** An instance as EC2 describes it. A terminated one has no subnet and no interfaces. */
export function showInstance(call: Call, instance: Instance): Ec2Instance {
  const interfaces = listInterfaces(call, instance);
  const primary = interfaces[0];
  const isArm = /^(?:a1|[a-z]+\d+gd?n?|t4g|g5g|im4gn|is4gen)\./.test(instance.instanceType);
  return {
    InstanceId: instance.instanceId,
    ImageId: instance.imageId,
    State: { Code: STATE_CODES[instance.state], Name: instance.state as InstanceStateName },
    PrivateDnsName: primary === undefined ? '' : dnsNameOf(primary.privateIpAddress),
    PublicDnsName: '',
    StateTransitionReason: instance.stateReason,
    AmiLaunchIndex: instance.launchIndex,
    InstanceType: instance.instanceType as Ec2Instance['InstanceType'],
    LaunchTime: new Date(instance.launchedAt),
    Placement: { AvailabilityZone: instance.zone, GroupName: '', Tenancy: 'default' },
    Monitoring: { State: 'disabled' },
    SubnetId: instance.subnetId,
    VpcId: instance.vpcId,
    PrivateIpAddress: primary?.privateIpAddress,
    Architecture: isArm ? 'arm64' : 'x86_64',
    RootDeviceType: 'ebs',
    RootDeviceName: '/dev/xvda',
    BlockDeviceMappings: [],
    VirtualizationType: 'hvm',
    ClientToken: instance.clientToken,
    Hypervisor: 'xen',
    EbsOptimized: false,
    EnaSupport: true,
    SecurityGroups: primary === undefined ? [] : showGroups(primary),
    SourceDestCheck: primary === undefined ? undefined : true,
    NetworkInterfaces: interfaces.map(showOnInstance),
    Operator: showOperator(instance.operator),
    Tags: listTags(call.view.tagsOf(instance.instanceId)),
  };
}

function showOnInstance(networkInterface: NetworkInterface): InstanceNetworkInterface {
  const { attachment } = networkInterface;
  return {
    NetworkInterfaceId: networkInterface.networkInterfaceId,
    SubnetId: networkInterface.subnetId,
    VpcId: networkInterface.vpcId,
    Description: networkInterface.description,
    OwnerId: networkInterface.ownerId,
    Status: 'in-use',
    MacAddress: networkInterface.macAddress,
    PrivateIpAddress: networkInterface.privateIpAddress,
    PrivateDnsName: dnsNameOf(networkInterface.privateIpAddress),
    SourceDestCheck: true,
    Groups: showGroups(networkInterface),
    Attachment: attachment === undefined ? undefined : showAttachmentCore(attachment),
    PrivateIpAddresses: [
      {
        PrivateIpAddress: networkInterface.privateIpAddress,
        PrivateDnsName: dnsNameOf(networkInterface.privateIpAddress),
        Primary: true,
      },
    ],
    Ipv6Addresses: [],
    InterfaceType: networkInterface.interfaceType,
    Operator: showOperator(networkInterface.operator),
  };
}

/** The part of an attachment that both Describe actions show. */
export function showAttachmentCore(attachment: Attachment) {
  return {
    AttachmentId: attachment.attachmentId,
    DeviceIndex: attachment.deviceIndex,
    NetworkCardIndex: attachment.networkCardIndex,
    Status: 'attached' as const,
    AttachTime: new Date(attachment.attachedAt),
    DeleteOnTermination: attachment.deleteOnTermination,
  };
}

/** Security groups by id; the emulator knows no other name than the default group's. */
export function showGroups({ groupIds }: NetworkInterface): { GroupId: string; GroupName: string }[] {
  return groupIds.map((groupId) => ({ GroupId: groupId, GroupName: 'default' }));
}

/** The name that EC2 gives a private address in us-east-1. */
export function dnsNameOf(privateIpAddress: string): string {
  return `ip-${privateIpAddress.replaceAll('.', '-')}.ec2.internal`;
}
