import { describe, expect, test } from '@jest/globals';
import type { RuleSpec } from '../../../lib/core/model.ts';
import {
  type AclEntry,
  type CheckName,
  type IngressRule,
  type LoadBalancer,
  type PreflightFacts,
  runChecks,
} from '../../../lib/core/preflight.ts';
import { anInterface } from '../../support/interface.ts';
import { aPolicy, aTier } from '../../support/policy.ts';
import {
  aCoveredSource,
  aLoadBalancer,
  anAcl,
  anAclEntry,
  anApplianceInterface,
  anIngressRule,
  anNlbDestination,
  aSecurityGroup,
  preflightFacts,
} from '../../support/preflight.ts';
import { aTarget } from '../../support/target.ts';

type Differences = Partial<PreflightFacts>;

const source = anInterface();
const appliance = anApplianceInterface();
/** The verdicts of one check over everything it looked at. */
const verdicts = (check: CheckName, differences: Differences = {}) =>
  runChecks(preflightFacts(differences))
    .filter((each) => each.check === check)
    .map(({ verdict }) => verdict);
const details = (check: CheckName, differences: Differences = {}) =>
  runChecks(preflightFacts(differences))
    .filter((each) => each.check === check)
    .map(({ detail, remedy = '' }) => `${detail} ${remedy}`)
    .join('\n');
const interfaces = (...each: ReturnType<typeof anInterface>[]) =>
  new Map([source, appliance, ...each].map((one) => [one.networkInterfaceId, one]));

test('when everything is well only the MTU is left to look at, since no API tells it', () => {
  const checks = runChecks(preflightFacts());
  expect(checks.filter(({ verdict }) => verdict !== 'pass')).toEqual([
    expect.objectContaining({ check: 'mtu', verdict: 'warn', detail: expect.stringContaining('no API tells the MTU') }),
  ]);
});

test('every check that does not pass has a remedy', () => {
  const worst = { destinations: new Map(), securityGroups: { kind: 'denied', permission: 'ec2:X' } } as const;
  for (const { verdict, remedy } of runChecks(preflightFacts(worst))) {
    if (verdict !== 'pass') expect(remedy).toMatch(/\w/);
  }
});

describe('a target', () => {
  test('that EC2 does not show fails', () => {
    expect(verdicts('target-exists', { destinations: new Map() })).toEqual(['fail', 'fail']);
  });

  test('of another account is a warning, and what stands behind it is not judged', () => {
    const shared = { ...aTarget({ ownerId: '999988887777' }) };
    const facts = { destinations: new Map([[shared.targetId, shared]]), paths: [{ source, destination: shared }] };
    expect(verdicts('target-owner', facts)).toEqual(['warn']);
    expect(verdicts('security-group', facts)).toEqual([]);
  });

  test.each<[string, Differences]>([
    ['whose interface is gone', { interfaces: new Map([[source.networkInterfaceId, source]]) }],
    ['whose interface is attached to nothing', { interfaces: interfaces({ ...appliance, status: 'available' }) }],
    [
      'whose appliance is stopped',
      {
        instances: new Map([
          ['i-0ddd0000000000001', { instanceId: 'i-0ddd0000000000001', instanceType: '', state: 'stopped', tags: {} }],
        ]),
      },
    ],
  ])('%s fails', (_, differences) => {
    expect(verdicts('target-attached', differences)).toEqual(['fail']);
  });
});

