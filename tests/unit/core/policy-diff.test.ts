import { describe, expect, test } from '@jest/globals';
import type { Policy } from '../../../lib/core/model.ts';
import { comparePolicies, describePolicyChange } from '../../../lib/core/policy-diff.ts';
import { aPolicy, aTier } from '../../support/policy.ts';

const differences = (before: Partial<Policy>, after: Partial<Policy>) =>
  comparePolicies(aPolicy(before), aPolicy(after)).map(describePolicyChange);

const rule = (ruleNumber: number, sourceCidr = '0.0.0.0/0') =>
  ({ direction: 'ingress', ruleNumber, action: 'accept', sourceCidr, destinationCidr: '0.0.0.0/0' }) as const;
const managed = (...rules: ReturnType<typeof rule>[]) =>
  ({ filters: { web: { kind: 'managed', networkServices: [], rules } } }) as const;

describe('what two policies say differently', () => {
  test('is nothing for the same policy', () => {
    expect(differences({}, {})).toEqual([]);
  });

  test('is told of every key, in the order of the policy', () => {
    const other: Partial<Policy> = {
      mode: 'observe',
      optIn: { tagKey: 'mirror' },
      targets: { waf: { ids: ['tmt-1'], spread: 'least-sources' }, more: { ids: ['tmt-2'], spread: 'same-zone' } },
      filters: {
        http: { kind: 'given', id: 'tmf-9' },
        'all-tcp': { kind: 'managed', networkServices: ['amazon-dns'], rules: [rule(10, '10.0.0.0/8')] },
      },
      tiers: [aTier({ sessionNumber: 11, description: 'web' })],
      profiles: { default: ['http'], web: ['http'] },
      coverage: [{ match: { tags: { b: ['x'], a: ['y'] } }, profile: 'web', mandatory: true }],
      exclude: [{ vpcIds: ['vpc-1'] }],
      interfaces: 'primary',
      whileStopped: 'keep',
      instanceTypes: { edition: '2023-06', unknown: 'try', allow: ['m8g.*'], deny: ['t3.*'] },
      virtualNetworkIdRange: { from: 2, to: 9 },
      guards: { maxDeletes: 1, maxDeletePercent: 2 },
      cost: { sessionHourUsd: 1, source: 'contract' },
    };
    expect(differences({}, other)).toEqual([
      '~ mode: enforce → observe',
      '~ optIn.tagKey: Mirror → mirror',
      '~ targets.waf.ids: ["tmt-0aaa1111bbbb2222c"] → ["tmt-1"]',
      '~ targets.waf.spread: same-zone → least-sources',
      '- targets.sensors: {"ids":["tmt-0ccc1111bbbb2222a"],"spread":"same-zone"}',
      '+ targets.more: {"ids":["tmt-2"],"spread":"same-zone"}',
      '~ filters.http.id: tmf-0aaa1111bbbb2222c → tmf-9',
      '~ filters.all-tcp.kind: given → managed',
      '- filters.all-tcp.id: tmf-0bbb1111bbbb2222c',
      '+ filters.all-tcp.networkServices: ["amazon-dns"]',
      '+ filters.all-tcp.ingress.10: {"action":"accept","destinationCidr":"0.0.0.0/0","sourceCidr":"10.0.0.0/8"}',
      '- filters.everything: {"id":"tmf-0ccc1111bbbb2222c","kind":"given"}',
      '~ tiers.http.sessionNumber: 10 → 11',
      '+ tiers.http.description: web',
      '- tiers.tcp: {"filter":"all-tcp","sessionNumber":20,"target":"sensors"}',
      '- tiers.full: {"filter":"everything","sessionNumber":30,"target":"sensors"}',
      '~ profiles.default.tiers: ["http","tcp"] → ["http"]',
      '- profiles.forensic: {"tiers":["http","tcp","full"]}',
      '+ profiles.web: {"tiers":["http"]}',
      '+ coverage: {"mandatory":true,"match":{"tags":{"a":["y"],"b":["x"]}},"profile":"web"}',
      '+ exclude: {"vpcIds":["vpc-1"]}',
      '~ interfaces: all → primary',
      '~ whileStopped: remove → keep',
      '~ instanceTypes.edition: 2025-08 → 2023-06',
      '~ instanceTypes.unknown: skip → try',
      '~ instanceTypes.allow: [] → ["m8g.*"]',
      '~ instanceTypes.deny: [] → ["t3.*"]',
      '~ virtualNetworkIdRange.from: 1 → 2',
      '~ virtualNetworkIdRange.to: 16777215 → 9',
      '~ guards.maxDeletes: 50 → 1',
      '~ guards.maxDeletePercent: 20 → 2',
      '~ cost.sessionHourUsd: 0.015 → 1',
      '~ cost.source: AWS pricing page, US East (Ohio); other Regions may differ → contract',
    ]);
  });

  test.each<[string, Partial<Policy>, Partial<Policy>, string[]]>([
    ['a value', { mode: 'observe' }, {}, ['~ mode: observe → enforce']],
    [
      'a field of a tier, by the name of the tier',
      { tiers: [aTier({ packetLength: 256 })] },
      { tiers: [aTier({ packetLength: 512 })] },
      ['~ tiers.http.packetLength: 256 → 512'],
    ],
    [
      'a field that one leaves open',
      { tiers: [aTier()] },
      { tiers: [aTier({ virtualNetworkId: 7 })] },
      ['+ tiers.http.virtualNetworkId: 7'],
    ],
    [
      'a pool that gains a target',
      { targets: { waf: { ids: ['tmt-1'], spread: 'same-zone' } } },
      { targets: { waf: { ids: ['tmt-1', 'tmt-2'], spread: 'same-zone' } } },
      ['~ targets.waf.ids: ["tmt-1"] → ["tmt-1","tmt-2"]'],
    ],
    [
      'a profile that is gone',
      { profiles: { default: [], old: ['http'] } },
      { profiles: { default: [] } },
      ['- profiles.old: {"tiers":["http"]}'],
    ],
    [
      'a rule of a filter, by direction and number',
      managed(rule(10)),
      managed(rule(10), rule(20)),
      ['+ filters.web.ingress.20: {"action":"accept","destinationCidr":"0.0.0.0/0","sourceCidr":"0.0.0.0/0"}'],
    ],
    ['an exclusion that is added', {}, { exclude: [{ vpcIds: ['vpc-1'] }] }, ['+ exclude: {"vpcIds":["vpc-1"]}']],
    [
      'the order of exclusions, which decides who wins',
      { exclude: [{ vpcIds: ['vpc-1'] }, { vpcIds: ['vpc-2'] }] },
      { exclude: [{ vpcIds: ['vpc-2'] }, { vpcIds: ['vpc-1'] }] },
      ['~ exclude: one order → another order'],
    ],
    [
      'exclusions come, gone and moved, all at once',
      { exclude: [{ vpcIds: ['vpc-1'] }, { vpcIds: ['vpc-2'] }, { vpcIds: ['vpc-3'] }] },
      { exclude: [{ vpcIds: ['vpc-3'] }, { vpcIds: ['vpc-4'] }, { vpcIds: ['vpc-1'] }] },
      ['- exclude: {"vpcIds":["vpc-2"]}', '+ exclude: {"vpcIds":["vpc-4"]}', '~ exclude: one order → another order'],
    ],
    [
      'an exclusion put in between, which is no change of order',
      { exclude: [{ vpcIds: ['vpc-1'] }, { vpcIds: ['vpc-2'] }] },
      { exclude: [{ vpcIds: ['vpc-1'] }, { vpcIds: ['vpc-3'] }, { vpcIds: ['vpc-2'] }] },
      ['+ exclude: {"vpcIds":["vpc-3"]}'],
    ],
    [
      'an exclusion taken from between, which is no change of order either',
      { exclude: [{ vpcIds: ['vpc-1'] }, { vpcIds: ['vpc-3'] }, { vpcIds: ['vpc-2'] }] },
      { exclude: [{ vpcIds: ['vpc-1'] }, { vpcIds: ['vpc-2'] }] },
      ['- exclude: {"vpcIds":["vpc-3"]}'],
    ],
    [
      'nothing, when the keys of a match stand in another order',
      { exclude: [{ tags: { a: ['x'], b: ['y'] } }] },
      { exclude: [{ tags: { b: ['y'], a: ['x'] } }] },
      [],
    ],
    [
      'a field that one leaves empty',
      { tiers: [aTier({ description: '' })] },
      { tiers: [aTier()] },
      ['- tiers.http.description: '],
    ],
  ])('%s', (_, before, after, expected) => {
    expect(differences(before, after)).toEqual(expected);
  });

  test('knows a pool by a name that every object has', () => {
    const pool = { ids: ['tmt-1'], spread: 'same-zone' } as const;
    expect(differences({ targets: {} }, { targets: Object.fromEntries([['constructor', pool]]) })).toEqual([
      '+ targets.constructor: {"ids":["tmt-1"],"spread":"same-zone"}',
    ]);
  });
});
