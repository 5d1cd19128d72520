import { EC2Client } from '@aws-sdk/client-ec2';
import { createEc2 } from '../../lib/aws/ec2.ts';
import type { Policy } from '../../lib/core/model.ts';
import { parsePolicy } from '../../lib/core/policy.ts';
import { createEmulator, type Emulator, type EmulatorOptions } from '../../lib/emulator/emulator.ts';
import { createPrng } from '../../lib/emulator/prng.ts';
import type { FleetEvent } from '../../lib/event-schemas.ts';
import { createMemory } from '../../lib/memory.ts';
import type { MetricDimensions, MetricName } from '../../lib/metrics.ts';
import { createPacer, type PacerSettings, sweepPace } from '../../lib/pace.ts';
import type { Clock, PolicyReading, SweepRequest, Work, World } from '../../lib/ports.ts';

/** Time that only moves when someone waits or the test says so. */
export interface VirtualClock extends Clock {
  advance(byMs: number): void;
}

export function createVirtualClock(startMs = Date.parse('2026-03-01T12:00:00Z')): VirtualClock {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    sleep: async (delayMs) => {
      nowMs += delayMs;
    },
    advance: (byMs) => {
      nowMs += byMs;
    },
  };
}

/** The production adapter and the real SDK over the emulator in this process, with everything that leaves recorded. */
export interface EmulatedWorld {
  readonly world: World;
  readonly emulator: Emulator;
  readonly clock: VirtualClock;
  readonly published: FleetEvent[];
  readonly work: { readonly work: Work; readonly delaySeconds: number }[];
  readonly sweepRequests: SweepRequest[];
  /** Sums by metric. */
  readonly counts: Map<MetricName, number>;
  readonly values: MetricValue[];
  readonly logs: {
    readonly level: string;
    readonly message: string;
    readonly fields: Readonly<Record<string, unknown>>;
  }[];
  /** What the Parameter Store answers from now on. */
  setPolicy(reading: PolicyReading | string): void;
}

/** One value of a metric as it was counted. */
export interface MetricValue {
  readonly metric: MetricName;
  readonly value: number;
  readonly dimensions: MetricDimensions;
  readonly atMs: number;
}

export interface EmulatedWorldOptions {
  readonly emulator?: EmulatorOptions;
  readonly pace?: PacerSettings;
  readonly policy?: string;
  readonly fleet?: string;
  readonly seed?: number;
}

export function anEmulatedWorld(options: EmulatedWorldOptions = {}): EmulatedWorld {
  const clock = createVirtualClock();
  const emulator = createEmulator({ clock, seed: options.seed ?? 1, ...options.emulator });
  const client = new EC2Client({
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
    requestHandler: emulator.requestHandler,
  });
  const fleet = options.fleet ?? 'prod';
  const random = createPrng((options.seed ?? 1) + 100).next;
  const published: FleetEvent[] = [];
  const work: EmulatedWorld['work'] = [];
  const sweepRequests: SweepRequest[] = [];
  const counts = new Map<MetricName, number>();
  const values: MetricValue[] = [];
  const logs: EmulatedWorld['logs'] = [];
  let reading: PolicyReading = { kind: 'missing', where: `/fleetmirror/${fleet}/policy` };
  const setPolicy = (next: PolicyReading | string) => {
    reading = typeof next === 'string' ? readText(next, fleet) : next;
  };
  if (options.policy !== undefined) setPolicy(options.policy);
  const write =
    (level: string) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}) => {
      logs.push({ level, message, fields });
    };
  const log: World['log'] = {
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    count: (metric, value = 1, dimensions = {}) => {
      counts.set(metric, (counts.get(metric) ?? 0) + value);
      values.push({ metric, value, dimensions, atMs: clock.now() });
    },
  };
  const world: World = {
    ec2: createEc2(client, clock, random, { log }),
    clock,
    random,
    bus: {
      publish: async (events) => {
        published.push(...events);
      },
    },
    queues: {
      sendWork: async (item, delaySeconds) => {
        work.push({ work: item, delaySeconds });
      },
      requestSweep: async (request) => {
        sweepRequests.push(request);
      },
    },
    log,
    pacer: createPacer(options.pace ?? sweepPace, clock),
    memory: createMemory(),
    fleet,
    accountId: '123456789012',
    region: 'us-east-1',
    readPolicy: async () => reading,
  };
  return { world, emulator, clock, published, work, sweepRequests, counts, values, logs, setPolicy };
}

function readText(text: string, fleet: string): PolicyReading {
  const parsed = parsePolicy(text, { fleet });
  const where = `/fleetmirror/${fleet}/policy`;
  if (!parsed.ok) return { kind: 'invalid', where, issues: parsed.issues };
  return { kind: 'valid', policy: parsed.policy, warnings: parsed.warnings };
}

/** The policy in a text that must be valid. */
export function policyOf(text: string, fleet = 'prod'): Policy {
  const reading = readText(text, fleet);
  if (reading.kind !== 'valid') throw new Error(JSON.stringify(reading));
  return reading.policy;
}
