/**
 * The words of Fleetmirror, as types. AWS's names without the `TrafficMirror` prefix; ids are template-literal types,
 * so that an interface id can never stand where an instance id is meant. Everything here is read-only data.
 */

export type NetworkInterfaceId = `eni-${string}`;
export type InstanceId = `i-${string}`;
export type SessionId = `tms-${string}`;
export type TargetId = `tmt-${string}`;
export type FilterId = `tmf-${string}`;
export type FilterRuleId = `tmfr-${string}`;

export type Tags = Readonly<Record<string, string>>;

/** A network interface as EC2 describes it; the possible source of sessions. Open strings stay open (AWS adds values). */
export interface NetworkInterface {
  readonly networkInterfaceId: NetworkInterfaceId;
  readonly interfaceType: string;
  /** available | associated | attaching | in-use | detaching */
  readonly status: string;
  readonly ownerId: string;
  readonly vpcId: string;
  readonly subnetId: string;
  readonly availabilityZone: string;
  readonly securityGroupIds: readonly string[];
  readonly privateIpAddress?: string;
  /** Every private IPv4 and IPv6 address, the primary one first. */
  readonly addresses?: readonly string[];
  readonly requesterManaged: boolean;
  readonly requesterId?: string;
  readonly attachment?: Attachment;
  readonly tags: Tags;
}

export interface Attachment {
  /** attaching | attached | detaching | detached */
  readonly status: string;
  /** Absent when an AWS service's own instance carries the interface (RDS, ElastiCache). */
  readonly instanceId?: InstanceId;
  /** Account id, or the alias of an AWS service. */
  readonly instanceOwnerId?: string;
  readonly deviceIndex: number;
  readonly networkCardIndex: number;
}

export interface Instance {
  readonly instanceId: InstanceId;
  readonly instanceType: string;
  /** pending | running | stopping | stopped | shutting-down | terminated */
  readonly state: string;
  readonly tags: Tags;
}

/** A Traffic Mirror session as it exists in EC2, whoever made it. */
export interface Session {
  readonly sessionId: SessionId;
  readonly networkInterfaceId: NetworkInterfaceId;
  readonly targetId: TargetId;
  readonly filterId: FilterId;
  readonly sessionNumber: number;
  /** Assigned by EC2 when the caller gave none. */
  readonly virtualNetworkId?: number;
  /** Bytes after the VXLAN header; absent means the whole packet. */
  readonly packetLength?: number;
  readonly description?: string;
  readonly ownerId: string;
  readonly tags: Tags;
}

export type TargetKind = 'network-interface' | 'network-load-balancer' | 'gateway-load-balancer-endpoint';

export interface Target {
  readonly targetId: TargetId;
  readonly kind: TargetKind;
  readonly ownerId: string;
  /** Present for an interface target. */
  readonly networkInterfaceId?: NetworkInterfaceId;
  /** Of an interface target that we can see; absent for endpoints (they serve all zones) and for foreign interfaces. */
  readonly availabilityZone?: string;
  /** Of the instance that carries an interface target; decides between 10 and 100 sources. */
  readonly instanceType?: string;
}

export type Direction = 'ingress' | 'egress';

export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** What a filter rule says, without its identity in EC2. */
export interface RuleSpec {
  readonly direction: Direction;
  readonly ruleNumber: number;
  readonly action: 'accept' | 'reject';
  /** IANA protocol number; absent means every protocol. */
  readonly protocol?: number;
  readonly sourceCidr: string;
  readonly destinationCidr: string;
  readonly sourcePorts?: PortRange;
  readonly destinationPorts?: PortRange;
  readonly description?: string;
}

export interface FilterRule extends RuleSpec {
  readonly ruleId: FilterRuleId;
}

export interface Filter {
  readonly filterId: FilterId;
  /** Only `amazon-dns` exists today. */
  readonly networkServices: readonly string[];
  readonly rules: readonly FilterRule[];
  readonly description?: string;
  readonly tags: Tags;
}

