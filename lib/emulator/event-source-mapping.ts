import type { Queues, ReceivedMessage } from './queues.ts';
import type { InvocationReport } from './sandbox.ts';
import type { MappingSpec } from './template.ts';

/** The poller that feeds a queue's messages to a function, as Lambda's event source mappings do. */
export interface EventSourceMapping {
  /** Takes no further batch; resolves when the batches under way are answered. Close the queues to end its long poll. */
  readonly stop: () => Promise<void>;
}

export interface MappingSettings {
  readonly mapping: MappingSpec;
  readonly queueName: string;
  readonly queues: Queues;
  readonly invoke: (functionName: string, event: unknown) => Promise<InvocationReport>;
  readonly region: string;
}

/** AWS polls for up to 20 s; a long poll that begins while the queues close is not woken, so it is kept short here. */
const longPollSeconds = 1;
/** A batch is invoked when its messages have this many bytes [Lambda developer guide, "Batching behavior"]. */
const batchBytesMax = 6_000_000;

/**
 * Starts polling: batches fill up to the mapping's size or window, at most its concurrency is in flight, handled
 * messages are deleted, and the rest comes back after the queue's visibility timeout.
 */
export function startMapping(settings: MappingSettings): EventSourceMapping {
  const { mapping, queueName, queues, invoke, region } = settings;
  const inFlight = new Set<Promise<void>>();
  let isStopped = false;

  const handle = async (batch: readonly ReceivedMessage[]): Promise<void> => {
    const event = { Records: batch.map((message) => recordFrom(message, mapping.queueArn, region)) };
    const { answer } = await invoke(mapping.functionName, event);
    if (isStopped || answer.kind === 'failed') return;
    const failed = mapping.reportsBatchItemFailures ? readFailures(answer.payload, batch) : new Set<string>();
    const handled = batch.filter(({ MessageId }) => !failed.has(MessageId));
    await queues.remove(
      queueName,
      handled.map(({ ReceiptHandle }) => ReceiptHandle),
    );
  };

  const poll = async (): Promise<void> => {
    while (!isStopped) {
      if (inFlight.size >= mapping.concurrencyMax) {
        await Promise.race(inFlight);
        continue;
      }
      const batch = await collectBatch(settings, () => isStopped);
      if (batch.length === 0 || isStopped) continue;
      const handling = handle(batch).finally(() => inFlight.delete(handling));
      inFlight.add(handling);
    }
    await Promise.all(inFlight);
  };

  const polling = poll();
  return {
    stop: () => {
      isStopped = true;
      return polling;
    },
  };
}

/** The first message opens the window; the batch closes when it is full or the window ends. */
async function collectBatch(
  { queues, queueName, mapping }: MappingSettings,
  isStopped: () => boolean,
): Promise<ReceivedMessage[]> {
  const { batchSize, batchWindowSeconds } = mapping;
  const batch = await queues.receive(queueName, longPollSeconds, batchSize);
  const windowEndsAt = Date.now() + batchWindowSeconds * 1000;
  while (batch.length > 0 && batch.length < batchSize && sizeOf(batch) < batchBytesMax && !isStopped()) {
    const waitSeconds = (windowEndsAt - Date.now()) / 1000;
    if (waitSeconds <= 0) break;
    const pollSeconds = Math.min(waitSeconds, longPollSeconds);
    batch.push(...(await queues.receive(queueName, pollSeconds, batchSize - batch.length)));
  }
  return batch;
}

function sizeOf(batch: readonly ReceivedMessage[]): number {
  return batch.reduce((bytes, { Body }) => bytes + Body.length, 0);
}

/** A message as a function receives it (Lambda developer guide, "Using Lambda with Amazon SQS"). */
function recordFrom(message: ReceivedMessage, eventSourceARN: string, awsRegion: string) {
  const attributes = Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [
    name,
    {
      stringValue: value.StringValue,
      binaryValue: value.BinaryValue,
      stringListValues: [],
      binaryListValues: [],
      dataType: value.DataType,
    },
  ]);
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: message.Attributes,
    messageAttributes: Object.fromEntries(attributes),
    md5OfBody: message.MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN,
    awsRegion,
  };
}

/**
 * The messages that a function gives back by `batchItemFailures`. No or an empty list means that all are handled; a list
 * that cannot be read means that none is (Lambda developer guide, "Success and failure conditions").
 */
function readFailures(payload: string, batch: readonly ReceivedMessage[]): ReadonlySet<string> {
  const ids = new Set(batch.map(({ MessageId }) => MessageId));
  const failures = (JSON.parse(payload || 'null') as { batchItemFailures?: unknown } | null)?.batchItemFailures ?? [];
  if (!Array.isArray(failures)) return ids;
  const failed = failures.map((failure: { itemIdentifier?: unknown } | null) => failure?.itemIdentifier);
  return failed.every((id) => typeof id === 'string' && ids.has(id)) ? new Set(failed as string[]) : ids;
}
