/**
 * A burst of launches against EC2's token buckets, in virtual time: how long until the last session, with how many
 * calls, how many of them throttled. Everything is the product's own code over the SDK and the emulator, but the queue,
 * which is modelled here: batches of 100 or what two seconds bring, at most two at once.
 */
import { EC2Client } from '@aws-sdk/client-ec2';
import { createEc2 } from '../../lib/aws/ec2.ts';
import { startRun } from '../../lib/call.ts';
import { handleChanges, type Message } from '../../lib/change.ts';
import { changeReserveMs } from '../../lib/core/limits.ts';
import { createEmulator, type Emulator } from '../../lib/emulator/emulator.ts';
import { createPrng } from '../../lib/emulator/prng.ts';
import { createThrottle } from '../../lib/emulator/throttle.ts';
import { writeWork } from '../../lib/events.ts';
import { createMemory } from '../../lib/memory.ts';
import { changePace, createPacer } from '../../lib/pace.ts';
import type { Work, World } from '../../lib/ports.ts';
import { anEmulatedWorld } from '../support/emulated-world.ts';
import { aStateChange } from '../support/event.ts';
import { type ConcurrentClock, createConcurrentClock } from './concurrent-clock.ts';
import { type BenchRow, judge } from './row.ts';

/** As `serverless.yml` says. */
const batchSize = 100;
const windowMs = 2_000;
const timeoutMs = 120_000;
/** What a call to EC2 takes; the figures hardly depend on it. */
const latencyMs = 80;
const deliveryMs = 60_000;
const tiers = 2;
/** EC2's bucket for each mutating action: devguide/ec2-api-throttling. */
const bucket = { capacity: 50, perSecond: 5 };
const sizes = [100, 1_000, 3_000];
const creation = 'CreateTrafficMirrorSession';

interface Scenario {
  readonly launches: number;
  readonly workers: number;
  /** Somebody else draws half of the bucket, and half of what flows into it. */
  readonly hasStranger: boolean;
}

interface Result {
  readonly seconds: number;
  readonly calls: number;
  readonly callsBound: number;
  readonly throttled: number;
}

/** Three sizes, with two workers, one, and two beside a stranger; then what the rivals' ways of working would take. */
export async function benchBurst(): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const launches of sizes) {
    const creates = launches * tiers;
    const size = `${launches} launches`;
    for (const workers of [2, 1]) {
      const { seconds, calls, callsBound, throttled } = await play({ launches, workers, hasStranger: false });
      const name = `burst, ${workers === 1 ? 'one worker' : 'two workers'}`;
      const bound = boundSeconds(creates, bucket.capacity, bucket.perSecond);
      rows.push(judge({ name: `${name}, time`, size, figure: seconds, unit: 's', bound }, { ratioMax: 1.05 }));
      const share = { figure: (100 * throttled) / creates, unit: '% of creates' };
      rows.push(judge({ name: `${name}, throttled`, size, ...share }, { atMost: workers === 1 ? 0 : 2 }));
      rows.push(
        judge(
          { name: `${name}, EC2 calls`, size, figure: calls, unit: 'calls', bound: callsBound },
          { ratioMax: 1.02 },
        ),
      );
    }
    const beside = await play({ launches, workers: 2, hasStranger: true });
    const bound = boundSeconds(creates, bucket.capacity / 2, bucket.perSecond / 2);
    const name = 'burst, two workers beside a stranger, time';
    rows.push(judge({ name, size, figure: beside.seconds, unit: 's', bound }, { ratioMax: 1.2 }));
    rows.push(...(await rivalRows(launches)));
  }
  return rows;
}

/** No session before its event, and no more than the bucket holds and gets. */
function boundSeconds(creates: number, capacity: number, perSecond: number): number {
  return Math.max(deliveryMs / 1000, (creates - capacity) / perSecond);
}

/**
 * Tools that start a function for each event, as models of their documented call patterns: for k sessions on a launch
 * 2 + k calls, 5 + M with M sessions and a stored state, 5 + 6T with T tiers looked up one by one. Each function makes
 * its calls one after another and each call up to three times, as the SDK does by default; then it gives up.
 */
