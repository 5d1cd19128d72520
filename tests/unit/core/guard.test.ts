import { describe, expect, test } from '@jest/globals';
import type { Action, Plan } from '../../../lib/core/actions.ts';
import { type GuardSettings, guardPlan, heldBy } from '../../../lib/core/guard.ts';
import { remove, retain } from '../../../lib/core/plan-actions.ts';
import type { Because } from '../../../lib/core/reasons.ts';
import { aSession } from '../../support/session.ts';

const decisionOf = (...actions: Action[]) => ({
  networkInterfaceId: 'eni-0aaa0000000000001' as const,
  actions,
  wanted: [],
  isEligible: true,
  inPlace: [],
  isUnreadable: false,
  warnings: [],
});
/** A plan that deletes so many sessions for the reason, one source each, and retains one. */
function deletions(count: number, because: Because = 'not-covered'): Plan {
  const decisions = Array.from({ length: count }, (_, index) =>
    decisionOf(remove(aSession({ sessionId: `tms-0${index}` }), because)),
  );
  return { decisions: [...decisions, decisionOf(retain(aSession(), 'as-desired'))], filterActions: [], accused: [] };
}
const guard = (plan: Plan, settings: Partial<GuardSettings> = {}) =>
  guardPlan(plan, {
    guards: { maxDeletes: 50, maxDeletePercent: 20 },
    scope: 'fleet',
    ourSessions: 10_000,
    ...settings,
  });
const kinds = ({ decisions }: Plan) => {
  const counts: Record<string, number> = {};
  for (const { kind, because } of decisions.flatMap(({ actions }) => actions)) {
    counts[`${kind} ${because}`] = (counts[`${kind} ${because}`] ?? 0) + 1;
  }
  return counts;
};

describe('which deletions are guarded', () => {
  test.each(['opted-out', 'not-covered', 'excluded', 'tier-withdrawn', 'type-unsupported', 'target-gone'] as const)(
    'held-by-guard: %s',
    (because) => {
      const guarded = guard(deletions(51, because));
      expect(kinds(guarded)).toEqual({ 'retain held-by-guard': 51, 'retain as-desired': 1 });
      expect(guarded.decisions[0]?.actions[0]).toMatchObject({
        kind: 'retain',
        held: because,
        session: { sessionId: 'tms-00' },
      });
    },
  );
  test.each([
    'not-primary',
    'instance-stopped',
    'instance-terminated',
    'interface-gone',
    'interface-detached',
    'duplicate',
  ] as const)('%s passes any guard: it is a fact, a duplicate, or what `interfaces: primary` asks for', (because) => {
    expect(kinds(guard(deletions(500, because)))).toHaveProperty([`delete ${because}`], 500);
  });
  test('not-covered, target-gone: what is not deleted is not counted, whatever its reason', () => {
    const kept = (because: Because) => decisionOf(retain(aSession(), because));
    const decisions = Array.from({ length: 100 }, () => [kept('not-covered'), kept('target-gone')]).flat();
    const plan = { decisions, filterActions: [], accused: [] };
    expect(guard(plan)).toEqual(plan);
  });
  test('what needs no guarded deletion proceeds beside what is held', () => {
    const plan = deletions(51);
    const mixed = { ...plan, decisions: [...plan.decisions, decisionOf(remove(aSession(), 'instance-terminated'))] };
    expect(kinds(guard(mixed))).toMatchObject({ 'delete instance-terminated': 1, 'retain held-by-guard': 51 });
  });
});

