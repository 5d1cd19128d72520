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
    expect(measure([sensor], [anInterfaceTarget(sensor)], sessionsAt(sensor, 12)).targets).toMatchObject({
      left: 0,
      percent: 0,
    });
  });

  test('is none in a pool none of whose targets exists', () => {
    expect(measure([sensor], []).targets).toEqual({ pool: 'sensors', left: 0, percent: 0 });
  });

  test('has no end, and so no figure, with a load balancer in the pool', () => {
    const balancer: Target = { targetId: other, kind: 'network-load-balancer', ownerId: accountId };
    expect(measure([sensor, other], [anInterfaceTarget(sensor), balancer]).targets).toBeUndefined();
  });
});
