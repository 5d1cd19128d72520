import { CreateTagsCommand } from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { hopsMax } from '../../lib/core/limits.ts';
import type { FleetDocument } from '../../lib/emulator/fleet-document.ts';
import type { Ec2 } from '../../lib/ports.ts';
import { handleSweepRequests } from '../../lib/sweep.ts';
import { policyText } from '../support/policy.ts';
import { aStage, numbersOn, ourTags, reasonsOf, type Stage, sessionsIn, writesOf } from '../support/stage.ts';

const mirrored = { Mirror: 'true' };
const http = { target: 'tmt-0aaa1111bbbb2222c', filter: 'tmf-0aaa1111bbbb2222c', number: 10, description: 'tier http' };

/** `on` instances that want their session of tier http and `off` that do not, each with that session. */
function aMixedFleet(on: number, off: number): FleetDocument {
  const sourcesOf = (name: string, count: number) =>
    Array.from({ length: count }, (_, index) => ({ source: `${name}-${index}`, ...http, tags: ourTags() }));
  return {
    instances: [
      { name: 'on', count: on, tags: { Mirror: 'http' } },
      { name: 'off', count: off, tags: { Mirror: 'off' } },
    ],
    sessions: [...sourcesOf('on', on), ...sourcesOf('off', off)],
  };
}

function detailOf({ published }: Stage, detailType: string): Readonly<Record<string, unknown>> | undefined {
  return published.find((event) => event.detailType === detailType)?.detail;
}

describe('Guards', () => {
  test('held-by-guard: more deletions than maxDeletes are none; Sweep Halted says so', async () => {
    const stage = aStage({
      document: aMixedFleet(400, 51),
      differences: { guards: { maxDeletes: 50, maxDeletePercent: 100 } },
    });
    await stage.sweep();
    expect(sessionsIn(stage)).toHaveLength(451);
    expect(detailOf(stage, 'Sweep Halted')).toMatchObject({ guarded: 51, ourSessions: 451, limit: 'maxDeletes: 50' });
    expect([stage.counts.get('SweepsHalted'), stage.counts.get('DeletesHeld')]).toEqual([1, 51]);
    expect([stage.work, stage.sweepRequests]).toEqual([[], []]);
  });

  test('exactly maxDeletes deletions pass', async () => {
    const stage = aStage({
      document: aMixedFleet(400, 50),
      differences: { guards: { maxDeletes: 50, maxDeletePercent: 100 } },
    });
    await stage.sweep();
    expect(sessionsIn(stage)).toHaveLength(400);
    expect(detailOf(stage, 'Sweep Halted')).toBeUndefined();
  });

  test('held-by-guard: from ten on, more than maxDeletePercent of our sessions are none', async () => {
    const stage = aStage({ document: aMixedFleet(35, 10) });
    await stage.sweep();
    expect(sessionsIn(stage)).toHaveLength(45);
    expect(detailOf(stage, 'Sweep Halted')).toMatchObject({ limit: 'maxDeletePercent: 20' });
  });

  test('nine of nine are deleted: below ten no percentage counts', async () => {
    const stage = aStage({ document: aMixedFleet(0, 9) });
    await stage.sweep();
    expect(sessionsIn(stage)).toEqual([]);
  });

  test('what needs no guarded deletion proceeds while the others are held', async () => {
    const document = aMixedFleet(35, 10);
    const stage = aStage({
      document: {
        ...document,
        instances: [
          ...(document.instances ?? []),
          { name: 'new', tags: mirrored },
          { name: 'stopped', state: 'stopped', tags: mirrored },
        ],
        sessions: [...(document.sessions ?? []), { source: 'stopped', ...http, tags: ourTags() }],
      },
    });
    await stage.sweep();
    expect(reasonsOf(stage, 'Mirror Attached')).toEqual(['opted-in', 'opted-in']);
    expect(reasonsOf(stage, 'Mirror Detached')).toEqual(['instance-stopped']);
  });

  test('sessions of others count neither as ours nor as deletions', async () => {
    const stage = aStage({
      document: {
        instances: [{ name: 'web', count: 100 }],
        sessions: Array.from({ length: 100 }, (_, index) => ({ source: `web-${index}`, ...http })),
      },
    });
    await stage.sweep();
    expect(detailOf(stage, 'Sweep Halted')).toBeUndefined();
    expect(writesOf(stage)).toEqual({});
  });
});

