import {
  CreateTagsCommand,
  DeleteTagsCommand,
  DeleteTrafficMirrorSessionCommand,
  RunInstancesCommand,
  StartInstancesCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { tagsLateMsMax } from '../../lib/core/limits.ts';
import { createMemory } from '../../lib/memory.ts';
import { aCloudTrailEvent, aStateChange } from '../support/event.ts';
import { aStage, numbersOn, type Stage, sessionsIn } from '../support/stage.ts';

const tag = { Key: 'Mirror', Value: 'true' };

async function launch({ operator }: Stage): Promise<string> {
  const { Instances: instances = [] } = await operator.send(
    new RunInstancesCommand({
      ImageId: 'ami-0123456789abcdef0',
      InstanceType: 'm5.large',
      MinCount: 1,
      MaxCount: 1,
      TagSpecifications: [{ ResourceType: 'instance', Tags: [tag] }],
    }),
  );
  return instances[0]?.InstanceId ?? '';
}

describe('Hints whose object EC2 does not show yet', () => {
  test('are sent again after 5, 15, 45 and 120 seconds, then dropped and counted', async () => {
    const stage = aStage();
    const delays: number[] = [];
    const never = aStateChange('i-0aaa0000000000009');
    await stage.deliver([never]);
    for (let item = stage.work.shift(); item !== undefined; item = stage.work.shift()) {
      delays.push(item.delaySeconds);
      expect(item.work.attempt).toBe(delays.length);
      stage.clock.advance(item.delaySeconds * 1000);
      const { instanceIds, networkInterfaceIds, attempt, hop } = item.work;
      const time = new Date(item.work.eventAtMs).toISOString();
      const detail = { instanceIds, networkInterfaceIds, attempt, hop };
      await stage.deliver([{ source: 'fleetmirror', 'detail-type': 'Work', time, detail }]);
    }
    expect(delays).toEqual([5, 15, 45, 120]);
    expect(stage.counts.get('HintsDropped')).toBe(1);
  });

  test('are dropped at once when the event is older than five minutes', async () => {
    const stage = aStage();
    stage.clock.advance(5 * 60_000);
    await stage.deliver([aStateChange('i-0aaa0000000000009')]);
    expect(stage.work).toEqual([]);
    expect(stage.counts.get('HintsDropped')).toBe(1);
  });

  test.each([
    ['an instance', { instancesMs: 90_000 }],
    ['its interface', { interfacesMs: 90_000 }],
    ['both', { instancesMs: 90_000, interfacesMs: 60_000 }],
    ['its tags', { tagsMs: 90_000 }],
  ])('%s that comes 90 s late is mirrored without a sweep', async (_what, stale) => {
    const stage = aStage();
    stage.emulator.faults.setStaleReads(stale);
    const instanceId = await launch(stage);
    await stage.rest();
    expect(numbersOn(stage, stage.interfacesOf(instanceId)[0])).toEqual([10, 20]);
    expect(stage.sweepRequests).toEqual([]);
  });

  test('read-incomplete: a new session outlives an event that tells of no tags, though EC2 does not show the tags', async () => {
    const stage = aStage();
    const instanceId = await launch(stage);
    await stage.rest();
    const [source] = stage.interfacesOf(instanceId);
    const { ec2 } = stage.world;
    const readInstances: typeof ec2.readInstances = async (...query) =>
      (await ec2.readInstances(...query)).map((instance) => ({ ...instance, tags: {} }));
    const elsewhere = { memory: createMemory(), ec2: { ...ec2, readInstances } };
    await stage.deliver([aStateChange(instanceId)], { world: elsewhere });
    expect(numbersOn(stage, source)).toEqual([10, 20]);
    stage.clock.advance(tagsLateMsMax);
    await stage.deliver([aStateChange(instanceId)], { world: elsewhere });
    expect(sessionsIn(stage)).toEqual([]);
  });

  test('not-covered: new sessions go at once when an event tells that the tag was removed', async () => {
    const stage = aStage();
    const instanceId = await launch(stage);
    await stage.rest();
    await stage.operator.send(new DeleteTagsCommand({ Resources: [instanceId], Tags: [{ Key: 'Mirror' }] }));
    await stage.deliver(stage.events.splice(0));
    expect(sessionsIn(stage)).toEqual([]);
  });

  test('tags that are put on a running instance and come 90 s late are acted on', async () => {
    const stage = aStage({ document: { instances: [{ name: 'web' }] } });
    stage.emulator.faults.setStaleReads({ tagsMs: 90_000 });
    await stage.operator.send(new CreateTagsCommand({ Resources: [stage.idOf('web')], Tags: [tag] }));
    await stage.rest();
    expect(numbersOn(stage, stage.interfacesOf('web')[0])).toEqual([10, 20]);
  });

  test('a change of tags that the policy does not look at costs no call and is counted', async () => {
    const stage = aStage({ document: { instances: [{ name: 'web', tags: { Mirror: 'true' } }] } });
    const Tags = [{ Key: 'cost-centre', Value: '42' }];
    await stage.operator.send(new CreateTagsCommand({ Resources: [stage.idOf('web')], Tags }));
    stage.emulator.clearCounts();
    await stage.deliverEvents();
    expect([...stage.emulator.calls]).toEqual([]);
    expect(stage.counts.get('EventsIgnored')).toBeGreaterThan(0);
  });

  test('tags on an interface that come 90 s late are acted on', async () => {
    const stage = aStage({ document: { instances: [{ name: 'web' }] } });
    const [eni = ''] = stage.interfacesOf('web');
    stage.emulator.faults.setStaleReads({ tagsMs: 90_000 });
    await stage.operator.send(new CreateTagsCommand({ Resources: [eni], Tags: [tag] }));
    await stage.rest();
    expect(numbersOn(stage, eni)).toEqual([10, 20]);
  });

  test('a tag that was taken back while we waited ends the waiting without a session', async () => {
    const stage = aStage({ document: { instances: [{ name: 'web' }] } });
    const set = aCloudTrailEvent('CreateTags', {
      requestParameters: {
        resourcesSet: { items: [{ resourceId: stage.idOf('web') }] },
        tagSet: { items: [{ key: 'Mirror', value: 'true' }] },
      },
    });
    await stage.deliver([set]);
    expect(stage.work).toHaveLength(1);
    await stage.rest();
    expect(sessionsIn(stage)).toEqual([]);
    expect(stage.counts.get('HintsDropped')).toBe(1);
  });

  test('a terminated instance that is no longer visible is not waited for', async () => {
    const stage = aStage();
    await stage.deliver([aStateChange('i-0aaa0000000000009', 'terminated')]);
    expect(stage.work).toEqual([]);
  });

  test('a hundred late hints go on as one message', async () => {
    const stage = aStage();
    const ids = Array.from({ length: 100 }, (_, index) => `i-0aaa${String(index).padStart(13, '0')}`);
    await stage.deliver(ids.map((id) => aStateChange(id)));
    expect(stage.work.map(({ work }) => work.instanceIds.length)).toEqual([100]);
  });
});

describe('What EC2 does not confirm', () => {
  const retag = (stage: Stage, Value: string) =>
    stage.operator.send(new CreateTagsCommand({ Resources: [stage.idOf('web')], Tags: [{ Key: 'Mirror', Value }] }));

  test('a session that only our memory knows is looked at again: another function may have deleted it', async () => {
    const stage = aStage({ document: { instances: [{ name: 'web' }] } });
    const another = { world: { memory: createMemory() } };
    for (const [value, options] of [['true'], ['off', another], ['true']] as const) {
      await retag(stage, value);
      await stage.deliverEvents(options);
      stage.clock.advance(10_000);
    }
    expect(sessionsIn(stage)).toEqual([]);
    await stage.rest();
    expect(numbersOn(stage, stage.interfacesOf('web')[0])).toEqual([10, 20]);
    expect(stage.sweepRequests).toEqual([]);
  });

  test('instance-stopped: an instance that EC2 shows stopped 40 s after it was started is mirrored', async () => {
    const stage = aStage({ document: { instances: [{ name: 'web', state: 'stopped', tags: { Mirror: 'true' } }] } });
    stage.emulator.faults.setStaleReads({ instancesMs: 40_000 });
    await stage.operator.send(new StartInstancesCommand({ InstanceIds: [stage.idOf('web')] }));
    await stage.rest();
    expect(numbersOn(stage, stage.interfacesOf('web')[0])).toEqual([10, 20]);
    expect(stage.counts.get('HintsDropped')).toBeUndefined();
  });
});

describe('A source whose changed tags EC2 does not show yet', () => {
  /** Mirrored, then `before` without anybody telling us, then `after`, which reads show 90 s late. */
  async function aLateChange(before: string, after: string): Promise<Stage> {
    const stage = aStage({ document: { instances: [{ name: 'web', tags: { Mirror: 'true' } }] } });
    const retag = (Value: string) =>
      stage.operator.send(new CreateTagsCommand({ Resources: [stage.idOf('web')], Tags: [{ Key: 'Mirror', Value }] }));
    await stage.deliver([aStateChange(stage.idOf('web'))]);
    await retag(before);
    stage.events.splice(0);
    stage.clock.advance(100_000);
    stage.emulator.faults.setStaleReads({ tagsMs: 90_000 });
    await retag(after);
    return stage;
  }

  test.each([
    ['off', 'a deletion'],
    ['http', 'the deletion of one tier'],
    ['full', 'a change'],
  ])('read-incomplete: the outdated tag Mirror=%s asks for %s, and nothing is touched', async (outdated) => {
    const stage = await aLateChange(outdated, 'true');
    const before = sessionsIn(stage);
    await stage.deliverEvents();
    expect(sessionsIn(stage)).toEqual(before);
    expect(stage.work).toHaveLength(1);
    await stage.rest();
    expect(sessionsIn(stage)).toEqual(before);
  });

  test('a tier that the tags as shown ask for is made meanwhile', async () => {
    const stage = await aLateChange('forensic', 'true');
    await stage.deliverEvents();
    expect(numbersOn(stage, stage.interfacesOf('web')[0])).toEqual([10, 20, 30]);
    await stage.rest();
    expect(numbersOn(stage, stage.interfacesOf('web')[0])).toEqual([10, 20]);
  });

  test('opted-out: when we have waited long enough, what EC2 shows is acted on', async () => {
    const stage = await aLateChange('off', 'true');
    const [told] = stage.events.splice(0);
    await stage.operator.send(
      new CreateTagsCommand({ Resources: [stage.idOf('web')], Tags: [{ Key: 'Mirror', Value: 'off' }] }),
    );
    stage.events.splice(0);
    await stage.deliver([told ?? {}]);
    expect(sessionsIn(stage)).toHaveLength(2);
    await stage.rest();
    expect(sessionsIn(stage)).toEqual([]);
    expect(stage.counts.get('HintsDropped')).toBe(1);
  });

  test('opted-out: nobody waits for a value that a newer event of the batch replaced', async () => {
    const stage = aStage({ document: { instances: [{ name: 'web', tags: { Mirror: 'true' } }] } });
    await stage.deliver([aStateChange(stage.idOf('web'))]);
    for (const Value of ['forensic', 'off']) {
      await stage.operator.send(
        new CreateTagsCommand({ Resources: [stage.idOf('web')], Tags: [{ Key: 'Mirror', Value }] }),
      );
      stage.clock.advance(1000);
    }
    await stage.deliverEvents();
    expect(sessionsIn(stage)).toEqual([]);
    expect(stage.work).toEqual([]);
  });
});

describe('Sessions of ours that EC2 does not show yet', () => {
  const pending = (stage: Stage) => aStateChange(stage.idOf('web'), 'pending');
  const running = (stage: Stage) => aStateChange(stage.idOf('web'), 'running');

  describe.each(['refused', 'accepted'] as const)(
    'where a number twice on a source is %s',
    (duplicateSessionNumber) => {
      test.each(['true', 'forensic'])(
        'the second event of a launch with Mirror=%s finds nothing to do',
        async (value) => {
          const stage = aStage({
            document: { instances: [{ name: 'web', tags: { Mirror: value } }] },
            emulator: { rules: { duplicateSessionNumber } },
          });
          stage.emulator.faults.setStaleReads({ mirroringMs: 20_000 });
          expect(await stage.deliver([pending(stage)])).toEqual([]);
          const made = sessionsIn(stage);
          stage.clock.advance(3000);
          expect(await stage.deliver([running(stage)])).toEqual([]);
          expect(sessionsIn(stage)).toEqual(made);
          expect(stage.published.map(({ detailType }) => detailType)).toEqual(made.map(() => 'Mirror Attached'));
          expect(stage.counts.get('ActionsFailed')).toBeUndefined();
        },
      );
    },
  );

  test('number-held-by-another-owner is not claimed of our own session whose tags come late', async () => {
    const stage = aStage({ document: { instances: [{ name: 'web', tags: { Mirror: 'true' } }] } });
    stage.emulator.faults.setStaleReads({ tagsMs: 20_000 });
    await stage.deliver([pending(stage)]);
    stage.clock.advance(3000);
    await stage.deliver([running(stage)]);
    expect(stage.published.map(({ detailType }) => detailType)).toEqual(['Mirror Attached', 'Mirror Attached']);
  });

  test('are removed when the instance is gone from the policy in the meantime', async () => {
    const stage = aStage({ document: { instances: [{ name: 'web', tags: { Mirror: 'true' } }] } });
    stage.emulator.faults.setStaleReads({ mirroringMs: 20_000 });
    await stage.deliver([pending(stage)]);
    const off = [{ Key: 'Mirror', Value: 'off' }];
    await stage.operator.send(new CreateTagsCommand({ Resources: [stage.idOf('web')], Tags: off }));
    await stage.deliverEvents();
    expect(sessionsIn(stage)).toEqual([]);
  });

  test('are made again at once when a stranger’s call says that they were deleted', async () => {
    const stage = aStage({ document: { instances: [{ name: 'web', tags: { Mirror: 'true' } }] } });
    await stage.deliver([pending(stage)]);
    const [http] = sessionsIn(stage);
    await stage.operator.send(new DeleteTrafficMirrorSessionCommand({ TrafficMirrorSessionId: http?.sessionId }));
    await stage.deliverEvents();
    expect(numbersOn(stage, stage.interfacesOf('web')[0])).toEqual([10, 20]);
  });

  test('are made again after a minute when nobody said that they were deleted', async () => {
    const stage = aStage({ document: { instances: [{ name: 'web', tags: { Mirror: 'true' } }] } });
    await stage.deliver([pending(stage)]);
    const [http] = sessionsIn(stage);
    await stage.operator.send(new DeleteTrafficMirrorSessionCommand({ TrafficMirrorSessionId: http?.sessionId }));
    stage.clock.advance(60_000);
    await stage.deliver([running(stage)]);
    expect(numbersOn(stage, stage.interfacesOf('web')[0])).toEqual([10, 20]);
  });
});

describe('A read of sessions that takes long', () => {
  test('read-incomplete: what a run beside it has made meanwhile stays, although the instance was shown stopped', async () => {
    const stage = aStage({ document: { instances: [{ name: 'web', state: 'stopped', tags: { Mirror: 'true' } }] } });
    const other = { ...stage.world, memory: createMemory() };
    let isSlow = true;
    const readSessions: Stage['world']['ec2']['readSessions'] = async (query) => {
      if (isSlow && query !== 'all' && 'networkInterfaceIds' in query) {
        isSlow = false;
        await stage.operator.send(new StartInstancesCommand({ InstanceIds: [stage.idOf('web')] }));
        stage.clock.advance(7000);
        await stage.deliver([aStateChange(stage.idOf('web'))], { world: other });
      }
      return stage.world.ec2.readSessions(query);
    };
    await stage.deliver([aStateChange(stage.idOf('web'), 'stopped')], {
      world: { ec2: { ...stage.world.ec2, readSessions } },
    });
    expect(numbersOn(stage, stage.interfacesOf('web')[0])).toEqual([10, 20]);
  });
});
