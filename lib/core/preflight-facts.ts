/** What the checks of `preflight` are made from, and what they come to. */
import type { SourceDecision } from './actions.ts';
import type {
  Filter,
  FilterId,
  Instance,
  InstanceId,
  NetworkInterface,
  NetworkInterfaceId,
  Policy,
  Target,
  TargetId,
} from './model.ts';

export type CheckVerdict = 'pass' | 'warn' | 'fail';

export type CheckName =
  | 'target-exists'
  | 'target-owner'
  | 'target-attached'
  | 'listener'
  | 'health'
  | 'cross-zone'
  | 'security-group'
  | 'network-acl'
  | 'source-subnet'
  | 'route'
  | 'mtu'
  | 'mirror-loop';

export interface Check {
  readonly verdict: CheckVerdict;
  readonly check: CheckName;
  /** A target's id, or `eni-… → tmt-…` for a path. */
  readonly subject: string;
  readonly detail: string;
  readonly remedy?: string;
}

/** A target with what stands behind it. */
export interface Destination extends Target {
  readonly loadBalancerArn?: string;
  readonly endpointId?: string;
}

/** What was read, or the permission that was missing for it. */
export type Seen<T> =
  | { readonly kind: 'seen'; readonly value: T }
  | { readonly kind: 'denied'; readonly permission: string };

/** An IANA protocol number; `all` is what EC2 writes as -1. */
export type RuleProtocol = number | 'all';

export interface SecurityGroup {
  readonly groupId: string;
  readonly ingress: readonly IngressRule[];
}

export interface IngressRule {
  readonly protocol: RuleProtocol;
  readonly from?: number;
  readonly to?: number;
  readonly cidrs: readonly string[];
  readonly groupIds: readonly string[];
  readonly prefixListIds: readonly string[];
}

export interface NetworkAcl {
  readonly networkAclId: string;
  readonly subnetIds: readonly string[];
  readonly entries: readonly AclEntry[];
}

export interface AclEntry {
  readonly ruleNumber: number;
  readonly direction: 'ingress' | 'egress';
  readonly action: 'allow' | 'deny';
  readonly protocol: RuleProtocol;
  readonly from?: number;
  readonly to?: number;
  readonly cidr: string;
}

export interface LoadBalancer {
  readonly arn: string;
  readonly zones: readonly string[];
  readonly securityGroupIds: readonly string[];
  readonly isCrossZone: boolean;
  readonly listeners: readonly Listener[];
}

export interface Listener {
  readonly protocol: string;
  readonly port: number;
  readonly targets: readonly RegisteredTarget[];
}

export interface RegisteredTarget {
  /** An instance id or an address. */
  readonly id: string;
  /** initial | healthy | unhealthy | unused | draining | unavailable */
  readonly state: string;
}

/** One source on its way to one target. */
export interface MirrorPath {
  readonly source: NetworkInterface;
  readonly destination: Destination;
}

export interface PreflightFacts {
  readonly policy: Policy;
  readonly accountId: string;
  readonly destinations: ReadonlyMap<TargetId, Destination>;
  readonly decisions: readonly SourceDecision[];
  readonly filters: ReadonlyMap<FilterId, Filter>;
  readonly interfaces: ReadonlyMap<NetworkInterfaceId, NetworkInterface>;
  readonly instances: ReadonlyMap<InstanceId, Instance>;
  /** A sample of sources for each pair of source subnet and target. */
  readonly paths: readonly MirrorPath[];
  readonly securityGroups: Seen<ReadonlyMap<string, SecurityGroup>>;
  /** By subnet. */
  readonly networkAcls: Seen<ReadonlyMap<string, NetworkAcl>>;
  /** Subnets of sampled sources that have no IPv4 at all. */
  readonly ipv6OnlySubnets: Seen<ReadonlySet<string>>;
  /** By ARN; absent: there is none of this name. */
  readonly loadBalancers: ReadonlyMap<string, Seen<LoadBalancer>>;
}
