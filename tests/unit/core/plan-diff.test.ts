import { describe, expect, test } from '@jest/globals';
import type { Action, DesiredSession, FilterAction, Plan } from '../../../lib/core/actions.ts';
import { findObjection, measureBlastRadius } from '../../../lib/core/blast-radius.ts';
import { guardPlan } from '../../../lib/core/guard.ts';
import type { Policy, Session } from '../../../lib/core/model.ts';
import { planSources } from '../../../lib/core/plan.ts';
import { comparePlans, type Fate } from '../../../lib/core/plan-diff.ts';
import { describeAfter, describeFate, summariseChanges } from '../../../lib/core/plan-diff-text.ts';
import { aPolicy, aTier } from '../../support/policy.ts';
import { aForeignSession, aSession } from '../../support/session.ts';
import { aCandidate, aSituation } from '../../support/situation.ts';

const id = 'eni-0aaa0000000000001';

function planOf(policy: Policy, sessions: readonly Session[] = []): Plan {
  const situation = aSituation({ policy, accountSessions: sessions });
  return { ...planSources([aCandidate({ sessions })], situation), filterActions: [] };
}

/** A plan that consists of these actions. */
function planWith(actions: readonly Action[], filterActions: readonly FilterAction[] = []): Plan {
  const figures = { wanted: [], isEligible: true, inPlace: [], isUnreadable: false, warnings: [] };
  return { decisions: [{ networkInterfaceId: id, actions, ...figures }], filterActions, accused: [] };
}

