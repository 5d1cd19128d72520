import { DeleteTrafficMirrorFilterCommand, DeleteTrafficMirrorSessionCommand } from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { startRun } from '../../lib/call.ts';
import type { FleetDocument } from '../../lib/emulator/fleet-document.ts';
import { createMemory } from '../../lib/memory.ts';
import { type Metric, type MetricName, metrics } from '../../lib/metrics.ts';
import { handleSweepRequests } from '../../lib/sweep.ts';
import type { MetricValue } from '../support/emulated-world.ts';
import { aCloudTrailEvent, aStateChange } from '../support/event.ts';
import { aStage, ourTags, type Stage, sessionsIn } from '../support/stage.ts';

const mirrored = { Mirror: 'true' };
const http = { target: 'tmt-0aaa1111bbbb2222c', filter: 'tmf-0aaa1111bbbb2222c', number: 10, description: 'tier http' };

/** `count` instances that want nothing and have a session of ours each. */
const unwanted = (count: number): FleetDocument => ({
  instances: [{ name: 'off', count, tags: { Mirror: 'off' } }],
  sessions: Array.from({ length: count }, (_, index) => ({ source: `off-${index}`, ...http, tags: ourTags() })),
});
const web: FleetDocument = { instances: [{ name: 'web', tags: mirrored }] };
const aWebStage = () => aStage({ document: web });

async function aLaunch(stage: Stage, afterMs = 0): Promise<Stage> {
  stage.clock.advance(afterMs);
  await stage.deliver([aStateChange(stage.idOf('web'))]);
  return stage;
}

async function aSweep(stage: Stage): Promise<Stage> {
  await stage.sweep();
  return stage;
}

/** A pool of one interface target on an instance type that may have ten sources. */
function aSmallPool(sources: number): Stage {
  return aStage({
    document: {
      instances: [
        { name: 'sensor', instanceType: 'c5.large' },
        { name: 'web', count: sources, tags: { Mirror: 'http' } },
      ],
      targets: [{ id: 'tmt-0ddd1111bbbb2222a', instance: 'sensor' }],
    },
    differences: {
      targets: { waf: { ids: ['tmt-0ddd1111bbbb2222a'] }, sensors: { ids: ['tmt-0ccc1111bbbb2222a'] } },
    },
  });
}

/** What happens in the account, and what is counted then. Each metric has its cause here; a new one needs a line. */
const causes: Readonly<
  Record<MetricName, readonly [string, () => Promise<Stage>, Omit<MetricValue, 'metric' | 'atMs'>]>
