import {
  CreateTagsCommand,
  DeleteTagsCommand,
  ModifyNetworkInterfaceAttributeCommand,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { removeSession } from '../../lib/emulator/account-change.ts';
import { anAutoScalingEvent, aStateChange } from '../support/event.ts';
import { aStage, numbersOn, reasonsOf, type Stage, sessionsIn, writesOf } from '../support/stage.ts';

const mirrored = { Mirror: 'true' };

async function launch({ operator }: Stage, count = 1, tags = [{ Key: 'Mirror', Value: 'true' }]): Promise<string[]> {
  const { Instances: instances = [] } = await operator.send(
    new RunInstancesCommand({
      ImageId: 'ami-0123456789abcdef0',
      InstanceType: 'm5.large',
      MinCount: count,
      MaxCount: count,
      TagSpecifications: [{ ResourceType: 'instance', Tags: tags }],
    }),
  );
  return instances.map(({ InstanceId }) => InstanceId ?? '');
}

/** Leaves a function behind that has just read targets, filters and loads. */
async function warmUp(stage: Stage): Promise<void> {
  await stage.deliver([aStateChange(stage.idOf('warm'))]);
  stage.emulator.clearCounts();
}

const warm = { instances: [{ name: 'warm', tags: mirrored }] };

describe('Launches', () => {
  test('every interface of an opted-in instance gets the sessions of its tiers, tagged and announced', async () => {
    const stage = aStage({ document: { instances: [{ name: 'web', interfaces: 2, tags: mirrored }] } });
    expect(await stage.deliver([aStateChange(stage.idOf('web'))])).toEqual([]);
    const [first, second] = stage.interfacesOf('web');
    expect(numbersOn(stage, first)).toEqual([10, 20]);
    expect(numbersOn(stage, second)).toEqual([10, 20]);
    const [http] = sessionsIn(stage, first);
    expect(http).toMatchObject({
      targetId: 'tmt-0aaa1111bbbb2222c',
      filterId: 'tmf-0aaa1111bbbb2222c',
      description: 'tier http',
    });
    expect(stage.emulator.account.tags.get(http?.sessionId ?? '')?.tags).toMatchObject({
      'fleetmirror:fleet': 'prod',
      'fleetmirror:instance': stage.idOf('web'),
      'fleetmirror:created-at': '2026-03-01T12:00:00.000Z',
    });
    expect(reasonsOf(stage, 'Mirror Attached')).toEqual(['opted-in', 'opted-in', 'opted-in', 'opted-in']);
    expect(stage.counts.get('SessionsCreated')).toBe(4);
  });

  test('one launch with two tiers on a warm function costs three reads and two creates', async () => {
    const stage = aStage({ document: warm });
    await warmUp(stage);
    await launch(stage);
    stage.emulator.clearCounts();
    await stage.deliverEvents();
    expect(Object.fromEntries(stage.emulator.calls)).toEqual({
      DescribeNetworkInterfaces: 1,
      DescribeInstances: 1,
      DescribeTrafficMirrorSessions: 1,
      CreateTrafficMirrorSession: 2,
    });
  });

  test('a hundred launches in one batch cost three reads and two hundred creates', async () => {
    const stage = aStage({ document: warm });
    await warmUp(stage);
    const ids = await launch(stage, 100);
    stage.emulator.clearCounts();
    await stage.deliver(ids.map((id) => aStateChange(id)));
    expect(Object.fromEntries(stage.emulator.calls)).toEqual({
      DescribeNetworkInterfaces: 1,
      DescribeInstances: 1,
      DescribeTrafficMirrorSessions: 1,
      CreateTrafficMirrorSession: 200,
    });
    expect(sessionsIn(stage)).toHaveLength(202);
  });

  test('the same event twice, in one batch and in another, makes no second session', async () => {
    const stage = aStage({ document: { instances: [{ name: 'web', tags: mirrored }] } });
    const event = aStateChange(stage.idOf('web'));
    await stage.deliver([event, event]);
    await stage.deliver([event]);
    expect(sessionsIn(stage)).toHaveLength(2);
    expect(stage.counts.get('SessionsCreated')).toBe(2);
  });

  test('a session that took the place of the one remembered is not its duplicate', async () => {
    // Of two with one number the lowest id stays: several, since chance makes the ids.
    const stage = aStage({ document: { instances: [{ name: 'web', count: 4, tags: mirrored }] } });
    const { account } = stage.emulator;
    const events = [0, 1, 2, 3].map((index) => aStateChange(stage.idOf(`web-${index}`)));
    await stage.deliver(events);
    for (const session of sessionsIn(stage)) removeSession(account, session);
    await stage.sweep();
    const made = sessionsIn(stage);
    await stage.deliver(events);
    expect(made).toHaveLength(8);
    expect(sessionsIn(stage)).toEqual(made);
  });

  test('an instance without a tag is left alone without a word', async () => {
    const stage = aStage({ document: { instances: [{ name: 'web' }] } });
    await stage.deliver([aStateChange(stage.idOf('web'))]);
    expect(writesOf(stage)).toEqual({});
    expect([stage.published, stage.work, stage.sweepRequests]).toEqual([[], [], []]);
  });

  test('type-unsupported: is told in `observe` mode as well', async () => {
    const document = { instances: [{ name: 'old', instanceType: 't2.micro', tags: mirrored }] };
    const stage = aStage({ document, differences: { mode: 'observe' } });
    await stage.deliver([aStateChange(stage.idOf('old'))]);
    expect(reasonsOf(stage, 'Mirror Refused')).toEqual(['type-unsupported']);
  });

  test('type-unsupported: one unsupported instance among fifty is refused and the others are mirrored', async () => {
    const stage = aStage({
      document: {
        instances: [
          { name: 'web', count: 49, tags: mirrored },
          { name: 'old', instanceType: 't2.micro', tags: mirrored },
        ],
      },
    });
    const names = [...Array.from({ length: 49 }, (_, index) => `web-${index}`), 'old'];
    expect(await stage.deliver(names.map((name) => aStateChange(stage.idOf(name))))).toEqual([]);
    expect(sessionsIn(stage)).toHaveLength(98);
    expect(numbersOn(stage, stage.interfacesOf('old')[0])).toEqual([]);
    expect(reasonsOf(stage, 'Mirror Refused')).toEqual(['type-unsupported']);
  });
});

describe('Departures', () => {
  test('interface-detached: the interface that a terminated instance leaves behind loses its sessions', async () => {
    const stage = aStage({
      document: {
        instances: [{ name: 'web', interfaces: [{}, { deleteOnTermination: false }], tags: mirrored }],
      },
    });
    await stage.deliver([aStateChange(stage.idOf('web'))]);
    await stage.operator.send(new TerminateInstancesCommand({ InstanceIds: [stage.idOf('web')] }));
    await stage.deliverEvents();
    expect(sessionsIn(stage)).toEqual([]);
    expect(reasonsOf(stage, 'Mirror Detached')).toEqual(['interface-detached', 'interface-detached']);
  });

  test('instance-stopped: a stop removes the sessions and the next start brings them back', async () => {
    const stage = aStage({ document: { instances: [{ name: 'web', tags: mirrored }] } });
    await stage.deliver([aStateChange(stage.idOf('web'))]);
    await stage.operator.send(new StopInstancesCommand({ InstanceIds: [stage.idOf('web')] }));
    await stage.deliverEvents();
    expect(sessionsIn(stage)).toEqual([]);
    await stage.operator.send(new StartInstancesCommand({ InstanceIds: [stage.idOf('web')] }));
    await stage.deliverEvents();
    expect(numbersOn(stage, stage.interfacesOf('web')[0])).toEqual([10, 20]);
  });

  test('instance-stopped: the stop that arrives before the start of a stopped instance leaves no session', async () => {
    const stage = aStage({ document: { instances: [{ name: 'web', state: 'stopped', tags: mirrored }] } });
    await stage.deliver([aStateChange(stage.idOf('web'), 'stopped')]);
    await stage.deliver([aStateChange(stage.idOf('web'), 'running')]);
    expect(writesOf(stage)).toEqual({});
  });

  test('the stop that arrives late does not take the sessions of a running instance', async () => {
    const stage = aStage({ document: { instances: [{ name: 'web', tags: mirrored }] } });
    await stage.deliver([aStateChange(stage.idOf('web'), 'running')]);
    await stage.deliver([aStateChange(stage.idOf('web'), 'stopped')]);
    expect(numbersOn(stage, stage.interfacesOf('web')[0])).toEqual([10, 20]);
  });

  test('an instance that returns to the warm pool and runs on keeps its sessions', async () => {
    const stage = aStage({ document: { instances: [{ name: 'web', tags: mirrored }] } });
    await stage.deliver([anAutoScalingEvent(stage.idOf('web'))]);
    await stage.deliver([anAutoScalingEvent(stage.idOf('web'), 'Terminate', 'WarmPool')]);
    expect(numbersOn(stage, stage.interfacesOf('web')[0])).toEqual([10, 20]);
  });

  test('a terminated instance without a subnet asks for nothing', async () => {
    const stage = aStage({ document: { instances: [{ name: 'gone', state: 'terminated', tags: mirrored }] } });
    expect(await stage.deliver([aStateChange(stage.idOf('gone'), 'running')])).toEqual([]);
    expect([writesOf(stage), stage.work]).toEqual([{}, []]);
  });

  test('opted-out and not-covered: a tag that says off, or goes away, takes the sessions along', async () => {
    const stage = aStage({
      document: {
        instances: [
          { name: 'off', tags: mirrored },
          { name: 'bare', tags: mirrored },
        ],
      },
    });
    await stage.deliver([aStateChange(stage.idOf('off')), aStateChange(stage.idOf('bare'))]);
    const off = [{ Key: 'Mirror', Value: 'off' }];
    await stage.operator.send(new CreateTagsCommand({ Resources: [stage.idOf('off')], Tags: off }));
    await stage.operator.send(new DeleteTagsCommand({ Resources: [stage.idOf('bare')], Tags: [{ Key: 'Mirror' }] }));
    await stage.deliverEvents();
    expect(sessionsIn(stage)).toEqual([]);
    expect(reasonsOf(stage, 'Mirror Detached')).toEqual(['not-covered', 'not-covered', 'opted-out', 'opted-out']);
  });

  test('excluded: an interface that is put into an excluded security group loses its sessions, and has them back outside', async () => {
    const group = 'sg-0123456789abcdef0';
    const stage = aStage({
      document: { securityGroups: [{ id: group }], instances: [{ name: 'web', tags: mirrored }] },
      differences: { exclude: [{ securityGroupIds: [group] }] },
    });
    await stage.deliver([aStateChange(stage.idOf('web'))]);
    const [NetworkInterfaceId = ''] = stage.interfacesOf('web');
    const before = stage.emulator.account.interfaces.get(NetworkInterfaceId)?.groupIds;
    const putInto = async (Groups: readonly string[] = []) => {
      await stage.operator.send(
        new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, Groups: [...Groups] }),
      );
      await stage.deliverEvents();
    };
    await putInto([group]);
    expect(reasonsOf(stage, 'Mirror Detached')).toEqual(['excluded', 'excluded']);
    await putInto(before);
    expect(numbersOn(stage, NetworkInterfaceId)).toEqual([10, 20]);
  });

  test('left-to-sweep: more than ten guarded deletions in one batch are none', async () => {
    const stage = aStage({ document: { instances: [{ name: 'web', count: 6, tags: mirrored }] } });
    const ids = Array.from({ length: 6 }, (_, index) => stage.idOf(`web-${index}`));
    await stage.deliver(ids.map((id) => aStateChange(id)));
    await stage.operator.send(new DeleteTagsCommand({ Resources: ids, Tags: [{ Key: 'Mirror' }] }));
    await stage.deliverEvents();
    expect(sessionsIn(stage)).toHaveLength(12);
    expect(reasonsOf(stage, 'Mirror Detached')).toEqual([]);
  });
});
