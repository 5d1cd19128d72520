import { describe, expect, test } from '@jest/globals';
import type { NetworkInterface } from '../../../lib/core/model.ts';
import type { AclEntry, IngressRule, LoadBalancer, PreflightFacts } from '../../../lib/core/preflight-facts.ts';
import { checkPaths } from '../../../lib/core/preflight-path.ts';
import { anInterface } from '../../support/interface.ts';
import {
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
type Told = readonly string[];

const source = anInterface();
const appliance = anApplianceInterface();
const path = { source, destination: aTarget() };
const { privateIpAddress: _, ...withoutAddress } = source;
const interfaces = (...each: readonly NetworkInterface[]) =>
  new Map([source, appliance, ...each].map((one) => [one.networkInterfaceId, one]));

/** Every check as `[verdict, name, detail, remedy]`. */
const tell = (differences: Differences = {}): readonly Told[] =>
  checkPaths(preflightFacts(differences)).map(({ verdict, check, detail, remedy }) => [
    verdict,
    check,
    detail,
    ...(remedy === undefined ? [] : [remedy]),
  ]);
const tellOf = (name: string, differences: Differences) => tell(differences).filter(([, check]) => check === name);

const hasIpv4 = ['pass', 'source-subnet', 'Has IPv4.'];
const letIn = ['pass', 'security-group', 'sg-0ddd0000000000001 lets UDP 4789 in.'];
const letThrough = ['pass', 'network-acl', 'The network ACLs of both subnets let it through.'];

test('a path is told by its two ends, its subnet by its id', () => {
  const checks = checkPaths(preflightFacts());
  expect(checks.map(({ subject }) => subject)).toEqual([
    'subnet-0aaa0000000000001',
    'eni-0aaa0000000000001 → tmt-0aaa1111bbbb2222c',
    'eni-0aaa0000000000001 → tmt-0aaa1111bbbb2222c',
  ]);
  expect(tell()).toEqual([hasIpv4, letIn, letThrough]);
});

describe('the subnet of the sources', () => {
  test('is told once, however many paths begin there', () => {
    expect(tellOf('source-subnet', { paths: [path, path] })).toEqual([hasIpv4]);
  });
  test('fails without IPv4: AWS mirrors nothing there', () => {
    const ipv6OnlySubnets = { kind: 'seen', value: new Set([source.subnetId]) } as const;
    expect(tellOf('source-subnet', { ipv6OnlySubnets })).toEqual([
      [
        'fail',
        'source-subnet',
        'IPv6 only: AWS mirrors nothing from such a subnet.',
        'Move the sources to a subnet with IPv4, or exclude this one.',
      ],
    ]);
  });
});

test('a target in another VPC is a warning that names the route table to look at', () => {
  const far = { ...appliance, vpcId: 'vpc-0bbb0000000000001' };
  expect(tellOf('route', {})).toEqual([]);
  expect(tellOf('route', { interfaces: interfaces(far) })).toEqual([
    [
      'warn',
      'route',
      'The source is in vpc-0aaa0000000000001, the target in vpc-0bbb0000000000001; routes between VPCs are not checked.',
      'Make sure that the route table of subnet-0aaa0000000000001 leads to 10.0.9.9.',
    ],
  ]);
});

test('a permission that is missing is a warning that names it, never a pass', () => {
  const denied = (permission: string) => ({ kind: 'denied', permission }) as const;
  const warning = (check: string, permission: string) => [
    'warn',
    check,
    `Not checked: ${permission} is missing.`,
    `Allow ${permission} and run this again.`,
  ];
  expect(
    tell({
      ipv6OnlySubnets: denied('ec2:DescribeSubnets'),
      securityGroups: denied('ec2:DescribeSecurityGroups'),
      networkAcls: denied('ec2:DescribeNetworkAcls'),
    }),
  ).toEqual([
    warning('source-subnet', 'ec2:DescribeSubnets'),
    warning('security-group', 'ec2:DescribeSecurityGroups'),
    warning('network-acl', 'ec2:DescribeNetworkAcls'),
  ]);
});

describe('nothing is told of a path', () => {
  const behind = (differences: Partial<LoadBalancer>) =>
    new Map([['arn:nlb', { kind: 'seen', value: aLoadBalancer(differences) }]] as const);
  const { networkInterfaceId: _, ...endpoint } = aTarget({ kind: 'gateway-load-balancer-endpoint' });
  const { loadBalancerArn: __, ...unnamed } = anNlbDestination();
  const toNlb = [{ source, destination: anNlbDestination() }];

  test.each<[string, Differences]>([
    [
      'to a target of another account, even one that we could see',
      { paths: [{ source, destination: aTarget({ ownerId: '999988887777' }) }] },
    ],
    ['to the endpoint of a gateway load balancer', { paths: [{ source, destination: endpoint }] }],
    ['to an interface that does not exist', { interfaces: new Map() }],
    [
      'to a load balancer without security groups, which lets everything in',
      { paths: toNlb, loadBalancers: behind({ securityGroupIds: [] }) },
    ],
    ['to a load balancer that does not exist', { paths: toNlb, loadBalancers: new Map() }],
    [
      'to a load balancer that may not be looked at',
      { paths: toNlb, loadBalancers: new Map([['arn:nlb', { kind: 'denied', permission: 'x' }]]) },
    ],
    ['to a load balancer that EC2 does not name', { paths: [{ source, destination: unnamed }] }],
  ])('%s', (_, differences) => {
    expect(tell(differences)).toEqual([hasIpv4]);
  });

  test('but the security groups of a load balancer are asked, and no network ACL', () => {
    const loadBalancers = behind({ securityGroupIds: ['sg-none', 'sg-0ddd0000000000001'] });
    expect(tell({ paths: toNlb, loadBalancers })).toEqual([
      hasIpv4,
      ['pass', 'security-group', 'sg-none, sg-0ddd0000000000001 lets UDP 4789 in.'],
    ]);
  });
});

describe("the target's security groups", () => {
  const groups = (...rules: IngressRule[]): Differences => ({
    securityGroups: { kind: 'seen', value: new Map([['sg-0ddd0000000000001', aSecurityGroup(...rules)]]) },
  });
  const remedy = 'Allow UDP 4789 from 10.0.1.5 in sg-0ddd0000000000001.';
  const shut = ['fail', 'security-group', 'sg-0ddd0000000000001 does not let UDP 4789 in from this source.', remedy];
  const unclear = [
    'warn',
    'security-group',
    'sg-0ddd0000000000001 lets UDP 4789 in from prefix lists only, which are not looked into.',
    remedy,
  ];
  const fromNobody = anIngressRule({ cidrs: [] });
  const { from: _, to: __, ...everyPort } = anIngressRule();

  test.each<[string, readonly IngressRule[], Told]>([
    ['with a rule for the very port and address let it in', [anIngressRule({ cidrs: ['10.0.1.5/32'] })], letIn],
    ['with a rule for every protocol let it in', [{ ...everyPort, protocol: 'all' }], letIn],
    ['with a rule for UDP on every port let it in', [everyPort], letIn],
    ['with a range that ends at the port let it in', [anIngressRule({ from: 1024 })], letIn],
    ['with a range that begins at the port let it in', [anIngressRule({ to: 65_535 })], letIn],
    ['that name a group of the source let it in', [{ ...fromNobody, groupIds: ['sg-0aaa0000000000001'] }], letIn],
    ['of which one of two rules fits let it in', [anIngressRule({ protocol: 6 }), anIngressRule()], letIn],
    ['of which one of two networks fits let it in', [anIngressRule({ cidrs: ['::/0', '10.0.1.0/24'] })], letIn],
    ['that name a prefix list are not looked into', [{ ...fromNobody, prefixListIds: ['pl-1'] }], unclear],
    [
      'with one rule of two for a prefix list neither',
      [fromNobody, { ...fromNobody, prefixListIds: ['pl-1'] }],
      unclear,
    ],
    ['with a prefix list for TCP keep it out', [{ ...fromNobody, protocol: 6, prefixListIds: ['pl-1'] }], shut],
    ['without rules keep it out', [], shut],
    ['with a rule for TCP keep it out', [{ ...everyPort, protocol: 6 }], shut],
    ['with a range above the port keep it out', [anIngressRule({ from: 4790, to: 4800 })], shut],
    ['with a range below the port keep it out', [anIngressRule({ from: 4000, to: 4788 })], shut],
    ['with a rule for other addresses keep it out', [anIngressRule({ cidrs: ['192.168.0.0/16', '::/0'] })], shut],
    ['with a rule for what is no network keep it out', [anIngressRule({ cidrs: ['10.0.1.5'] })], shut],
    ['that name another group keep it out', [{ ...fromNobody, groupIds: ['sg-other'] }], shut],
  ])('%s', (_, rules, told) => {
    expect(tellOf('security-group', groups(...rules))).toEqual([told]);
  });

  test('that EC2 does not show keep it out', () => {
    const securityGroups = { kind: 'seen', value: new Map() } as const;
    expect(tellOf('security-group', { securityGroups })).toEqual([shut]);
  });

  test('are told by the subnet of a source without IPv4 address', () => {
    expect(tellOf('security-group', { paths: [{ ...path, source: withoutAddress }] })).toEqual([
      ['fail', 'security-group', shut[2], 'Allow UDP 4789 from subnet-0aaa0000000000001 in sg-0ddd0000000000001.'],
    ]);
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
  const denyOut = (differences: Partial<AclEntry> = {}) => deny({ direction: 'egress', ...differences });
  const noEntry = (subnetId: string) => ({ networkAclId: `acl-of-${subnetId}`, subnetIds: [subnetId], entries: [] });
  const heldIn = (allowed: string) => [
    'fail',
    'network-acl',
    "acl-of-subnet-0ddd0000000000001 of the target's subnet denies UDP 4789 from this source.",
    `Allow inbound UDP 4789 from ${allowed}.`,
  ];
  const heldOut = (allowed: string) => [
    'warn',
    'network-acl',
    "acl-of-subnet-0aaa0000000000001 of the source's subnet denies UDP 4789 to the target; AWS does not say whether that holds mirrored packets back.",
    `Allow outbound UDP 4789 to ${allowed}.`,
  ];

  test.each<[string, Differences, readonly Told[]]>([
    [
      'let it through when a denial stands behind the rule that allows',
      acls([deny({ ruleNumber: 110 })]),
      [letThrough],
    ],
    [
      'let it through when a denial is for another port',
      acls([deny({ protocol: 17, from: 1, to: 1000 })]),
      [letThrough],
    ],
    ['let it through when a denial is for another network', acls([deny({ cidr: '10.0.9.0/24' })]), [letThrough]],
    ['of the target are asked about inbound only', acls([denyOut()]), [letThrough]],
    ['of the source are asked about outbound only', acls([], [deny()]), [letThrough]],
    [
      'fail when the one of the target denies it inbound',
      acls([deny({ protocol: 17, from: 4789, to: 4789 })]),
      [heldIn('10.0.1.5')],
    ],
    ["fail when it denies the source's network", acls([deny({ cidr: '10.0.1.0/24' })]), [heldIn('10.0.1.5')]],
    [
      'warn when the one of the source denies it outbound, of which AWS says nothing',
      acls([], [denyOut({ cidr: '10.0.9.9/32' })]),
      [heldOut('10.0.9.9')],
    ],
    ['tell both when both deny it', acls([deny()], [denyOut()]), [heldIn('10.0.1.5'), heldOut('10.0.9.9')]],
    [
      'without entries deny it',
      {
        networkAcls: {
          kind: 'seen',
          value: new Map([appliance.subnetId, source.subnetId].map((subnetId) => [subnetId, noEntry(subnetId)])),
        },
      },
      [heldIn('10.0.1.5'), heldOut('10.0.9.9')],
    ],
    ['that EC2 does not show deny nothing', { networkAcls: { kind: 'seen', value: new Map() } }, [letThrough]],
    [
      'are told by the subnet of a source without IPv4 address',
      { paths: [{ ...path, source: withoutAddress }] },
      [heldIn('subnet-0aaa0000000000001')],
    ],
  ])('%s', (_, differences, told) => {
    expect(tellOf('network-acl', differences)).toEqual(told);
  });

  test('do not apply within one subnet', () => {
    const near = { ...appliance, subnetId: source.subnetId };
    const denied = { ...acls([deny()], [deny(), denyOut()]), interfaces: interfaces(near) };
    expect(tellOf('network-acl', denied)).toEqual([
      ['pass', 'network-acl', 'Both are in one subnet, where network ACLs do not apply.'],
    ]);
  });
});
