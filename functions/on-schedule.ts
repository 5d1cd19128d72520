/** The door for the sweep: a schedule, a changed policy, or our own request, one at a time → the whole fleet. */
import middy from '@middy/core';
import type { Context, SQSEvent } from 'aws-lambda';
import { createReports } from '../lib/aws/reports.ts';
import { createFunctionWorld } from '../lib/aws/world.ts';
import { readConfig } from '../lib/config.ts';
import { healthReserveMs, sweepReserveMs } from '../lib/core/limits.ts';
import { sweepPace } from '../lib/pace.ts';
import { handleSweepRequests } from '../lib/sweep.ts';
import { log, observe, trace } from './observed.ts';

const config = readConfig(process.env);
const { fleet, reportBucket, healthMinutes } = config;

/** CloudWatch's client is loaded only where reports tell the health of mirrors. */
const health = healthMinutes > 0 && {
  metrics: (await import('../lib/aws/cloud-watch.ts')).connectMetrics({}, healthReserveMs),
  windowMs: healthMinutes * 60_000,
};

const reserveMs = sweepReserveMs + (health ? healthReserveMs : 0);

const world = {
  ...createFunctionWorld(config, log, sweepPace, trace),
  ...(reportBucket !== undefined && { reports: createReports({ bucket: reportBucket, fleet }) }),
  ...(health && { health }),
};

export const handler = middy<SQSEvent, void>()
  .use(observe(fleet))
  .handler(async ({ Records }: SQSEvent, context: Context) => {
    const deadlineAtMs = world.clock.now() + context.getRemainingTimeInMillis() - reserveMs;
    await handleSweepRequests(world, deadlineAtMs, Records);
  });