describe('a load balancer', () => {
  const behind = (differences: Partial<LoadBalancer>): Differences => ({
    loadBalancers: new Map([['arn:nlb', { kind: 'seen', value: aLoadBalancer(differences) }]]),
  });
  const listening = (protocol: string, port: number, ...states: string[]) =>
    behind({
      listeners: [{ protocol, port, targets: states.map((state, index) => ({ id: `10.0.8.${index}`, state })) }],
    });

  test.each([
    ['UDP', 4789, 'pass'],
    ['TCP_UDP', 4789, 'pass'],
    ['TCP', 4789, 'fail'],
    ['UDP', 4790, 'fail'],
  ])('with a listener for %s %i: %s', (protocol, port, verdict) => {
    expect(verdicts('listener', listening(protocol, port, 'healthy'))).toEqual([verdict]);
  });

  test.each([
    [['healthy', 'healthy'], 'pass'],
    [['healthy', 'unhealthy'], 'warn'],
    [['unhealthy'], 'fail'],
    [[], 'fail'],
  ])('whose appliances are %j: %s', (states, verdict) => {
    expect(verdicts('health', listening('UDP', 4789, ...states))).toEqual([verdict]);
  });

  test('without cross-zone balancing is a warning that names its zones', () => {
    expect(verdicts('cross-zone', behind({ isCrossZone: false }))).toEqual(['warn']);
    expect(details('cross-zone', behind({ isCrossZone: false }))).toContain('us-east-1a, us-east-1b');
  });

  test('that does not exist fails', () => {
    expect(verdicts('listener', { loadBalancers: new Map() })).toEqual(['fail']);
  });

  test('that may not be looked at is a warning with the permission', () => {
    const permission = 'elasticloadbalancing:DescribeListeners';
    const facts: Differences = { loadBalancers: new Map([['arn:nlb', { kind: 'denied', permission }]]) };
    expect(verdicts('listener', facts)).toEqual(['warn']);
    expect(details('listener', facts)).toContain(permission);
  });

  test('with security groups of its own has these asked', () => {
    const paths = [{ source, destination: anNlbDestination() }];
    expect(verdicts('security-group', { ...behind({}), paths })).toEqual([]);
    expect(verdicts('security-group', { ...behind({ securityGroupIds: ['sg-none'] }), paths })).toEqual(['fail']);
  });
});

describe("the target's security groups", () => {
  const groups = (...rules: IngressRule[]): Differences => ({
    securityGroups: { kind: 'seen', value: new Map([['sg-0ddd0000000000001', aSecurityGroup(...rules)]]) },
  });

  test.each<[string, string, IngressRule[]]>([
    ['pass', 'a rule for the very port and address', [anIngressRule({ cidrs: ['10.0.1.5/32'] })]],
    ['pass', 'a rule for every protocol', [{ ...anIngressRule(), protocol: 'all' }]],
    ['pass', 'a rule for a range of ports', [anIngressRule({ from: 1024, to: 65_535 })]],
    [
      'pass',
      'a rule that names the security group of the source',
      [anIngressRule({ cidrs: [], groupIds: ['sg-0aaa0000000000001'] })],
    ],
    [
      'warn',
      'a rule for a prefix list, which is not looked into',
      [anIngressRule({ cidrs: [], prefixListIds: ['pl-1'] })],
    ],
    ['fail', 'no rule', []],
    ['fail', 'a rule for TCP', [anIngressRule({ protocol: 6 })]],
    ['fail', 'a rule for another port', [anIngressRule({ from: 4790, to: 4800 })]],
    ['fail', 'a rule for other addresses', [anIngressRule({ cidrs: ['192.168.0.0/16', '::/0'] })]],
    ['fail', 'a rule that names another group', [anIngressRule({ cidrs: [], groupIds: ['sg-other'] })]],
  ])('%s with %s', (verdict, _, rules) => {
    expect(verdicts('security-group', groups(...rules))).toEqual([verdict]);
  });

  test('that may not be read are a warning with the permission', () => {
    const facts: Differences = { securityGroups: { kind: 'denied', permission: 'ec2:DescribeSecurityGroups' } };
    expect(verdicts('security-group', facts)).toEqual(['warn']);
    expect(details('security-group', facts)).toContain('ec2:DescribeSecurityGroups');
  });
});

describe('network ACLs', () => {
  const acls = (target: readonly AclEntry[], own: readonly AclEntry[] = []): Differences => ({
    networkAcls: {
      kind: 'seen',
      value: new Map([
        [appliance.subnetId, anAcl(appliance.subnetId, ...target)],
        [source.subnetId, anAcl(source.subnetId, ...own)],
      ]),
    },
  });
  const deny = (differences: Partial<AclEntry> = {}) => anAclEntry({ ruleNumber: 90, action: 'deny', ...differences });

  test.each<[string, string, AclEntry[], AclEntry[]]>([
    ['pass', 'when nothing denies', [], []],
    ['pass', 'when a denial stands behind the rule that allows', [deny({ ruleNumber: 110 })], []],
    ['pass', 'when a denial is for another port', [deny({ protocol: 17, from: 1, to: 1000 })], []],
    ['fail', "when the target's denies inbound", [deny({ protocol: 17, from: 4789, to: 4789 })], []],
    ['fail', "when the target's denies the source's network", [deny({ cidr: '10.0.1.0/24' })], []],
    ['warn', "when the source's denies outbound, of which AWS says nothing", [], [deny({ direction: 'egress' })]],
  ])('%s %s', (verdict, _, target, own) => {
    expect(verdicts('network-acl', acls(target, own))).toEqual([verdict]);
  });

  test('do not apply within one subnet', () => {
    const near = { ...appliance, subnetId: source.subnetId };
    const denied = { ...acls([deny()], [deny({ direction: 'egress' })]), interfaces: interfaces(near) };
    expect(verdicts('network-acl', denied)).toEqual(['pass']);
  });
});

