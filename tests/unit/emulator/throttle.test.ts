import { describe, expect, test } from '@jest/globals';
import { createEmulator } from '../../../lib/emulator/emulator.ts';
import { createThrottle, type Throttle } from '../../../lib/emulator/throttle.ts';

function takeAll(throttle: Throttle, action: string, input: Readonly<Record<string, unknown>>, now: number): number {
  let taken = 0;
  while (taken < 5_000 && throttle.take(action, input, now)) taken += 1;
  return taken;
}

describe('Throttling', () => {
  test.each([
    ['CreateTrafficMirrorSession', {}, 50, 5],
    ['DescribeTrafficMirrorSessions', {}, 100, 20],
    ['DescribeInstances', { MaxResults: 1000 }, 100, 20],
    ['DescribeInstances', {}, 50, 10],
    ['DescribeNetworkInterfaces', { NetworkInterfaceIds: ['eni-1'] }, 50, 10],
    ['CreateTags', {}, 100, 10],
    ['RunInstances', { MaxCount: 1 }, 5, 2],
  ])('%s with %j has %i tokens and gets %i a second', (action, input, capacity, perSecond) => {
    const throttle = createThrottle({ isEnabled: true });
    expect(takeAll(throttle, action, input, 0)).toBe(capacity);
    expect(takeAll(throttle, action, input, 999)).toBe(0);
    expect(takeAll(throttle, action, input, 1_000)).toBe(perSecond);
    expect(takeAll(throttle, action, input, 3_600_000)).toBe(capacity);
  });

  test('where ids narrow a read, a list of them takes no token of the unfiltered reads', () => {
    const throttle = createThrottle({ isEnabled: true, idsNarrow: true });
    expect(takeAll(throttle, 'DescribeNetworkInterfaces', { NetworkInterfaceIds: ['eni-1'] }, 0)).toBe(100);
    expect(takeAll(throttle, 'DescribeNetworkInterfaces', {}, 0)).toBe(50);
  });

  test('launches also take one token for each instance', () => {
    const throttle = createThrottle({ isEnabled: true });
    expect(throttle.take('RunInstances', { MaxCount: 1_000 }, 0)).toBe(true);
    expect(throttle.take('RunInstances', { MaxCount: 1 }, 0)).toBe(false);
    expect(throttle.take('RunInstances', { MaxCount: 2 }, 1_000)).toBe(true);
  });

  test('a refused call is answered RequestLimitExceeded with 503, is counted, and changes nothing', () => {
    const emulator = createEmulator({ isThrottling: true, clock: { now: () => 0 } });
    const body = 'Action=CreateTrafficMirrorFilter&Version=2016-11-15';
    const answers = Array.from({ length: 52 }, () => emulator.handleRequest({ headers: {}, body }));
    expect(answers[51]).toMatchObject({
      status: 503,
      body: expect.stringContaining('<Code>RequestLimitExceeded</Code>'),
    });
    expect(emulator.account.filters.size).toBe(50);
    expect([...emulator.calls]).toEqual([['CreateTrafficMirrorFilter', 52]]);
    expect([...emulator.throttle.refused]).toEqual([['CreateTrafficMirrorFilter', 2]]);
    emulator.clearCounts();
    expect([emulator.calls.size, emulator.throttle.refused.size]).toEqual([0, 0]);
  });
});
