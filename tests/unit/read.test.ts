import { describe, expect, test } from '@jest/globals';
import type { FleetDocument } from '../../lib/emulator/fleet-document.ts';
import { aStateChange } from '../support/event.ts';
import { aStage, ourTags, type Stage, sessionsIn, writesOf } from '../support/stage.ts';

const mirrored = { Mirror: 'true' };
const waf = 'tmt-0aaa1111bbbb2222c';
const http = 'tmf-0aaa1111bbbb2222c';
const oneTier = {
  tiers: [{ name: 'http', sessionNumber: 10, target: 'waf', filter: 'http' }],
  profiles: { default: ['http'] },
};

/** Sessions of ours as the policy wants them, `numbers` on each of the instances. */
function desiredSessions(count: number, interfaces: number, numbers: readonly number[]): FleetDocument['sessions'] {
  const tiers = new Map([
    [10, ['http', waf, http]],
    [20, ['tcp', 'tmt-0ccc1111bbbb2222a', 'tmf-0bbb1111bbbb2222c']],
    [30, ['full', 'tmt-0ccc1111bbbb2222a', 'tmf-0ccc1111bbbb2222c']],
  ]);
  return Array.from(
    { length: count * interfaces },
    (_, index) => `web-${index % count}/${Math.floor(index / count)}`,
  ).flatMap((source) =>
    numbers.map((number) => {
      const [tier = '', target = '', filter = ''] = tiers.get(number) ?? [];
      return { source, target, filter, number, description: `tier ${tier}`, tags: ourTags() };
    }),
  );
}

function callsOf({ emulator }: Stage): Readonly<Record<string, number>> {
  return Object.fromEntries([...emulator.calls].sort());
}

describe('Pages', () => {
  test.each([999, 1000, 1001])('%i instances with an interface each are all mirrored by one sweep', async (count) => {
    const stage = aStage({
      document: { instances: [{ name: 'web', count, tags: mirrored, perReservation: 7 }] },
      differences: oneTier,
    });
    const report = await stage.sweep();
    expect(sessionsIn(stage)).toHaveLength(count);
    expect(report?.coverage).toMatchObject({ wanted: count, eligible: count, mirrored: count, complete: count });
  });

  test.each([999, 1000, 1001])(
    'a sweep over %i sessions as desired sees every one and writes nothing',
    async (count) => {
      const stage = aStage({
        document: {
          instances: [{ name: 'web', count, tags: mirrored }],
          sessions: desiredSessions(count, 1, [10]) ?? [],
        },
        differences: oneTier,
      });
      const report = await stage.sweep();
      expect(report?.coverage).toMatchObject({ wanted: count, mirrored: count });
      expect(writesOf(stage)).toEqual({});
    },
  );

  test('empty pages with a token are not the end: no session looks orphaned, none is made twice', async () => {
    const stage = aStage({
      document: {
        instances: [{ name: 'web', count: 20, tags: mirrored }],
        sessions: desiredSessions(20, 1, [10]) ?? [],
      },
      differences: oneTier,
    });
    stage.emulator.faults.add({ when: 'before', emptyPage: true, times: 5 });
    stage.emulator.faults.add({ when: 'before', emptyPage: true, times: 3, action: 'DescribeNetworkInterfaces' });
    const report = await stage.sweep();
    expect(report?.coverage.mirrored).toBe(20);
    expect(writesOf(stage)).toEqual({});
  });

  test('a page that fails for good ends the run before anything is written', async () => {
    const stage = aStage({
      document: {
        instances: [{ name: 'web', count: 1001, tags: mirrored }],
        sessions: desiredSessions(1001, 1, [10]) ?? [],
      },
      differences: oneTier,
    });
    stage.emulator.faults.add({
      when: 'before',
      action: 'DescribeNetworkInterfaces',
      times: 100,
      matches: ({ NextToken: token }) => token !== undefined,
      error: { code: 'InternalError' },
    });
    await expect(stage.sweep()).rejects.toThrow('InternalError');
    expect(writesOf(stage)).toEqual({});
  });

  test('a steady sweep of 3,333 interfaces with 9,999 sessions makes one call per 1,000 rows and writes nothing', async () => {
    const stage = aStage({
      document: {
        instances: [{ name: 'web', count: 1111, interfaces: 3, tags: { Mirror: 'forensic' } }],
        sessions: desiredSessions(1111, 3, [10, 20, 30]) ?? [],
      },
    });
    const report = await stage.sweep();
    expect(callsOf(stage)).toEqual({
      DescribeInstances: 2,
      DescribeNetworkInterfaces: 4,
      DescribeTrafficMirrorFilters: 1,
      DescribeTrafficMirrorSessions: 10,
      DescribeTrafficMirrorTargets: 1,
    });
    expect(report?.coverage).toEqual({
      wanted: 3333,
      eligible: 3333,
      mirrored: 3333,
      complete: 3333,
      partial: 0,
      percent: 100,
    });
  });
});

describe('What EC2 shows', () => {
  test('several instances in one reservation, and instances without tags, are read as they are', async () => {
    const stage = aStage({
      document: {
        instances: [
          { name: 'web', count: 5, perReservation: 5, tags: mirrored },
          { name: 'bare', count: 5, perReservation: 5 },
          { name: 'gone', state: 'terminated' },
        ],
      },
    });
    const names = [0, 1, 2, 3, 4].flatMap((index) => [`web-${index}`, `bare-${index}`]);
    expect(await stage.deliver([...names, 'gone'].map((name) => aStateChange(stage.idOf(name))))).toEqual([]);
    expect(sessionsIn(stage)).toHaveLength(10);
    const report = await stage.sweep();
    expect(report?.coverage).toMatchObject({ wanted: 5, complete: 5 });
  });

  test('more than 200 sources in one batch are asked for in several calls, each within 200 filter values', async () => {
    const stage = aStage({ document: { instances: [{ name: 'web', count: 201, tags: mirrored }] } });
    await stage.deliver(Array.from({ length: 201 }, (_, index) => aStateChange(stage.idOf(`web-${index}`))));
    expect(sessionsIn(stage)).toHaveLength(402);
  });

  test('an interface of RDS is mirrored, other services’ interfaces are refused: requester-managed, interface-type', async () => {
    const stage = aStage({
      document: {
        interfaces: [
          { name: 'db', requesterId: 'amazon-rds', tags: mirrored },
          { name: 'cache', requesterId: 'amazon-elasticache', tags: mirrored },
          { name: 'endpoint', requesterId: 'amazon-aws', tags: mirrored },
          { name: 'lambda', type: 'lambda', requesterId: 'amazon-aws', tags: mirrored },
        ],
      },
      differences: oneTier,
    });
    const report = await stage.sweep();
    expect(
      sessionsIn(stage)
        .map(({ networkInterfaceId }) => networkInterfaceId)
        .sort(),
    ).toEqual([stage.idOf('db'), stage.idOf('cache')].sort());
    const refused = report?.outcomes
      .filter(({ action }) => action.kind === 'refuse')
      .map(({ action }) => action.because);
    expect(refused?.sort()).toEqual(['interface-type', 'requester-managed']);
  });
});
