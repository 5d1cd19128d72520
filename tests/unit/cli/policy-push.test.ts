import { describe, expect, test } from '@jest/globals';
import { confirmPush } from '../../../lib/cli/policy-push.ts';
import { UsageError } from '../../../lib/cli/usage.ts';
import type { BlastRadius } from '../../../lib/core/blast-radius.ts';
import { aPolicy } from '../../support/policy.ts';

const calm: BlastRadius = {
  creates: 5,
  modifies: 0,
  deletes: 0,
  held: 0,
  refusals: 0,
  refusedBecause: {},
  filterChanges: 0,
  sources: 5,
};
const wide: BlastRadius = { ...calm, deletes: 11 };
const answering = (answer: string) => ({ isSure: false, ask: async () => answer });

describe('a policy is written', () => {
  test.each([
    ['that deletes little, without a question', calm, aPolicy(), { isSure: false }],
    ['that deletes much, with --yes', wide, aPolicy(), { isSure: true }],
    ['that deletes much, when the person at the terminal says yes', wide, aPolicy(), answering(' Yes\n')],
    ['that deletes much but only observes', wide, aPolicy({ mode: 'observe' }), { isSure: false }],
  ])('%s', async (_, blast, policy, confirmation) => {
    await expect(confirmPush(blast, policy, confirmation)).resolves.toBeUndefined();
  });
});

describe('a policy that deletes much is not written', () => {
  test.each(['', 'n', 'yesterday'])('when the answer is %j', async (answer) => {
    await expect(confirmPush(wide, aPolicy(), answering(answer))).rejects.toThrow(UsageError);
  });

  test('in a pipe, where nobody can answer: the remedy is told', async () => {
    await expect(confirmPush(wide, aPolicy(), { isSure: false })).rejects.toThrow(/policy diff FILE.*--yes/);
  });
});
