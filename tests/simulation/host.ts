import { createEc2 } from '../../lib/aws/ec2.ts';
import { createBus } from '../../lib/aws/event-bridge.ts';
import { createQueues } from '../../lib/aws/queues.ts';
import { startRun } from '../../lib/call.ts';
import { handleChanges } from '../../lib/change.ts';
import { changeReserveMs, sweepReserveMs } from '../../lib/core/limits.ts';
import type { Emulator } from '../../lib/emulator/emulator.ts';
import type { FunctionSpec, MappingSpec } from '../../lib/emulator/template.ts';
import { judgePolicy } from '../../lib/judge-policy.ts';
import { createMemory } from '../../lib/memory.ts';
import { changePace, createPacer, sweepPace } from '../../lib/pace.ts';
import type { Clock, PolicyReading, World } from '../../lib/ports.ts';
import { handleSweepRequests } from '../../lib/sweep.ts';
import type { Chance } from './chance.ts';
import { createLine } from './ec2-line.ts';
import { end, type Invocation, pause } from './invocation.ts';
import type { Options } from './options.ts';
import type { PolicyShelf } from './policy-shelf.ts';
import type { Queue, QueuedMessage } from './queue.ts';
import type { Safety } from './safety.ts';
import type { Scheduler } from './scheduler.ts';
import { busLine, isRefusedSend, queueLine } from './service-lines.ts';
import type { Transcript } from './transcript.ts';
import type { Weather } from './weather.ts';

/** What Lambda does for one function: polls its queue, keeps its processes, ends them when their time is up. */
export interface Host {
  readonly running: ReadonlySet<Invocation>;
  /** Runs of this function that have ended by themselves. */
  readonly finished: () => number;
  readonly lastRun: () => Invocation | undefined;
}

export interface HostSettings {
  readonly kind: 'change' | 'sweep';
  readonly fn: FunctionSpec;
  readonly mapping: MappingSpec;
  readonly queue: Queue;
  readonly queues: { readonly change: Queue; readonly sweep: Queue };
  readonly emulator: Emulator;
  readonly scheduler: Scheduler;
  readonly safety: Safety;
  readonly transcript: Transcript;
  readonly shelf: PolicyShelf;
  readonly chance: Chance;
  readonly options: Options;
  readonly weather: Weather;
  readonly isCalm: () => boolean;
}

/** A process of the function: its world, and the run that it works on. */
interface Sandbox {
  readonly world: World;
  invocation: Invocation | undefined;
}

/** As functions/on-change.ts and functions/on-schedule.ts do. */
const reserveMs = { change: changeReserveMs, sweep: sweepReserveMs } as const;

