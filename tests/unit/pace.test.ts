import { describe, expect, test } from '@jest/globals';
import { Ec2Failure } from '../../lib/failure.ts';
import {
  backoffMs,
  changePace,
  createPacer,
  type PacerSettings,
  retryRead,
  sweepPace,
  triesMax,
} from '../../lib/pace.ts';
import { createVirtualClock } from '../support/emulated-world.ts';

const settings: PacerSettings = { rate: 2, rateMin: 0.5, rateMax: 5, burst: 3 };
const never = Number.POSITIVE_INFINITY;

function aPacer(differences: Partial<PacerSettings> = {}) {
  const clock = createVirtualClock(0);
  const pacer = createPacer({ ...settings, ...differences }, clock);
  /** Takes so many tokens of one action and says when each came, in milliseconds. */
  const takeMany = async (count: number, operation = 'Create') => {
    const times: number[] = [];
    for (let index = 0; index < count; index++) {
      await pacer.take(operation, never);
      times.push(clock.now());
    }
    return times;
  };
  return { clock, pacer, takeMany };
}

describe('tokens', () => {
  test('a burst goes at once, then calls come at the rate', async () => {
    expect(await aPacer().takeMany(6)).toEqual([0, 0, 0, 500, 1000, 1500]);
  });
  test('a pause fills the bucket, and never above the burst', async () => {
    const { clock, takeMany } = aPacer();
    await takeMany(3);
    clock.advance(60_000);
    expect(await takeMany(4)).toEqual([60_000, 60_000, 60_000, 60_500]);
  });
  test('each action has a bucket of its own, as at EC2', async () => {
    const { takeMany } = aPacer();
    await takeMany(3, 'Create');
    expect(await takeMany(3, 'Delete')).toEqual([0, 0, 0]);
  });
  test('those who wait at the same time queue up behind each other', async () => {
    const waited: number[] = [];
    const pacer = createPacer(
      { ...settings, burst: 0 },
      { now: () => 0, sleep: async (delayMs) => void waited.push(delayMs) },
    );
    await Promise.all([1, 2, 3].map(() => pacer.take('Create', never)));
    expect(waited).toEqual([500, 1000, 1500]);
  });
});

describe('deadline', () => {
  test('a token that would come at the deadline or later is refused at once, and is not used up', async () => {
    const { clock, pacer, takeMany } = aPacer();
    await takeMany(3);
    expect(await pacer.take('Create', 500)).toBe(false);
    expect(clock.now()).toBe(0);
    expect(await pacer.take('Create', 501)).toBe(true);
    expect(clock.now()).toBe(500);
  });
  test('after the deadline nothing is given, however full the bucket', async () => {
    const { clock, pacer } = aPacer();
    clock.advance(10);
    expect(await pacer.take('Create', 10)).toBe(false);
  });
});

describe('additive increase, multiplicative decrease', () => {
  test('throttled: a tenth less, and no token left', async () => {
    const { pacer, takeMany } = aPacer();
    pacer.slowDown('Create');
    const [first = 0, second = 0] = await takeMany(2);
    expect(first).toBeCloseTo(1000 / 1.8, 6);
    expect(second - first).toBeCloseTo(1000 / 1.8, 6);
  });
  test('throttled: the other actions keep their pace', async () => {
    const { pacer, takeMany } = aPacer();
    pacer.slowDown('Create');
    expect(await takeMany(3, 'Delete')).toEqual([0, 0, 0]);
  });
  test('throttled again and again: the rate stays above its minimum', async () => {
    const { pacer, takeMany } = aPacer();
    for (let index = 0; index < 50; index++) pacer.slowDown('Create');
    expect(await takeMany(2)).toEqual([2000, 4000]);
  });
  test('throttled: those who wait already keep their place', async () => {
    const { pacer, takeMany } = aPacer();
    await takeMany(4);
    pacer.slowDown('Create');
    const [next = 0] = await takeMany(1);
    expect(next).toBeCloseTo(500 + 1000 / 1.8, 6);
  });
  test('throttled lately: accepted calls raise the rate the more slowly', async () => {
    const stepAfter = async (throttled: boolean) => {
      const { pacer, takeMany } = aPacer({ burst: 1 });
      await takeMany(1);
      if (throttled) pacer.slowDown('Create');
      const [, before = 0, after = 0] = await takeMany(3);
      pacer.speedUp('Create');
      const [next = 0] = await takeMany(1);
      return after - before - (next - after);
    };
    expect(await stepAfter(true)).toBeGreaterThan(0);
    expect(await stepAfter(false)).toBeGreaterThan(5 * (await stepAfter(true)));
  });
  test('accepted calls raise the rate slowly, up to its maximum', async () => {
    const { clock, pacer, takeMany } = aPacer({ burst: 1 });
    await takeMany(1);
    pacer.speedUp('Create');
    const [faster = 0] = await takeMany(1);
    expect(faster).toBeGreaterThan(490);
    expect(faster).toBeLessThan(500);
    for (let index = 0; index < 1000; index++) pacer.speedUp('Create');
    const before = clock.now();
    await takeMany(5);
    expect(clock.now() - before).toBeCloseTo(1000, 6);
  });
});

