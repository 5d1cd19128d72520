import { describe, expect, test } from '@jest/globals';
import type { SourceDecision } from '../../../lib/core/actions.ts';
import { decideAfter, measureCoverage, type SettledAction } from '../../../lib/core/coverage.ts';
import { create, modify, refuseTier, remove, retain } from '../../../lib/core/plan-actions.ts';
import { aTier } from '../../support/policy.ts';
import { aSession } from '../../support/session.ts';

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

describe('after the run', () => {
  const desired = {
    networkInterfaceId: 'eni-0',
    sessionNumber: 20,
    tier: 'tcp',
    targetId: 'tmt-0',
    filter: { name: 'all-tcp' },
    description: 'tier tcp',
    carrier: 'i-0',
  } as const;
  const created = create(desired, 'opted-in');
  const moved = modify(aSession({ sessionNumber: 10 }), desired, 'renumbered');
  const session20 = aSession({ sessionNumber: 20 });

  test.each<[string, SettledAction, number[]]>([
    ['a session that was created is in place', { action: created, outcome: 'done' }, [10, 20]],
    ['a session that was moved is in place', { action: moved, outcome: 'done' }, [10, 20]],
    [
      'one that the second look found is in place',
      { action: retain(session20, 'as-desired'), outcome: 'settled' },
      [10, 20],
    ],
    [
      'one that is kept for another reason is not',
      { action: retain(session20, 'held-by-guard'), outcome: 'settled' },
      [10],
    ],
    ['one that was deleted is not', { action: remove(session20, 'opted-out'), outcome: 'done' }, [10]],
    ['one that failed is not', { action: created, outcome: 'failed' }, [10]],
    [
      'one that is not wanted does not count',
      { action: retain(aSession({ sessionNumber: 30 }), 'as-desired'), outcome: 'settled' },
      [10],
    ],
  ])('%s', (_what, settled, inPlace) => {
    expect(decideAfter(aDecision([10, 20], [10]), [settled])).toEqual(aDecision([10, 20], inPlace));
  });

  test.each(['type-refused-by-ec2', 'is-mirror-target'] as const)(
    '%s: told by EC2, the source is not eligible',
    (because) => {
      const settled = { action: created, outcome: 'settled', because };
      expect(decideAfter(aDecision([20], []), [settled]).isEligible).toBe(false);
    },
  );

  test('target-full: a session that is repaired on a target where it may not stay is not in place', () => {
    const repaired = { action: { ...moved, sessionNumber: 20 }, outcome: 'done' };
    const refusal = {
      action: refuseTier('eni-0aaa0000000000001', aTier({ sessionNumber: 20 }), 'target-full'),
      outcome: 'settled',
    };
    expect(decideAfter(aDecision([10, 20], [10]), [repaired, refusal]).inPlace).toEqual([10]);
    expect(decideAfter(aDecision([10, 20], [10]), [repaired]).inPlace).toEqual([10, 20]);
  });
  test('type-unknown: a source that nobody has tried yet is not eligible, unless it has a session already', () => {
    const observed = { action: created, outcome: 'observed', because: 'type-unknown' } as const;
    expect(decideAfter(aDecision([10, 20], []), [observed]).isEligible).toBe(false);
    expect(decideAfter(aDecision([10, 20], [10]), [observed])).toEqual(aDecision([10, 20], [10]));
  });
  test('type-refused-by-ec2: EC2 has the last word, whatever is in place', () => {
    const refused = { action: created, outcome: 'settled', because: 'type-refused-by-ec2' } as const;
    expect(decideAfter(aDecision([10, 20], [10]), [refused]).isEligible).toBe(false);
  });
  test('target-full, denied: the source stays eligible', () => {
    for (const because of ['target-full', 'denied'] as const) {
      expect(decideAfter(aDecision([20], []), [{ action: created, outcome: 'settled', because }]).isEligible).toBe(
        true,
      );
    }
  });
});
