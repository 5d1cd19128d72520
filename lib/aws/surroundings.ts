/** The network around sources and targets, over the SDK: EC2's side of it; load balancers stand in their own file. */
import {
  DescribeNetworkAclsCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeTrafficMirrorTargetsCommand,
  DescribeVpcsCommand,
  EC2Client,
  type EC2ClientConfig,
  type Filter,
  type IpPermission,
  type NetworkAclEntry,
} from '@aws-sdk/client-ec2';
import { filterValuesPerCallMax } from '../core/limits.ts';
import type { AclEntry, Destination, IngressRule, RuleProtocol, Seen } from '../core/preflight-facts.ts';
import type { Surroundings } from '../probes.ts';
import { attempt } from './attempt.ts';
import { clientSettings } from './client-settings.ts';
import { targetFromEc2 } from './from-ec2.ts';
import { connectLoadBalancers } from './load-balancers.ts';
import { orDenied } from './or-denied.ts';

interface Page<Row> {
  readonly rows: readonly Row[];
  readonly nextToken: string | undefined;
}

/** The surroundings in the account and Region that the settings mean. */
export function connectSurroundings(settings: EC2ClientConfig): Surroundings {
  const client = new EC2Client({ ...clientSettings, ...settings });
  const { readLoadBalancer } = connectLoadBalancers({
    ...(settings.region && { region: settings.region }),
    ...(settings.endpoint && { endpoint: settings.endpoint }),
    ...(settings.credentials && { credentials: settings.credentials }),
    ...(settings.profile && { profile: settings.profile }),
  });
  return {
    readLoadBalancer,
    readDestinations: async () =>
      readPages('ec2:DescribeTrafficMirrorTargets', async (NextToken) => {
        const page = await client.send(new DescribeTrafficMirrorTargetsCommand({ NextToken }));
        return { rows: (page.TrafficMirrorTargets ?? []).map(destinationFromEc2), nextToken: page.NextToken };
      }),
    readSecurityGroups: (groupIds) =>
      see('ec2:DescribeSecurityGroups', 'group-id', groupIds, async (Filters, NextToken) => {
        const page = await client.send(new DescribeSecurityGroupsCommand({ Filters, NextToken }));
        const rows = (page.SecurityGroups ?? []).map(({ GroupId = '', IpPermissions = [] }) => ({
          groupId: GroupId,
          ingress: IpPermissions.map(ingressFromEc2),
        }));
        return { rows, nextToken: page.NextToken };
      }),
    readNetworkAcls: (subnetIds) =>
      see('ec2:DescribeNetworkAcls', 'association.subnet-id', subnetIds, async (Filters, NextToken) => {
        const page = await client.send(new DescribeNetworkAclsCommand({ Filters, NextToken }));
        const rows = (page.NetworkAcls ?? []).map(({ NetworkAclId = '', Associations = [], Entries = [] }) => ({
          networkAclId: NetworkAclId,
          subnetIds: Associations.flatMap(({ SubnetId }) => SubnetId ?? []),
          entries: Entries.map(entryFromEc2),
        }));
        return { rows, nextToken: page.NextToken };
      }),
    findIpv6OnlySubnets: (subnetIds) =>
      see('ec2:DescribeSubnets', 'subnet-id', subnetIds, async (Filters, NextToken) => {
        const page = await client.send(new DescribeSubnetsCommand({ Filters, NextToken }));
        const rows = (page.Subnets ?? []).flatMap(({ SubnetId, Ipv6Native }) =>
          Ipv6Native === true && SubnetId !== undefined ? SubnetId : [],
        );
        return { rows, nextToken: page.NextToken };
      }),
    readPrimaryCidr: async (vpcId) => {
      const seen = await see('ec2:DescribeVpcs', 'vpc-id', [vpcId], async (Filters, NextToken) => {
        const page = await client.send(new DescribeVpcsCommand({ Filters, NextToken }));
        return { rows: (page.Vpcs ?? []).flatMap(({ CidrBlock }) => CidrBlock ?? []), nextToken: page.NextToken };
      });
      return seen.kind === 'denied' ? seen : { kind: 'seen', value: seen.value[0] };
    },
  };
}

async function readPages<Row>(
  permission: string,
  readPage: (nextToken: string | undefined) => Promise<Page<Row>>,
): Promise<Row[]> {
  const rows: Row[] = [];
  let nextToken: string | undefined;
  do {
    const page: Page<Row> = await attempt(permission, () => readPage(nextToken));
    rows.push(...page.rows);
    nextToken = page.nextToken || undefined;
  } while (nextToken !== undefined);
  return rows;
}

/** Reads rows by the values of one filter, as many in a call as EC2 takes; without values nothing is asked. */
function see<Row>(
  permission: string,
  name: string,
  values: readonly string[],
  readPage: (filters: Filter[], nextToken: string | undefined) => Promise<Page<Row>>,
): Promise<Seen<readonly Row[]>> {
  return orDenied(permission, async () => {
    const rows: Row[] = [];
    for (let start = 0; start < values.length; start += filterValuesPerCallMax) {
      const filters = [{ Name: name, Values: values.slice(start, start + filterValuesPerCallMax) }];
      rows.push(...(await readPages(permission, (nextToken) => readPage(filters, nextToken))));
    }
    return rows;
  });
}

function destinationFromEc2(shape: Parameters<typeof targetFromEc2>[0]): Destination {
  const { NetworkLoadBalancerArn, GatewayLoadBalancerEndpointId } = shape;
  return {
    ...targetFromEc2(shape),
    ...(NetworkLoadBalancerArn && { loadBalancerArn: NetworkLoadBalancerArn }),
    ...(GatewayLoadBalancerEndpointId && { endpointId: GatewayLoadBalancerEndpointId }),
  };
}

function ingressFromEc2(shape: IpPermission): IngressRule {
  const { FromPort, ToPort, IpRanges = [], Ipv6Ranges = [], UserIdGroupPairs = [], PrefixListIds = [] } = shape;
  const cidrs = [...IpRanges.map(({ CidrIp }) => CidrIp), ...Ipv6Ranges.map(({ CidrIpv6 }) => CidrIpv6)];
  return {
    protocol: protocolFromEc2(shape.IpProtocol),
    ...ports(FromPort, ToPort),
    cidrs: cidrs.flatMap((cidr) => cidr ?? []),
    groupIds: UserIdGroupPairs.flatMap(({ GroupId }) => GroupId ?? []),
    prefixListIds: PrefixListIds.flatMap(({ PrefixListId }) => PrefixListId ?? []),
  };
}

function entryFromEc2({ RuleNumber, Egress, RuleAction, Protocol, PortRange, ...rest }: NetworkAclEntry): AclEntry {
  return {
    ruleNumber: RuleNumber ?? 0,
    direction: Egress ? 'egress' : 'ingress',
    action: RuleAction ?? 'deny',
    protocol: protocolFromEc2(Protocol),
    ...ports(PortRange?.From, PortRange?.To),
    cidr: rest.CidrBlock ?? rest.Ipv6CidrBlock ?? '',
  };
}

function ports(from: number | undefined, to: number | undefined) {
  return { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
}

/** EC2 writes the names of four protocols, the number of any other, and -1 for all [D: API, IpPermission]. */
function protocolFromEc2(text = '-1'): RuleProtocol {
  const named: Readonly<Record<string, RuleProtocol>> = { '-1': 'all', tcp: 6, udp: 17, icmp: 1, icmpv6: 58 };
  return named[text] ?? Number(text);
}
