import { expect, test } from '@jest/globals';
import type { Fate } from '../../../lib/core/plan-diff.ts';
import { describeAfter, describeFate, summariseChanges } from '../../../lib/core/plan-diff-text.ts';

const mirrored = { kind: 'mirrored', tier: 'http', targetId: 'tmt-1', filter: 'web' } as const;
const deleted = { kind: 'deleted', because: 'opted-out' } as const;
const refused = { kind: 'refused', because: 'target-full' } as const;
const kept = { kind: 'kept', because: 'read-incomplete' } as const;
const held = { kind: 'kept', because: 'held-by-guard', held: 'opted-out' } as const;
const none = { kind: 'none' } as const;
const change = (before: Fate, after: Fate, networkInterfaceId: `eni-${string}` = 'eni-0a', sessionNumber = 10) => ({
  networkInterfaceId,
  sessionNumber,
  before,
  after,
});

test.each<[Fate, string]>([
  [mirrored, 'http to tmt-1 through web'],
  [{ kind: 'mirrored', targetId: 'tmt-1', filter: 'tmf-1' }, 'mirrored to tmt-1 through tmf-1'],
  [{ ...mirrored, packetLength: 128 }, 'http to tmt-1 through web, 128 bytes'],
  [{ ...mirrored, packetLength: 128, virtualNetworkId: 7 }, 'http to tmt-1 through web, 128 bytes, VNI 7'],
  [kept, 'stays (read-incomplete)'],
  [held, 'stays (held-by-guard: opted-out)'],
  [deleted, 'deleted (opted-out)'],
  [refused, 'refused (target-full)'],
  [none, 'no session'],
])('%j', (fate, text) => {
  expect(describeFate(fate)).toBe(text);
});

test.each<[string, Fate, Fate, string]>([
  ['what was not mirrored', deleted, mirrored, 'http to tmt-1 through web'],
  ['what is no longer mirrored', mirrored, none, 'no session'],
  ['another tier', mirrored, { ...mirrored, tier: 'tcp' }, 'tier tcp'],
  ['a tier that nothing names', mirrored, { kind: 'mirrored', targetId: 'tmt-1', filter: 'web' }, 'tier none'],
  ['target and filter', mirrored, { ...mirrored, targetId: 'tmt-2', filter: 'all' }, 'target tmt-2, filter all'],
  ['less', mirrored, { ...mirrored, packetLength: 64, virtualNetworkId: 7 }, 'bytes 64, VNI 7'],
  [
    'the defaults',
    { ...mirrored, packetLength: 64, virtualNetworkId: 7 },
    mirrored,
    "bytes whole packets, VNI EC2's choice",
  ],
])('the second side tells only what becomes different: %s', (_what, before, after, text) => {
  expect(describeAfter(change(before, after))).toBe(text);
});

test('each difference is counted in one sentence of its kind', () => {
  expect(
    summariseChanges([
      change(none, mirrored),
      change(refused, mirrored, 'eni-0b'),
      change(deleted, mirrored, 'eni-0b', 20),
      change(deleted, kept),
      change(mirrored, deleted),
      change(kept, none),
      change(mirrored, refused, 'eni-0c'),
      change(mirrored, { ...mirrored, tier: 'tcp' }),
      change(kept, mirrored),
      change(mirrored, kept),
      change(deleted, held),
      change(none, refused),
      change(refused, { ...refused, because: 'source-full' }, 'eni-0b'),
    ]),
  ).toEqual([
    '4 session numbers on 2 interfaces would be mirrored under the new policy only.',
    '3 session numbers on 2 interfaces would be mirrored under the old policy only.',
    '3 session numbers on 1 interface would be mirrored under both, but differently.',
    '1 session number on 1 interface would keep a session that a guard holds back from deletion.',
    '2 session numbers on 2 interfaces would be refused, or refused for another reason.',
  ]);
});

test('a kind that does not occur has no sentence', () => {
  expect(summariseChanges([])).toEqual([]);
  expect(summariseChanges([change(refused, none), change(deleted, none)])).toEqual([]);
  expect(summariseChanges([change(none, mirrored)])).toEqual([
    '1 session number on 1 interface would be mirrored under the new policy only.',
  ]);
});
