import { expect, test } from '@jest/globals';
import type { SourceDecision } from '../../../lib/core/actions.ts';
import { findFleetWarnings } from '../../../lib/core/fleet-warnings.ts';
import type { Policy, Target } from '../../../lib/core/model.ts';
import { anInterface } from '../../support/interface.ts';
import { aPolicy, aTier } from '../../support/policy.ts';
import { aTarget } from '../../support/target.ts';

const networkInterface = anInterface({ vpcId: 'vpc-1' });
const candidates = [{ networkInterfaceId: networkInterface.networkInterfaceId, networkInterface, sessions: [] }];
const bothTargets = ['tmt-0aaa1111bbbb2222c', 'tmt-0ccc1111bbbb2222a'] as const;

function warn(
  policy: Policy,
  decisions: readonly SourceDecision[] = [],
  ids: readonly Target['targetId'][] = bothTargets,
) {
  const targets = new Map(ids.map((targetId) => [targetId, aTarget({ targetId })]));
  return findFleetWarnings(policy, candidates, decisions, targets);
}

test('a policy that fits its fleet raises no warning', () => {
  expect(warn(aPolicy({ coverage: [{ match: { vpcIds: ['vpc-1'] }, profile: 'default', mandatory: false }] }))).toEqual(
    [],
  );
});

test('a pool with an unknown target is named with the target', () => {
  expect(warn(aPolicy(), [], [bothTargets[0]])).toEqual([
    expect.stringContaining('Pool sensors: EC2 shows no target tmt-0ccc'),
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

test('a range of numbers that is too small for the fleet says both sizes', () => {
  const policy = aPolicy({
    tiers: [aTier({ virtualNetworkId: 'per-source' })],
    virtualNetworkIdRange: { from: 5, to: 6 },
  });
  const decisions = Array.from({ length: 3 }, (_, index): SourceDecision => {
    const networkInterfaceId = `eni-0000000000000000${index}` as const;
    return {
      networkInterfaceId,
      actions: [],
      wanted: [10],
      isEligible: true,
      inPlace: [],
      isUnreadable: false,
      warnings: [],
    };
  });
  expect(warn(policy, decisions)).toEqual([expect.stringContaining('holds 2 numbers, the fleet needs 3')]);
});
