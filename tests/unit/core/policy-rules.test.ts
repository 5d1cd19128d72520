import { describe, expect, test } from '@jest/globals';
import type { RuleSpec } from '../../../lib/core/model.ts';
import { parsePolicy } from '../../../lib/core/policy.ts';
import { readCidr } from '../../../lib/core/policy-cidr.ts';
import { policyText } from '../../support/policy.ts';

const parseFilter = (filter: unknown) =>
  parsePolicy(
    policyText({
      targets: { waf: { ids: ['tmt-0aaa1111bbbb2222c'] } },
      filters: { web: filter },
      tiers: [{ name: 'http', sessionNumber: 10, target: 'waf', filter: 'web' }],
      profiles: { default: ['http'] },
    }),
  );
const told = (filter: unknown) => {
  const parsed = parseFilter(filter);
  return (parsed.ok ? parsed.warnings : parsed.issues).map(
    ({ severity, path, message }) => `${severity} ${path}: ${message}`,
  );
};
const rulesOf = (filter: unknown): readonly RuleSpec[] => {
  const parsed = parseFilter(filter);
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
  test('rejects UDP 4789 first in both directions', () => {
    const rules = rulesOf({ ingress: [rule()] });
    expect(inBrief(rules)).toEqual([
      'ingress 1 reject 0.0.0.0/0',
      'ingress 10 accept 0.0.0.0/0',
      'egress 1 reject 0.0.0.0/0',
    ]);
    expect(rules[0]).toMatchObject({ protocol: 17, destinationPorts: { from: 4789, to: 4789 } });
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
  test('is left out with allowVxlan: true', () => {
    expect(inBrief(rulesOf({ ingress: [rule({ rule: 1 })], allowVxlan: true }))).toEqual([
      'ingress 1 accept 0.0.0.0/0',
    ]);
  });
  test('a rule on a number of the guard is an error with the remedy', () => {
    const parsed = parseFilter({ ingress: [rule({ rule: 2, ...ipv6 })] });
    expect(parsed).toMatchObject({
      ok: false,
      issues: [{ path: 'filters.web.ingress[0].rule', hint: expect.stringContaining('allowVxlan: true') }],
    });
  });
  test.each([
    [8, {}, true],
    [9, {}, false],
    [10, { allowVxlan: true }, true],
    [11, { allowVxlan: true }, false],
  ])('%d rules and %j: ten with the guards are allowed', (count, differences, ok) => {
    expect(parseFilter({ ingress: numbered(count), ...differences }).ok).toBe(ok);
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

describe('rules that are refused', () => {
  test.each<[string, unknown]>([
    ['error filters.web: the filter has neither an id nor rules', {}],
    [
      'error filters.web: a filter given by id is never changed, so that ingress cannot be set on it',
      { id: 'tmf-0aaa1111bbbb2222c', ingress: [] },
    ],
    [
      'error filters.web.ingress[1].rule: rule number 10 stands twice in ingress (first in ingress[0])',
      { ingress: [rule(), rule()] },
    ],
    [
      'error filters.web.ingress[0]: a rule is of one family: 10.0.0.0/8 and ::/0 are not',
      { ingress: [rule({ sourceCidr: '10.0.0.0/8', destinationCidr: '::/0' })] },
    ],
    [
      'error filters.web.ingress[0].destinationPorts: ports need protocol tcp or udp, not icmp',
      { ingress: [rule({ protocol: 'icmp', destinationPorts: 80 })] },
    ],
    [
      'error filters.web.ingress[0].sourcePorts: ports need protocol tcp or udp, not all',
      { ingress: [rule({ sourcePorts: 80 })] },
    ],
    [
      'error filters.web.ingress[0].destinationPorts: "90-80" is no range of ports',
      { ingress: [rule({ protocol: 'tcp', destinationPorts: '90-80' })] },
    ],
    [
      'error filters.web.ingress[0].destinationPorts: "1-65536" is no range of ports',
      { ingress: [rule({ protocol: 'tcp', destinationPorts: '1-65536' })] },
    ],
    [
      'error filters.web.ingress[0].sourceCidr: "10.0.0.1/8" has bits set behind its prefix',
      { ingress: [rule({ sourceCidr: '10.0.0.1/8' })] },
    ],
    [
      'error filters.web.ingress[0].sourceCidr: "10.0.0.0" is no network',
      { ingress: [rule({ sourceCidr: '10.0.0.0' })] },
    ],
    [
      'error filters.web.ingress[0].sourceCidr: "10.0.0.0/33" is no network',
      { ingress: [rule({ sourceCidr: '10.0.0.0/33' })] },
    ],
    [
      'error filters.web.ingress[0].rule: `filters.web.ingress[0].rule` is missing',
      { ingress: [rule({ rule: undefined })] },
    ],
    [
      'error filters.web.ingress[0].protocol: `filters.web.ingress[0].protocol`: "tpc" is no protocol',
      { ingress: [rule({ protocol: 'tpc' })] },
    ],
  ])('%s', (expected, filter) => {
    expect(parseFilter(filter).ok).toBe(false);
    expect(told(filter)).toContain(expected);
  });
  test('one rule number may stand in both directions', () => {
    expect(told({ ingress: [rule()], egress: [rule()] })).toEqual([]);
  });
});

describe('rules that are doubted', () => {
  test.each<[string, unknown]>([
    ['warning filters.web: the filter accepts nothing, its tiers mirror nothing', { ingress: [] }],
    [
      'warning filters.web: the filter accepts nothing, its tiers mirror nothing',
      { ingress: [rule({ action: 'reject' })] },
    ],
    [
      'warning filters.web.ingress[0]: icmp does not occur in IPv6 packets',
      { ingress: [rule({ ...ipv6, protocol: 'icmp' })] },
    ],
    ['warning filters.web.ingress[0]: icmpv6 does not occur in IPv4 packets', { ingress: [rule({ protocol: 58 })] }],
  ])('%s', (expected, filter) => {
    expect(parseFilter(filter).ok).toBe(true);
    expect(told(filter)).toContain(expected);
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
