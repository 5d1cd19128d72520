import { describe, expect, test } from '@jest/globals';
import type { RuleSpec } from '../../../lib/core/model.ts';
import { parsePolicy } from '../../../lib/core/policy.ts';
import { readCidr } from '../../../lib/core/policy-cidr.ts';
import { readRules } from '../../../lib/core/policy-rules.ts';
import { smallPolicyText } from '../../support/policy.ts';
import { tellIssues } from '../../support/policy-issues.ts';

const told = (filter: unknown) => tellIssues(smallPolicyText({ filters: { web: filter } }));
const rulesOf = (filter: unknown): readonly RuleSpec[] => {
  const parsed = parsePolicy(smallPolicyText({ filters: { web: filter } }));
  const spec = parsed.ok ? parsed.policy.filters.web : undefined;
  return spec?.kind === 'managed' ? spec.rules : [];
};
const rule = (differences: Record<string, unknown> = {}) => ({
  rule: 10,
  action: 'accept',
  sourceCidr: '0.0.0.0/0',
  destinationCidr: '0.0.0.0/0',
  ...differences,
});
const ipv6 = { sourceCidr: '::/0', destinationCidr: '::/0' };
const numbered = (count: number) => Array.from({ length: count }, (_, i) => rule({ rule: 10 + i }));
const inBrief = (rules: readonly RuleSpec[]) =>
  rules.map(({ direction, ruleNumber, action, sourceCidr }) => `${direction} ${ruleNumber} ${action} ${sourceCidr}`);

describe('the VXLAN guard', () => {
  const above = (number: number) =>
    `Give it a number above ${number}, or set \`allowVxlan: true\` on the filter to go without the guard.`;
  test('rejects UDP 4789 first in both directions', () => {
    const rules = rulesOf({ ingress: [rule({ rule: 20 }), rule()] });
    expect(inBrief(rules)).toEqual([
      'ingress 1 reject 0.0.0.0/0',
      'ingress 10 accept 0.0.0.0/0',
      'ingress 20 accept 0.0.0.0/0',
      'egress 1 reject 0.0.0.0/0',
    ]);
    expect(rules[0]).toEqual({
      direction: 'ingress',
      ruleNumber: 1,
      action: 'reject',
      protocol: 17,
      sourceCidr: '0.0.0.0/0',
      destinationCidr: '0.0.0.0/0',
      destinationPorts: { from: 4789, to: 4789 },
      description: 'VXLAN guard: no mirror of a mirror',
    });
  });
  test('rejects it in IPv6 as well when a rule is IPv6', () => {
    expect(inBrief(rulesOf({ egress: [rule(ipv6)] }))).toEqual([
      'ingress 1 reject 0.0.0.0/0',
      'ingress 2 reject ::/0',
      'egress 1 reject 0.0.0.0/0',
      'egress 2 reject ::/0',
      'egress 10 accept ::/0',
    ]);
  });
  test('rejects it in IPv6 as well when one network of a rule is IPv6 and the other cannot be read', () => {
    for (const missing of ['sourceCidr', 'destinationCidr']) {
      expect(told({ ingress: [rule({ ...ipv6, [missing]: undefined, rule: 2 })] })).toContain(
        `error filters.web.ingress[0].rule: rule 2 stands where the VXLAN guard must (1 and 2). ${above(2)}`,
      );
    }
  });
  test('is left out with allowVxlan: true', () => {
    expect(inBrief(rulesOf({ ingress: [rule({ rule: 1 })], allowVxlan: true }))).toEqual([
      'ingress 1 accept 0.0.0.0/0',
    ]);
  });
  test('has number 1 to itself', () => {
    expect(told({ ingress: [rule({ rule: 1 }), rule({ rule: 2 })], egress: [rule({ rule: 1 })] })).toEqual([
      `error filters.web.ingress[0].rule: rule 1 stands where the VXLAN guard must (1). ${above(1)}`,
      `error filters.web.egress[0].rule: rule 1 stands where the VXLAN guard must (1). ${above(1)}`,
    ]);
  });
  test('has numbers 1 and 2 to itself with IPv6', () => {
    expect(told({ ingress: [rule({ rule: 1 }), rule({ rule: 2 })], egress: [rule({ rule: 3, ...ipv6 })] })).toEqual([
      `error filters.web.ingress[0].rule: rule 1 stands where the VXLAN guard must (1 and 2). ${above(2)}`,
      `error filters.web.ingress[1].rule: rule 2 stands where the VXLAN guard must (1 and 2). ${above(2)}`,
    ]);
  });
  const tooMany = (what: string, remedy = '') =>
    `error filters.web: the filter has ${what}; AWS allows 10 in both directions together. Merge rules, or spread them over two tiers${remedy}.`;
  const lessGuarded = ', or set `allowVxlan: true` to go without the guards';
  test.each([
    ['8 rules', { ingress: numbered(4), egress: numbered(4) }, []],
    ['9 rules', { ingress: numbered(5), egress: numbered(4) }, [tooMany('9 rules and 2 VXLAN guards', lessGuarded)]],
    [
      '7 rules with IPv6',
      { ingress: numbered(6), egress: [rule(ipv6)] },
      [tooMany('7 rules and 4 VXLAN guards', lessGuarded)],
    ],
    ['10 rules without the guard', { ingress: numbered(10), allowVxlan: true }, []],
    ['11 rules without the guard', { egress: numbered(11), allowVxlan: true }, [tooMany('11 rules')]],
  ])('counts towards the ten that AWS allows: %s', (_, filter, expected) => {
    expect(told(filter)).toEqual(expected);
  });
});