function aDesired(differences: Partial<DesiredSession> = {}): DesiredSession {
  return {
    networkInterfaceId: id,
    sessionNumber: 10,
    tier: 'http',
    targetId: 'tmt-0aaa1111bbbb2222c',
    filter: { name: 'http', filterId: 'tmf-0aaa1111bbbb2222c' },
    description: 'tier http',
    carrier: 'i-0aaa0000000000001',
    ...differences,
  };
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

describe('what becomes of a session number', () => {
  const session = aSession({ packetLength: 128 });
  const desired = aDesired({ targetId: 'tmt-0b', filter: { name: 'web', filterId: 'tmf-0b' } });
  const place = { networkInterfaceId: id, sessionNumber: 10 } as const;
  const mirroredAnew = { kind: 'mirrored', tier: 'http', targetId: 'tmt-0b', filter: 'tmf-0b' } as const;
  const drifted = (...fields: ('packetLength' | 'virtualNetworkId')[]): Action => ({
    kind: 'modify',
    ...place,
    because: 'drifted',
    session,
    desired: { ...desired, packetLength: 512, virtualNetworkId: 7 },
    drift: fields.map((field) => ({ field, from: undefined, to: 1 })),
  });

  test.each<[string, Action, Fate]>([
    ['a new session', { kind: 'create', ...place, because: 'opted-in', desired }, mirroredAnew],
    [
      'a new session with all that a policy can fix, through a filter that is yet to be made',
      {
        kind: 'create',
        ...place,
        because: 'covered',
        desired: { ...desired, filter: { name: 'web' }, packetLength: 512, virtualNetworkId: 7 },
      },
      { ...mirroredAnew, filter: 'web', packetLength: 512, virtualNetworkId: 7 },
    ],
    [
      'a session that keeps the length and the number that EC2 shows, since they do not drift',
      drifted(),
      { ...mirroredAnew, packetLength: 128, virtualNetworkId: 7_159_709 },
    ],
    [
      'a session whose length changes',
      drifted('packetLength'),
      { ...mirroredAnew, packetLength: 512, virtualNetworkId: 7_159_709 },
    ],
    [
      'a session whose number changes',
      drifted('virtualNetworkId'),
      { ...mirroredAnew, packetLength: 128, virtualNetworkId: 7 },
    ],
    [
      'a session that moves to a filter that is yet to be made',
      {
        kind: 'modify',
        ...place,
        because: 'drifted',
        session,
        desired: { ...desired, filter: { name: 'web' } },
        drift: [],
      },
      { ...mirroredAnew, filter: 'web', packetLength: 128, virtualNetworkId: 7_159_709 },
    ],
    [
      'a session that is as desired',
      { kind: 'retain', ...place, because: 'as-desired', session },
      {
        kind: 'mirrored',
        tier: 'http',
        targetId: 'tmt-0aaa1111bbbb2222c',
        filter: 'tmf-0aaa1111bbbb2222c',
        packetLength: 128,
        virtualNetworkId: 7_159_709,
      },
    ],
    [
      'a session that stays unjudged',
      { kind: 'retain', ...place, because: 'read-incomplete', session },
      { kind: 'kept', because: 'read-incomplete' },
    ],
    [
      'a session that a guard holds',
      { kind: 'retain', ...place, because: 'held-by-guard', held: 'opted-out', session },
      { kind: 'kept', because: 'held-by-guard', held: 'opted-out' },
    ],
    [
      'a deletion',
      { kind: 'delete', ...place, because: 'excluded', session },
      { kind: 'deleted', because: 'excluded' },
    ],
    ['a refusal', { kind: 'refuse', ...place, because: 'target-full' }, { kind: 'refused', because: 'target-full' }],
  ])('%s', (_what, action, after) => {
    const { changes } = comparePlans(planWith([]), planWith([action]));
    expect(changes).toStrictEqual([{ ...place, before: { kind: 'none' }, after }]);
  });

  test('a difference names the instance, and no number where the whole source is refused', () => {
    const refusal = { kind: 'refuse', networkInterfaceId: id, because: 'type-unknown' } as const;
    const { changes } = comparePlans(planWith([{ ...refusal, instanceId: 'i-0a' }]), planWith([]));
    expect(changes).toStrictEqual([
      {
        networkInterfaceId: id,
        instanceId: 'i-0a',
        before: { kind: 'refused', because: 'type-unknown' },
        after: { kind: 'none' },
      },
    ]);
  });

  test('differences come in the order of interface and number, whichever plan knows them', () => {
    const refusals = (...places: ['eni-0a' | 'eni-0b', number | undefined][]) =>
      planWith(
        places.map(([networkInterfaceId, number]) => ({
          kind: 'refuse',
          networkInterfaceId,
          ...(number !== undefined && { sessionNumber: number }),
          because: 'target-full',
        })),
      );
    const before = refusals(['eni-0b', 1], ['eni-0a', 100], ['eni-0a', 9]);
    const after = refusals(['eni-0b', 20], ['eni-0a', 30_000], ['eni-0a', 10], ['eni-0b', undefined]);
    const { changes } = comparePlans(before, after);
    expect(changes.map(({ networkInterfaceId, sessionNumber }) => [networkInterfaceId, sessionNumber])).toEqual([
      ['eni-0a', 9],
      ['eni-0a', 10],
      ['eni-0a', 100],
      ['eni-0a', 30_000],
      ['eni-0b', undefined],
      ['eni-0b', 1],
      ['eni-0b', 20],
    ]);
  });

  test('a deletion for another reason is no difference; being refused or kept for another is one', () => {
    const deleted = (because: 'opted-out' | 'excluded') => planWith([{ kind: 'delete', ...place, because, session }]);
    expect(comparePlans(deleted('opted-out'), deleted('excluded')).changes).toEqual([]);
    const refused = (because: 'target-full' | 'source-full') => planWith([{ kind: 'refuse', ...place, because }]);
    expect(comparePlans(refused('target-full'), refused('source-full')).changes).toHaveLength(1);
    expect(comparePlans(refused('target-full'), refused('target-full')).changes).toEqual([]);
    const kept = planWith([{ kind: 'retain', ...place, because: 'read-incomplete', session }]);
    expect(comparePlans(deleted('excluded'), kept).changes).toHaveLength(1);
    expect(comparePlans(kept, deleted('excluded')).changes).toHaveLength(1);
  });

  test('the session of a stranger does not hide that its number is refused', () => {
    const refusal = { kind: 'refuse', ...place, because: 'number-held-by-another-owner' } as const;
    const theirs = { kind: 'retain', ...place, because: 'not-ours', session: aForeignSession() } as const;
    const { changes } = comparePlans(planWith([refusal, theirs]), planWith([theirs]));
    expect(changes.map(({ before, after }) => [before.kind, after.kind])).toEqual([['refused', 'none']]);
  });

  test('work on filters is a difference where only the second plan does it', () => {
    const create = (name: string): FilterAction => ({ kind: 'create-filter', name, rules: [], networkServices: [] });
    const [before, after] = [planWith([], [create('a'), create('b')]), planWith([], [create('b'), create('c')])];
    expect(comparePlans(before, after).filterActions).toEqual([create('c')]);
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
      refusedBecause: {},
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
