import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { writeWork } from '../events.ts';
import type { Clock, Queues, SweepRequest } from '../ports.ts';

/** One message group: SQS delivers its messages one after another, so a sweep never runs beside a sweep. */
const sweepGroup = 'sweep';

/** Sweeps asked for within this time are one sweep; `DelaySeconds` of the queue, too. */
const sweepWindowSeconds = 5;

/** SQS delays a message by at most 15 minutes [D: SQS quotas]. */
const delaySecondsMax = 900;

export interface QueueUrls {
  readonly changeQueueUrl: string;
  readonly sweepQueueUrl: string;
}

/** The queues of the deployment. */
export function createQueues(client: SQSClient, urls: QueueUrls, clock: Clock): Queues {
  return {
    async sendWork(work, delaySeconds) {
      const DelaySeconds = Math.min(delaySeconds, delaySecondsMax);
      const input = { QueueUrl: urls.changeQueueUrl, MessageBody: writeWork(work), DelaySeconds };
      await client.send(new SendMessageCommand(input));
    },
    async requestSweep(request) {
      await client.send(
        new SendMessageCommand({
          QueueUrl: urls.sweepQueueUrl,
          MessageBody: writeSweepRequest(request, clock.now()),
          MessageGroupId: sweepGroup,
          MessageDeduplicationId: deduplicationId(request, clock.now()),
        }),
      );
    },
  };
}

/**
 * SQS drops a second message with the same id for five minutes: requests within one window are one sweep. It begins after
 * the last of them, since the queue holds each message back for as long as a window lasts.
 */
function deduplicationId({ because, hop }: SweepRequest, nowMs: number): string {
  if (because === 'continue') return `continue-${hop}-${nowMs}`;
  return `requested-${Math.floor(nowMs / (sweepWindowSeconds * 1000))}`;
}

function writeSweepRequest({ because, hop }: SweepRequest, nowMs: number): string {
  const time = new Date(nowMs).toISOString();
  return JSON.stringify({ source: 'fleetmirror', 'detail-type': 'Sweep Requested', time, detail: { because, hop } });
}