describe('A sweep that does not finish', () => {
  const document: FleetDocument = { instances: [{ name: 'web', count: 100, tags: mirrored }] };

  test('stops before the deadline, says what remains and goes on in a message with a hop', async () => {
    const stage = aStage({ document });
    const startMs = stage.clock.now();
    await stage.sweep({ timeMs: 20_000 });
    expect(stage.clock.now() - startMs).toBeLessThanOrEqual(20_000);
    const made = sessionsIn(stage).length;
    expect(made).toBeGreaterThan(35);
    expect(made).toBeLessThan(200);
    expect(stage.sweepRequests).toEqual([{ because: 'continue', hop: 1 }]);
    expect(detailOf(stage, 'Sweep Completed')).toMatchObject({ remaining: 200 - made });
    await stage.rest();
    expect(sessionsIn(stage)).toHaveLength(200);
  });

  test('does not go on without progress', async () => {
    const stage = aStage({ document });
    stage.emulator.faults.add({
      when: 'before',
      action: 'CreateTrafficMirrorSession',
      times: 100_000,
      error: { code: 'RequestLimitExceeded' },
    });
    await stage.sweep({ hop: 1, timeMs: 60_000 });
    expect(stage.sweepRequests).toEqual([]);
    expect(stage.counts.get('LeftToSweep')).toBe(1);
  });

  test('does not go on beyond the last hop', async () => {
    const stage = aStage({ document });
    await stage.sweep({ hop: hopsMax, timeMs: 20_000 });
    expect(stage.sweepRequests).toEqual([]);
  });
});

describe('Messages that ask for a sweep', () => {
  const ask = (stage: Stage, bodies: readonly string[]) =>
    handleSweepRequests(
      stage.world,
      stage.clock.now() + 800_000,
      bodies.map((body) => ({ body })),
    );

  test('EC2 that cannot be read is reported and settled', async () => {
    const stage = aStage({ document: aMixedFleet(1, 1) });
    stage.emulator.faults.add({ when: 'before', times: 100, error: { code: 'UnauthorizedOperation' } });
    await ask(stage, ['{}']);
    expect(stage.counts.get('SweepsFailed')).toBe(1);
    expect(writesOf(stage)).toEqual({});
    const lines = stage.logs.filter(({ message }) => message === 'run').map(({ fields }) => fields);
    expect(lines).toMatchObject([{ scope: 'fleet', because: 'asked', code: 'UnauthorizedOperation' }]);
  });

  test('a programmer’s error is not settled', async () => {
    const stage = aStage();
    const readTargets = () => Promise.reject(new TypeError('a bug'));
    const world = { ...stage.world, ec2: { ...stage.world.ec2, readTargets } };
    await expect(handleSweepRequests(world, stage.clock.now() + 1000, [{ body: '{}' }])).rejects.toThrow('a bug');
  });

  test.each([
    '',
    'nonsense',
    '{}',
    '{"source":"fleetmirror","detail":{"hop":-1}}',
    '{"source":"aws.ssm","detail":{"hop":9}}',
  ])('a message %j starts a sweep from the first hop', async (body) => {
    const stage = aStage({ document: { instances: [{ name: 'web', tags: mirrored }] } });
    await ask(stage, [body]);
    expect(sessionsIn(stage)).toHaveLength(2);
  });

  test('several messages are one sweep', async () => {
    const stage = aStage();
    await ask(stage, ['{}', '{}', '{}']);
    expect(stage.published.map(({ detailType }) => detailType)).toEqual(['Sweep Completed']);
  });
});

