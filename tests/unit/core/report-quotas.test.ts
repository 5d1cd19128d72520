import { describe, expect, test } from '@jest/globals';
import type { Session, Target, TargetId } from '../../../lib/core/model.ts';
import { countQuotas, estimateCost, listCrossAccount, listForeign } from '../../../lib/core/report-quotas.ts';
import { aPolicy } from '../../support/policy.ts';
import { reportFacts } from '../../support/report.ts';
import { aReportSource } from '../../support/report-source.ts';
import { aForeignSession, aSession } from '../../support/session.ts';
import { anNlbTarget, aTarget } from '../../support/target.ts';

const facts = (sessions: readonly Session[], targets: readonly Target[] = [], pool: readonly TargetId[] = []) =>
  reportFacts([], {
    sessions,
    situation: { targets, policy: aPolicy({ targets: { pool: { ids: pool, spread: 'same-zone' } } }) },
  });
const on = (index: number, targetId: TargetId, differences: Partial<Session> = {}) =>
  aSession({ sessionId: `tms-${index}`, networkInterfaceId: `eni-${index}`, targetId, ...differences });
const theirs = { tags: {} };

test("the account's sessions are counted, ours apart; those of other accounts use none of its quota", () => {
  const { accountSessions } = countQuotas(
    [],
    facts([on(1, 'tmt-1'), on(2, 'tmt-1', theirs), on(3, 'tmt-1', { ...theirs, ownerId: '444455556666' })]),
  );
  expect(accountSessions).toEqual({ used: 2, ours: 1, limit: 10_000 });
});

test('slots are counted on wanted interfaces only', () => {
  const [own, foreign] = [aSession(), aForeignSession()];
  const sources = [
    aReportSource({}, { sessions: [own, foreign, foreign] }),
    aReportSource({}, { sessions: [own, foreign] }),
    aReportSource({}, { sessions: [own, own] }),
    aReportSource({}, { sessions: [foreign] }),
    aReportSource({ wanted: [] }, { sessions: [foreign, foreign, foreign] }),
  ];
  expect(countQuotas(sources, facts([])).slots).toEqual({ heldByStrangers: 4, fullInterfaces: 1 });
});

test('targets that are used or in the policy are listed, the fullest first, those without a limit last', () => {
  const large = aTarget({ targetId: 'tmt-0large', instanceType: 'm5.24xlarge' });
  const small = aTarget({ targetId: 'tmt-1small' });
  const [idle, waiting] = [aTarget({ targetId: 'tmt-2idle' }), aTarget({ targetId: 'tmt-3waiting' })];
  const late = aTarget({ targetId: 'tmt-4late' });
  const balancer = anNlbTarget({ targetId: 'tmt-0balancer', ownerId: '444455556666' });
  const sessions = [
    ...[1, 2, 3].map((index) => on(index, large.targetId)),
    ...[4, 5].map((index) => on(index, small.targetId)),
    on(4, small.targetId, { sessionId: 'tms-again', sessionNumber: 20 }),
    on(5, small.targetId, { ...theirs, sessionId: 'tms-beside', sessionNumber: 20 }),
    on(6, small.targetId, theirs),
    ...[7, 8, 9].map((index) => on(index, balancer.targetId, theirs)),
  ];
  const targets = [waiting, idle, late, large, small, aTarget({ targetId: 'tmt-5elsewhere' }), balancer];
  const pool = [idle, waiting, late, small].map(({ targetId }) => targetId);
  expect(countQuotas([], facts(sessions, targets, pool)).targets).toEqual([
    { targetId: 'tmt-1small', kind: 'network-interface', ownerId: '111122223333', sources: 3, limit: 10, strangers: 1 },
    {
      targetId: 'tmt-0large',
      kind: 'network-interface',
      ownerId: '111122223333',
      sources: 3,
      limit: 100,
      strangers: 0,
    },
    { targetId: 'tmt-2idle', kind: 'network-interface', ownerId: '111122223333', sources: 0, limit: 10, strangers: 0 },
    {
      targetId: 'tmt-3waiting',
      kind: 'network-interface',
      ownerId: '111122223333',
      sources: 0,
      limit: 10,
      strangers: 0,
    },
    { targetId: 'tmt-4late', kind: 'network-interface', ownerId: '111122223333', sources: 0, limit: 10, strangers: 0 },
    {
      targetId: 'tmt-0balancer',
      kind: 'network-load-balancer',
      ownerId: '444455556666',
      sources: 3,
      limit: null,
      strangers: 3,
    },
  ]);
});

describe('sessions are listed by interface and number', () => {
  const shared = anNlbTarget({ targetId: 'tmt-shared', ownerId: '444455556666' });
  const inDisorder = (differences: Partial<Session>) => [
    on(3, 'tmt-shared', differences),
    on(1, 'tmt-shared', { ...differences, sessionNumber: 20 }),
    on(2, 'tmt-shared', differences),
    on(1, 'tmt-shared', { ...differences, sessionNumber: 5 }),
  ];

  test('those of others with their description, where they have one', () => {
    const { description: _, ...plain } = on(4, 'tmt-1', theirs);
    const row = (index: number, sessionNumber: number) => ({
      sessionId: `tms-${index}`,
      networkInterfaceId: `eni-${index}`,
      sessionNumber,
      targetId: 'tmt-shared',
      ownerId: '111122223333',
      description: 'tier http',
    });
    expect(listForeign(facts([plain, ...inDisorder(theirs), on(5, 'tmt-1')]))).toStrictEqual([
      row(1, 5),
      row(1, 20),
      row(2, 10),
      row(3, 10),
      {
        sessionId: 'tms-4',
        networkInterfaceId: 'eni-4',
        sessionNumber: 10,
        targetId: 'tmt-1',
        ownerId: '111122223333',
      },
    ]);
  });

  test('ours to a target of another account, unless nobody can see whose it is', () => {
    const sessions = [...inDisorder({}), on(5, 'tmt-gone'), on(6, 'tmt-own'), on(7, 'tmt-shared', theirs)];
    const row = (index: number) => ({
      sessionId: `tms-${index}`,
      networkInterfaceId: `eni-${index}`,
      targetId: 'tmt-shared',
      targetOwnerId: '444455556666',
    });
    expect(listCrossAccount(facts(sessions, [shared, aTarget({ targetId: 'tmt-own' })]))).toStrictEqual(
      [1, 1, 2, 3].map(row),
    );
  });
});

test('the cost is that of our sessions in a month, to the cent', () => {
  const sessions = [on(1, 'tmt-1'), on(2, 'tmt-1'), on(3, 'tmt-1'), on(4, 'tmt-1', theirs)];
  const cost = { sessionHourUsd: 0.0151, source: 'our contract' };
  expect(estimateCost({ ...facts(sessions), policy: aPolicy({ cost }) })).toEqual({
    isEstimate: true,
    sessions: 3,
    sessionHourUsd: 0.0151,
    hoursPerMonth: 730,
    monthlyUsd: 33.07,
    source: 'our contract',
  });
});
