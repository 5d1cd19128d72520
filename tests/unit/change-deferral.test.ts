import {
  DeleteTrafficMirrorSessionCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { hopsMax } from '../../lib/core/limits.ts';
import { writeWork } from '../../lib/events.ts';
import { changePace } from '../../lib/pace.ts';
import { aCloudTrailEvent, aStateChange, aTagChange } from '../support/event.ts';
import { aSlowEc2 } from '../support/slow-ec2.ts';
import { aStage, numbersOn, ourTags, type Stage, sessionsIn, writesOf } from '../support/stage.ts';

const mirrored = { Mirror: 'true' };

function aFleetOf(count: number, options: Parameters<typeof aStage>[0] = {}): Stage {
  return aStage({ document: { instances: [{ name: 'web', count, tags: mirrored }] }, ...options });
}

function launchesOf(stage: Stage, count: number): readonly object[] {
  return Array.from({ length: count }, (_, index) => aStateChange(stage.idOf(count === 1 ? 'web' : `web-${index}`)));
}

const throttled = { when: 'before', error: { code: 'RequestLimitExceeded' } } as const;

describe('Work that does not fit the time', () => {
  test('goes on as one message of ids with a delay, and is done in the end', async () => {
    const stage = aFleetOf(100, { pace: changePace });
    expect(await stage.deliver(launchesOf(stage, 100), { timeMs: 20_000 })).toEqual([]);
    const made = sessionsIn(stage).length;
    expect(made).toBeGreaterThan(25);
    expect(made).toBeLessThan(200);
    expect(stage.work).toHaveLength(1);
    expect(stage.work[0]).toMatchObject({ delaySeconds: 10, work: { hop: 1, attempt: 0, networkInterfaceIds: [] } });
    await stage.rest();
    expect(sessionsIn(stage)).toHaveLength(200);
  });

  test('goes on with what the events told of its instances, so that a later look is not taken in by an old read', async () => {
    const stage = aFleetOf(1);
    stage.emulator.faults.add({ ...throttled, action: 'CreateTrafficMirrorSession', times: Number.POSITIVE_INFINITY });
    const instanceId = stage.idOf('web');
    await stage.deliver([aStateChange(instanceId), aTagChange(instanceId, { Mirror: 'true' })]);
    const told = { tags: { [instanceId]: mirrored }, runningInstanceIds: [instanceId] };
    const works = stage.work.map(({ work }) => work);
    expect(works).toMatchObject([{ instanceIds: [instanceId], hop: 1, ...told }]);
  });

  test('where the tag says off, a later look that shows the tag of before is not believed', async () => {
    const place = { target: 'tmt-0aaa1111bbbb2222c', filter: 'tmf-0aaa1111bbbb2222c' };
    const sessions = [{ source: 'off', number: 10, tags: ourTags(), ...place }];
    const stage = aStage({ document: { instances: [{ name: 'off', tags: { Mirror: 'off' } }], sessions } });
    stage.emulator.faults.add({ ...throttled, action: 'DeleteTrafficMirrorSession', times: Number.POSITIVE_INFINITY });
    const id = stage.idOf('off');
    await stage.deliver([aTagChange(id, { Mirror: 'off' })]);
    expect(stage.work).toMatchObject([{ work: { instanceIds: [id], tags: { [id]: { Mirror: 'off' } }, hop: 1 } }]);
  });

  test('where a stranger deleted a session, it names the source that the session was on', async () => {
    const stage = aFleetOf(1);
    await stage.deliver(launchesOf(stage, 1));
    const [session] = sessionsIn(stage);
    stage.emulator.faults.add({ ...throttled, action: 'CreateTrafficMirrorSession', times: Number.POSITIVE_INFINITY });
    const TrafficMirrorSessionId = session?.sessionId;
    await stage.operator.send(new DeleteTrafficMirrorSessionCommand({ TrafficMirrorSessionId }));
    await stage.deliverEvents();
    const works = stage.work.map(({ work }) => work);
    expect(works).toMatchObject([{ instanceIds: [], networkInterfaceIds: stage.interfacesOf('web'), hop: 1 }]);
  });

  test('where an instance went, its interface is not waited for when that is gone by then', async () => {
    const place = { target: 'tmt-0aaa1111bbbb2222c', filter: 'tmf-0aaa1111bbbb2222c' };
    const sessions = [{ source: 'old', number: 10, tags: ourTags(), ...place }];
    const stage = aStage({ document: { instances: [{ name: 'old', tags: mirrored }], sessions } });
    stage.emulator.faults.add({ ...throttled, action: 'DeleteTrafficMirrorSession', times: Number.POSITIVE_INFINITY });
    await stage.operator.send(new StopInstancesCommand({ InstanceIds: [stage.idOf('old')] }));
    await stage.deliver([aStateChange(stage.idOf('old'), 'stopped')]);
    expect(stage.work).toMatchObject([
      { work: { networkInterfaceIds: [], departedInstanceIds: [stage.idOf('old')], hop: 1 } },
    ]);
    await stage.operator.send(new TerminateInstancesCommand({ InstanceIds: [stage.idOf('old')] }));
    stage.clock.advance(60_000);
    await stage.rest();
    expect(stage.counts.get('HintsDropped')).toBeUndefined();
    expect(sessionsIn(stage)).toEqual([]);
  });

  test('goes on from hop to hop while there is progress, with a growing delay', async () => {
    const stage = aFleetOf(40, { pace: { ...changePace, burst: 10, rate: 1, rateMax: 1 } });
    await stage.deliver(launchesOf(stage, 40), { timeMs: 10_000 });
    const delays: number[] = [];
    for (let item = stage.work.shift(); item !== undefined; item = stage.work.shift()) {
      delays.push(item.delaySeconds);
      stage.clock.advance(item.delaySeconds * 1000);
      await stage.deliver([writeWork(item.work)], { timeMs: 10_000 });
    }
    expect(delays).toEqual([10, 20, 30, 40].slice(0, delays.length));
    expect(delays.length).toBeGreaterThan(1);
    expect(sessionsIn(stage)).toHaveLength(80);
  });

  test('of an interface that is gone is not waited for when its turn comes', async () => {
    const stage = aFleetOf(1);
    stage.emulator.faults.add({ ...throttled, action: 'DescribeTrafficMirrorSessions', times: 6 });
    const networkInterfaceId = 'eni-0aaa0000000000009';
    await stage.deliver([aCloudTrailEvent('DeleteNetworkInterface', { requestParameters: { networkInterfaceId } })]);
    expect(stage.work).toMatchObject([{ work: { departedNetworkInterfaceIds: [networkInterfaceId], hop: 1 } }]);
    await stage.rest();
    expect(stage.counts.get('HintsDropped')).toBeUndefined();
  });

  test('is told by its age since the first of its events, also where they are handed on together', async () => {
    const stage = aFleetOf(2);
    stage.emulator.faults.add({ ...throttled, action: 'DescribeInstances', times: 6 });
    const [firstEventAtMs, eventAtMs] = [stage.clock.now(), stage.clock.now() + 120_000];
    stage.clock.advance(120_000);
    const [old, young] = launchesOf(stage, 2);
    await stage.deliver([
      { ...old, time: new Date(firstEventAtMs).toISOString() },
      { ...young, time: new Date(eventAtMs).toISOString() },
    ]);
    expect(stage.work).toMatchObject([{ work: { eventAtMs, firstEventAtMs } }]);
    await stage.rest();
    const ages = stage.values.filter(({ metric }) => metric === 'TimeToMirrorMs').map(({ value }) => value);
    expect(ages).toHaveLength(4);
    expect(Math.min(...ages)).toBeGreaterThanOrEqual(120_000);
  });

  test('is asked for before anything is published, which may take the time that is left', async () => {
    const stage = aFleetOf(2, { pace: { ...changePace, burst: 1 } });
    const sent: number[] = [];
    const bus = { publish: async () => void sent.push(stage.work.length) };
    await stage.deliver(launchesOf(stage, 2), { timeMs: 100, world: { bus } });
    expect(sent).toEqual([1]);
  });

  test('is left to the sweep at the last hop', async () => {
    const stage = aFleetOf(2, { pace: { ...changePace, burst: 1 } });
    const networkInterfaceIds = [...stage.interfacesOf('web-0'), ...stage.interfacesOf('web-1')] as `eni-${string}`[];
    const work = { instanceIds: [], networkInterfaceIds, eventAtMs: stage.clock.now(), attempt: 0, hop: hopsMax };
    await stage.deliver([writeWork(work)], { timeMs: 100 });
    expect(sessionsIn(stage)).toHaveLength(1);
    expect(stage.work).toEqual([]);
    expect(stage.sweepRequests).toEqual([{ because: 'handed-on', hop: 0 }]);
    expect(stage.counts.get('LeftToSweep')).toBe(1);
  });

  test('a second look that finds no time is handed on', async () => {
    const stage = aFleetOf(1);
    stage.emulator.faults.add({
      when: 'before',
      action: 'CreateTrafficMirrorSession',
      error: { code: 'InvalidTrafficMirrorFilterId.NotFound' },
      matches: () => {
        stage.clock.advance(60_000);
        return true;
      },
    });
    expect(await stage.deliver(launchesOf(stage, 1), { timeMs: 50_000 })).toEqual([]);
    expect(sessionsIn(stage)).toEqual([]);
    await stage.rest();
    expect(numbersOn(stage, stage.interfacesOf('web')[0])).toEqual([10, 20]);
  });

  test('a deadline that has passed already defers everything and fails nothing', async () => {
    const stage = aFleetOf(3);
    expect(await stage.deliver(launchesOf(stage, 3), { timeMs: 0 })).toEqual([]);
    expect(writesOf(stage)).toEqual({});
    await stage.rest();
    expect(sessionsIn(stage)).toHaveLength(6);
  });
});

describe('EC2 that throttles', () => {
  test('each action once: everything is done all the same', async () => {
    const stage = aFleetOf(1);
    for (const action of [
      'DescribeNetworkInterfaces',
      'DescribeInstances',
      'DescribeTrafficMirrorSessions',
      'DescribeTrafficMirrorTargets',
      'DescribeTrafficMirrorFilters',
      'CreateTrafficMirrorSession',
    ]) {
      stage.emulator.faults.add({ ...throttled, action, times: 2 });
    }
    expect(await stage.deliver(launchesOf(stage, 1))).toEqual([]);
    expect(numbersOn(stage, stage.interfacesOf('web')[0])).toEqual([10, 20]);
    expect(stage.work).toEqual([]);
  });

  test('creation for good: the chain ends after one hop without progress and leaves the rest to the sweep', async () => {
    const stage = aFleetOf(1);
    stage.emulator.faults.add({ ...throttled, action: 'CreateTrafficMirrorSession', times: 1000 });
    expect(await stage.deliver(launchesOf(stage, 1))).toEqual([]);
    const [item] = stage.work.splice(0);
    expect(item?.work.hop).toBe(1);
    await stage.deliver([writeWork(item?.work ?? ({} as never))]);
    expect(stage.work).toEqual([]);
    expect(stage.sweepRequests).toEqual([{ because: 'handed-on', hop: 0 }]);
    expect(stage.counts.get('Throttles')).toBeGreaterThan(0);
    stage.emulator.faults.calm();
    await stage.rest();
    expect(numbersOn(stage, stage.interfacesOf('web')[0])).toEqual([10, 20]);
  });

  test('the reads for good: the batch is handed on once, then left to the sweep', async () => {
    const stage = aFleetOf(2);
    stage.emulator.faults.add({ ...throttled, action: 'DescribeInstances', times: 1000 });
    expect(await stage.deliver(launchesOf(stage, 2))).toEqual([]);
    expect(stage.work).toHaveLength(1);
    expect(stage.work[0]?.work.instanceIds).toHaveLength(2);
    await stage.rest();
    expect(stage.counts.get('LeftToSweep')).toBe(1);
    expect(stage.counts.get('SweepsFailed')).toBe(1);
    expect(sessionsIn(stage)).toEqual([]);
  });

  test('TimeoutError: EC2 that says nothing ends no later than the run, which hands the batch on', async () => {
    const stage = aFleetOf(2);
    const startedAtMs = stage.clock.now();
    const { ec2 } = aSlowEc2(stage, Number.POSITIVE_INFINITY);
    expect(await stage.deliver(launchesOf(stage, 2), { timeMs: 30_000, world: { ec2 } })).toEqual([]);
    expect(stage.clock.now() - startedAtMs).toBe(30_000);
    expect(stage.work.map(({ work }) => work.instanceIds.length)).toEqual([2]);
  });

  test('the reads for good: each run has its one line, with EC2’s code and no numbers', async () => {
    const stage = aFleetOf(1);
    stage.emulator.faults.add({ ...throttled, action: 'DescribeInstances', times: 1000 });
    const launches = launchesOf(stage, 1).map((launch) => ({ ...launch, id: 'event-1' }));
    await stage.deliver(launches);
    await stage.rest();
    const code = 'RequestLimitExceeded';
    const ended = { code, durationMs: expect.any(Number), runId: expect.any(String) };
    expect(stage.logs.filter(({ message }) => message === 'run').map(({ fields }) => fields)).toEqual([
      { scope: 'changed', because: 'changes', eventIds: ['event-1'], ...ended },
      { scope: 'changed', because: 'changes', eventIds: ['event-1'], ...ended },
      { scope: 'fleet', because: 'handed-on', hop: 0, ...ended },
    ]);
  });

  test('the reads of a departure: what is handed on still finds the interface that was left behind', async () => {
    const interfaces = [{}, { deleteOnTermination: false }];
    const stage = aStage({ document: { instances: [{ name: 'web', interfaces, tags: mirrored }] } });
    await stage.deliver(launchesOf(stage, 1));
    await stage.operator.send(new TerminateInstancesCommand({ InstanceIds: [stage.idOf('web')] }));
    stage.emulator.faults.add({ ...throttled, action: 'DescribeTags', times: 6 });
    await stage.deliverEvents();
    expect(sessionsIn(stage)).toHaveLength(2);
    await stage.rest();
    expect(sessionsIn(stage)).toEqual([]);
    expect(stage.counts.get('SweepsRequested')).toBeUndefined();
  });

  test('the deletion on an interface that was left behind is handed on as well', async () => {
    const interfaces = [{}, { deleteOnTermination: false }];
    const stage = aStage({ document: { instances: [{ name: 'web', interfaces, tags: mirrored }] } });
    await stage.deliver(launchesOf(stage, 1));
    await stage.operator.send(new TerminateInstancesCommand({ InstanceIds: [stage.idOf('web')] }));
    stage.emulator.faults.add({ ...throttled, action: 'DeleteTrafficMirrorSession', times: 12 });
    await stage.deliverEvents();
    expect(sessionsIn(stage)).toHaveLength(2);
    expect(stage.work).toHaveLength(1);
    await stage.rest();
    expect(sessionsIn(stage)).toEqual([]);
  });

  test('the real token buckets: a hundred launches finish within a minute and no call comes back unanswered', async () => {
    const stage = aFleetOf(100, { pace: changePace, emulator: { isThrottling: true } });
    expect(await stage.deliver(launchesOf(stage, 100))).toEqual([]);
    await stage.rest();
    expect(sessionsIn(stage)).toHaveLength(200);
    expect(stage.counts.get('ActionsFailed')).toBeUndefined();
  });
});
