import { describe, expect, test } from '@jest/globals';
import {
  isTroubled,
  judgeHealth,
  listMirrored,
  type MirroredSource,
  type MirrorTraffic,
} from '../../../lib/core/health.ts';
import type { InstanceId } from '../../../lib/core/model.ts';
import { anInterface } from '../../support/interface.ts';
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
    const lines = judge({ bytesIn: 3, bytesOut: 4 }, aSource(), aSource({ networkInterfaceId: 'eni-2' }));
    expect(lines).toEqual([
      expect.objectContaining({
        networkInterfaceIds: ['eni-0aaa0000000000001', 'eni-2'],
        sessions: 2,
        mirroredBytes: 7,
      }),
    ]);
  });
});

test('an interface without an instance of ours is unmeasured, which is no trouble', () => {
  const { instanceId: _, ...rds } = aSource({ networkInterfaceId: 'eni-0db' });
  const [line] = judge(undefined, rds);
  expect(line).toMatchObject({ verdict: 'unmeasured', hasData: false });
  expect(line && isTroubled(line)).toBe(false);
});

test('troubled mirrors come first', () => {
  const busy = aSource({ networkInterfaceId: 'eni-2', instanceId: 'i-2' });
  const traffic = new Map<InstanceId, MirrorTraffic>([['i-2', { bytesIn: 1 }]]);
  const verdicts = judgeHealth([busy, aSource({ instanceId: 'i-3' })], traffic, window).map(({ verdict }) => verdict);
  expect(verdicts).toEqual(['silent', 'carrying']);
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
});