> = {
  SessionsCreated: ['a launch', () => aLaunch(aWebStage()), { value: 1, dimensions: { tier: 'http' } }],
  SessionsModified: [
    'a session that someone gave another number',
    () =>
      aSweep(
        aStage({
          document: {
            instances: [{ name: 'web', tags: { Mirror: 'http' } }],
            sessions: [{ source: 'web', ...http, number: 7, tags: ourTags() }],
          },
        }),
      ),
    { value: 1, dimensions: { tier: 'http' } },
  ],
  SessionsDeleted: [
    'an opt-out',
    () => aSweep(aStage({ document: unwanted(1) })),
    { value: 1, dimensions: { tier: 'http' } },
  ],
  SessionsRefused: [
    'an instance of an unsupported type',
    () => aSweep(aStage({ document: { instances: [{ name: 'old', instanceType: 't2.micro', tags: mirrored }] } })),
    { value: 1, dimensions: { reason: 'type-unsupported' } },
  ],
  ActionsFailed: [
    'an error that nobody knows',
    () => {
      const stage = aWebStage();
      stage.emulator.faults.add({
        action: 'CreateTrafficMirrorSession',
        when: 'before',
        times: 9,
        error: { code: 'SomethingNew' },
      });
      return aLaunch(stage);
    },
    { value: 2, dimensions: {} },
  ],
  DeletesHeld: [
    'more deletions than the guards allow',
    () => aSweep(aStage({ document: unwanted(51) })),
    { value: 51, dimensions: {} },
  ],
  SweepsHalted: [
    'more deletions than the guards allow',
    () => aSweep(aStage({ document: unwanted(51) })),
    { value: 1, dimensions: {} },
  ],
  ForeignSessions: [
    "another tool's session",
    () =>
      aSweep(
        aStage({
          document: { instances: [{ name: 'web', tags: mirrored }], sessions: [{ source: 'web', ...http, number: 5 }] },
        }),
      ),
    { value: 1, dimensions: {} },
  ],
  EligibleSources: ['a sweep', () => aSweep(aWebStage()), { value: 1, dimensions: {} }],
  MirroredSources: ['a sweep', () => aSweep(aWebStage()), { value: 1, dimensions: {} }],
  CoveragePercent: ['a sweep', () => aSweep(aWebStage()), { value: 100, dimensions: {} }],
  AccountSessionHeadroom: [
    'a sweep that creates two sessions',
    () => aSweep(aWebStage()),
    { value: 9998, dimensions: {} },
  ],
  AccountSessionHeadroomPercent: [
    'a sweep that creates two sessions',
    () => aSweep(aWebStage()),
    { value: 99.9, dimensions: {} },
  ],
  TargetHeadroom: ['nine sources at a target for ten', () => aSweep(aSmallPool(9)), { value: 1, dimensions: {} }],
  TargetHeadroomPercent: [
    'twelve sources at a target for ten',
    () => aSweep(aSmallPool(12)),
    { value: 0, dimensions: {} },
  ],
  TimeToMirrorMs: ['an event of four seconds ago', () => aLaunch(aWebStage(), 4000), { value: 4000, dimensions: {} }],
  EventAgeMs: ['an event of four seconds ago', () => aLaunch(aWebStage(), 4000), { value: 4000, dimensions: {} }],
  EventsIgnored: [
    'the record of a failed call',
    async () => {
      const stage = aWebStage();
      await stage.deliver([aCloudTrailEvent('CreateTags', { errorCode: 'Client.UnauthorizedOperation' })]);
      return stage;
    },
    { value: 1, dimensions: {} },
  ],
  EventsUnreadable: [
    'a message that is no event',
    async () => {
      const stage = aWebStage();
      await stage.deliver(['nonsense']);
      return stage;
    },
    { value: 1, dimensions: {} },
  ],
  HintsDropped: [
    'an old event about an instance that is not there',
    async () => {
      const stage = aWebStage();
      stage.clock.advance(5 * 60_000);
      await stage.deliver([aStateChange('i-0aaa0000000000009')]);
      return stage;
    },
    { value: 1, dimensions: {} },
  ],
  EventsLost: [
    'a bus that refuses',
    async () => {
      const stage = aWebStage();
      await stage.sweep({ world: { bus: { publish: () => Promise.reject(new Error('AccessDenied')) } } });
      return stage;
    },
    { value: 3, dimensions: {} },
  ],
  ReportsLost: [
    'a bucket that refuses',
    async () => {
      const stage = aWebStage();
      const keep = () => Promise.reject(new Error('AccessDenied'));
      await stage.sweep({ world: { reports: { keep, recallOpen: async () => undefined } } });
      return stage;
    },
    { value: 1, dimensions: {} },
  ],
  SweepDurationMs: ['a sweep', () => aSweep(aWebStage()), { value: 0, dimensions: {} }],
  SweepRemaining: [
    'a sweep without time',
    async () => {
      const stage = aWebStage();
      await stage.sweep({ timeMs: 0 });
      return stage;
    },
    { value: 2, dimensions: {} },
  ],
  SweepsRequested: [
    'a stranger who deletes a filter',
    async () => {
      const stage = aWebStage();
      await stage.operator.send(
        new DeleteTrafficMirrorFilterCommand({ TrafficMirrorFilterId: 'tmf-0ccc1111bbbb2222c' }),
      );
      await stage.deliverEvents();
      return stage;
    },
    { value: 1, dimensions: {} },
  ],
  TamperingLeftToSweep: [
    'a stranger who deletes sessions that a cold function does not know, twice',
    async () => {
      const stage = await aLaunch(aWebStage());
      stage.events.length = 0;
      const memory = createMemory();
      for (const { sessionId } of sessionsIn(stage)) {
        await stage.operator.send(new DeleteTrafficMirrorSessionCommand({ TrafficMirrorSessionId: sessionId }));
        const { tamperingSweepAtMs } = memory;
        await stage.deliverEvents({ world: { memory: Object.assign(memory, createMemory(), { tamperingSweepAtMs }) } });
      }
      return stage;
    },
    { value: 1, dimensions: {} },
  ],
  SweepsFailed: [
    'an account that denies every read',
    async () => {
      const stage = aWebStage();
      stage.emulator.faults.add({ when: 'before', times: 100, error: { code: 'UnauthorizedOperation' } });
      await handleSweepRequests(stage.world, stage.clock.now() + 800_000, [{ body: '{}' }]);
      return stage;
    },
    { value: 1, dimensions: {} },
  ],
  LeftToSweep: [
    'a continued sweep without progress',
    async () => {
      const stage = aWebStage();
      await stage.sweep({ timeMs: 0, hop: 1 });
      return stage;
    },
    { value: 1, dimensions: {} },
  ],
  PolicyUnusable: [
    'a broken policy',
    () => {
      const stage = aWebStage();
      stage.setPolicy('version: 9');
      return aLaunch(stage);
    },
    { value: 1, dimensions: {} },
  ],
  Throttles: [
    'EC2 that throttles a read',
    () => {
      const stage = aWebStage();
      stage.emulator.faults.add({
        action: 'DescribeInstances',
        when: 'before',
        error: { code: 'RequestLimitExceeded' },
      });
      return aLaunch(stage);
    },
    { value: 1, dimensions: {} },
  ],
};

