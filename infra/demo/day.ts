/** A day in an emulated account, for the picture of the dashboard: what the functions would have counted, and when. */
import {
  CreateTagsCommand,
  CreateTrafficMirrorSessionCommand,
  DeleteTrafficMirrorSessionCommand,
  ModifyTrafficMirrorSessionCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { createPrng } from '../../lib/emulator/prng.ts';
import { createMemory } from '../../lib/memory.ts';
import { aStage, type Stage } from '../../tests/support/stage.ts';

/** One value of a metric. */
export interface Sample {
  readonly metric: string;
  readonly value: number;
  readonly atMs: number;
  /** The tier or the reason. */
  readonly by?: string;
  /** The function or the queue, of AWS's own metrics. */
  readonly of?: string;
}

const minuteMs = 60_000;

/** Launches in each hour of the day: people work, and autoscaling follows them. */
const launchesByHour = [1, 0, 0, 1, 0, 1, 3, 6, 9, 8, 6, 5, 4, 6, 7, 6, 4, 3, 2, 2, 1, 1, 1, 0];

/**
 * From midnight to midnight: sweeps every 15 minutes, instances come and go in between. At noon a stranger changes and
 * deletes sessions, and someone opts in a sensor; from two to five another tool holds all places on three interfaces; at
 * six in the evening EC2 throttles. The same day for every call.
 */
export async function playDay(): Promise<readonly Sample[]> {
  const random = createPrng(7).next;
  const stage = aStage({
    document: {
      instances: [
        { name: 'sensor', instanceType: 'c5n.18xlarge' },
        { name: 'web', count: 40, tags: { Mirror: 'true' } },
        { name: 'old', count: 2, instanceType: 't2.micro', tags: { Mirror: 'true' } },
        { name: 'typo', tags: { Mirror: 'yess' } },
        { name: 'taken', count: 3 },
      ],
      targets: [{ id: 'tmt-0ddd1111bbbb2222a', instance: 'sensor' }],
      sessions: [{ source: 'web-0', target: 'tmt-0aaa1111bbbb2222c', filter: 'tmf-0aaa1111bbbb2222c', number: 5 }],
    },
    differences: {
      targets: { waf: { ids: ['tmt-0aaa1111bbbb2222c'] }, sensors: { ids: ['tmt-0ddd1111bbbb2222a'] } },
    },
  });
  const samples: Sample[] = [];
  const running: string[] = [];
  // The fleet is mirrored when the day begins, twelve hours after the stage was set.
  await stage.sweep();
  stage.clock.advance(12 * 60 * minuteMs);
  stage.events.length = 0;
  const startMs = stage.clock.now();
  for (let minute = 0; minute < 24 * 60; minute += 5) {
    stage.clock.advance(Math.max(0, startMs + minute * minuteMs - stage.clock.now()));
    const perSlot = (launchesByHour[Math.floor(minute / 60)] ?? 0) / 12;
    const launches = Math.floor(perSlot) + (random() < perSlot % 1 ? 1 : 0);
    if (launches > 0) running.push(...(await launch(stage, launches)));
    if (running.length > 22 && random() < 0.4) await terminate(stage, running.splice(0, 2));
    if (minute === 12 * 60) await meddle(stage);
    if (minute === 14 * 60) await occupy(stage);
    if (minute === 17 * 60) await leave(stage);
    if (minute >= 18 * 60 && minute < 19 * 60) throttle(stage);
    else stage.emulator.faults.calm();
    await answer(stage, random, samples);
    if (minute % 15 === 0) await sweepNow(stage, random, samples);
  }
  const counted = stage.values
    .filter(({ atMs }) => atMs >= startMs)
    .map(({ metric, value, dimensions, atMs }): Sample => {
      const by = dimensions.reason ?? dimensions.tier;
      return { metric, value, atMs, ...(by !== undefined && { by }) };
    });
  return [...counted, ...samples];
}

async function launch({ operator }: Stage, count: number): Promise<readonly string[]> {
  const Tags = [{ Key: 'Mirror', Value: 'true' }];
  const { Instances = [] } = await operator.send(
    new RunInstancesCommand({
      ImageId: 'ami-00000000000000001',
      InstanceType: 'm5.large',
      MinCount: count,
      MaxCount: count,
      TagSpecifications: [{ ResourceType: 'instance', Tags }],
    }),
  );
  return Instances.flatMap(({ InstanceId }) => InstanceId ?? []);
}

/** One of them is opted out before, so that its sessions are deleted by us and not with their interface. */
async function terminate(stage: Stage, InstanceIds: string[]): Promise<void> {
  const { operator } = stage;
  await operator.send(
    new CreateTagsCommand({ Resources: InstanceIds.slice(0, 1), Tags: [{ Key: 'Mirror', Value: 'off' }] }),
  );
  await stage.deliverEvents();
  await operator.send(new TerminateInstancesCommand({ InstanceIds }));
}

async function meddle(stage: Stage): Promise<void> {
  const ours = [...stage.emulator.account.sessions.rows()].slice(1, 13);
  for (const [index, { sessionId: TrafficMirrorSessionId }] of ours.entries()) {
    await stage.operator.send(
      index % 3 === 0
        ? new DeleteTrafficMirrorSessionCommand({ TrafficMirrorSessionId })
        : new ModifyTrafficMirrorSessionCommand({ TrafficMirrorSessionId, PacketLength: 64 }),
    );
  }
  const Tags = [{ Key: 'Mirror', Value: 'true' }];
  await stage.operator.send(new CreateTagsCommand({ Resources: [stage.idOf('sensor')], Tags }));
}

/** Another tool takes all places on interfaces that somebody opts in then. */
async function occupy(stage: Stage): Promise<void> {
  const names = ['taken-0', 'taken-1', 'taken-2'];
  for (const NetworkInterfaceId of names.flatMap(stage.interfacesOf)) {
    for (const SessionNumber of [1, 2, 3]) {
      await stage.operator.send(
        new CreateTrafficMirrorSessionCommand({
          NetworkInterfaceId,
          SessionNumber,
          TrafficMirrorTargetId: 'tmt-0aaa1111bbbb2222c',
          TrafficMirrorFilterId: 'tmf-0aaa1111bbbb2222c',
        }),
      );
    }
  }
  const Tags = [{ Key: 'Mirror', Value: 'true' }];
  await stage.operator.send(new CreateTagsCommand({ Resources: names.map(stage.idOf), Tags }));
}

/** The other tool removes its sessions again. */
async function leave(stage: Stage): Promise<void> {
  const taken = new Set(['taken-0', 'taken-1', 'taken-2'].flatMap(stage.interfacesOf));
  for (const { sessionId, networkInterfaceId } of [...stage.emulator.account.sessions.rows()]) {
    if (!taken.has(networkInterfaceId)) continue;
    await stage.operator.send(new DeleteTrafficMirrorSessionCommand({ TrafficMirrorSessionId: sessionId }));
  }
}

function throttle({ emulator }: Stage): void {
  const error = { code: 'RequestLimitExceeded' };
  emulator.faults.calm();
  emulator.faults.add({ action: 'DescribeNetworkInterfaces', when: 'before', times: 2, error });
}

/** `on-change` takes what waits, after the time that a batch needs to fill. */
async function answer(stage: Stage, random: () => number, samples: Sample[]): Promise<void> {
  stage.clock.advance(20_000);
  stage.emulator.settle();
  const waiting = stage.events.filter(({ detail }) => !isOurs(detail)).length;
  samples.push({ metric: 'ApproximateNumberOfMessagesVisible', of: 'change', value: waiting, atMs: stage.clock.now() });
  const atMs = stage.clock.now();
  if (waiting === 0) return;
  // AWS dates its events when they happen, some seconds before.
  for (const event of stage.events)
    Object.assign(event, { time: new Date(atMs - 1500 - 4000 * random()).toISOString() });
  await stage.deliverEvents();
  samples.push({ metric: 'Duration', of: 'on-change', value: 350 + 40 * waiting + 300 * random(), atMs });
}

/** The functions call with this key; the rules let their own calls not through. */
function isOurs(detail: Readonly<Record<string, unknown>>): boolean {
  return (detail.userIdentity as { readonly accessKeyId?: string } | undefined)?.accessKeyId === 'test';
}

async function sweepNow(stage: Stage, random: () => number, samples: Sample[]): Promise<void> {
  // Time stands still in a call of the emulator; EC2 takes some.
  const slow = { now: () => stage.clock.now() + (isRead ? durationMs : 0), sleep: stage.clock.sleep };
  const durationMs = Math.round(1800 + 900 * random());
  let isRead = false;
  const readTargets = async () => {
    isRead = true;
    return stage.world.ec2.readTargets();
  };
  await stage.sweep({ world: { memory: createMemory(), clock: slow, ec2: { ...stage.world.ec2, readTargets } } });
  const atMs = stage.clock.now();
  samples.push({ metric: 'Duration', of: 'on-schedule', value: durationMs + 200, atMs });
  for (const name of ['on-change', 'on-schedule']) {
    samples.push({ metric: 'Errors', of: name, value: 0, atMs }, { metric: 'Throttles', of: name, value: 0, atMs });
  }
  for (const name of ['change-dead-letters', 'sweep-dead-letters.fifo']) {
    samples.push({ metric: 'ApproximateNumberOfMessagesVisible', of: name, value: 0, atMs });
  }
}
