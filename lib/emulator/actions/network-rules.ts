import type {
  DescribeNetworkAclsRequest,
  DescribeNetworkAclsResult,
  DescribeSecurityGroupsRequest,
  DescribeSecurityGroupsResult,
} from '@aws-sdk/client-ec2';
import { refuse } from '../aws-error.ts';
import type { Call, Effect } from '../call.ts';
import { describe } from '../describe.ts';
import { checkId } from '../lookup.ts';
import type { AclEntry, GroupRule } from '../network.ts';
import { listTags } from '../tags.ts';

/** Security groups with what they let in. */
export function describeSecurityGroups(
  input: DescribeSecurityGroupsRequest,
  call: Call,
): Effect<DescribeSecurityGroupsResult> {
  const page = describe(call, input, input.GroupIds, {
    table: call.account.securityGroups,
    isVisible: () => true,
    checkId: (id) => checkId('sg', id, 'InvalidGroupId.Malformed', 'security group'),
    refuseMissing: (id) => refuse('InvalidGroup.NotFound', `The security group '${id}' does not exist`),
    fields: {
      'group-id': ({ groupId }) => groupId,
      'group-name': ({ name }) => name,
      'vpc-id': ({ vpcId }) => vpcId,
    },
    tagsOf: ({ groupId }) => call.view.tagsOf(groupId),
  });
  return () => ({
    SecurityGroups: page.rows.map(({ groupId, vpcId, name, ingress }) => ({
      GroupId: groupId,
      GroupName: name,
      Description: name,
      OwnerId: call.account.accountId,
      VpcId: vpcId,
      IpPermissions: ingress.map((rule) => showRule(rule, call.account.accountId)),
      IpPermissionsEgress: [],
      Tags: listTags(call.view.tagsOf(groupId)),
    })),
    NextToken: page.nextToken,
  });
}

function showRule({ protocol, from, to, cidrs, groups, prefixLists }: GroupRule, accountId: string) {
  return {
    IpProtocol: protocol,
    FromPort: from,
    ToPort: to,
    IpRanges: cidrs.filter((cidr) => !cidr.includes(':')).map((CidrIp) => ({ CidrIp })),
    Ipv6Ranges: cidrs.filter((cidr) => cidr.includes(':')).map((CidrIpv6) => ({ CidrIpv6 })),
    UserIdGroupPairs: groups.map((GroupId) => ({ GroupId, UserId: accountId })),
    PrefixListIds: prefixLists.map((PrefixListId) => ({ PrefixListId })),
  };
}

/** Network ACLs with their entries and the subnets they guard. */
export function describeNetworkAcls(input: DescribeNetworkAclsRequest, call: Call): Effect<DescribeNetworkAclsResult> {
  const page = describe(call, input, input.NetworkAclIds, {
    table: call.account.networkAcls,
    isVisible: () => true,
    checkId: (id) => checkId('acl', id, 'InvalidNetworkAclId.Malformed', 'network ACL'),
    refuseMissing: (id) => refuse('InvalidNetworkAclID.NotFound', `The networkAcl ID '${id}' does not exist`),
    fields: {
      'association.subnet-id': ({ subnetIds }) => subnetIds,
      default: ({ isDefault }) => isDefault,
      'network-acl-id': ({ networkAclId }) => networkAclId,
      'vpc-id': ({ vpcId }) => vpcId,
    },
    tagsOf: ({ networkAclId }) => call.view.tagsOf(networkAclId),
  });
  return () => ({
    NetworkAcls: page.rows.map(({ networkAclId, vpcId, isDefault, subnetIds, entries }) => ({
      NetworkAclId: networkAclId,
      OwnerId: call.account.accountId,
      VpcId: vpcId,
      IsDefault: isDefault,
      Associations: subnetIds.map((SubnetId) => ({
        NetworkAclAssociationId: `aclassoc-${SubnetId.slice('subnet-'.length)}`,
        NetworkAclId: networkAclId,
        SubnetId,
      })),
      Entries: entries.map(showEntry),
      Tags: listTags(call.view.tagsOf(networkAclId)),
    })),
    NextToken: page.nextToken,
  });
}

function showEntry({ number, direction, action, protocol, from, to, cidr }: AclEntry) {
  return {
    RuleNumber: number,
    Egress: direction === 'egress',
    RuleAction: action,
    Protocol: protocol,
    ...(cidr.includes(':') ? { Ipv6CidrBlock: cidr } : { CidrBlock: cidr }),
    ...(from !== undefined && to !== undefined && { PortRange: { From: from, To: to } }),
  };
}
