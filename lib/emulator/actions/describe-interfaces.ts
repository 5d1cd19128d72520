import type {
  DescribeNetworkInterfacesRequest,
  DescribeNetworkInterfacesResult,
  NetworkInterface as Ec2NetworkInterface,
  NetworkInterfaceType,
} from '@aws-sdk/client-ec2';
import type { NetworkInterface } from '../account.ts';
import { refuse } from '../aws-error.ts';
import type { Call, Effect } from '../call.ts';
import { describe } from '../describe.ts';
import { checkInterfaceId, refuseMissingInterface } from '../lookup.ts';
import { isShown, showOperator } from '../operator.ts';
import type { FilterFields } from '../row-filters.ts';
import { listTags } from '../tags.ts';
import { dnsNameOf, showAttachmentCore, showGroups } from './describe-instances.ts';

/** The filters that spare a large account from paging (API_DescribeNetworkInterfaces). */
const NARROWING_FILTERS = new Set([
  'group-id',
  'mac-address',
  'private-dns-name',
  'private-ip-address',
  'subnet-id',
  'vpc-id',
]);

/** Network interfaces, attached or not, AWS's own among them; the only read that tells their tags and who manages them. */
export function describeNetworkInterfaces(
  input: DescribeNetworkInterfacesRequest,
  call: Call,
): Effect<DescribeNetworkInterfacesResult> {
  const ids = input.NetworkInterfaceIds ?? [];
  const { interfaces, instances } = call.account;
  const isNarrowed = (input.Filters ?? []).some(({ Name: name = '' }) => NARROWING_FILTERS.has(name));
  const isPaged = input.MaxResults !== undefined || input.NextToken !== undefined;
  if (!isPaged && !isNarrowed && ids.length === 0 && interfaces.size > call.rules.unpaginatedInterfacesMax) {
    refuse('OperationNotPermitted', 'You have too many network interfaces. Use pagination or a filter.');
  }
  const page = describe<NetworkInterface>(call, input, ids, {
    table: interfaces,
    unpagedIds: 'networkInterfaceIdSet',
    isVisible: (row) => call.view.hasInterface(row) && isShown(row, input.IncludeManagedResources),
    checkId: checkInterfaceId,
    refuseMissing: refuseMissingInterface,
    fields: fieldsOf(call),
    tagsOf: ({ networkInterfaceId }) => call.view.tagsOf(networkInterfaceId),
    indexes: {
      'network-interface-id': (id) => [id],
      'attachment.instance-id': (id) => instances.get(id)?.interfaceIds ?? [],
      'attachment.attachment-id': (id) => [call.account.interfaceByAttachment.get(id) ?? ''],
    },
  });
  return () => ({
    NetworkInterfaces: page.rows.map((row) => showInterface(call, row)),
    NextToken: page.nextToken,
  });
}

function fieldsOf(call: Call): FilterFields<NetworkInterface> {
  return {
    'addresses.private-ip-address': ({ privateIpAddress }) => privateIpAddress,
    'attachment.attachment-id': ({ attachment }) => attachment?.attachmentId,
    'attachment.delete-on-termination': ({ attachment }) => attachment?.deleteOnTermination,
    'attachment.device-index': ({ attachment }) => attachment?.deviceIndex,
    'attachment.instance-id': ({ attachment }) => attachment?.instanceId,
    'attachment.instance-owner-id': ({ attachment }) => attachment?.instanceOwnerId,
    'attachment.status': ({ attachment }) => (attachment === undefined ? undefined : 'attached'),
    'availability-zone': ({ zone }) => zone,
    description: ({ description }) => description,
    'group-id': ({ groupIds }) => groupIds,
    'interface-type': ({ interfaceType }) => interfaceType,
    'mac-address': ({ macAddress }) => macAddress,
    'network-interface-id': ({ networkInterfaceId }) => networkInterfaceId,
    'owner-id': ({ ownerId }) => ownerId,
    'private-dns-name': ({ privateIpAddress }) => dnsNameOf(privateIpAddress),
    'private-ip-address': ({ privateIpAddress }) => privateIpAddress,
    'requester-id': ({ requesterId }) => requesterId,
    'requester-managed': ({ requesterManaged }) => requesterManaged,
    'source-dest-check': () => true,
    status: statusOf,
    'subnet-id': ({ subnetId }) => subnetId,
    'tag-value': ({ networkInterfaceId }) => Object.values(call.view.tagsOf(networkInterfaceId)),
    'vpc-id': ({ vpcId }) => vpcId,
  };
}

function statusOf({ attachment }: NetworkInterface): 'in-use' | 'available' {
  return attachment === undefined ? 'available' : 'in-use';
}

/** A network interface as EC2 describes it. */
export function showInterface(call: Call, row: NetworkInterface): Ec2NetworkInterface {
  const { attachment } = row;
  return {
    NetworkInterfaceId: row.networkInterfaceId,
    SubnetId: row.subnetId,
    VpcId: row.vpcId,
    AvailabilityZone: row.zone,
    Description: row.description,
    OwnerId: row.ownerId,
    RequesterId: row.requesterId,
    RequesterManaged: row.requesterManaged,
    Status: statusOf(row),
    MacAddress: row.macAddress,
    PrivateIpAddress: row.privateIpAddress,
    PrivateDnsName: dnsNameOf(row.privateIpAddress),
    SourceDestCheck: true,
    Groups: showGroups(row),
    Attachment:
      attachment === undefined
        ? undefined
        : {
            ...showAttachmentCore(attachment),
            InstanceId: attachment.instanceId,
            InstanceOwnerId: attachment.instanceOwnerId,
          },
    PrivateIpAddresses: [
      {
        PrivateIpAddress: row.privateIpAddress,
        PrivateDnsName: dnsNameOf(row.privateIpAddress),
        Primary: true,
      },
    ],
    Ipv6Addresses: [],
    InterfaceType: row.interfaceType as NetworkInterfaceType,
    Operator: showOperator(row.operator),
    TagSet: listTags(call.view.tagsOf(row.networkInterfaceId)),
  };
}
