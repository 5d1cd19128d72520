import { isInCidr, parseAddress, parseCidr } from './cidr.ts';
import { vxlanPort } from './limits.ts';
import type { NetworkInterface } from './model.ts';
import type {
  AclEntry,
  Check,
  CheckName,
  IngressRule,
  MirrorPath,
  NetworkAcl,
  PreflightFacts,
  RuleProtocol,
} from './preflight-facts.ts';
import { about, findLoadBalancer } from './preflight-target.ts';
import { udp } from './protocols.ts';

/**
 * Whether VXLAN gets from each sampled source to its target: the VPCs, the target's security groups, and the network ACLs
 * of both subnets. A source's own security groups do not hold mirrored traffic back [D: targets], so they are not asked.
 */
export function checkPaths(facts: PreflightFacts): readonly Check[] {
  const subnetIds = new Set(facts.paths.map(({ source }) => source.subnetId));
  return [
    ...[...subnetIds].flatMap((subnetId) => checkSubnet(subnetId, facts)),
    ...facts.paths.flatMap((path) => checkPath(path, facts)),
  ];
}

function checkSubnet(subnetId: string, { ipv6OnlySubnets }: PreflightFacts): readonly Check[] {
  const tell = about(subnetId);
  if (ipv6OnlySubnets.kind === 'denied') return [unchecked(subnetId, 'source-subnet', ipv6OnlySubnets.permission)];
  if (!ipv6OnlySubnets.value.has(subnetId)) return [tell('pass', 'source-subnet', 'Has IPv4.')];
  const detail = 'IPv6 only: AWS mirrors nothing from such a subnet.';
  return [tell('fail', 'source-subnet', detail, 'Move the sources to a subnet with IPv4, or exclude this one.')];
}

function checkPath({ source, destination }: MirrorPath, facts: PreflightFacts): readonly Check[] {
  const subject = `${source.networkInterfaceId} → ${destination.targetId}`;
  if (destination.ownerId !== facts.accountId) return [];
  if (destination.kind === 'network-load-balancer') {
    const seen = findLoadBalancer(destination, facts);
    // A load balancer without security groups lets everything in.
    if (seen?.kind !== 'seen' || seen.value.securityGroupIds.length === 0) return [];
    return [checkGroups(subject, source, seen.value.securityGroupIds, facts)];
  }
  const target = destination.networkInterfaceId && facts.interfaces.get(destination.networkInterfaceId);
  if (!target) return [];
  return [
    ...checkRoute(subject, source, target),
    checkGroups(subject, source, target.securityGroupIds, facts),
    ...checkAcls(subject, source, target, facts),
  ];
}

/** Mirrored packets go by the route table of the source's subnet [D: targets]; within a VPC it always has a local route. */
function checkRoute(subject: string, source: NetworkInterface, target: NetworkInterface): readonly Check[] {
  if (source.vpcId === target.vpcId) return [];
  const address = addressOf(target);
  const detail = `The source is in ${source.vpcId}, the target in ${target.vpcId}; routes between VPCs are not checked.`;
  const remedy = `Make sure that the route table of ${source.subnetId} leads to ${address}.`;
  return [about(subject)('warn', 'route', detail, remedy)];
}

function checkGroups(
  subject: string,
  source: NetworkInterface,
  groupIds: readonly string[],
  { securityGroups }: PreflightFacts,
): Check {
  if (securityGroups.kind === 'denied') return unchecked(subject, 'security-group', securityGroups.permission);
  const tell = about(subject);
  const rules = groupIds.flatMap((groupId) => securityGroups.value.get(groupId)?.ingress ?? []).filter(isForVxlan);
  const letsIn = rules.some((rule) => isFrom(rule, source));
  const name = groupIds.join(', ');
  if (letsIn) return tell('pass', 'security-group', `${name} lets UDP ${vxlanPort} in.`);
  const remedy = `Allow UDP ${vxlanPort} from ${addressOf(source)} in ${name}.`;
  if (rules.some(({ prefixListIds }) => prefixListIds.length > 0)) {
    const detail = `${name} lets UDP ${vxlanPort} in from prefix lists only, which are not looked into.`;
    return tell('warn', 'security-group', detail, remedy);
  }
  return tell('fail', 'security-group', `${name} does not let UDP ${vxlanPort} in from this source.`, remedy);
}

function isForVxlan(rule: { readonly protocol: RuleProtocol; readonly from?: number; readonly to?: number }): boolean {
  if (rule.protocol === 'all') return true;
  return rule.protocol === udp && (rule.from ?? 0) <= vxlanPort && vxlanPort <= (rule.to ?? 65_535);
}

/** That a rule which names the source's group lets its mirrored packets in is inferred: they carry its primary address [I]. */
function isFrom(
  { cidrs, groupIds }: IngressRule,
  { privateIpAddress = '', securityGroupIds }: NetworkInterface,
): boolean {
  return groupIds.some((id) => securityGroupIds.includes(id)) || cidrs.some((cidr) => covers(cidr, privateIpAddress));
}

function covers(cidrText: string, addressText: string): boolean {
  const [cidr, address] = [parseCidr(cidrText), parseAddress(addressText)];
  return cidr !== undefined && address !== undefined && isInCidr(address, cidr);
}

function checkAcls(
  subject: string,
  source: NetworkInterface,
  target: NetworkInterface,
  { networkAcls }: PreflightFacts,
): readonly Check[] {
  const tell = about(subject);
  if (source.subnetId === target.subnetId) {
    return [tell('pass', 'network-acl', 'Both are in one subnet, where network ACLs do not apply.')];
  }
  if (networkAcls.kind === 'denied') return [unchecked(subject, 'network-acl', networkAcls.permission)];
  const inbound = networkAcls.value.get(target.subnetId);
  const outbound = networkAcls.value.get(source.subnetId);
  const checks: Check[] = [];
  if (inbound !== undefined && !allows(inbound, 'ingress', source)) {
    const detail = `${inbound.networkAclId} of the target's subnet denies UDP ${vxlanPort} from this source.`;
    checks.push(tell('fail', 'network-acl', detail, `Allow inbound UDP ${vxlanPort} from ${addressOf(source)}.`));
  }
  if (outbound !== undefined && !allows(outbound, 'egress', target)) {
    // AWS documents the source's security groups as irrelevant and says nothing of its network ACL [U].
    const detail = `${outbound.networkAclId} of the source's subnet denies UDP ${vxlanPort} to the target; AWS does not say whether that holds mirrored packets back.`;
    checks.push(tell('warn', 'network-acl', detail, `Allow outbound UDP ${vxlanPort} to ${addressOf(target)}.`));
  }
  return checks.length > 0 ? checks : [tell('pass', 'network-acl', 'The network ACLs of both subnets let it through.')];
}

function addressOf({ privateIpAddress, subnetId }: NetworkInterface): string {
  return privateIpAddress ?? subnetId;
}

/** The entry with the lowest number that fits decides; none is a denial. */
function allows(
  { entries }: NetworkAcl,
  direction: AclEntry['direction'],
  { privateIpAddress = '' }: NetworkInterface,
): boolean {
  const first = entries
    .filter((entry) => entry.direction === direction && isForVxlan(entry) && covers(entry.cidr, privateIpAddress))
    .sort((one, other) => one.ruleNumber - other.ruleNumber)[0];
  return first?.action === 'allow';
}

function unchecked(subject: string, check: CheckName, permission: string): Check {
  return about(subject)(
    'warn',
    check,
    `Not checked: ${permission} is missing.`,
    `Allow ${permission} and run this again.`,
  );
}
