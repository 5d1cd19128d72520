import { describe, expect, test } from '@jest/globals';
import { type CallResult, startRun, tryCall } from '../../lib/call.ts';
import { Ec2Failure, type FailureKind } from '../../lib/failure.ts';
import { triesMax } from '../../lib/pace.ts';
import { anEmulatedWorld } from '../support/emulated-world.ts';

const aFailure = (kind: FailureKind) => new Ec2Failure(kind, 'CreateTrafficMirrorSession', `Code of ${kind}`);
interface Given {
  readonly failures: readonly Error[];
  readonly deadlineMs?: number;
  readonly random?: number;
}

/** Makes one call that fails as given before it succeeds; `random` replaces the world's jitter. */
async function call({ failures, deadlineMs = 600_000, random = 0.5 }: Given) {
  const { world, clock, counts } = anEmulatedWorld();
  const startedAtMs = clock.now();
  const triedAtMs: number[] = [];
  const run = startRun({ ...world, random: () => random }, startedAtMs + deadlineMs);
  const result: CallResult<string> = await tryCall(run, 'CreateTrafficMirrorSession', async () => {
    triedAtMs.push(clock.now() - startedAtMs);
    const failure = failures[triedAtMs.length - 1];
    if (failure !== undefined) throw failure;
    return 'made';
  });
  return { result, triedAtMs, throttles: counts.get('Throttles') ?? 0 };
}

test('a call that succeeds is made once', async () => {
  expect(await call({ failures: [] })).toEqual({ result: { kind: 'ok', value: 'made' }, triedAtMs: [0], throttles: 0 });
});

describe('trying again', () => {
  test('unavailable: the call is made again after pauses that grow', async () => {
    const failures = [aFailure('unavailable'), aFailure('unavailable'), aFailure('unavailable')];
    expect((await call({ failures })).triedAtMs).toEqual([0, 200, 600, 1400]);
  });
  test('full jitter: the pause is a random part of its range, none included', async () => {
    const failures = [aFailure('unavailable'), aFailure('unavailable')];
    expect((await call({ failures, random: 0 })).triedAtMs).toEqual([0, 0, 0]);
    expect((await call({ failures, random: 0.25 })).triedAtMs).toEqual([0, 100, 300]);
  });
  test('throttled: it is counted, and the pace is slower than after silence', async () => {
    const silent = await call({ failures: [aFailure('unavailable')] });
    const throttled = await call({ failures: [aFailure('throttled')] });
    expect(throttled).toMatchObject({ result: { kind: 'ok' }, throttles: 1 });
    expect(throttled.triedAtMs[1]).toBeGreaterThan(silent.triedAtMs[1] ?? 0);
  });
  test('throttled to the end: after six tries the last failure is the answer', async () => {
    const failures = Array.from({ length: 20 }, () => aFailure('throttled'));
    const { result, triedAtMs } = await call({ failures });
    expect(result).toMatchObject({ kind: 'failure', verdict: 'retry-now', failure: { kind: 'throttled' } });
    expect(triedAtMs).toHaveLength(triesMax);
  });
  test.each([
    ['vanished', 'look-again'],
    ['conflict', 'look-again'],
    ['limit', 'look-again'],
    ['denied', 'refuse'],
    ['invalid', 'report'],
    ['unknown', 'report'],
  ] as const)('%s: no second try, the verdict is %s', async (kind, verdict) => {
    const { result, triedAtMs } = await call({ failures: [aFailure(kind)] });
    expect(result).toMatchObject({ kind: 'failure', verdict });
    expect(triedAtMs).toEqual([0]);
  });
  test('an error that is not of EC2 is a mistake of ours and is thrown', async () => {
    await expect(call({ failures: [new TypeError('oops')] })).rejects.toThrow('oops');
  });
});

describe('deadline', () => {
  test('no call starts at or after the deadline', async () => {
    expect(await call({ failures: [], deadlineMs: 0 })).toMatchObject({ result: { kind: 'no-time' }, triedAtMs: [] });
    expect((await call({ failures: [], deadlineMs: 1 })).result.kind).toBe('ok');
  });
  test('a pause that would reach the deadline is not made', async () => {
    const failures = [aFailure('unavailable'), aFailure('unavailable')];
    expect(await call({ failures, deadlineMs: 600 })).toMatchObject({
      result: { kind: 'no-time' },
      triedAtMs: [0, 200],
    });
    expect((await call({ failures, deadlineMs: 601 })).triedAtMs).toEqual([0, 200, 600]);
  });
});

test('a run has a nonce of its own, short enough for a client token', () => {
  const { world } = anEmulatedWorld();
  const nonces = Array.from({ length: 100 }, () => startRun(world, 0).nonce);
  expect(new Set(nonces).size).toBe(100);
  for (const nonce of nonces) expect(nonce).toMatch(/^[0-9a-z]{2,12}$/);
  const extremes = [0, 1 - Number.EPSILON].map((random) => startRun({ ...world, random: () => random }, 0).nonce);
  expect(Math.max(...extremes.map(({ length }) => length))).toBeLessThanOrEqual(12);
});
