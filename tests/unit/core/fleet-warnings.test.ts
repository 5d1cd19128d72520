import { describe, expect, test } from '@jest/globals';
import type { SourceDecision } from '../../../lib/core/actions.ts';
import { findFleetWarnings } from '../../../lib/core/fleet-warnings.ts';
import type { Policy, Target } from '../../../lib/core/model.ts';
import { anInterface } from '../../support/interface.ts';
import { aPolicy, aTier } from '../../support/policy.ts';
import { anNlbTarget, aTarget } from '../../support/target.ts';

const networkInterface = anInterface({ vpcId: 'vpc-1' });
const other = anInterface({ networkInterfaceId: 'eni-0aaa0000000000002', vpcId: 'vpc-4' });
const candidates = [
  { networkInterfaceId: 'eni-0aaa0000000000009', sessions: [] },
  { networkInterfaceId: networkInterface.networkInterfaceId, networkInterface, sessions: [] },
  { networkInterfaceId: other.networkInterfaceId, networkInterface: other, sessions: [] },
] as const;
const bothTargets = [aTarget(), aTarget({ targetId: 'tmt-0ccc1111bbbb2222a' })];

function warn(policy: Policy, decisions: readonly SourceDecision[] = [], there: readonly Target[] = bothTargets) {
  const targets = new Map(there.map((target) => [target.targetId, target]));
  return findFleetWarnings(policy, candidates, decisions, targets);
}

test('a policy that fits its fleet raises no warning', () => {
  expect(warn(aPolicy({ coverage: [{ match: { vpcIds: ['vpc-1'] }, profile: 'default', mandatory: false }] }))).toEqual(
    [],
  );
});

test('a pool with an unknown target is named with the target', () => {
  expect(warn(aPolicy(), [], [aTarget()])).toEqual([
    'Pool sensors: EC2 shows no target tmt-0ccc1111bbbb2222a. Create it or remove it.',
  ]);
});

test('coverage and exclude rules that match nothing are counted from one', () => {
  const policy = aPolicy({
    coverage: [{ match: { vpcIds: ['vpc-2'] }, profile: 'default', mandatory: false }],
    exclude: [{ vpcIds: ['vpc-1'] }, { vpcIds: ['vpc-3'] }],
  });
  expect(warn(policy)).toEqual([
    'Coverage rule 1 matches no interface of the fleet.',
    'Exclude rule 2 matches no interface of the fleet.',
  ]);
});

test('appliances behind a load balancer are told when nothing is excluded', () => {
  const policy = aPolicy({ coverage: [{ match: {}, profile: 'default', mandatory: false }] });
  expect(warn(policy, [], [aTarget(), anNlbTarget({ targetId: 'tmt-0ccc1111bbbb2222a' })])).toEqual([
    'coverage without `exclude`: the appliances behind tmt-0ccc1111bbbb2222a could be mirrored to themselves. Exclude them, for example by a tag: `exclude: [{ tags: { role: [sensor] } }]`.',
  ]);
});

describe('a range of virtual network ids', () => {
  const tiers = [
    aTier({ virtualNetworkId: 'per-source' }),
    aTier({ name: 'tcp', sessionNumber: 20 }),
    aTier({ name: 'full', sessionNumber: 30, virtualNetworkId: 7001 }),
  ];
  const decide = (index: number, isEligible: boolean): SourceDecision => ({
    networkInterfaceId: `eni-0000000000000000${index}`,
    actions: [],
    wanted: [10, 20, 30],
    isEligible,
    inPlace: [],
    isUnreadable: false,
    warnings: [],
  });
  // One number for each tier with `per-source` on each source that can be mirrored: three.
  const decisions = [decide(1, true), decide(2, true), decide(3, true), decide(4, false)];

  test('that is too small for the fleet says both sizes', () => {
    expect(warn(aPolicy({ tiers, virtualNetworkIdRange: { from: 5, to: 6 } }), decisions)).toEqual([
      'virtualNetworkIdRange holds 2 numbers, the fleet needs 3; the rest get numbers from EC2. Widen it.',
    ]);
  });
  test('that just holds the fleet is no matter', () => {
    expect(warn(aPolicy({ tiers, virtualNetworkIdRange: { from: 5, to: 7 } }), decisions)).toEqual([]);
  });
});
