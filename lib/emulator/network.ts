/** What stands around interfaces: who may send them what. Here it is only described; no packet moves. */

/** A security group; what it lets out is not described. */
export interface SecurityGroup {
  readonly groupId: string;
  readonly vpcId: string;
  readonly name: string;
  readonly ingress: readonly GroupRule[];
}

/** One way in. `protocol` as EC2 writes it: `udp`, `tcp`, a number, or -1 for all. */
export interface GroupRule {
  readonly protocol: string;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly cidrs: readonly string[];
  readonly groups: readonly string[];
  readonly prefixLists: readonly string[];
}

/** A network ACL and the subnets that it guards. */
export interface NetworkAcl {
  readonly networkAclId: string;
  readonly vpcId: string;
  readonly isDefault: boolean;
  subnetIds: readonly string[];
  readonly entries: readonly AclEntry[];
}

export interface AclEntry {
  readonly number: number;
  readonly direction: 'ingress' | 'egress';
  readonly action: 'allow' | 'deny';
  /** A number, or -1 for all. */
  readonly protocol: string;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly cidr: string;
}

/** The group that every VPC has: it lets in what comes from itself (vpc/latest/userguide/default-security-group). */
export function defaultGroup(groupId: string, vpcId: string): SecurityGroup {
  const rule = { protocol: '-1', cidrs: [], groups: [groupId], prefixLists: [] };
  return { groupId, vpcId, name: 'default', ingress: [rule] };
}

/** The ACL that every VPC has: it lets everything through (vpc/latest/userguide/default-network-acl). */
export function defaultAcl(vpcId: string, subnetIds: readonly string[]): NetworkAcl {
  const entries = (['ingress', 'egress'] as const).flatMap((direction): AclEntry[] => [
    { number: 100, direction, action: 'allow', protocol: '-1', cidr: '0.0.0.0/0' },
    { number: 32_767, direction, action: 'deny', protocol: '-1', cidr: '0.0.0.0/0' },
  ]);
  // Derived, not drawn: a fleet's ids stay what they were.
  return { networkAclId: `acl-${vpcId.slice('vpc-'.length)}`, vpcId, isDefault: true, subnetIds, entries };
}
