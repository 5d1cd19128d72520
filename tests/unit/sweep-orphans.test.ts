import { ModifyInstanceAttributeCommand, StopInstancesCommand, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import type { FleetDocument } from '../../lib/emulator/fleet-document.ts';
import { aStateChange } from '../support/event.ts';
import {
  aStage,
  numbersOn,
  ourTags,
  reasonsOf,
  type Stage,
  type StageOptions,
  sessionsIn,
  writesOf,
} from '../support/stage.ts';

type Instance = NonNullable<FleetDocument['instances']>[number];

const mirrored = { Mirror: 'true' };
const waf = 'tmt-0aaa1111bbbb2222c';
const http = { target: waf, filter: 'tmf-0aaa1111bbbb2222c', number: 10, description: 'tier http' };
const gone = 'eni-00000000000000000';
const minute = 60_000;

/** An instance `web` (or what replaces it) with one session of ours on its interface. */
function aSweptStage(instance: Instance, options: StageOptions = {}): Stage {
  return aStage({
    document: { instances: [{ name: 'web', ...instance }], sessions: [{ source: 'web', ...http, tags: ourTags() }] },
    ...options,
  });
}

/** A session of ours whose interface no longer exists. */
function anOrphanedStage(tags: Record<string, string>, options: StageOptions = {}): Stage {
  return aStage({ document: { sessions: [{ source: gone, ...http, tags }] }, ...options });
}

function createdAt(stage: Stage | number): Record<string, string> {
  return ourTags({
    'fleetmirror:created-at': new Date(typeof stage === 'number' ? stage : stage.clock.now()).toISOString(),
  });
}

const startMs = Date.parse('2026-03-01T12:00:00Z');

describe('A sweep removes', () => {
  test.each<[string, Instance, StageOptions]>([
    ['opted-out', { tags: { Mirror: 'off' } }, {}],
    ['not-covered', {}, {}],
    [
      'excluded',
      { tags: { ...mirrored, role: 'sensor' } },
      { differences: { exclude: [{ tags: { role: ['sensor'] } }] } },
    ],
    ['instance-stopped', { state: 'stopped', tags: mirrored }, {}],
    ['type-unsupported', { instanceType: 't2.micro', tags: mirrored }, {}],
  ])('%s', async (because, instance, options) => {
    const stage = aSweptStage(instance, options);
    await stage.sweep();
    expect(sessionsIn(stage)).toEqual([]);
    expect(reasonsOf(stage, 'Mirror Detached')).toEqual([because]);
  });

  test('not-primary: the session of a second interface under `interfaces: primary`', async () => {
    const stage = aStage({
      document: {
        instances: [{ name: 'web', interfaces: 2, tags: mirrored }],
        sessions: [{ source: 'web/1', ...http, tags: ourTags() }],
      },
      differences: { interfaces: 'primary' },
    });
    await stage.sweep();
    expect(numbersOn(stage, stage.interfacesOf('web')[0])).toEqual([10, 20]);
    expect(numbersOn(stage, stage.interfacesOf('web')[1])).toEqual([]);
    expect(reasonsOf(stage, 'Mirror Detached')).toEqual(['not-primary']);
  });

  test('interface-detached: the session of an interface that nothing carries', async () => {
    const stage = aStage({
      document: {
        interfaces: [{ name: 'loose', tags: mirrored }],
        sessions: [{ source: 'loose', ...http, tags: ourTags() }],
      },
    });
    await stage.sweep();
    expect(reasonsOf(stage, 'Mirror Detached')).toEqual(['interface-detached']);
  });

  test('tier-withdrawn: the session of a tier that the profile no longer names', async () => {
    const stage = aSweptStage({ tags: { Mirror: 'tcp' } });
    await stage.deliver([aStateChange(stage.idOf('web'))]);
    expect(numbersOn(stage, stage.interfacesOf('web')[0])).toEqual([20]);
  });

  test('type-unsupported: the instance was changed to a type that AWS does not mirror', async () => {
    const stage = aSweptStage({ tags: mirrored }, { differences: { whileStopped: 'keep' } });
    const InstanceId = stage.idOf('web');
    await stage.sweep();
    await stage.operator.send(new StopInstancesCommand({ InstanceIds: [InstanceId] }));
    await stage.operator.send(new ModifyInstanceAttributeCommand({ InstanceId, InstanceType: { Value: 't2.micro' } }));
    await stage.sweep();
    expect(sessionsIn(stage)).toEqual([]);
    expect(reasonsOf(stage, 'Mirror Detached')).toEqual(['type-unsupported', 'type-unsupported']);
  });

  test('duplicate: of two sessions of ours on one number the one with the lowest id stays', async () => {
    const sessions = ['tms-00000000000000002', 'tms-00000000000000001'].map((id) => ({
      id,
      source: 'web',
      ...http,
      tags: ourTags(),
    }));
    const stage = aStage({ document: { instances: [{ name: 'web', tags: { Mirror: 'http' } }], sessions } });
    await stage.sweep();
    expect(sessionsIn(stage).map(({ sessionId }) => sessionId)).toEqual(['tms-00000000000000001']);
  });

  test('a removed orphan is found once: the second sweep has nothing to do', async () => {
    const stage = aSweptStage({ tags: { Mirror: 'off' } });
    await stage.sweep();
    const before = writesOf(stage);
    await stage.sweep();
    expect(writesOf(stage)).toEqual(before);
  });
});

describe('A session whose interface is missing', () => {
  test('interface-gone: is removed when it is older than 15 minutes', async () => {
    const stage = anOrphanedStage(createdAt(startMs - 15 * minute - 1));
    await stage.sweep();
    expect(sessionsIn(stage)).toEqual([]);
    expect(reasonsOf(stage, 'Mirror Detached')).toEqual(['interface-gone']);
  });

  test('left-to-sweep: is kept while it is 15 minutes old or younger', async () => {
    const stage = anOrphanedStage(createdAt(startMs - 15 * minute));
    await stage.sweep();
    expect(sessionsIn(stage)).toHaveLength(1);
    stage.clock.advance(1);
    await stage.sweep();
    expect(sessionsIn(stage)).toEqual([]);
  });

  test.each(['', 'yesterday', '2026-03-01', '2026-13-99T99:99:99Z'])(
    'interface-gone: with created-at %j it is removed only because a second read agrees',
    async (text) => {
      const stage = anOrphanedStage(ourTags({ 'fleetmirror:created-at': text }));
      await stage.sweep();
      expect(sessionsIn(stage)).toEqual([]);
    },
  );

  test('read-incomplete: with an unreadable age it is kept when the second read shows the interface', async () => {
    const stage = aStage({
      document: {
        instances: [{ name: 'web', tags: mirrored }],
        sessions: [{ source: 'web', ...http, tags: ourTags({ 'fleetmirror:created-at': '?' }) }],
      },
    });
    let reads = 0;
    const { ec2 } = stage.world;
    const forgetful: typeof ec2 = {
      ...ec2,
      readInterfaces: async (query) => (query === 'all' && reads++ === 0 ? [] : ec2.readInterfaces(query)),
    };
    await stage.sweep({ world: { ec2: forgetful } });
    expect(numbersOn(stage, stage.interfacesOf('web')[0])).toEqual([10, 20]);
    expect(reasonsOf(stage, 'Mirror Detached')).toEqual([]);
  });

  test('left-to-sweep: no event makes `on-change` remove it', async () => {
    const stage = anOrphanedStage(ourTags());
    await stage.deliver([aStateChange('i-0aaa0000000000001', 'terminated')]);
    expect(sessionsIn(stage)).toHaveLength(1);
  });

  test('a run beside us that creates between our reads loses nothing', async () => {
    const stage = aStage({ document: { instances: [{ name: 'web', count: 3, tags: mirrored }] } });
    const { ec2 } = stage.world;
    let hasRun = false;
    const interrupted: typeof ec2 = {
      ...ec2,
      readInterfaces: async (query) => {
        const interfaces = await ec2.readInterfaces(query);
        if (query === 'all' && !hasRun) {
          hasRun = true;
          await stage.deliver([0, 1, 2].map((index) => aStateChange(stage.idOf(`web-${index}`))));
        }
        return interfaces;
      },
    };
    await stage.sweep({ world: { ec2: interrupted } });
    expect(sessionsIn(stage)).toHaveLength(6);
    expect(reasonsOf(stage, 'Mirror Detached')).toEqual([]);
    expect(stage.counts.get('ActionsFailed')).toBe(0);
  });

  test('an instance launched between our reads, its session with it, loses nothing', async () => {
    const stage = aStage();
    const { ec2 } = stage.world;
    const interrupted: typeof ec2 = {
      ...ec2,
      readSessions: async (query) => {
        if (query === 'all' && stage.emulator.account.instances.size === 0) {
          const ids = stage.emulator.loadFleet({ instances: [{ name: 'web', tags: mirrored }] });
          await stage.deliver([aStateChange(ids.get('web') ?? '')]);
        }
        return ec2.readSessions(query);
      },
    };
    await stage.sweep({ world: { ec2: interrupted } });
    expect(sessionsIn(stage)).toHaveLength(2);
    expect(reasonsOf(stage, 'Mirror Detached')).toEqual([]);
  });

  test('instances that EC2 does not show yet take no session with them: read-incomplete', async () => {
    const stage = aSweptStage({ tags: mirrored });
    const { ec2 } = stage.world;
    await stage.sweep({ world: { ec2: { ...ec2, readInstances: async () => [] } } });
    expect(writesOf(stage)).toEqual({});
  });
});

describe('A session whose target is gone', () => {
  function aTargetlessStage(options: StageOptions = {}): Stage {
    const stage = aSweptStage({ tags: { Mirror: 'http' } }, options);
    stage.emulator.account.targets.remove(waf);
    return stage;
  }

  test('target-gone: is removed by a sweep whose second read agrees', async () => {
    const stage = aTargetlessStage();
    await stage.sweep();
    expect(sessionsIn(stage)).toEqual([]);
    expect(reasonsOf(stage, 'Mirror Detached')).toEqual(['target-gone']);
  });

  test('target-gone: is removed, too, when another tier cannot have it because EC2 calls its target full', async () => {
    const stage = aSweptStage({ tags: mirrored });
    stage.emulator.account.targets.remove(waf);
    for (const action of ['ModifyTrafficMirrorSession', 'CreateTrafficMirrorSession']) {
      const error = { code: 'TrafficMirrorSessionsPerTargetLimitExceeded' };
      stage.emulator.faults.add({ when: 'before', action, times: 9, error });
    }
    await stage.sweep();
    expect(sessionsIn(stage)).toEqual([]);
    expect(reasonsOf(stage, 'Mirror Detached')).toEqual(['target-gone']);
  });

  test('target-missing: is kept when the second read shows the target again', async () => {
    const stage = aSweptStage({ tags: { Mirror: 'http' } });
    const { ec2 } = stage.world;
    let reads = 0;
    const forgetful: typeof ec2 = {
      ...ec2,
      readTargets: async () => (reads++ === 0 ? [] : ec2.readTargets()),
    };
    await stage.sweep({ world: { ec2: forgetful } });
    expect(sessionsIn(stage)).toHaveLength(1);
    expect(writesOf(stage)).toEqual({});
  });

  test('target-missing: is kept by `on-change`, which tells of it', async () => {
    const stage = aTargetlessStage();
    await stage.deliver([aStateChange(stage.idOf('web'))]);
    expect(sessionsIn(stage)).toHaveLength(1);
    expect(reasonsOf(stage, 'Mirror Refused')).toEqual(['target-missing']);
  });

  test('target-gone: moves in place to another target of the pool', async () => {
    const ids = [waf, 'tmt-0ccc1111bbbb2222a'];
    const stage = aTargetlessStage({ differences: { targets: { waf: { ids }, sensors: { ids } } } });
    const [before] = sessionsIn(stage);
    await stage.sweep();
    expect(sessionsIn(stage)).toEqual([{ ...before, targetId: ids[1], packetLength: before?.packetLength }]);
    expect(reasonsOf(stage, 'Mirror Drift Repaired')).toEqual(['target-gone']);
  });

  describe('whose interface is gone, as when somebody replaces a sensor', () => {
    const [first, second] = ['tmt-0dad1111bbbb22220', 'tmt-0dad1111bbbb22221'] as const;

    /** Two sensors in one zone, a session on the target of the first. */
    const aSensorStage = (ids: readonly string[]) =>
      aStage({
        document: {
          instances: [
            { name: 'sensor', count: 2 },
            { name: 'web', tags: { Mirror: 'http' } },
          ],
          targets: [
            { id: first, instance: 'sensor-0' },
            { id: second, instance: 'sensor-1' },
          ],
          sessions: [{ source: 'web', ...http, target: first, tags: ourTags() }],
        },
        differences: { targets: { waf: { ids }, sensors: { ids: ['tmt-0ccc1111bbbb2222a'] } } },
      });
    /** The same once the first sensor is terminated. */
    async function aSensorlessStage(ids: readonly string[]) {
      const stage = aSensorStage(ids);
      await stage.operator.send(new TerminateInstancesCommand({ InstanceIds: [stage.idOf('sensor-0')] }));
      stage.clock.advance(600_000);
      return stage;
    }
    const targetsOf = (stage: Stage) => sessionsIn(stage).map(({ targetId }) => targetId);

    test('target-gone: it moves in place to a sensor that is there', async () => {
      const stage = await aSensorlessStage([first, second]);
      const [before] = sessionsIn(stage);
      await stage.sweep();
      expect(sessionsIn(stage)).toEqual([{ ...before, targetId: second }]);
      expect(reasonsOf(stage, 'Mirror Drift Repaired')).toEqual(['target-gone']);
      const writes = writesOf(stage);
      await stage.sweep();
      expect(writesOf(stage)).toEqual(writes);
    });

    test('target-missing: a launch is refused with the interface that the target has lost', async () => {
      const stage = await aSensorlessStage([first]);
      await stage.deliver([aStateChange(stage.idOf('web'))]);
      expect(targetsOf(stage)).toEqual([first]);
      const detail = expect.stringMatching(/^pool waf: \S+ \(it points at eni-\w+, which does not exist\)$/);
      expect(stage.published.map((event) => event.detail)).toMatchObject([{ because: 'target-missing', detail }]);
    });

    test('target-gone: without another sensor a sweep deletes it, and refuses its tier', async () => {
      const stage = await aSensorlessStage([first]);
      const report = await stage.sweep();
      expect(targetsOf(stage)).toEqual([]);
      const [interfaceId] = [...(report?.infrastructure.lostInterfaces.values() ?? [])];
      expect(report?.outcomes.map(({ action, outcome }) => [action.because, action.detail, outcome])).toEqual([
        ['target-gone', `target ${first}: it points at ${interfaceId}, which does not exist`, 'done'],
        ['target-missing', `pool waf: ${first} (it points at ${interfaceId}, which does not exist)`, 'settled'],
      ]);
    });

    test('as-desired: an interface that only the listing did not show is asked for by its id', async () => {
      const stage = aSensorStage([first, second]);
      const [carrier] = stage.interfacesOf('sensor-0');
      const { ec2 } = stage.world;
      const late: typeof ec2 = {
        ...ec2,
        readInterfaces: async (query, ...rest) => {
          const shown = await ec2.readInterfaces(query, ...rest);
          return query === 'all' ? shown.filter(({ networkInterfaceId }) => networkInterfaceId !== carrier) : shown;
        },
      };
      await stage.sweep({ world: { ec2: late } });
      expect(writesOf(stage)).toEqual({});
    });

    test('as-desired: of a target that another account shares, the interface is never visible', async () => {
      const stage = await aSensorlessStage([first]);
      const { ec2 } = stage.world;
      const askedFor: unknown[] = [];
      const shared: typeof ec2 = {
        ...ec2,
        readInterfaces: (query, ...rest) => {
          if (query !== 'all' && 'networkInterfaceIds' in query) askedFor.push(...query.networkInterfaceIds);
          return ec2.readInterfaces(query, ...rest);
        },
        readTargets: async (...query) =>
          (await ec2.readTargets(...query)).map((target) => ({ ...target, ownerId: '999999999999' })),
      };
      await stage.sweep({ world: { ec2: shared } });
      expect(askedFor).toEqual([]);
      expect(targetsOf(stage)).toEqual([first]);
      expect(reasonsOf(stage, 'Sweep Completed')).toHaveLength(1);
      expect(reasonsOf(stage, 'Mirror Detached')).toEqual([]);
    });
  });

  test('target-withdrawn: a target that leaves the pool is drained in place, without a moment unmirrored', async () => {
    const pools = (ids: readonly string[]) => ({ targets: { waf: { ids }, sensors: { ids } } });
    const stage = aStage({
      document: { instances: [{ name: 'web', count: 5, tags: mirrored }] },
      differences: pools([waf, 'tmt-0ccc1111bbbb2222a']),
    });
    await stage.sweep();
    const before = sessionsIn(stage).map(({ sessionId }) => sessionId);
    expect(new Set(sessionsIn(stage).map(({ targetId }) => targetId)).size).toBe(2);
    const drained = aStage({ differences: pools(['tmt-0ccc1111bbbb2222a']) });
    stage.setPolicy(await drained.world.readPolicy());
    await stage.sweep();
    expect(sessionsIn(stage).map(({ sessionId }) => sessionId)).toEqual(before);
    expect(new Set(sessionsIn(stage).map(({ targetId }) => targetId))).toEqual(new Set(['tmt-0ccc1111bbbb2222a']));
    expect(new Set(reasonsOf(stage, 'Mirror Drift Repaired'))).toEqual(new Set(['target-withdrawn']));
    expect(writesOf(stage).DeleteTrafficMirrorSession).toBeUndefined();
  });
});
