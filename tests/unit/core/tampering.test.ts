import { expect, test } from '@jest/globals';
import type { Action, Plan } from '../../../lib/core/actions.ts';
import type { NetworkInterfaceId } from '../../../lib/core/model.ts';
import { planSources } from '../../../lib/core/plan.ts';
import { remove, retain } from '../../../lib/core/plan-actions.ts';
import { settleRepairs } from '../../../lib/core/tampering.ts';
import { aForeignSession, aSession } from '../../support/session.ts';
import { aCandidate, aSituation } from '../../support/situation.ts';

const source = 'eni-0aaa0000000000001';
const nowMs = 1_000_000;
/** What is planned for one source that has these sessions. */
function planWith(...sessions: readonly ReturnType<typeof aSession>[]): Plan {
  const situation = aSituation({ accountSessions: sessions });
  return { ...planSources([aCandidate({ sessions })], situation), filterActions: [] };
}
/** A drifted session on 10, a stray one on 40 (renumbered to 20): both are repaired. */
const drifted = aSession({ packetLength: 64 });
const plan = planWith(drifted, aSession({ sessionId: 'tms-0aaa0000000000004', sessionNumber: 40 }));
const planOf = (...actions: readonly Action[]): Plan => ({
  ...plan,
  decisions: plan.decisions.map((decision) => ({ ...decision, actions })),
});
const settle = (repaired: Record<string, number>, tampered: readonly NetworkInterfaceId[] = [source], given = plan) =>
  settleRepairs(given, new Set(tampered), new Map(Object.entries(repaired)), nowMs);

test('a first repair is made at once', () => {
  expect(settle({})).toEqual(plan);
});
test('left-to-sweep: a second repair of the same session within a minute', () => {
  const [modified, renumbered] = plan.decisions[0]?.actions ?? [];
  expect(modified).toMatchObject({ kind: 'modify', because: 'drifted', sessionNumber: 10 });
  expect(renumbered).toMatchObject({ kind: 'modify', because: 'renumbered', sessionNumber: 20 });
  const held = {
    kind: 'retain',
    networkInterfaceId: source,
    instanceId: 'i-0aaa0000000000001',
    sessionNumber: 10,
    because: 'left-to-sweep',
    session: drifted,
    held: 'drifted',
  };
  expect(settle({ [`${source} 10`]: nowMs - 59_999 })).toEqual({
    ...plan,
    decisions: [{ ...plan.decisions[0], actions: [held, renumbered] }],
  });
});
test('after a minute the session may be repaired again', () => {
  expect(settle({ [`${source} 10`]: nowMs - 60_000 })).toEqual(plan);
});
test('only sources that someone touched are restrained', () => {
  expect(settle({ [`${source} 10`]: nowMs }, [])).toEqual(plan);
});
test('left-to-sweep: a session that is deleted again and again is created again by the sweep', () => {
  const [first, second] = planWith().decisions[0]?.actions ?? [];
  expect([first, second]).toMatchObject([{ kind: 'create' }, { kind: 'create', sessionNumber: 20 }]);
  expect(settle({ [`${source} 10`]: nowMs - 1 }, [source], planWith()).decisions[0]?.actions).toEqual([
    {
      kind: 'refuse',
      networkInterfaceId: source,
      instanceId: 'i-0aaa0000000000001',
      because: 'left-to-sweep',
      sessionNumber: 10,
      tier: 'http',
    },
    second,
  ]);
});
test('left-to-sweep: a session that is made again and again is deleted by the sweep', () => {
  const given = planOf(remove(aSession(), 'not-covered'));
  expect(settle({ [`${source} 10`]: nowMs }, [source], given).decisions[0]?.actions).toEqual([
    {
      kind: 'retain',
      networkInterfaceId: source,
      sessionNumber: 10,
      because: 'left-to-sweep',
      session: aSession(),
      held: 'not-covered',
    },
  ]);
});
test('what needs no call stays as it is', () => {
  const given = planOf(retain(aForeignSession(), 'not-ours'));
  expect(settle({ [`${source} 10`]: nowMs }, [source], given)).toEqual(given);
});
