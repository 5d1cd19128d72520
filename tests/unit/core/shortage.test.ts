import { expect, test } from '@jest/globals';
import type { SourceDecision } from '../../../lib/core/actions.ts';
import { tellShortage } from '../../../lib/core/shortage.ts';
import { aPolicy } from '../../support/policy.ts';

function refusedSource(index: number, because: 'target-full' | 'target-missing' = 'target-full'): SourceDecision {
  const networkInterfaceId = `eni-0000000000000${String(index).padStart(4, '0')}` as const;
  return {
    networkInterfaceId,
    actions: [{ kind: 'refuse', networkInterfaceId, sessionNumber: 20, tier: 'tcp', because, detail: 'pool sensors' }],
    wanted: [20],
    isEligible: true,
    inPlace: [],
    isUnreadable: false,
    warnings: [],
  };
}

const detailsOf = (decisions: readonly SourceDecision[]) =>
  new Set(decisions.flatMap(({ actions }) => actions.map(({ detail }) => detail)));

test('target-full says how many sources wait and how many more targets would suffice', () => {
  const decisions = Array.from({ length: 21 }, (_, index) => refusedSource(index));
  expect(detailsOf(tellShortage(decisions, aPolicy()))).toEqual(
    new Set(['pool sensors: 21 waiting; 3 more with room for 10 sources each would suffice']),
  );
});

test('target-full counts a source once, however many of its tiers wait', () => {
  const one = refusedSource(1);
  const twice = { ...one, actions: [...one.actions, ...one.actions] };
  expect(detailsOf(tellShortage([twice], aPolicy()))).toEqual(
    new Set(['pool sensors: 1 waiting; 1 more with room for 10 sources each would suffice']),
  );
});

test('target-missing keeps its own detail', () => {
  expect(detailsOf(tellShortage([refusedSource(1, 'target-missing')], aPolicy()))).toEqual(new Set(['pool sensors']));
});
