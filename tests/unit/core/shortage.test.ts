import { expect, test } from '@jest/globals';
import type { Action, SourceDecision } from '../../../lib/core/actions.ts';
import type { NetworkInterfaceId } from '../../../lib/core/model.ts';
import { refuseTier, retain } from '../../../lib/core/plan-actions.ts';
import { tellShortage } from '../../../lib/core/shortage.ts';
import { aPolicy, aTier } from '../../support/policy.ts';
import { aSession } from '../../support/session.ts';

const sourceAt = (index: number): NetworkInterfaceId => `eni-${String(index).padStart(17, '0')}`;
const aDecision = (networkInterfaceId: NetworkInterfaceId, ...actions: readonly Action[]): SourceDecision => ({
  networkInterfaceId,
  actions,
  wanted: [20],
  isEligible: true,
  inPlace: [],
  isUnreadable: false,
  warnings: [],
});
const tcp = aTier({ name: 'tcp', sessionNumber: 20, target: 'sensors' });
/** A source whose tier `tcp` waits for room in the pool `sensors`. */
const waiting = (index: number, detail = 'pool sensors') =>
  aDecision(sourceAt(index), refuseTier(sourceAt(index), tcp, 'target-full', detail));
const suffices = (pool: string, sources: number, targets: number) =>
  `pool ${pool}: ${sources} waiting; ${targets} more with room for 10 sources each would suffice`;

test('target-full says how many sources wait and how many more targets would suffice', () => {
  const indices = Array.from({ length: 21 }, (_, index) => index);
  expect(
    tellShortage(
      indices.map((index) => waiting(index)),
      aPolicy(),
    ),
  ).toEqual(indices.map((index) => waiting(index, suffices('sensors', 21, 3))));
});

test('target-full counts a source once, however many of its tiers wait', () => {
  const twice = (detail?: string) =>
    aDecision(sourceAt(1), ...waiting(1, detail).actions, ...waiting(1, detail).actions);
  expect(tellShortage([twice()], aPolicy())).toEqual([twice(suffices('sensors', 1, 1))]);
});

test('target-full counts the sources of its own pool only', () => {
  const atWaf = (detail: string) => aDecision(sourceAt(9), refuseTier(sourceAt(9), aTier(), 'target-full', detail));
  expect(tellShortage([waiting(1), atWaf('pool waf'), waiting(2)], aPolicy())).toEqual([
    waiting(1, suffices('sensors', 2, 1)),
    atWaf(suffices('waf', 1, 1)),
    waiting(2, suffices('sensors', 2, 1)),
  ]);
});

test('what is refused for another reason, or of no tier of the policy, or not refused, stays as it is', () => {
  const decisions = [
    aDecision(sourceAt(1), refuseTier(sourceAt(1), tcp, 'target-missing', 'pool sensors')),
    aDecision(sourceAt(1), refuseTier(sourceAt(1), aTier({ name: 'gone' }), 'target-full', 'pool gone')),
    aDecision(sourceAt(2), retain(aSession({ description: 'tier tcp' }), 'target-full', 'as it was')),
  ];
  expect(tellShortage(decisions, aPolicy())).toEqual(decisions);
  const told = tellShortage([...decisions, waiting(3)], aPolicy());
  expect(told).toEqual([...decisions, waiting(3, suffices('sensors', 1, 1))]);
});
