import { describe, expect, test } from '@jest/globals';
import { measureHeadroom } from '../../../lib/core/headroom.ts';
import type { Session, Target, TargetId } from '../../../lib/core/model.ts';
import { aPolicy } from '../../support/policy.ts';
import { aSession } from '../../support/session.ts';

const accountId = '123456789012';
const sensor: TargetId = 'tmt-0ccc1111bbbb2222a';
const other: TargetId = 'tmt-0ccc1111bbbb2222b';

function anInterfaceTarget(targetId: TargetId, instanceType?: string): Target {
  return { targetId, kind: 'network-interface', ownerId: accountId, ...(instanceType && { instanceType }) };
}

function sessionsAt(targetId: TargetId, count: number): Session[] {
  return Array.from({ length: count }, (_, index) =>
    aSession({
      sessionId: `tms-${targetId}-${index}`,
      networkInterfaceId: `eni-${index}`,
      targetId,
      ownerId: accountId,
    }),
  );
}

function measure(ids: readonly TargetId[], targets: readonly Target[], sessions: readonly Session[] = []) {
  const policy = aPolicy({ targets: { sensors: { ids, spread: 'same-zone' } } });
  return measureHeadroom(policy, sessions, new Map(targets.map((target) => [target.targetId, target])), accountId);
}

describe('room in the account', () => {
  test('is what its sessions leave of 10,000; those of other accounts take none', () => {
    const foreign = aSession({ sessionId: 'tms-9', ownerId: '999999999999' });
    expect(measure([], [], [...sessionsAt(sensor, 3), foreign]).account).toEqual({ left: 9997, percent: 99.9 });
  });
});

test('an account at its quota, or above what we know of it, has none left', () => {
  expect(measure([], [], sessionsAt(sensor, 10_001)).account).toEqual({ left: 0, percent: 0 });
});

describe('room at the targets', () => {
  test('is that of the pool as a whole: one full target beside an empty one is half', () => {
    const targets = [anInterfaceTarget(sensor), anInterfaceTarget(other)];
    expect(measure([sensor, other], targets, sessionsAt(sensor, 10)).targets).toEqual({
      pool: 'sensors',
      left: 10,
      percent: 50,
    });
  });

  test('is not negative where a target has more sources than we know it may', () => {
    expect(measure([sensor], [anInterfaceTarget(sensor)], sessionsAt(sensor, 12)).targets).toEqual({
      pool: 'sensors',
      left: 0,
      percent: 0,
    });
  });

  test('is not lessened by a neighbour that has more than we know it may', () => {
    const targets = [anInterfaceTarget(sensor), anInterfaceTarget(other)];
    expect(measure([sensor, other], targets, sessionsAt(sensor, 12)).targets).toMatchObject({ left: 10 });
  });

  test('is none in a pool none of whose targets exists', () => {
    expect(measure([sensor], []).targets).toEqual({ pool: 'sensors', left: 0, percent: 0 });
  });

  test('is that of the pool with the least, in percent; of two alike the first of the policy', () => {
    const third: TargetId = 'tmt-0ccc1111bbbb2222c';
    const targets = new Map([sensor, other, third].map((id) => [id, anInterfaceTarget(id)] as const));
    const sessions = [...sessionsAt(sensor, 2), ...sessionsAt(other, 5), ...sessionsAt(third, 5)];
    const pools = (...ids: readonly TargetId[]) =>
      Object.fromEntries(ids.map((id) => [`at ${id}`, { ids: [id], spread: 'same-zone' as const }]));
    const least = (...ids: readonly TargetId[]) =>
      measureHeadroom(aPolicy({ targets: pools(...ids) }), sessions, targets, accountId).targets;
    expect(least(sensor, other, third)).toEqual({ pool: `at ${other}`, left: 5, percent: 50 });
    expect(least(third, other, sensor)).toEqual({ pool: `at ${third}`, left: 5, percent: 50 });
    expect(least(sensor)).toEqual({ pool: `at ${sensor}`, left: 8, percent: 80 });
  });

  test('is 100 at a target whose type takes so many, rounded down to a tenth', () => {
    const large = anInterfaceTarget(sensor, 'm5.24xlarge');
    expect(measure([sensor, other], [large, anInterfaceTarget(other)], sessionsAt(sensor, 1)).targets).toEqual({
      pool: 'sensors',
      left: 109,
      percent: 99,
    });
  });

  test('has no end, and so no figure, with a load balancer in the pool', () => {
    const balancer: Target = { targetId: other, kind: 'network-load-balancer', ownerId: accountId };
    expect(measure([sensor, other], [anInterfaceTarget(sensor), balancer])).toStrictEqual({
      account: { left: 10_000, percent: 100 },
    });
  });
});