describe('the limits', () => {
  test('held-by-guard: 50 deletions are within maxDeletes 50, 51 are not, and the plan says which limit', () => {
    expect(guard(deletions(50))).toEqual(deletions(50));
    expect(guard(deletions(51)).halted).toEqual({ guarded: 51, ourSessions: 10_000, limit: 'maxDeletes: 50' });
  });
  test('held-by-guard: maxDeletes 0 holds every guarded deletion', () => {
    expect(kinds(guard(deletions(1), { guards: { maxDeletes: 0, maxDeletePercent: 100 } }))).toHaveProperty(
      ['retain held-by-guard'],
      1,
    );
  });
  test('held-by-guard: the percentage counts from 10 deletions on', () => {
    expect(guard(deletions(9), { ourSessions: 9 }).halted).toBeUndefined();
    expect(guard(deletions(10), { ourSessions: 10 }).halted).toEqual({
      guarded: 10,
      ourSessions: 10,
      limit: 'maxDeletePercent: 20',
    });
  });
  test('held-by-guard: exactly the percentage passes, more does not', () => {
    expect(guard(deletions(20), { ourSessions: 100 }).halted).toBeUndefined();
    expect(guard(deletions(20), { ourSessions: 99 }).halted).toBeDefined();
    expect(guard(deletions(21), { ourSessions: 100 }).halted).toBeDefined();
  });
  test('in a batch of changes the percentage does not count: the batch does not know the fleet', () => {
    expect(guard(deletions(10), { ourSessions: 10, scope: 'changed' })).toEqual(deletions(10));
  });
  test('held-by-guard: in a batch of changes maxDeletes holds as well', () => {
    const held = guard(deletions(6), { scope: 'changed', guards: { maxDeletes: 5, maxDeletePercent: 20 } });
    expect(kinds(held)).toHaveProperty(['retain held-by-guard'], 6);
  });
  test('left-to-sweep: more than ten in a batch of changes, and that is no alarm', () => {
    const left = guard(deletions(11), { scope: 'changed', isBatch: true });
    expect(kinds(left)).toEqual({ 'retain left-to-sweep': 11, 'retain as-desired': 1 });
    expect(left.halted).toBeUndefined();
    expect(guard(deletions(10), { scope: 'changed', isBatch: true })).toEqual(deletions(10));
  });
  test('hold no more than `maxDeletes` says where somebody names the sources', () => {
    expect(guard(deletions(11), { scope: 'changed' })).toEqual(deletions(11));
  });
});

describe('a run that looks again', () => {
  test('held-by-guard: what it deleted before counts, of what it may delete and of what passes `--allow-deletes`', () => {
    expect(guard(deletions(5), { deletedBefore: 45 })).toEqual(deletions(5));
    expect(guard(deletions(6), { deletedBefore: 45 }).halted).toMatchObject({ guarded: 51, limit: 'maxDeletes: 50' });
    expect(guard(deletions(6), { deletedBefore: 45, allowDeletes: 50 }).halted).toBeDefined();
    expect(guard(deletions(6), { deletedBefore: 45, allowDeletes: 51 })).toEqual(deletions(6));
  });
  test.each(['held-by-guard', 'left-to-sweep'] as const)(
    '%s: what it held before it holds again, however few are left, and whatever `--allow-deletes` says',
    (heldBefore) => {
      const held = guard(deletions(2), { heldBefore, allowDeletes: 10 });
      expect(kinds(held)).toHaveProperty([`retain ${heldBefore}`], 2);
      expect(held.halted).toBeUndefined();
    },
  );
  test('is not halted by what it has deleted, when it deletes nothing more', () => {
    expect(guard(deletions(0), { deletedBefore: 60 })).toEqual(deletions(0));
  });
});

describe('how a guard holds an action', () => {
  const session = aSession();
  const held = (because: 'held-by-guard' | 'left-to-sweep', reason: Because): Action => ({
    ...retain(session, because),
    held: reason,
  });

  test.each(['held-by-guard', 'left-to-sweep'] as const)('%s: a guarded deletion that it keeps', (because) => {
    expect(heldBy(held(because, 'opted-out'))).toBe(because);
  });
  test.each<[string, Action]>([
    ['a deletion', remove(session, 'opted-out')],
    ['what is as desired', retain(session, 'as-desired')],
    ['a repair that waits for the sweep', held('left-to-sweep', 'drifted')],
    ['an orphan that is too young', retain(session, 'left-to-sweep')],
    ['what is kept although the tag is unclear', { ...retain(session, 'unknown-profile'), held: 'opted-out' }],
  ])('not at all: %s', (_what, action) => {
    expect(heldBy(action)).toBeUndefined();
  });
});

describe('apply --allow-deletes', () => {
  test.each(['fleet', 'changed'] as const)('up to that number pass whatever the guards say (scope %s)', (scope) => {
    const settings = { scope, ourSessions: 10, allowDeletes: 60, guards: { maxDeletes: 5, maxDeletePercent: 1 } };
    expect(guard(deletions(60), settings)).toEqual(deletions(60));
  });
  test('held-by-guard: one more than allowed is judged by the guards again', () => {
    expect(guard(deletions(61), { allowDeletes: 60 }).halted).toBeDefined();
    expect(guard(deletions(40), { allowDeletes: 5 }).halted).toBeUndefined();
  });
});