const rivals = [
  { name: '2 + k', reads: 2 },
  { name: '5 + M', reads: 5 },
  { name: '5 + 6T', reads: 5 + 5 * tiers },
];

async function rivalRows(launches: number): Promise<BenchRow[]> {
  const size = `${launches} launches`;
  const rows: BenchRow[] = [];
  for (const { name, reads } of rivals) {
    const { created, calls } = await playRival(launches, reads);
    const share = (100 * created) / (launches * tiers);
    const bound = launches * tiers;
    rows.push(
      judge({ name: `burst, model of ${name}, sessions made`, size, figure: share, unit: '% of those wanted' }),
    );
    rows.push(judge({ name: `burst, model of ${name}, EC2 calls`, size, figure: calls, unit: 'calls', bound }));
  }
  return rows;
}

async function playRival(launches: number, reads: number) {
  const clock = createConcurrentClock(0);
  const throttle = createThrottle({ isEnabled: true });
  const random = createPrng(1).next;
  let created = 0;
  let calls = 0;
  const call = async (action: string): Promise<boolean> => {
    for (let attempt = 1; attempt <= 3; attempt++) {
      await clock.sleep(latencyMs);
      calls += 1;
      if (throttle.take(action, { Filters: [] }, clock.now())) return true;
      await clock.sleep(random() * 100 * 2 ** attempt);
    }
    return false;
  };
  const launch = async (index: number) => {
    await clock.sleep((index + 1) * (deliveryMs / launches));
    for (let read = 0; read < reads; read++) if (!(await call(`Describe${read % 5}`))) return;
    for (let tier = 0; tier < tiers; tier++) if (await call(creation)) created += 1;
  };
  await clock.runUntil(Promise.all(Array.from({ length: launches }, (_, index) => launch(index))));
  return { created, calls };
}

async function play({ launches, workers, hasStranger }: Scenario): Promise<Result> {
  const startMs = Date.parse('2026-03-01T12:00:00Z');
  const clock = createConcurrentClock(startMs);
  const emulator = createEmulator({ seed: 1, clock, isThrottling: true });
  const ids = emulator.loadFleet({
    loadBalancers: [{ name: 'sensors' }],
    instances: [{ name: 'web', count: launches, perReservation: 10, tags: { Mirror: 'true' } }],
    targets: [{ id: 'tmt-0aaa1111bbbb2222c', loadBalancer: 'sensors' }],
    filters: [{ id: 'tmf-0aaa1111bbbb2222c' }],
  });
  const queue = createQueue(clock);
  const gapMs = deliveryMs / launches;
  for (let index = 0; index < launches; index++) {
    const instanceId = ids.get(`web-${index}`) ?? '';
    const body = JSON.stringify(aStateChange(instanceId, 'running', new Date(startMs + index * gapMs).toISOString()));
    queue.send(body, startMs + (index + 1) * gapMs);
  }
  const isDone = () => emulator.account.sessions.size >= launches * tiers;
  const refreshes = { count: 0 };
  const functions = Array.from({ length: workers }, (_, index) =>
    createWorker(index, emulator, clock, queue, refreshes),
  );
  if (hasStranger) void drawHalf(emulator, clock, isDone);
  const batches = await clock.runUntil(runMapping(functions, queue, clock, isDone));
  const seconds = (lastCreationMs(emulator) - startMs) / 1000;
  const calls = [...emulator.calls.values()].reduce((sum, count) => sum + count, 0);
  const throttled = emulator.throttle.refused.get(creation) ?? 0;
  return { seconds, calls, callsBound: launches * tiers + 3 * batches + refreshes.count, throttled };
}

function lastCreationMs(emulator: Emulator): number {
  let lastMs = 0;
  for (const { createdAt } of emulator.account.sessions.rows()) lastMs = Math.max(lastMs, createdAt);
  return lastMs;
}

interface Queue {
  send(body: string, visibleAtMs: number): void;
  /** Takes up to so many messages that are visible now. */
  receive(max: number): readonly Message[];
  readonly visible: () => number;
}

