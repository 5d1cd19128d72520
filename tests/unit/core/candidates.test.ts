import { expect, test } from '@jest/globals';
import { assembleCandidates } from '../../../lib/core/candidates.ts';
import { planSources } from '../../../lib/core/plan.ts';
import { anInstance } from '../../support/instance.ts';
import { aDetachedInterface, anInterface } from '../../support/interface.ts';
import { aForeignSession, aSession } from '../../support/session.ts';
import { aSituation } from '../../support/situation.ts';

const instances = new Map([[anInstance().instanceId, anInstance()]]);

test('an interface is joined with the instance that carries it and with every session on it', () => {
  const sessions = [aSession(), aForeignSession({ sessionNumber: 5 })];
  expect(assembleCandidates([anInterface()], instances, sessions)).toEqual([
    { networkInterfaceId: 'eni-0aaa0000000000001', networkInterface: anInterface(), instance: anInstance(), sessions },
  ]);
});
test('an instance that was not read leaves no trace, and an interface may be attached to none', () => {
  const attached = anInterface();
  const detached = aDetachedInterface({ networkInterfaceId: 'eni-0bbb0000000000002' });
  expect(assembleCandidates([attached, detached], new Map(), [])).toStrictEqual([
    { networkInterfaceId: 'eni-0aaa0000000000001', networkInterface: attached, sessions: [] },
    { networkInterfaceId: 'eni-0bbb0000000000002', networkInterface: detached, sessions: [] },
  ]);
});
test('sessions whose interface was not read make one candidate without an interface', () => {
  const orphans = [aSession(), aSession({ sessionId: 'tms-0b', sessionNumber: 20 })];
  expect(assembleCandidates([], instances, orphans)).toEqual([
    { networkInterfaceId: 'eni-0aaa0000000000001', sessions: orphans },
  ]);
});
test('as-desired: a session that two pages of one read both show is not its own duplicate', () => {
  const networkInterface = anInterface({ tags: { Mirror: 'http' } });
  const candidates = assembleCandidates([networkInterface], instances, [aSession(), aSession()]);
  const [decision] = planSources(candidates, aSituation({ accountSessions: [aSession()] })).decisions;
  expect(decision?.actions).toMatchObject([{ kind: 'retain', because: 'as-desired' }]);
});