describe('What a sweep tells', () => {
  test('coverage, what it did, and what EC2 refused, but no Mirror Refused for every gap again', async () => {
    const stage = aStage({
      document: {
        instances: [
          { name: 'web', count: 3, tags: mirrored },
          { name: 'old', instanceType: 't2.micro', tags: mirrored },
        ],
      },
    });
    await stage.sweep();
    expect(detailOf(stage, 'Sweep Completed')).toMatchObject({
      fleet: 'prod',
      coverage: { wanted: 4, eligible: 3, mirrored: 3, complete: 3, partial: 0, percent: 100 },
      actions: { create: 6, modify: 0, delete: 0, failed: 0 },
      remaining: 0,
    });
    expect(reasonsOf(stage, 'Mirror Refused')).toEqual([]);
    expect(stage.counts.get('CoveragePercent')).toBe(100);
    expect(stage.counts.get('EligibleSources')).toBe(3);
  });

  test('a bus that refuses events stops nothing', async () => {
    const stage = aStage({ document: { instances: [{ name: 'web', tags: mirrored }] } });
    await stage.sweep({ world: { bus: { publish: () => Promise.reject(new Error('no')) } } });
    expect(sessionsIn(stage)).toHaveLength(2);
    expect(stage.counts.get('EventsLost')).toBe(3);
  });

  test('coverage counts a tier that was made before its neighbour met a changed world', async () => {
    const stage = aStage({ document: { instances: [{ name: 'web', tags: mirrored }] } });
    stage.emulator.faults.add({
      when: 'before',
      action: 'CreateTrafficMirrorSession',
      matches: ({ SessionNumber: number }) => number === 20,
      error: { code: 'InvalidTrafficMirrorFilterId.NotFound' },
    });
    const report = await stage.sweep();
    expect(sessionsIn(stage)).toHaveLength(2);
    expect(report?.coverage).toMatchObject({ mirrored: 1, complete: 1 });
    expect(stage.counts.get('SessionsCreated')).toBe(2);
  });

  test('observe mode counts what is there and writes nothing', async () => {
    const stage = aStage({ document: aMixedFleet(1, 1), policy: policyText({ mode: 'observe' }) });
    const report = await stage.sweep();
    expect(writesOf(stage)).toEqual({});
    expect(report?.coverage).toMatchObject({ wanted: 1, mirrored: 1 });
    expect(stage.published.map(({ detailType }) => detailType)).toEqual(['Sweep Completed']);
  });
});

describe('A sweep that has much to do', () => {
  test('acts on no plan of more than two minutes: who opts out meanwhile gets no session', async () => {
    const pace = { rate: 0.5, rateMin: 0.5, rateMax: 0.5, burst: 1 };
    const stage = aStage({ document: { instances: [{ name: 'web', count: 60, tags: { Mirror: 'true' } }] }, pace });
    const names = Array.from({ length: 60 }, (_, index) => `web-${index}`);
    const last = names.reduce((one, other) =>
      (stage.interfacesOf(one)[0] ?? '') > (stage.interfacesOf(other)[0] ?? '') ? one : other,
    );
    let created = 0;
    const createSession: Ec2['createSession'] = async (session) => {
      created += 1;
      if (created === 5) {
        const Tags = [{ Key: 'Mirror', Value: 'off' }];
        await stage.operator.send(new CreateTagsCommand({ Resources: [stage.idOf(last)], Tags }));
      }
      return stage.world.ec2.createSession(session);
    };
    const report = await stage.sweep({ world: { ec2: { ...stage.world.ec2, createSession } } });
    expect(sessionsIn(stage)).toHaveLength(2 * 59);
    expect(numbersOn(stage, stage.interfacesOf(last)[0])).toEqual([]);
    expect(new Set(report?.outcomes.map(({ outcome }) => outcome))).toEqual(new Set(['done']));
    expect(stage.work).toEqual([]);
  });
});
