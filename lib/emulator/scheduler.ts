import { randomUUID } from 'node:crypto';
import { TemplateError } from './intrinsics.ts';
import type { ScheduleSpec } from './template.ts';

/** EventBridge Scheduler: sends the input of each schedule to its target when the time comes. */
export interface Scheduler {
  /** Sends the input of a schedule now, whatever its rate says. By name or logical id. */
  readonly fire: (schedule: string) => Promise<void>;
  readonly close: () => void;
}

export interface SchedulerOptions {
  readonly schedules: readonly ScheduleSpec[];
  readonly send: (schedule: ScheduleSpec, input: string) => Promise<void>;
  readonly now: () => number;
  readonly onFailure: (schedule: ScheduleSpec, cause: unknown) => void;
}

const unitMs: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** Starts the clocks of the schedules; the first time comes after one interval. */
export function startScheduler({ schedules, send, now, onFailure }: SchedulerOptions): Scheduler {
  const scheduledAt = new Map<string, number>();

  const fire = async (schedule: ScheduleSpec): Promise<void> => {
    // Scheduled times are whole seconds and never repeat, also when `fire` is called twice within one.
    const before = scheduledAt.get(schedule.name) ?? 0;
    const time = Math.max(Math.floor(now() / 1000), before + 1);
    scheduledAt.set(schedule.name, time);
    await send(schedule, fillKeywords(schedule.input, time));
  };

  const timers = schedules
    .filter(({ isEnabled }) => isEnabled)
    .map((schedule) => {
      const tick = () => fire(schedule).catch((cause: unknown) => onFailure(schedule, cause));
      return setInterval(tick, readRateMs(schedule)).unref();
    });

  return {
    fire: async (wanted) => {
      const schedule = schedules.find(({ name, logicalId }) => name === wanted || logicalId === wanted);
      if (schedule === undefined) throw new Error(`There is no schedule ${wanted}.`);
      await fire(schedule);
    },
    close: () => {
      for (const timer of timers) clearInterval(timer);
    },
  };
}

/** `rate(15 minutes)`; the other forms (`cron`, `at`) are not supported. */
function readRateMs({ name, expression }: ScheduleSpec): number {
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const rateMs = Number(count) * (unitMs[unit ?? ''] ?? Number.NaN);
  if (!(rateMs > 0)) throw new TemplateError(`${name}: the schedule expression ${expression} is not supported.`);
  // Timers of Node.js end at 2^31 - 1 ms, some 24 days; nobody emulates for so long.
  return Math.min(rateMs, 2 ** 31 - 1);
}

/** EventBridge Scheduler user guide, "Adding context attributes". */
function fillKeywords(input: string, timeSeconds: number): string {
  return input
    .replaceAll('<aws.scheduler.scheduled-time>', new Date(timeSeconds * 1000).toISOString().replace('.000Z', 'Z'))
    .replaceAll('<aws.scheduler.execution-id>', randomUUID())
    .replaceAll('<aws.scheduler.attempt-number>', '1');
}