/** The policy after parsing: every default filled in, every name resolved to exist. See `policy.ts` for the YAML form. */
export interface Policy {
  readonly version: 1;
  readonly fleet: string;
  readonly mode: 'enforce' | 'observe';
  readonly optIn: { readonly tagKey: string };
  readonly targets: Readonly<Record<string, TargetPool>>;
  readonly filters: Readonly<Record<string, FilterSpec>>;
  /** In ascending session number. */
  readonly tiers: readonly Tier[];
  /** Profile name to tier names, at most three, in ascending session number. */
  readonly profiles: Readonly<Record<string, readonly string[]>>;
  readonly coverage: readonly CoverageRule[];
  readonly exclude: readonly Match[];
  readonly interfaces: 'all' | 'primary';
  readonly whileStopped: 'remove' | 'keep';
  readonly instanceTypes: InstanceTypePolicy;
  /** From which `virtualNetworkId: per-source` draws; both ends belong to it. */
  readonly virtualNetworkIdRange: { readonly from: number; readonly to: number };
  readonly guards: { readonly maxDeletes: number; readonly maxDeletePercent: number };
  /** For the estimate in the coverage report. */
  readonly cost: { readonly sessionHourUsd: number; readonly source: string };
}

export interface TargetPool {
  readonly ids: readonly TargetId[];
  readonly spread: 'same-zone' | 'least-sources';
}

export type FilterSpec = GivenFilter | ManagedFilter;

/** The user's own filter: used, never changed. */
export interface GivenFilter {
  readonly kind: 'given';
  readonly id: FilterId;
}

/** Our filter: created on first need and kept equal to these rules (the VXLAN guard rules included). */
export interface ManagedFilter {
  readonly kind: 'managed';
  readonly networkServices: readonly string[];
  readonly rules: readonly RuleSpec[];
}

/** One session specification. `virtualNetworkId` absent: EC2 assigns one. */
export interface Tier {
  readonly name: string;
  readonly sessionNumber: number;
  /** Name of a pool in `targets`. */
  readonly target: string;
  /** Name in `filters`. */
  readonly filter: string;
  readonly packetLength?: number;
  readonly virtualNetworkId?: number | 'per-source';
  readonly description?: string;
}

export interface CoverageRule {
  readonly match: Match;
  readonly profile: string;
  readonly mandatory: boolean;
}

/** Keys AND, values within a key OR; an absent key matches everything. `*` and `?` in tag values and instance types. */
export interface Match {
  readonly vpcIds?: readonly string[];
  readonly subnetIds?: readonly string[];
  readonly availabilityZones?: readonly string[];
  readonly securityGroupIds?: readonly string[];
  readonly instanceTypes?: readonly string[];
  readonly tags?: Readonly<Record<string, readonly string[]>>;
  /** `amazon-rds` | `amazon-elasticache`, or any requester id. */
  readonly requester?: readonly string[];
  readonly networkInterfaceIds?: readonly string[];
  readonly instanceIds?: readonly string[];
}

export type Edition = '2025-08' | '2023-06';

export interface InstanceTypePolicy {
  readonly edition: Edition;
  readonly unknown: 'skip' | 'try';
  /** Patterns with `*` and `?`; `deny` beats `allow`, both beat the edition. */
  readonly allow: readonly string[];
  readonly deny: readonly string[];
}

/** What the policy says of one interface, whatever AWS can mirror. */
export type Selection =
  | {
      readonly kind: 'selected';
      readonly because: 'opted-in' | 'covered';
      /** In ascending session number; one to three. */
      readonly tiers: readonly Tier[];
      /** Set when the opt-in tag adds tiers to mandatory coverage: those of them that coverage demands. */
      readonly mandatory?: readonly Tier[];
      /** Set when the opt-in tag could not be read as a profile or tiers, while coverage still applies. */
      readonly unknownProfile?: string;
      /** For example: a profile and a tier share the name in the tag. */
      readonly warnings: readonly string[];
    }
  | { readonly kind: 'unselected'; readonly because: 'excluded' | 'opted-out' | 'not-covered' | 'not-primary' }
  | { readonly kind: 'unknown-profile'; readonly tagValue: string };

/** What AWS can mirror of one interface now. */
export type Eligibility =
  | {
      readonly kind: 'eligible';
      /** True when the instance type is unknown to the edition and the policy says `unknown: try`. */
      readonly tentative: boolean;
    }
  | { readonly kind: 'ineligible'; readonly because: IneligibleBecause; readonly detail: string };

export type IneligibleBecause =
  | 'interface-type'
  | 'is-mirror-target'
  | 'requester-managed'
  | 'interface-detached'
  | 'instance-stopped'
  | 'instance-terminated'
  | 'type-unsupported'
  | 'type-unknown'
  | 'bare-metal-unsupported'
  /** The interface is attached to an instance that the read did not return: not a reason to create or delete anything. */
  | 'read-incomplete';