describe('each metric has a cause', () => {
  test.each(Object.entries(causes))('%s: %j', async (metric, [, happen, value]) => {
    const stage = await happen();
    expect(stage.values).toContainEqual(expect.objectContaining({ metric, ...value }));
  });
});

describe('a denied call is a refusal', () => {
  test.each([
    ['and a failed action, where a session stays that should not', 'DeleteTrafficMirrorSession', unwanted(1), 1],
    ['only, where none comes, since coverage tells', 'CreateTrafficMirrorSession', web, 0],
  ])('%s: %s', async (_what, action, document, failed) => {
    const stage = aStage({ document });
    stage.emulator.faults.add({ action, when: 'before', times: 9, error: { code: 'UnauthorizedOperation' } });
    await stage.sweep();
    expect(stage.counts.get('SessionsRefused')).toBeGreaterThan(0);
    expect(stage.counts.get('ActionsFailed')).toBe(failed);
  });
});

describe('dimensions', () => {
  test('a session whose description someone changed does not make a dimension of what they wrote', async () => {
    const document = unwanted(1);
    const [session] = document.sessions ?? [];
    const stage = await aSweep(
      aStage({ document: { ...document, sessions: session ? [{ ...session, description: 'tier anything' }] : [] } }),
    );
    expect(stage.values).toContainEqual(expect.objectContaining({ metric: 'SessionsDeleted', dimensions: {} }));
  });

  test('are those that the registry names, and no metric of a sweep is counted by a batch of changes', async () => {
    const stage = await aLaunch(aWebStage());
    for (const { metric, dimensions } of stage.values) {
      const spec: Metric = metrics[metric];
      expect(Object.keys(dimensions)).toEqual(spec.by === undefined ? [] : [spec.by]);
    }
    expect(stage.counts.has('CoveragePercent')).toBe(false);
  });
});

describe('one name for a run', () => {
  test('is in every line of its log, in its events, and in the client token that CloudTrail records', async () => {
    const stage = aWebStage();
    await stage.deliver([{ ...aStateChange(stage.idOf('web')), id: 'event-1' }]);
    const runIds = new Set(stage.logs.map(({ fields }) => fields.runId));
    expect(runIds.size).toBe(1);
    const [runId] = runIds;
    expect(stage.published.map(({ detail }) => [detail.runId, detail.eventIds])).toEqual([
      [runId, ['event-1']],
      [runId, ['event-1']],
    ]);
    const creations = stage.events.filter(({ detail }) => detail.eventName === 'CreateTrafficMirrorSession');
    for (const { detail } of creations) expect(JSON.stringify(detail)).toContain(`-${runId}"`);
    expect(creations).toHaveLength(2);
  });

  test('events that were handed on are still named when their work is done', async () => {
    const stage = aWebStage();
    const event = { ...aStateChange(stage.idOf('web')), id: 'event-1' };
    await stage.deliver([event], { timeMs: 0 });
    expect(stage.work[0]?.work.eventIds).toEqual(['event-1']);
    await stage.rest();
    const actions = stage.logs.filter(({ message, fields }) => message === 'action' && fields.outcome === 'done');
    expect(actions.map(({ fields }) => fields.eventIds)).toEqual([['event-1'], ['event-1']]);
  });

  test('one line says what the run came to, and one what became of each action that is not a plain retain', async () => {
    const stage = await aLaunch(aWebStage());
    const [run] = stage.logs.filter(({ message }) => message === 'run');
    expect(run?.fields).toMatchObject({
      scope: 'changed',
      because: 'changes',
      sources: 1,
      actions: { create: 2, modify: 0, delete: 0, refuse: 0, failed: 0 },
      remaining: 0,
      isObserved: false,
    });
    await aLaunch(stage);
    expect(stage.logs.filter(({ message }) => message === 'run')).toHaveLength(2);
    expect(stage.logs.filter(({ message }) => message === 'action')).toHaveLength(2);
  });

  test('two runs have two names', () => {
    const { world } = aWebStage();
    expect(startRun(world, 0).nonce).not.toBe(startRun(world, 0).nonce);
  });
});
