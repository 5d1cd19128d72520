/** The door for changes: a batch of EventBridge events from the change queue → one reconcile of the sources they name. */
import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { createFunctionWorld } from '../lib/aws/world.ts';
import { startRun } from '../lib/call.ts';
import { handleChanges } from '../lib/change.ts';
import { readConfig } from '../lib/config.ts';
import { changeReserveMs } from '../lib/core/limits.ts';
import { changePace } from '../lib/pace.ts';
import { log, observe, trace } from './observed.ts';

const config = readConfig(process.env);
const world = createFunctionWorld(config, log, changePace, trace);

export const handler = middy<SQSEvent, SQSBatchResponse>()
  .use(observe(config.fleet))
  .handler(async ({ Records }: SQSEvent, context: Context) => {
    const run = startRun(world, world.clock.now() + context.getRemainingTimeInMillis() - changeReserveMs);
    const failed = await handleChanges(run, Records);
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  });
