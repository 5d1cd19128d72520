import { expect, test } from '@jest/globals';
import type { SourceDecision } from '../../../lib/core/actions.ts';
import { measureCoverage } from '../../../lib/core/coverage.ts';

const aDecision = (wanted: number[], inPlace: number[], isEligible = true): SourceDecision => ({
  networkInterfaceId: 'eni-0',
  actions: [],
  wanted,
  isEligible,
  inPlace,
  isUnreadable: false,
  warnings: [],
});

test('a fleet without wanted sources is covered', () => {
  expect(measureCoverage([aDecision([], [])])).toEqual({
    wanted: 0,
    eligible: 0,
    mirrored: 0,
    complete: 0,
    partial: 0,
    percent: 100,
  });
});
test('each figure counts its sources: wanted, eligible, mirrored, complete, partial', () => {
  const decisions = [
    aDecision([10, 20], [10, 20]),
    aDecision([10, 20], [20]),
    aDecision([10], []),
    aDecision([10], [], false),
    aDecision([], []),
  ];
  expect(measureCoverage(decisions)).toEqual({
    wanted: 4,
    eligible: 3,
    mirrored: 2,
    complete: 1,
    partial: 1,
    percent: 66.6,
  });
});
test('100 percent means all: 9,999 of 10,000 is rounded down', () => {
  const decisions = Array.from({ length: 10_000 }, (_, index) => aDecision([10], index === 0 ? [] : [10]));
  expect(measureCoverage(decisions).percent).toBe(99.9);
});