test('a rule keeps what it says; ports and protocols become numbers', () => {
  const written = rule({
    protocol: 'tcp',
    sourcePorts: '1024-65535',
    destinationPorts: 443,
    description: 'web',
    rule: 7,
  });
  expect(rulesOf({ egress: [written], allowVxlan: true })).toEqual([
    {
      direction: 'egress',
      ruleNumber: 7,
      action: 'accept',
      protocol: 6,
      sourceCidr: '0.0.0.0/0',
      destinationCidr: '0.0.0.0/0',
      sourcePorts: { from: 1024, to: 65_535 },
      destinationPorts: { from: 443, to: 443 },
      description: 'web',
    },
  ]);
});
test.each([
  ['all', undefined],
  [undefined, undefined],
  ['icmp', 1],
  ['udp', 17],
  ['gre', 47],
  ['icmpv6', 58],
  [132, 132],
])('protocol %s is %s', (protocol, number) => {
  const family = protocol === 'icmpv6' ? ipv6 : {};
  const accepted = rulesOf({
    ingress: [rule({ ...family, ...(protocol !== undefined && { protocol }) })],
    allowVxlan: true,
  });
  expect(accepted[0]?.protocol).toBe(number);
});
test('a filter given by id stays as it is, one with network services only needs no rules', () => {
  expect(told({ id: 'tmf-0aaa1111bbbb2222c' })).toEqual([]);
  expect(told({ networkServices: ['amazon-dns'] })).toEqual([]);
});

const at = 'filters.web.ingress[0]';
const noPorts = 'Remove the ports, or write protocol: tcp or udp [AWS: Traffic mirror filters].';
const noRange = 'is no range of ports. From the lower to the higher, 0 to 65535.';
const noNetwork = 'is no network. Write an address and a prefix length, such as 10.0.0.0/8.';
const hostBits = 'has bits set behind its prefix.';
const families = 'Write one rule for IPv4 and one for IPv6 [AWS: CreateTrafficMirrorFilterRule].';

describe('a rule is refused', () => {
  test.each<[string, Record<string, unknown>, unknown[]]>([
    [
      'with networks of two families',
      { sourceCidr: '10.0.0.0/8', destinationCidr: '::/0' },
      [`error ${at}: a rule is of one family: 10.0.0.0/8 and ::/0 are not. ${families}`],
    ],
    [
      'with ports of a protocol that has none',
      { protocol: 'icmp', destinationPorts: 80 },
      [`error ${at}.destinationPorts: ports need protocol tcp or udp, not icmp. ${noPorts}`],
    ],
    [
      'with ports of every protocol',
      { sourcePorts: 80 },
      [`error ${at}.sourcePorts: ports need protocol tcp or udp, not all. ${noPorts}`],
    ],
    [
      'with a protocol that is none, which may have been one with ports',
      { protocol: 'tpc', sourcePorts: 80 },
      [expect.stringContaining(`error ${at}.protocol: "tpc" is no protocol.`)],
    ],
    [
      'with ports that run backwards or beyond 65535',
      { protocol: 'tcp', sourcePorts: '90-80', destinationPorts: '1-65536' },
      [`error ${at}.sourcePorts: "90-80" ${noRange}`, `error ${at}.destinationPorts: "1-65536" ${noRange}`],
    ],
    [
      'with bits behind the prefix of a network',
      { sourceCidr: '10.0.0.1/8' },
      [
        `error ${at}.sourceCidr: "10.0.0.1/8" ${hostBits} Write 10.0.0.0/8 for the network, or /32 behind the address for the one host.`,
      ],
    ],
    [
      'with bits behind the prefix of an IPv6 network',
      { sourceCidr: '::/0', destinationCidr: '2001:db8::1/64' },
      [
        `error ${at}.destinationCidr: "2001:db8::1/64" ${hostBits} Write 2001:db8::/64 for the network, or /128 behind the address for the one host.`,
      ],
    ],
    [
      'with what is no network',
      { sourceCidr: '10.0.0.0', destinationCidr: '10.0.0.0/33' },
      [`error ${at}.sourceCidr: "10.0.0.0" ${noNetwork}`, `error ${at}.destinationCidr: "10.0.0.0/33" ${noNetwork}`],
    ],
    [
      'with ports and no protocol, beside a fault of shape',
      { sourcePorts: 80, action: 'drop' },
      [
        expect.stringContaining(`${at}.action\` must be accept or reject`),
        `error ${at}.sourcePorts: ports need protocol tcp or udp, not all. ${noPorts}`,
      ],
    ],
    [
      'with a source alone, and is judged no further',
      { destinationCidr: undefined, protocol: 'icmpv6' },
      [expect.stringContaining(`${at}.destinationCidr\` is missing`)],
    ],
    [
      'with a destination alone, and is judged no further',
      { sourceCidr: undefined, protocol: 'icmpv6' },
      [expect.stringContaining(`${at}.sourceCidr\` is missing`)],
    ],
    [
      'without a number',
      { rule: undefined },
      [expect.stringContaining(`error ${at}.rule: \`${at}.rule\` is missing.`)],
    ],
    [
      'without a network',
      { sourceCidr: undefined, destinationCidr: undefined },
      [
        expect.stringContaining(`${at}.sourceCidr\` is missing`),
        expect.stringContaining(`${at}.destinationCidr\` is missing`),
      ],
    ],
  ])('%s', (_, differences, expected) => {
    expect(told({ ingress: [rule(differences)] })).toEqual(expected);
  });

  test('on the number of another rule of its direction, which is named by the first place', () => {
    const remedy = 'Number the rules of a direction differently; the lowest is tried first.';
    expect(told({ ingress: [rule({ rule: 9 }), rule(), rule(), rule()], egress: [rule()] })).toEqual([
      `error filters.web.ingress[2].rule: rule number 10 stands twice in ingress (first in ingress[1]). ${remedy}`,
      `error filters.web.ingress[3].rule: rule number 10 stands twice in ingress (first in ingress[1]). ${remedy}`,
    ]);
  });
});

