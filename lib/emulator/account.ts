import type {
  TrafficDirection,
  TrafficMirrorNetworkService,
  TrafficMirrorPortRange,
  TrafficMirrorRuleAction,
  TrafficMirrorTargetType,
} from '@aws-sdk/client-ec2';
import { defaultAcl, defaultGroup, type NetworkAcl, type SecurityGroup } from './network.ts';
import type { Prng } from './prng.ts';
import { createTable, type Table } from './table.ts';

/** The state of one AWS account in one Region: everything that calls look at and change. */
export interface Account {
  /** Sessions that other accounts send to our targets; they do not count towards our quota. */
  foreignSessions: number;
  readonly accountId: string;
  readonly region: string;
  readonly vpcs: Table<Vpc>;
  readonly subnets: Table<Subnet>;
  readonly instances: Table<Instance>;
  readonly interfaces: Table<NetworkInterface>;
  readonly targets: Table<Target>;
  readonly filters: Table<Filter>;
  readonly rules: Table<FilterRule>;
  readonly sessions: Table<Session>;
  /** By resource id. */
  readonly tags: Table<TagState>;
  readonly securityGroups: Table<SecurityGroup>;
  readonly networkAcls: Table<NetworkAcl>;
  readonly loadBalancers: Map<string, LoadBalancer>;
  readonly endpoints: Map<string, VpcEndpoint>;
  /** By `action/token`. */
  readonly clientTokens: Map<string, ClientTokenUse>;
  /** State changes that come with time, earliest first. */
  readonly changesDue: ChangeDue[];
  readonly sessionsByInterface: Map<string, Set<string>>;
  readonly sessionsByTarget: Map<string, Set<string>>;
  readonly sessionsByFilter: Map<string, Set<string>>;
  /** How many sessions carry each VXLAN network id. */
  readonly virtualNetworkIdUses: Map<number, number>;
  readonly targetByInterface: Map<string, string>;
  /** What CloudWatch counts of an instance in five minutes, by metric name. */
  readonly metricRates: Map<string, Readonly<Record<string, number>>>;
  /** Interface ids by attachment id. */
  readonly interfaceByAttachment: Map<string, string>;
}

/** A VPC; a fresh account has the default one. */
export interface Vpc {
  readonly vpcId: string;
  readonly cidrBlock: string;
  readonly isDefault: boolean;
  readonly securityGroupId: string;
}

/** A subnet: one zone, and the addresses given out there so far. */
export interface Subnet {
  readonly subnetId: string;
  readonly vpcId: string;
  readonly zone: string;
  readonly cidrBlock: string;
  readonly isDefaultForZone: boolean;
  addressesGiven: number;
}

/** The states of an instance's life (ec2/UserGuide/ec2-instance-lifecycle). */
export type InstanceState = 'pending' | 'running' | 'stopping' | 'stopped' | 'shutting-down' | 'terminated';

/** An instance, visible until an hour after its end. */
export interface Instance {
  readonly instanceId: string;
  readonly reservationId: string;
  readonly ownerId: string;
  readonly imageId: string;
  readonly zone: string;
  readonly clientToken: string | undefined;
  readonly launchIndex: number;
  readonly operator: Operator | undefined;
  readonly createdAt: number;
  instanceType: string;
  state: InstanceState;
  stateReason: string;
  launchedAt: number;
  /** Gone when the instance is terminated, as AWS does. */
  subnetId: string | undefined;
  vpcId: string | undefined;
  /** In the order of attachment. */
  interfaceIds: string[];
}

/** The AWS service that runs a resource in the customer's account (AWSEC2/APIReference/API_OperatorResponse). */
export interface Operator {
  readonly principal: string;
  readonly hiddenByDefault: boolean;
}

/** A network interface: an instance's, an unattached one, or one that an AWS service manages. */
export interface NetworkInterface {
  readonly networkInterfaceId: string;
  readonly ownerId: string;
  readonly interfaceType: string;
  readonly subnetId: string;
  readonly vpcId: string;
  readonly zone: string;
  readonly privateIpAddress: string;
  readonly macAddress: string;
  readonly requesterManaged: boolean;
  readonly requesterId: string | undefined;
  readonly operator: Operator | undefined;
  readonly description: string;
  groupIds: readonly string[];
  readonly createdAt: number;
  attachment: Attachment | undefined;
}

/** What ties an interface to the instance that carries it. */
export interface Attachment {
  readonly attachmentId: string;
  /** Undefined when an AWS service's own instance carries the interface, as with RDS. */
  readonly instanceId: string | undefined;
  readonly instanceOwnerId: string;
  readonly deviceIndex: number;
  readonly networkCardIndex: number;
  readonly attachedAt: number;
  readonly deleteOnTermination: boolean;
}

/** A Traffic Mirror target, ours or shared with us; exactly one of its three destinations is there. */
export interface Target {
  readonly targetId: string;
  readonly ownerId: string;
  readonly type: TrafficMirrorTargetType;
  readonly networkInterfaceId: string | undefined;
  readonly networkLoadBalancerArn: string | undefined;
  readonly endpointId: string | undefined;
  readonly description: string | undefined;
  readonly createdAt: number;
}