test('sources in a subnet without IPv4 fail: AWS mirrors nothing there', () => {
  const ipv6OnlySubnets = { kind: 'seen', value: new Set([source.subnetId]) } as const;
  expect(verdicts('source-subnet', { ipv6OnlySubnets })).toEqual(['fail']);
});

describe('the MTU', () => {
  const cut = (packetLength: number) => aPolicy({ tiers: [aTier({ packetLength })] });

  test('passes where the policy cuts packets', () => {
    expect(verdicts('mtu', { policy: cut(256) })).toEqual(['pass', 'pass']);
  });

  test('of a gateway load balancer endpoint leaves 8446 bytes', () => {
    const endpoint = { ...aTarget({ kind: 'gateway-load-balancer-endpoint' }) };
    const destinations = new Map([[endpoint.targetId, endpoint]]);
    expect(verdicts('mtu', { policy: cut(8446), destinations })).toEqual(['pass']);
    expect(details('mtu', { policy: cut(8447), destinations })).toContain('8446');
  });

  test('names the transit gateway when a source is in another VPC', () => {
    const far = { source: { ...source, vpcId: 'vpc-other' }, destination: aTarget() };
    expect(details('mtu', { paths: [far] })).toContain('transit gateway');
    expect(details('mtu')).not.toContain('transit gateway');
  });
});

describe('a mirror loop', () => {
  const sibling = anApplianceInterface({ networkInterfaceId: 'eni-0ddd0000000000002', privateIpAddress: '10.0.9.10' });
  const covered = (isCreated = true): Differences => ({
    interfaces: interfaces(sibling),
    decisions: [aCoveredSource(sibling, isCreated)],
  });
  const everything: RuleSpec = {
    direction: 'ingress',
    ruleNumber: 10,
    action: 'accept',
    sourceCidr: '0.0.0.0/0',
    destinationCidr: '0.0.0.0/0',
  };
  const guard: RuleSpec = {
    ...everything,
    ruleNumber: 1,
    action: 'reject',
    protocol: 17,
    destinationPorts: { from: 4789, to: 4789 },
  };
  const filteredBy = (...rules: RuleSpec[]) => ({
    policy: aPolicy({
      filters: { ...aPolicy().filters, http: { kind: 'managed', networkServices: [], rules } },
    }),
  });

  test('fails when another interface of the appliance is mirrored and no filter keeps VXLAN out', () => {
    expect(verdicts('mirror-loop', { ...covered(), ...filteredBy(everything) })).toContain('fail');
  });

  test('fails when nobody can see the rules of the filter', () => {
    expect(verdicts('mirror-loop', covered())).toContain('fail');
  });

  test('is a warning when only the guard of the filter prevents it', () => {
    const found = verdicts('mirror-loop', { ...covered(), ...filteredBy(guard, everything) });
    expect([...new Set(found)]).toEqual(['warn']);
  });

  test('is a warning when the policy selects the appliance and it has no session', () => {
    expect([...new Set(verdicts('mirror-loop', covered(false)))]).toEqual(['warn']);
  });

  test('names the exclusion that ends it', () => {
    expect(details('mirror-loop', covered())).toContain(`networkInterfaceIds: [${sibling.networkInterfaceId}]`);
  });

  test('is found behind a load balancer too, by instance and by address', () => {
    const byAddress = anInterface({ networkInterfaceId: 'eni-0ddd0000000000003', privateIpAddress: '10.0.8.8' });
    const facts = {
      interfaces: interfaces(byAddress),
      decisions: [aCoveredSource(byAddress)],
      destinations: new Map([[anNlbDestination().targetId, anNlbDestination()]]),
    };
    expect(verdicts('mirror-loop', facts)).toContain('fail');
  });
});
