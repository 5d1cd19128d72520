import { describe, expect, test } from '@jest/globals';
import {
  isTroubled,
  judgeHealth,
  listMirrored,
  type MirroredSource,
  type MirrorTraffic,
  percentOf,
} from '../../../lib/core/health.ts';
import type { InstanceId } from '../../../lib/core/model.ts';
import { aDetachedInterface, anInterface } from '../../support/interface.ts';
import { aForeignSession, aSession } from '../../support/session.ts';

const toMs = Date.parse('2026-03-01T12:00:00Z');
const window = { fromMs: toMs - 3_600_000, toMs };
const created = (createdAt: string) => aSession({ tags: { 'fleetmirror:created-at': createdAt } });
const old = created('2026-01-01T00:00:00.000Z');
const fresh = created('2026-03-01T11:30:00.000Z');

const instanceId: InstanceId = 'i-0aaa0000000000001';
const aSource = (differences: Partial<MirroredSource> = {}): MirroredSource => ({
  networkInterfaceId: 'eni-0aaa0000000000001',
  instanceId,
  sessions: [old],
  ...differences,
});
const judge = (counted: MirrorTraffic | undefined, ...sources: MirroredSource[]) => {
  const traffic = new Map(counted === undefined ? [] : [[instanceId, counted] as const]);
  return judgeHealth(sources.length === 0 ? [aSource()] : sources, traffic, window);
};

describe('an instance that is mirrored', () => {
  test.each<[string, string, MirrorTraffic | undefined, boolean]>([
    ['carrying', 'when bytes are mirrored', { bytesOut: 1 }, false],
    ['carrying', 'when only packets are counted', { packetsIn: 1 }, false],
    ['carrying', 'when less than 1 % is dropped', { bytesIn: 9_910, skippedBytesIn: 90 }, false],
    ['congested', 'when 1 % is dropped', { bytesIn: 9_900, skippedBytesIn: 100 }, true],
    ['congested', 'when everything is dropped', { bytesIn: 0, skippedBytesOut: 5 }, true],
    ['silent', 'when every count is 0', { bytesIn: 0, bytesOut: 0, packetsIn: 0, packetsOut: 0 }, true],
    ['silent', 'when CloudWatch has no data point', undefined, true],
  ])('is %s %s', (verdict, _, counted, troubled) => {
    const [line] = judge(counted);
    expect(line?.verdict).toBe(verdict);
    expect(line && isTroubled(line)).toBe(troubled);
  });

  test('is young while a session is younger than the window and nothing came yet', () => {
    expect(judge(undefined, aSource({ sessions: [old, fresh] }))[0]?.verdict).toBe('young');
  });

  test('is silent when the age of its session is unreadable: a mirror does not hide behind an edited tag', () => {
    expect(judge(undefined, aSource({ sessions: [created('long ago')] }))[0]?.verdict).toBe('silent');
  });

  test.each([
    ['young', 'within the five minutes that clocks may differ', '2026-03-01T12:05:00.000Z'],
    ['silent', 'beyond them', '2026-03-01T12:05:00.001Z'],
  ])('is %s when its session was made in the future, %s', (verdict, _, createdAt) => {
    expect(judge(undefined, aSource({ sessions: [created(createdAt)] }))[0]?.verdict).toBe(verdict);
  });

  test('is silent when its session was made at the very beginning of the window', () => {
    expect(judge(undefined, aSource({ sessions: [created('2026-03-01T11:00:00.000Z')] }))[0]?.verdict).toBe('silent');
  });

  test('is one line for all its interfaces, since AWS counts by instance', () => {
    const counted = { bytesIn: 30, bytesOut: 40, packetsIn: 3, packetsOut: 4, skippedBytesIn: 10, skippedBytesOut: 20 };
    const lines = judge(counted, aSource(), aSource({ networkInterfaceId: 'eni-2', sessions: [old, fresh] }));
    expect(lines).toStrictEqual([
      {
        verdict: 'congested',
        instanceId,
        networkInterfaceIds: ['eni-0aaa0000000000001', 'eni-2'],
        sessions: 3,
        mirroredBytes: 70,
        mirroredPackets: 7,
        skippedBytes: 30,
        skippedPercent: 30,
        hasData: true,
      },
    ]);
  });

  test.each([undefined, {}])(
    'has no data when CloudWatch answers %j, which is told apart from a count of 0',
    (counted) => {
      const zero = { mirroredBytes: 0, mirroredPackets: 0, skippedBytes: 0, skippedPercent: 0 };
      expect(judge(counted)).toMatchObject([{ verdict: 'silent', ...zero, hasData: false }]);
      expect(judge({ bytesIn: 0 })).toMatchObject([{ verdict: 'silent', ...zero, hasData: true }]);
    },
  );
});

