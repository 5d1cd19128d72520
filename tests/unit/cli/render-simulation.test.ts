import { expect, test } from '@jest/globals';
import { noteAssumptions } from '../../../lib/cli/render-simulation.ts';
import type { SessionTotal, SimulationResult } from '../../../lib/cli/simulation.ts';

const share = { packets: 1, bytes: 154 };
const sessions: readonly SessionTotal[] = [
  { sessionNumber: 10, tier: 'http', packets: 1, bytes: 154 },
  { sessionNumber: 20, tier: 'tcp', packets: 3, bytes: 462, restsOnRejectFallsThrough: share },
];
const result: SimulationResult = {
  packets: 4,
  bytes: 616,
  sessions,
  unmirrored: { packets: 0, bytes: 0, because: {} },
  skipped: {},
  targets: [],
  end: { kind: 'complete' },
};

test.each([
  [true, 'counted only'],
  [false, 'more'],
])('rejectFallsThrough = %s: a session that rests on it is noted with its share as "%s"', (falls, relation) => {
  expect(noteAssumptions(result, { rejectFallsThrough: falls, resolvers: [] })).toEqual([
    `session 20 (tcp): 1 packet, 154 bytes ${relation} if AWS offers what one session rejects by rule to the next, which it does not say (assumed: rejectFallsThrough = ${falls})`,
  ]);
});