/** A Traffic Mirror filter; its rules are rows of their own. */
export interface Filter {
  readonly filterId: string;
  readonly ownerId: string;
  readonly description: string | undefined;
  readonly createdAt: number;
  networkServices: TrafficMirrorNetworkService[];
  ruleIds: string[];
}

/** One rule of a filter, numbered within its direction. */
export interface FilterRule {
  readonly ruleId: string;
  readonly filterId: string;
  readonly createdAt: number;
  direction: TrafficDirection;
  ruleNumber: number;
  action: TrafficMirrorRuleAction;
  protocol: number | undefined;
  sourceCidrBlock: string;
  destinationCidrBlock: string;
  sourcePortRange: TrafficMirrorPortRange | undefined;
  destinationPortRange: TrafficMirrorPortRange | undefined;
  description: string | undefined;
}

/** A Traffic Mirror session, ours or another account's against a target of ours. */
export interface Session {
  readonly sessionId: string;
  readonly ownerId: string;
  readonly networkInterfaceId: string;
  readonly createdAt: number;
  targetId: string;
  filterId: string;
  sessionNumber: number;
  virtualNetworkId: number;
  packetLength: number | undefined;
  description: string | undefined;
}

/** The tags of one resource and how they came to be. */
export interface TagState {
  readonly resourceId: string;
  readonly resourceType: string;
  tags: Readonly<Record<string, string>>;
  /** Counts the changes, from 1: what AWS's tag events carry for ordering. */
  version: number;
  /** What the tags were before the latest changes, oldest first; only reads of an eventually consistent view look. */
  before: { readonly until: number; readonly tags: Readonly<Record<string, string>> }[];
}

/** A network load balancer: it can be named as a target and described. */
export interface LoadBalancer {
  readonly arn: string;
  readonly name: string;
  readonly zones: readonly string[];
  readonly securityGroupIds: readonly string[];
  readonly isCrossZone: boolean;
  /** Each forwards to a target group of its own. */
  listeners: readonly Listener[];
}

/** A listener and what is registered behind it: instance ids or addresses, with the state of their health checks. */
export interface Listener {
  readonly protocol: string;
  readonly port: number;
  readonly targets: readonly { readonly id: string; readonly state: string }[];
}

/** A VPC endpoint: it can only be named as a target here. */
export interface VpcEndpoint {
  readonly endpointId: string;
  /** Only `GatewayLoadBalancer` endpoints can be targets. */
  readonly type: string;
}

/** What a client token was used for, and what the call answered. */
export interface ClientTokenUse {
  readonly parameters: string;
  readonly output: object;
  readonly usedAt: number;
}

/** A state that an instance takes by itself when its time comes. */
export interface ChangeDue {
  readonly dueAt: number;
  readonly instanceId: string;
  /** The state the instance must still be in for the change to happen. */
  readonly from: InstanceState;
  readonly to: InstanceState | 'forgotten';
}

/** Whose account, where, and the chance its ids come from. */
export interface AccountOptions {
  readonly accountId: string;
  readonly region: string;
  readonly random: Prng;
}

/**
 * Opens a fresh account as AWS does: a default VPC 172.31.0.0/16 with one default subnet in each zone
 * (vpc/latest/userguide/default-vpc-components).
 */
export function createAccount({ accountId, region, random }: AccountOptions): Account {
  const account: Account = {
    foreignSessions: 0,
    accountId,
    region,
    vpcs: createTable(),
    subnets: createTable(),
    instances: createTable(),
    interfaces: createTable(),
    targets: createTable(),
    filters: createTable(),
    rules: createTable(),
    sessions: createTable(),
    tags: createTable(),
    securityGroups: createTable(),
    networkAcls: createTable(),
    loadBalancers: new Map(),
    endpoints: new Map(),
    clientTokens: new Map(),
    changesDue: [],
    sessionsByInterface: new Map(),
    sessionsByTarget: new Map(),
    sessionsByFilter: new Map(),
    virtualNetworkIdUses: new Map(),
    targetByInterface: new Map(),
    metricRates: new Map(),
    interfaceByAttachment: new Map(),
  };
  const vpcId = `vpc-${random.hex(17)}`;
  const securityGroupId = `sg-${random.hex(17)}`;
  account.vpcs.add(vpcId, { vpcId, cidrBlock: '172.31.0.0/16', isDefault: true, securityGroupId });
  account.securityGroups.add(securityGroupId, defaultGroup(securityGroupId, vpcId));
  for (const [index, letter] of ['a', 'b', 'c'].entries()) {
    const subnetId = `subnet-${random.hex(17)}`;
    account.subnets.add(subnetId, {
      subnetId,
      vpcId,
      zone: `${region}${letter}`,
      cidrBlock: `172.31.${index * 16}.0/20`,
      isDefaultForZone: true,
      addressesGiven: 0,
    });
  }
  const acl = defaultAcl(
    vpcId,
    [...account.subnets.rows()].map(({ subnetId }) => subnetId),
  );
  account.networkAcls.add(acl.networkAclId, acl);
  return account;
}
