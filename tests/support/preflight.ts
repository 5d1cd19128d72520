import type { SourceDecision } from '../../lib/core/actions.ts';
import type { NetworkInterface } from '../../lib/core/model.ts';
import { create } from '../../lib/core/plan-actions.ts';
import type {
  AclEntry,
  Destination,
  IngressRule,
  LoadBalancer,
  NetworkAcl,
  PreflightFacts,
  SecurityGroup,
} from '../../lib/core/preflight-facts.ts';
import { anInstance } from './instance.ts';
import { anInterface } from './interface.ts';
import { aPolicy } from './policy.ts';
import { anNlbTarget, aTarget } from './target.ts';

/** The interface of the appliance behind `aTarget()`: in a subnet and a security group of its own. */
export function anApplianceInterface(differences: Partial<NetworkInterface> = {}): NetworkInterface {
  return anInterface({
    networkInterfaceId: 'eni-0ddd0000000000001',
    subnetId: 'subnet-0ddd0000000000001',
    securityGroupIds: ['sg-0ddd0000000000001'],
    privateIpAddress: '10.0.9.9',
    attachment: { status: 'attached', instanceId: 'i-0ddd0000000000001', deviceIndex: 0, networkCardIndex: 0 },
    ...differences,
  });
}

/** Lets UDP 4789 in from 10.0.0.0/8. */
export function anIngressRule(differences: Partial<IngressRule> = {}): IngressRule {
  return { protocol: 17, from: 4789, to: 4789, cidrs: ['10.0.0.0/8'], groupIds: [], prefixListIds: [], ...differences };
}

export function aSecurityGroup(...ingress: readonly IngressRule[]): SecurityGroup {
  return { groupId: 'sg-0ddd0000000000001', ingress };
}

/** Allows everything in its direction, as rule 100. */
export function anAclEntry(differences: Partial<AclEntry> = {}): AclEntry {
  return { ruleNumber: 100, direction: 'ingress', action: 'allow', protocol: 'all', cidr: '0.0.0.0/0', ...differences };
}

/** Of one subnet; lets everything through in both directions unless told. */
export function anAcl(subnetId: string, ...entries: readonly AclEntry[]): NetworkAcl {
  const open = [anAclEntry(), anAclEntry({ direction: 'egress' })];
  return { networkAclId: `acl-of-${subnetId}`, subnetIds: [subnetId], entries: [...entries, ...open] };
}

/** What stands behind `anNlbDestination()`: cross-zone, UDP 4789, two healthy appliances. */
export function aLoadBalancer(differences: Partial<LoadBalancer> = {}): LoadBalancer {
  return {
    arn: 'arn:nlb',
    zones: ['us-east-1a', 'us-east-1b'],
    securityGroupIds: [],
    isCrossZone: true,
    listeners: [
      {
        protocol: 'UDP',
        port: 4789,
        targets: [
          { id: 'i-0ddd0000000000001', state: 'healthy' },
          { id: '10.0.8.8', state: 'healthy' },
        ],
      },
    ],
    ...differences,
  };
}

export function anNlbDestination(differences: Partial<Destination> = {}): Destination {
  return { ...anNlbTarget({ targetId: 'tmt-0ccc1111bbbb2222a' }), loadBalancerArn: 'arn:nlb', ...differences };
}

/** A source that the plan gives a session on `aTarget()`, or on no appliance at all. */
export function aCoveredSource(networkInterface: NetworkInterface, isCreated = true): SourceDecision {
  const { networkInterfaceId } = networkInterface;
  const desired = {
    networkInterfaceId,
    sessionNumber: 10,
    tier: 'http',
    targetId: 'tmt-0aaa1111bbbb2222c',
    filter: { name: 'http' },
    description: 'tier http',
    carrier: 'i-0aaa0000000000001',
  } as const;
  return {
    networkInterfaceId,
    actions: isCreated ? [create(desired, 'opted-in')] : [],
    wanted: [10],
    isEligible: true,
    inPlace: [],
    isUnreadable: false,
    warnings: [],
  };
}

/** Everything is well: the source `anInterface()` on its way to the appliance of `aTarget()`, and a load balancer. */
export function preflightFacts(differences: Partial<PreflightFacts> = {}): PreflightFacts {
  const source = anInterface();
  const appliance = anApplianceInterface();
  const destination: Destination = aTarget();
  return {
    policy: aPolicy(),
    accountId: '111122223333',
    destinations: new Map([destination, anNlbDestination()].map((each) => [each.targetId, each])),
    decisions: [aCoveredSource(source)],
    filters: new Map(),
    interfaces: new Map([source, appliance].map((each) => [each.networkInterfaceId, each])),
    instances: new Map([['i-0ddd0000000000001', anInstance({ instanceId: 'i-0ddd0000000000001' })]]),
    paths: [{ source, destination }],
    securityGroups: {
      kind: 'seen',
      value: new Map([['sg-0ddd0000000000001', aSecurityGroup(anIngressRule())]]),
    },
    networkAcls: {
      kind: 'seen',
      value: new Map([source, appliance].map(({ subnetId }) => [subnetId, anAcl(subnetId)])),
    },
    ipv6OnlySubnets: { kind: 'seen', value: new Set() },
    loadBalancers: new Map([['arn:nlb', { kind: 'seen', value: aLoadBalancer() }]]),
    ...differences,
  };
}
