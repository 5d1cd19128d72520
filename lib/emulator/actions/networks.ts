import type {
  DescribeSubnetsRequest,
  DescribeSubnetsResult,
  DescribeVpcsRequest,
  DescribeVpcsResult,
} from '@aws-sdk/client-ec2';
import { refuse } from '../aws-error.ts';
import type { Call, Effect } from '../call.ts';
import { describe } from '../describe.ts';
import { checkId } from '../lookup.ts';
import { listTags } from '../tags.ts';

/** The VPCs of the account; a fresh one has its default VPC. */
export function describeVpcs(input: DescribeVpcsRequest, call: Call): Effect<DescribeVpcsResult> {
  const page = describe(call, input, input.VpcIds, {
    table: call.account.vpcs,
    isVisible: () => true,
    checkId: (id) => checkId('vpc', id, 'InvalidVpcID.Malformed', 'vpc'),
    refuseMissing: (id) => refuse('InvalidVpcID.NotFound', `The vpc ID '${id}' does not exist`),
    fields: {
      cidr: ({ cidrBlock }) => cidrBlock,
      'is-default': ({ isDefault }) => isDefault,
      'vpc-id': ({ vpcId }) => vpcId,
    },
    tagsOf: ({ vpcId }) => call.view.tagsOf(vpcId),
  });
  return () => ({
    Vpcs: page.rows.map((row) => ({
      VpcId: row.vpcId,
      OwnerId: call.account.accountId,
      CidrBlock: row.cidrBlock,
      IsDefault: row.isDefault,
      State: 'available' as const,
      InstanceTenancy: 'default' as const,
      Tags: listTags(call.view.tagsOf(row.vpcId)),
    })),
    NextToken: page.nextToken,
  });
}

/** The subnets of the account; a fresh one has a default subnet in each of three zones. */
export function describeSubnets(input: DescribeSubnetsRequest, call: Call): Effect<DescribeSubnetsResult> {
  const page = describe(call, input, input.SubnetIds, {
    table: call.account.subnets,
    isVisible: () => true,
    checkId: (id) => checkId('subnet', id, 'InvalidSubnetID.Malformed', 'subnet'),
    refuseMissing: (id) => refuse('InvalidSubnetID.NotFound', `The subnet ID '${id}' does not exist`),
    fields: {
      'availability-zone': ({ zone }) => zone,
      'cidr-block': ({ cidrBlock }) => cidrBlock,
      'default-for-az': ({ isDefaultForZone }) => isDefaultForZone,
      'subnet-id': ({ subnetId }) => subnetId,
      'vpc-id': ({ vpcId }) => vpcId,
    },
    tagsOf: ({ subnetId }) => call.view.tagsOf(subnetId),
  });
  return () => ({
    Subnets: page.rows.map((row) => ({
      SubnetId: row.subnetId,
      VpcId: row.vpcId,
      OwnerId: call.account.accountId,
      AvailabilityZone: row.zone,
      CidrBlock: row.cidrBlock,
      DefaultForAz: row.isDefaultForZone,
      State: 'available' as const,
      Tags: listTags(call.view.tagsOf(row.subnetId)),
    })),
    NextToken: page.nextToken,
  });
}
