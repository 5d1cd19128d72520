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
  ])('%s', (_, before, after, expected) => {
    expect(differences(before, after)).toEqual(expected);
  });
});
