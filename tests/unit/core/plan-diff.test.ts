import { describe, expect, test } from '@jest/globals';
import type { Plan } from '../../../lib/core/actions.ts';
import { findObjection, measureBlastRadius } from '../../../lib/core/blast-radius.ts';
import { guardPlan } from '../../../lib/core/guard.ts';
import type { Policy, Session } from '../../../lib/core/model.ts';
import { planSources } from '../../../lib/core/plan.ts';
import { comparePlans } from '../../../lib/core/plan-diff.ts';
import { describeAfter, describeFate, summariseChanges } from '../../../lib/core/plan-diff-text.ts';
import { aPolicy, aTier } from '../../support/policy.ts';
import { aForeignSession, aSession } from '../../support/session.ts';
import { aCandidate, aSituation } from '../../support/situation.ts';

const id = 'eni-0aaa0000000000001';

function planOf(policy: Policy, sessions: readonly Session[] = []): Plan {
  const situation = aSituation({ policy, accountSessions: sessions });
  return { ...planSources([aCandidate({ sessions })], situation), filterActions: [] };
}

const onlyHttp = aPolicy({ profiles: { default: ['http'], forensic: ['http'] } });
const nobody = aPolicy({ optIn: { tagKey: 'Nobody' } });

describe('two policies on one account', () => {
  test('differ in nothing when they are the same', () => {
    expect(comparePlans(planOf(aPolicy()), planOf(aPolicy()))).toEqual({ changes: [], filterActions: [] });
  });

  test('that withdraw a tier leave its number without a session', () => {
    const { changes } = comparePlans(planOf(aPolicy()), planOf(onlyHttp));
    expect(changes).toEqual([
      expect.objectContaining({ networkInterfaceId: id, sessionNumber: 20, after: { kind: 'none' } }),
    ]);
    expect(summariseChanges(changes)).toEqual([
      '1 session number on 1 interface would be mirrored under the old policy only.',
    ]);
  });

  test('tell a deletion with its reason, not-covered, where a session stands', () => {
    const sessions = [aSession()];
    const { changes } = comparePlans(planOf(onlyHttp, sessions), planOf(nobody, sessions));
    expect(changes.map(({ after }) => describeFate(after))).toEqual(['deleted (not-covered)']);
  });

  test('that change a field of a tier show that field alone', () => {
    const longer = aPolicy({ ...onlyHttp, tiers: [aTier({ packetLength: 512 })] });
    const sessions = [aSession()];
    const { changes } = comparePlans(planOf(onlyHttp, sessions), planOf(longer, sessions));
    expect(changes.map(describeAfter)).toEqual(['bytes 512']);
    expect(summariseChanges(changes)[0]).toContain('under both, but differently');
  });

  test('never mention the session of a stranger', () => {
    const sessions = [aForeignSession({ sessionNumber: 7 })];
    const { changes } = comparePlans(planOf(onlyHttp, sessions), planOf(nobody, sessions));
    expect(changes.map(({ sessionNumber }) => sessionNumber)).toEqual([10]);
  });

  test('are the reverse of each other in reverse', () => {
    const forth = comparePlans(planOf(aPolicy()), planOf(nobody)).changes;
    const back = comparePlans(planOf(nobody), planOf(aPolicy())).changes;
    expect(back).toEqual(forth.map((change) => ({ ...change, before: change.after, after: change.before })));
  });
});

describe('the blast radius', () => {
  const sessions = Array.from({ length: 12 }, (_, index) =>
    aSession({ sessionId: `tms-0${index}`, networkInterfaceId: `eni-0${index}` }),
  );
  const deleting: Plan = {
    decisions: sessions.map((session) => ({
      networkInterfaceId: session.networkInterfaceId,
      actions: [
        {
          kind: 'delete',
          networkInterfaceId: session.networkInterfaceId,
          sessionNumber: 10,
          because: 'not-covered',
          session,
        },
      ],
      wanted: [],
      isEligible: false,
      inPlace: [],
      isUnreadable: false,
      warnings: [],
    })),
    filterActions: [],
    accused: [],
  };
  const guards = (maxDeletes: number) => ({
    guards: { maxDeletes, maxDeletePercent: 100 },
    scope: 'fleet' as const,
    ourSessions: 12,
  });

  test('counts actions, and interfaces that change', () => {
    expect(measureBlastRadius(planOf(aPolicy()))).toEqual({
      creates: 2,
      modifies: 0,
      deletes: 0,
      held: 0,
      refusals: 0,
      filterChanges: 0,
      sources: 1,
    });
  });

  test('of a policy that only creates meets no objection', () => {
    expect(findObjection(measureBlastRadius(planOf(aPolicy())))).toBeUndefined();
  });

  test('of more than ten deletions at once meets one', () => {
    expect(findObjection(measureBlastRadius(guardPlan(deleting, guards(50))))).toContain('delete 12 sessions');
  });

  test('of deletions that a guard would hold (held-by-guard) names the guard', () => {
    const blast = measureBlastRadius(guardPlan(deleting, guards(5)));
    expect([blast.deletes, blast.held, blast.sources]).toEqual([0, 12, 0]);
    expect(findObjection(blast)).toContain('hold 12 deletions (maxDeletes: 5)');
  });
});
