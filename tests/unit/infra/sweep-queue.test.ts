import { readFileSync } from 'node:fs';
import type { SendMessageCommandInput, SQSClient } from '@aws-sdk/client-sqs';
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { parse } from 'yaml';
import { createQueues } from '../../../lib/aws/queues.ts';

const { Resources } = parse(readFileSync('infra/queues.yml', 'utf8'), { logLevel: 'error' });
const holdMs = Resources.SweepQueue.Properties.DelaySeconds * 1000;

/** The deduplication id of a request for a sweep at this time. */
async function idAt(nowMs: number): Promise<string | undefined> {
  const sent: SendMessageCommandInput[] = [];
  const client = { send: async ({ input }: { input: SendMessageCommandInput }) => sent.push(input) };
  const clock = { now: () => nowMs, sleep: async () => {} };
  const urls = { changeQueueUrl: 'change', sweepQueueUrl: 'sweep' };
  const queues = createQueues(client as unknown as SQSClient, urls, clock);
  await queues.requestSweep({ because: 'detached', hop: 0 });
  return sent[0]?.MessageDeduplicationId;
}

const time = fc.integer({ min: 1_700_000_000_000, max: 1_800_000_000_000 });

test('a request that comes when the sweep of an earlier one may have begun is never taken for the same', async () => {
  await fc.assert(
    fc.asyncProperty(time, fc.nat({ max: 120_000 }), async (firstMs, moreMs) => {
      expect(await idAt(firstMs + holdMs + moreMs)).not.toBe(await idAt(firstMs));
    }),
  );
});

test('requests within one window are one sweep', async () => {
  const begin = 1_772_366_400_000;
  expect(await idAt(begin + holdMs - 1)).toBe(await idAt(begin));
});
