import { expect, test } from '@jest/globals';
import type { Plan } from '../../../lib/core/actions.ts';
import { planSources } from '../../../lib/core/plan.ts';
import { settleRepairs } from '../../../lib/core/tampering.ts';
import { aSession } from '../../support/session.ts';
import { aCandidate, aSituation } from '../../support/situation.ts';

const source = 'eni-0aaa0000000000001';
const nowMs = 1_000_000;
/** A drifted session on 10, a stray one on 40 (renumbered to 20): both are repaired. */
const plan = (): Plan => {
  const stray = aSession({ sessionId: 'tms-0aaa0000000000004', sessionNumber: 40 });
  const sessions = [aSession({ packetLength: 64 }), stray];
  const { decisions, accused } = planSources([aCandidate({ sessions })], aSituation({ accountSessions: sessions }));
  return { decisions, accused, filterActions: [] };
};
const settle = (repaired: Record<string, number>, tampered: readonly (typeof source)[] = [source], given = plan()) =>
  settleRepairs(given, new Set(tampered), new Map(Object.entries(repaired)), nowMs).decisions[0]?.actions;

test('a first repair is made at once', () => {
  expect(settle({})).toEqual(plan().decisions[0]?.actions);
});
test('left-to-sweep: a second repair of the same session within a minute', () => {
  const actions = settle({ [`${source} 10`]: nowMs - 59_999 });
  expect(actions).toMatchObject([
    { kind: 'retain', because: 'left-to-sweep', held: 'drifted', instanceId: 'i-0aaa0000000000001', sessionNumber: 10 },
    { kind: 'modify', because: 'renumbered', sessionNumber: 20 },
  ]);
});
test('after a minute the session may be repaired again', () => {
  expect(settle({ [`${source} 10`]: nowMs - 60_000 })).toEqual(plan().decisions[0]?.actions);
});
test('only sources that someone touched are restrained', () => {
  expect(settle({ [`${source} 10`]: nowMs }, [])).toEqual(plan().decisions[0]?.actions);
});
test('left-to-sweep: a session that is deleted again and again is created again by the sweep', () => {
  const { decisions, accused } = planSources([aCandidate()], aSituation());
  const actions = settle({ [`${source} 10`]: nowMs - 1 }, [source], { decisions, accused, filterActions: [] });
  expect(actions).toMatchObject([
    { kind: 'refuse', because: 'left-to-sweep', tier: 'http', sessionNumber: 10, instanceId: 'i-0aaa0000000000001' },
    { kind: 'create', sessionNumber: 20 },
  ]);
});
