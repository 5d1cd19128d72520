import { describe, expect, test } from '@jest/globals';
import type { SourceDecision } from '../../../lib/core/actions.ts';
import { refuseTier, remove, retain } from '../../../lib/core/plan-actions.ts';
import type { ReportSource } from '../../../lib/core/report-facts.ts';
import { describeInterface } from '../../../lib/core/report-interface.ts';
import type { ReportGap } from '../../../lib/core/report-schema.ts';
import { anInstance } from '../../support/instance.ts';
import { anInterface } from '../../support/interface.ts';
import { aPolicy, aTier } from '../../support/policy.ts';
import { aReportSource } from '../../support/report-source.ts';
import { aForeignSession, aSession } from '../../support/session.ts';

const owner = { fleet: 'prod', accountId: '111122223333' };
const networkInterfaceId = 'eni-0aaa0000000000001';
const day = (number: number) => `2026-03-0${number}T12:00:00.000Z`;
const aGap = (differences: Partial<ReportGap> = {}): ReportGap => ({
  networkInterfaceId,
  kind: 'missing',
  because: 'target-full',
  remedy: 'Add targets.',
  since: day(1),
  ...differences,
});
const describeRow = (source: ReportSource, gaps: readonly ReportGap[] = [], policy = aPolicy()) =>
  describeInterface(source, policy, owner, gaps);
const madeAt = (createdAt: string) => ({ ...aSession().tags, 'fleetmirror:created-at': createdAt });

test('a row tells all that is known of an interface, what it should have, what it has and why', () => {
  const { virtualNetworkId: _, description: __, ...plain } = aSession({ sessionId: 'tms-3', sessionNumber: 30 });
  const source = aReportSource(
    { inPlace: [10], warnings: ['a warning'] },
    {
      networkInterface: anInterface({ requesterId: 'amazon-rds', tags: { Mirror: ' True ', Name: 'an interface' } }),
      instance: anInstance({ tags: { Name: 'web-1' } }),
      sessions: [aSession(), aForeignSession({ sessionNumber: 11 }), plain],
      verdict: 'silent',
      outcomes: [
        {
          action: refuseTier(
            networkInterfaceId,
            aTier({ name: 'tcp', sessionNumber: 20 }),
            'target-full',
            'pool sensors',
          ),
          outcome: 'settled',
          because: 'denied',
          code: 'UnauthorizedOperation',
        },
        { action: { kind: 'refuse', networkInterfaceId, because: 'type-unknown' }, outcome: 'observed' },
      ],
    },
  );
  expect(describeRow(source, [aGap()])).toStrictEqual({
    networkInterfaceId,
    instanceId: 'i-0aaa0000000000001',
    name: 'web-1',
    optIn: ' True ',
    vpcId: 'vpc-0aaa0000000000001',
    availabilityZone: 'us-east-1a',
    instanceType: 'm5.large',
    requesterId: 'amazon-rds',
    profile: 'default',
    desired: [
      { sessionNumber: 10, tier: 'http' },
      { sessionNumber: 20, tier: 'tcp' },
    ],
    sessions: [
      {
        sessionId: 'tms-0aaa0000000000001',
        sessionNumber: 10,
        isOurs: true,
        tier: 'http',
        targetId: 'tmt-0aaa1111bbbb2222c',
        virtualNetworkId: 7_159_709,
        since: '2026-01-01T00:00:00.000Z',
      },
      {
        sessionId: 'tms-0fff0000000000001',
        sessionNumber: 11,
        isOurs: false,
        targetId: 'tmt-0aaa1111bbbb2222c',
        virtualNetworkId: 7_159_709,
      },
      {
        sessionId: 'tms-3',
        sessionNumber: 30,
        isOurs: true,
        targetId: 'tmt-0aaa1111bbbb2222c',
        since: '2026-01-01T00:00:00.000Z',
      },
    ],
    status: 'partial',
    because: 'target-full',
    since: day(1),
    health: 'silent',
    decisions: [
      {
        action: 'refuse',
        because: 'denied',
        sessionNumber: 20,
        detail: 'pool sensors',
        outcome: 'settled',
        code: 'UnauthorizedOperation',
      },
      { action: 'refuse', because: 'type-unknown', outcome: 'observed' },
    ],
    warnings: ['a warning'],
  });
});

test('a row of an interface that is gone, of which nothing is wanted, has no field without a value', () => {
  const { instanceId: _, ...decision } = aReportSource({ wanted: [] }).decision;
  const source = aReportSource({}, { networkInterface: undefined, instance: undefined });
  expect(describeRow({ ...source, decision })).toStrictEqual({
    networkInterfaceId,
    desired: [],
    sessions: [],
    status: 'unwanted',
    decisions: [],
    warnings: [],
  });
});