test('two workers of on-change together stay within EC2’s 50 tokens and 5 a second; the sweep leaves 15 tokens', () => {
  expect(2 * changePace.burst).toBeLessThanOrEqual(50);
  expect(2 * changePace.rate).toBeLessThanOrEqual(5);
  expect(sweepPace).toMatchObject({ rate: 3, burst: 35, rateMax: 5 });
});

test('the pause before another try is anywhere in a range that doubles, at most 10 s', () => {
  const longest = [1, 2, 3, 4, 5, 6, 20].map((attempt) => backoffMs(attempt, () => 1));
  expect(longest).toEqual([400, 800, 1600, 3200, 6400, 10_000, 10_000]);
  expect(backoffMs(6, () => 0)).toBe(0);
});

describe('reads', () => {
  const read = async (failures: readonly Ec2Failure[], deadlineAtMs = Number.POSITIVE_INFINITY) => {
    const clock = createVirtualClock(0);
    const left = [...failures];
    const answer = retryRead(
      async () => {
        const failure = left.shift();
        if (failure !== undefined) throw failure;
        return 'answer';
      },
      { clock, random: () => 0.5, deadlineAtMs },
    );
    const settled = await answer.catch((error: unknown) => error);
    return { settled, tookMs: clock.now(), left: left.length };
  };
  const aFailure = (kind: Ec2Failure['kind']) => new Ec2Failure(kind, 'DescribeInstances', 'Code');
  const times = (count: number) => Array.from({ length: count }, () => aFailure('throttled'));

  test('throttled, unavailable: the read is repeated after growing pauses', async () => {
    expect(await read([aFailure('throttled'), aFailure('unavailable')])).toEqual({
      settled: 'answer',
      tookMs: 200 + 400,
      left: 0,
    });
  });
  test('throttled: the read is repeated, too, where the failure is of another bundle’s class', async () => {
    const foreign = Object.assign(new Error('throttled'), { name: 'Ec2Failure', kind: 'throttled' });
    expect((await read([foreign as Ec2Failure])).settled).toBe('answer');
  });
  test('throttled to the end: the last failure is thrown after six tries', async () => {
    expect((await read(times(triesMax - 1))).settled).toBe('answer');
    const { settled, left } = await read(times(triesMax + 3));
    expect(settled).toMatchObject({ kind: 'throttled' });
    expect(left).toBe(3);
  });
  test('throttled: the read is not repeated where the pause would end at the deadline or after it', async () => {
    const failures = [aFailure('throttled'), aFailure('throttled')];
    expect(await read(failures, 601)).toMatchObject({ settled: 'answer', tookMs: 600 });
    expect(await read(failures, 600)).toMatchObject({ settled: { kind: 'throttled' }, tookMs: 200 });
  });
  test.each(['vanished', 'conflict', 'limit', 'denied', 'invalid', 'unknown'] as const)(
    '%s: the read is not repeated',
    async (kind) => {
      expect(await read([aFailure(kind)])).toMatchObject({ settled: { kind }, tookMs: 0 });
    },
  );
});