test('an interface without an instance of ours is unmeasured, which is no trouble', () => {
  const { instanceId: _, ...rds } = aSource({ networkInterfaceId: 'eni-0db' });
  const [line] = judge({ bytesIn: 1 }, rds);
  expect(line).toStrictEqual({
    verdict: 'unmeasured',
    networkInterfaceIds: ['eni-0db'],
    sessions: 1,
    mirroredBytes: 0,
    mirroredPackets: 0,
    skippedBytes: 0,
    skippedPercent: 0,
    hasData: false,
  });
  expect(line && isTroubled(line)).toBe(false);
});

test('troubled mirrors come first', () => {
  const busy = aSource({ networkInterfaceId: 'eni-2', instanceId: 'i-2' });
  const traffic = new Map<InstanceId, MirrorTraffic>([['i-2', { bytesIn: 1 }]]);
  const verdicts = judgeHealth([busy, aSource({ instanceId: 'i-3' })], traffic, window).map(({ verdict }) => verdict);
  expect(verdicts).toEqual(['silent', 'carrying']);
});

test('mirrors of one verdict stand in the order of their ids', () => {
  const sources = [3, 1, 2].map((index) => aSource({ networkInterfaceId: `eni-${index}`, instanceId: `i-${index}` }));
  expect(judgeHealth(sources, new Map(), window).map((line) => line.instanceId)).toEqual(['i-1', 'i-2', 'i-3']);
  const spread = [2, 3, 1].map((index) => aSource({ networkInterfaceId: `eni-${index}`, instanceId: `i-${index}` }));
  expect(judgeHealth(spread, new Map(), window).map((line) => line.instanceId)).toEqual(['i-1', 'i-2', 'i-3']);
});

test.each([
  [0, 0, 0],
  [1, 3, 33.3],
  [2, 3, 66.6],
  [3, 3, 100],
])('%d of %d are %d percent, rounded down', (part, whole, percent) => {
  expect(percentOf(part, whole)).toBe(percent);
});

describe('what is mirrored', () => {
  const owner = { fleet: 'prod', accountId: '111122223333' };

  test('are sessions of ours by interface, with the instance that carries it; strangers are left out', () => {
    const [ours, second] = [10, 20].map((sessionNumber) => aSession({ sessionNumber }));
    const gone = aSession({ networkInterfaceId: 'eni-0bbb0000000000001' });
    const interfaces = [anInterface()].map((each) => [each.networkInterfaceId, each] as const);
    expect(listMirrored([ours!, aForeignSession(), gone, second!], new Map(interfaces), owner)).toEqual([
      {
        networkInterfaceId: ours?.networkInterfaceId,
        instanceId: anInterface().attachment?.instanceId,
        sessions: [ours, second],
      },
      { networkInterfaceId: 'eni-0bbb0000000000001', sessions: [gone] },
    ]);
  });

  test('an interface that nothing carries has no instance', () => {
    const loose = aDetachedInterface();
    expect(listMirrored([aSession()], new Map([[loose.networkInterfaceId, loose]]), owner)).toStrictEqual([
      { networkInterfaceId: loose.networkInterfaceId, sessions: [aSession()] },
    ]);
  });
});