test('one rule number may stand in both directions, and a range may hold one port or all', () => {
  const whole = rule({ protocol: 'udp', sourcePorts: '80-80', destinationPorts: '0-65535' });
  expect(told({ ingress: [rule()], egress: [whole] })).toEqual([]);
});
test('a rule that lacks its number or action is left out', () => {
  const [good, faulty] = [
    { rule: 12, action: 'accept', sourceCidr: '10.0.0.0/8', destinationCidr: '0.0.0.0/0' } as const,
    { sourceCidr: '10.0.0.0/8', destinationCidr: '0.0.0.0/0' } as const,
  ];
  const numberless = { ...faulty, action: 'accept' } as const;
  const rules = [undefined, { ...faulty, rule: 10 }, numberless, numberless, good];
  expect(readRules({ egress: rules, allowVxlan: true }, ['filters', 'web'])).toStrictEqual({
    rules: [
      {
        direction: 'egress',
        ruleNumber: 12,
        action: 'accept',
        sourceCidr: '10.0.0.0/8',
        destinationCidr: '0.0.0.0/0',
      },
    ],
    problems: [],
  });
});

describe('ICMP of the other family is doubted', () => {
  test.each<[string, Record<string, unknown>, string[]]>([
    [
      'ICMP for IPv4 in IPv6',
      { ...ipv6, protocol: 'icmp' },
      [`warning ${at}: icmp does not occur in IPv6 packets. Write protocol: icmpv6.`],
    ],
    [
      'ICMP for IPv6 in IPv4',
      { protocol: 58 },
      [`warning ${at}: icmpv6 does not occur in IPv4 packets. Write protocol: icmp.`],
    ],
    ['ICMP for IPv4 in IPv4', { protocol: 'icmp' }, []],
    ['ICMP for IPv6 in IPv6', { ...ipv6, protocol: 'icmpv6' }, []],
  ])('%s', (_, differences, expected) => {
    expect(told({ ingress: [rule(differences)] })).toEqual(expected);
  });
});

test.each([
  ['10.0.0.0/8', 4, '10.0.0.0/8', false],
  ['0.0.0.0/0', 4, '0.0.0.0/0', false],
  ['10.1.2.3/32', 4, '10.1.2.3/32', false],
  ['255.255.255.255/1', 4, '128.0.0.0/1', true],
  ['10.1.2.3/20', 4, '10.1.0.0/20', true],
  ['::/0', 6, '::/0', false],
  ['2001:DB8:0:0::/32', 6, '2001:db8::/32', false],
  ['2001:db8::1/64', 6, '2001:db8::/64', true],
  ['fd00:ec2::254/128', 6, 'fd00:ec2::254/128', false],
  ['2001:db8:ffff::/33', 6, '2001:db8:8000::/33', true],
  ['::ffff:10.0.0.0/104', 6, '::ffff:a00:0/104', false],
])('%s is the IPv%d network %s (bits behind the prefix: %s)', (text, family, canonical, hasHostBits) => {
  expect(readCidr(text)).toEqual({ family, canonical, hasHostBits });
});
test.each([
  '',
  '10.0.0.0',
  '10.0.0/8',
  '010.0.0.0/8',
  '10.0.0.0/-1',
  ':::/0',
  'fe80::1%eth0/64',
  '::/129',
  'localhost/8',
])('%j is no network', (text) => {
  expect(readCidr(text)).toBeUndefined();
});