function createQueue(clock: ConcurrentClock): Queue {
  const messages: { readonly message: Message; readonly visibleAtMs: number }[] = [];
  let sent = 0;
  const isVisible = ({ visibleAtMs }: { readonly visibleAtMs: number }) => visibleAtMs <= clock.now();
  return {
    send: (body, visibleAtMs) => void messages.push({ message: { messageId: `${++sent}`, body }, visibleAtMs }),
    visible: () => messages.filter(isVisible).length,
    receive: (max) => {
      const taken = messages.filter(isVisible).slice(0, max);
      for (const each of taken) messages.splice(messages.indexOf(each), 1);
      return taken.map(({ message }) => message);
    },
  };
}

/** Hands batches to idle functions until all is done; returns how many batches there were. */
async function runMapping(
  functions: readonly ((batch: readonly Message[]) => Promise<void>)[],
  queue: Queue,
  clock: ConcurrentClock,
  isDone: () => boolean,
): Promise<number> {
  let batches = 0;
  const poll = async (invoke: (batch: readonly Message[]) => Promise<void>) => {
    while (!isDone()) {
      const begunAtMs = clock.now();
      while (queue.visible() < batchSize && clock.now() - begunAtMs < windowMs) await clock.sleep(100);
      const batch = queue.receive(batchSize);
      if (batch.length === 0) continue;
      batches += 1;
      await invoke(batch);
    }
  };
  await Promise.all(functions.map(poll));
  return batches;
}

/** One warm function: the handler of on-change over the emulated account. */
function createWorker(
  index: number,
  emulator: Emulator,
  clock: ConcurrentClock,
  queue: Queue,
  refreshes: { count: number },
): (batch: readonly Message[]) => Promise<void> {
  const random = createPrng(index + 1).next;
  const client = new EC2Client({
    region: 'us-east-1',
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
    maxAttempts: 1,
    requestHandler: emulator.requestHandler,
  });
  const send = client.send.bind(client) as (command: never) => Promise<never>;
  client.send = async (command: never) => {
    await clock.sleep(latencyMs);
    return clock.busy(send(command));
  };
  const ec2 = createEc2(client, clock, random);
  const readTargets = () => {
    refreshes.count += 2 + Math.max(1, Math.ceil(emulator.account.sessions.size / 1_000));
    return ec2.readTargets();
  };
  const sendWork = async (work: Work, delaySeconds: number) =>
    queue.send(writeWork(work), clock.now() + delaySeconds * 1_000);
  const base = anEmulatedWorld({ policy, seed: index + 1 }).world;
  const world: World = {
    ...base,
    ec2: { ...ec2, readTargets },
    clock,
    random,
    pacer: createPacer(changePace, clock),
    memory: createMemory(),
    queues: { ...base.queues, sendWork },
  };
  return async (batch) => {
    const failed = await handleChanges(startRun(world, clock.now() + timeoutMs - changeReserveMs), batch);
    if (failed.length > 0) throw new Error(`${failed.length} messages failed`);
  };
}

/** Somebody who creates sessions of their own: at once half of what the bucket holds, then half of what comes. */
async function drawHalf(emulator: Emulator, clock: ConcurrentClock, isDone: () => boolean): Promise<void> {
  const draw = () => emulator.throttle.take(creation, {}, clock.now());
  for (let drawn = 0; drawn < bucket.capacity / 2; drawn++) draw();
  while (!isDone()) {
    await clock.sleep(2_000 / bucket.perSecond);
    draw();
  }
}

const policy = `
version: 1
fleet: prod
targets: { sensors: { ids: [tmt-0aaa1111bbbb2222c] } }
filters: { all: { id: tmf-0aaa1111bbbb2222c } }
tiers:
  - { name: first, sessionNumber: 10, target: sensors, filter: all, virtualNetworkId: 1 }
  - { name: second, sessionNumber: 20, target: sensors, filter: all, virtualNetworkId: 2 }
profiles: { default: [first, second] }
exclude: [{ tags: { role: [sensor] } }]
`;
