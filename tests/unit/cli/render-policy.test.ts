import { expect, test } from '@jest/globals';
import { describeBlast } from '../../../lib/cli/render-policy.ts';
import type { BlastRadius } from '../../../lib/core/blast-radius.ts';

const blast: BlastRadius = {
  creates: 0,
  modifies: 0,
  deletes: 0,
  held: 0,
  refusals: 31,
  refusedBecause: { 'target-missing': 28, 'type-unsupported': 3 },
  filterChanges: 1,
  sources: 0,
};

test('a preview tells why sources would be refused (target-missing, type-unsupported)', () => {
  expect(describeBlast(blast)).toBe(
    'The next sweep would change 0 interfaces: 0 create, 0 modify, 0 delete, 31 refuse (target-missing 28, type-unsupported 3), 1 change to filters.',
  );
});

test('a preview without refusals has no reasons to tell', () => {
  expect(describeBlast({ ...blast, refusals: 0, refusedBecause: {} })).toContain('0 refuse, 1 change to filters.');
});