test('the name is that of the instance, else that of the interface', () => {
  const networkInterface = anInterface({ tags: { Name: 'an interface' } });
  expect(describeRow(aReportSource({}, { networkInterface }))).toMatchObject({ name: 'an interface' });
  expect(describeRow(aReportSource({}, { networkInterface, instance: undefined }))).toMatchObject({
    name: 'an interface',
  });
});

test("the opt-in tag is the interface's own, else its instance's; an empty one is told, and names no profile", () => {
  const instance = anInstance({ tags: { Mirror: 'forensic' } });
  expect(describeRow(aReportSource({}, { instance })).optIn).toBe('forensic');
  expect(
    describeRow(aReportSource({}, { instance, networkInterface: anInterface({ tags: { Mirror: '' } }) })),
  ).toMatchObject({ optIn: '', profile: 'default' });
  expect(describeRow(aReportSource())).not.toHaveProperty('optIn');
});

describe('the status', () => {
  test.each<[string, Partial<SourceDecision>, readonly ReportGap['kind'][]]>([
    ['unwanted', { wanted: [] }, []],
    ['complete', { inPlace: [10, 20] }, []],
    ['partial', { inPlace: [20] }, ['missing']],
    ['missing', {}, ['missing', 'missing']],
    ['missing', {}, ['impossible', 'missing']],
    ['impossible', {}, ['impossible', 'unclear']],
    ['unclear', { wanted: [] }, ['unclear']],
  ])('is %s', (status, decision, kinds) => {
    const gaps = kinds.map((kind) => aGap({ kind }));
    expect(describeRow(aReportSource(decision), gaps).status).toBe(status);
  });
});

describe('the reason', () => {
  const outcomes = [{ action: remove(aSession(), 'opted-out'), outcome: 'done', because: 'denied' }] as const;
  const actions = [retain(aSession(), 'as-desired')];
  test.each<[string, ReportSource, readonly ReportGap[]]>([
    ['target-full', aReportSource({ actions }, { outcomes }), [aGap(), aGap({ because: 'source-full' })]],
    ['denied', aReportSource({ actions }, { outcomes }), []],
    ['as-desired', aReportSource({ actions }), []],
  ])('%s', (because, source, gaps) => {
    expect(describeRow(source, gaps).because).toBe(because);
  });
});

describe('a row is as it is since', () => {
  const own = (sessionNumber: number, createdAt: string) => aSession({ sessionNumber, tags: madeAt(createdAt) });
  test('the youngest session of ours was made, when it is complete', () => {
    const theirs = aForeignSession({ tags: { 'fleetmirror:created-at': day(9) } });
    const sessions = [own(10, day(3)), own(20, day(1)), own(30, day(2)), own(40, 'long ago'), theirs];
    const row = describeRow(aReportSource({ inPlace: [10, 20] }, { sessions }));
    expect(row.since).toBe(day(3));
    expect(row.sessions.map(({ since }) => since)).toEqual([day(3), day(1), day(2), undefined, undefined]);
  });
  test('its oldest gap was seen first, when it is not', () => {
    const gaps = [aGap({ since: day(3) }), aGap({ since: day(2) })];
    const row = describeRow(aReportSource({ inPlace: [10] }, { sessions: [own(10, day(1))] }), gaps);
    expect(row.since).toBe(day(2));
  });
});

describe('the profile is the one that has exactly the tiers that are wanted', () => {
  const profileOf = (
    wanted: readonly number[],
    Mirror: string,
    profiles: Readonly<Record<string, readonly string[]>>,
  ) =>
    describeRow(
      aReportSource({ wanted }, { networkInterface: anInterface({ tags: { Mirror } }) }),
      [],
      aPolicy({ profiles }),
    ).profile;
  const twins = { one: ['http'], both: ['http', 'tcp'], pair: ['http', 'tcp'] };
  test.each<[string, readonly number[], string, string | undefined]>([
    ['the one that the tag names, of several', [10, 20], ' PAIR ', 'pair'],
    ['else the first', [10, 20], 'true', 'both'],
    ['none that has other tiers, whatever the tag says', [10], 'pair', 'one'],
    ['none when no profile has them', [20], 'tcp', undefined],
    ['none when nothing is wanted', [], 'none', undefined],
  ])('%s', (_, wanted, tag, profile) => {
    expect(profileOf(wanted, tag, { none: [], ...twins })).toBe(profile);
  });
  test('the first as well when there is no tag', () => {
    expect(describeRow(aReportSource(), [], aPolicy({ profiles: twins })).profile).toBe('both');
  });
});