export function startHost(settings: HostSettings): Host {
  const { kind, fn, mapping, queue, scheduler, safety, transcript, chance, options, isCalm } = settings;
  const idle: Sandbox[] = [];
  const running = new Set<Invocation>();
  let started = 0;
  let finished = 0;
  let last: Invocation | undefined;

  const takeSandbox = (): Sandbox => {
    const warm = idle.pop();
    return warm === undefined || chance.happens(options.coldRate) ? createSandbox(settings) : warm;
  };

  const run = async (sandbox: Sandbox, invocation: Invocation, batch: readonly QueuedMessage[]): Promise<void> => {
    let failed: ReadonlySet<string> = new Set();
    try {
      failed = new Set(await work(sandbox.world, batch));
    } catch (error) {
      transcript.write(invocation.name, `fails: ${error}`);
      failed = new Set(batch.map(({ messageId }) => messageId));
      // Lambda gives the batch back: nothing is lost by it.
      if (!isRefusedSend(error))
        safety.violations.push({ rule: 'no crash', what: `${invocation.name}: ${(error as Error).stack}` });
    }
    if (invocation.isOver) return;
    if (invocation.hasUnsent && failed.size === 0)
      safety.violations.push({ rule: 'unsent work comes back', what: `${invocation.name} ends without it` });
    for (const message of batch) {
      if (failed.has(message.messageId)) continue;
      queue.remove(message);
      if (!isCalm() && chance.happens(options.doubleMessageRate))
        queue.send(message.body, 1000, `again ${message.messageId}`);
    }
    transcript.write(invocation.name, failed.size > 0 ? `gives back ${[...failed]}` : 'ends');
    if (failed.size > 0 && invocation.beganInCalm) {
      safety.violations.push({ rule: 'nothing fails in calm', what: `${invocation.name} gives back ${[...failed]}` });
    }
    safety.afterRun(invocation);
    finished += 1;
    invocation.isOver = true;
    running.delete(invocation);
    sandbox.invocation = undefined;
    idle.push(sandbox);
    scheduler.after(0, poll);
  };

  const work = async (world: World, batch: readonly QueuedMessage[]) => {
    const deadlineAtMs = world.clock.now() + fn.timeoutSeconds * 1000 - reserveMs[kind];
    if (kind === 'change') return handleChanges(startRun(world, deadlineAtMs), batch);
    await handleSweepRequests(world, deadlineAtMs, batch);
    return [];
  };

  const invoke = (batch: readonly QueuedMessage[]) => {
    started += 1;
    const sandbox = takeSandbox();
    const doesDie = !isCalm() && chance.happens(options.deathRate);
    const invocation: Invocation = {
      name: `${kind}#${started}`,
      kind,
      startedAtMs: scheduler.now(),
      beganInCalm: isCalm(),
      oursAtStart: safety.countOurs(),
      doublesAtStart: safety.doubles(),
      policy: undefined,
      unfinishedReads: new Set(),
      troubles: 0,
      writes: 0,
      hasUnsent: false,
      guardedDeletes: 0,
      awaitsLeft: doesDie ? chance.between(1, 60) : Number.POSITIVE_INFINITY,
      isOver: false,
      onDeath: () => {
        running.delete(invocation);
        transcript.write(invocation.name, 'dies');
        scheduler.after(0, poll);
      },
    };
    last = invocation;
    sandbox.invocation = invocation;
    running.add(invocation);
    transcript.write(invocation.name, `begins with ${batch.map(({ messageId }) => messageId)}`);
    scheduler.after(fn.timeoutSeconds * 1000, () => end(invocation));
    void run(sandbox, invocation, batch);
  };

  const poll = () => {
    while (running.size < (kind === 'sweep' ? 1 : mapping.concurrencyMax)) {
      const batch = queue.receive(Math.min(mapping.batchSize, options.batchMax));
      if (batch.length === 0) return;
      invoke(batch);
    }
  };
  queue.onVisible(() => scheduler.after(mapping.batchWindowSeconds * 1000, poll));
  return { running, finished: () => finished, lastRun: () => last };
}

function createSandbox(settings: HostSettings): Sandbox {
  const { kind, queues, emulator, scheduler, safety, transcript, shelf, chance, options, weather, isCalm } = settings;
  const skewMs = chance.between(-options.skewMs, options.skewMs);
  const current = (): Invocation => {
    if (sandbox.invocation === undefined) throw new Error('A process without a run is at work.');
    return sandbox.invocation;
  };
  const wait = (delayMs: number) => pause(scheduler, current(), delayMs);
  const clock: Clock = { now: () => scheduler.now() + (isCalm() ? 0 : skewMs), sleep: wait };
  const random = chance.next;
  const client = createLine({
    emulator,
    scheduler,
    safety,
    transcript,
    chance,
    options,
    weather,
    isCalm,
    caller: current,
    accessKeyId: `AKIA${kind.toUpperCase()}`,
  });
  const urls = { changeQueueUrl: 'change', sweepQueueUrl: 'sweep' };
  const line = { wait, caller: current, chance, options, transcript, isCalm };
  const world: World = {
    ec2: createEc2(client, clock, random),
    clock,
    random,
    bus: createBus(busLine(line), clock, random),
    queues: createQueues(queueLine(line, queues), urls, clock),
    log: {
      info: () => {},
      warn: () => {},
      error: (message) => {
        // The batch is read again, message by message.
        if (/failed/.test(message)) current().unfinishedReads.clear();
      },
      count: () => {},
    },
    pacer: createPacer(kind === 'change' ? changePace : sweepPace, clock),
    memory: createMemory(),
    fleet: 'prod',
    accountId: emulator.account.accountId,
    region: 'us-east-1',
    readPolicy: async () => {
      const invocation = current();
      await wait(10);
      const { text, written } = shelf.take();
      invocation.policy = written;
      const reading = readShelf(text);
      if (written !== undefined && reading.kind !== 'valid')
        throw new Error(`The simulation writes bad policies: ${JSON.stringify(reading)}`);
      return reading;
    },
  };
  const sandbox: Sandbox = { world, invocation: undefined };
  return sandbox;
}

const where = '/fleetmirror/prod/policy';
const judged = new Map<string, PolicyReading>();

function readShelf(text: string | undefined | Error): PolicyReading {
  if (text === undefined) return { kind: 'missing', where };
  if (text instanceof Error) return { kind: 'unreadable', where, cause: text.message, isPassing: true };
  const reading = judged.get(text) ?? judgePolicy(text, where, 'prod');
  judged.set(text, reading);
  return reading;
}
