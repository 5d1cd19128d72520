import { expect, test } from '@jest/globals';
import type { HealthLine } from '../../../lib/core/health.ts';
import { describeCarried } from '../../../lib/report/health-words.ts';

const mirror = (verdict: HealthLine['verdict'], mirroredBytes = 0, mirroredPackets = 0) => ({
  verdict,
  mirroredBytes,
  mirroredPackets,
});

test('congested: an instance carried traffic when some of its packets arrived, and did not when all were dropped', () => {
  expect(describeCarried([mirror('carrying', 9, 1), mirror('congested', 7), mirror('congested')], 60)).toBe(
    '2 of 3 mirrored instances carried traffic in the last 60 minutes: 2 congested, 0 silent, 0 young.',
  );
});

test('packets whose bytes CloudWatch does not tell are traffic', () => {
  expect(describeCarried([mirror('carrying', 0, 1), mirror('young')], 10)).toBe(
    '1 of 2 mirrored instances carried traffic in the last 10 minutes: 0 congested, 0 silent, 1 young.',
  );
});

test.each([
  [1, '1 mirrored interface without an instance of this account is unmeasured.'],
  [3, '3 mirrored interfaces without an instance of this account are unmeasured.'],
])('unmeasured: %i of them are no instances, and named apart', (unmeasured, told) => {
  const lines = [mirror('silent'), ...Array.from({ length: unmeasured }, () => mirror('unmeasured'))];
  expect(describeCarried(lines, 60)).toBe(
    `0 of 1 mirrored instances carried traffic in the last 60 minutes: 0 congested, 1 silent, 0 young. ${told}`,
  );
});
