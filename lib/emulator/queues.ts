import type { AddressInfo } from 'node:net';
import { buildApp } from 'fauxqs';
import { AwsError } from './aws-error.ts';
import type { AuthorizeJson } from './json-services.ts';

/**
 * The SQS of the emulated account: real clients reach it over HTTP, the bus and the event source mappings in process.
 * The semantics (visibility, delay, redrive, message groups, deduplication) are those of the `fauxqs` package.
 */
export interface Queues {
  /** Where queue URLs begin; also the SQS endpoint. */
  readonly url: string;
  create(queue: { readonly name: string; readonly attributes: Readonly<Record<string, string>> }): Promise<void>;
  send(message: OutgoingMessage): Promise<void>;
  /** At most ten messages; waits up to `waitSeconds` for the first. Empty when nothing came or the queues closed. */
  receive(queueName: string, waitSeconds: number, messagesMax: number): Promise<ReceivedMessage[]>;
  remove(queueName: string, receiptHandles: readonly string[]): Promise<void>;
  /** The bodies in a queue by state, without touching them. */
  inspect(queueName: string): Promise<QueueContents>;
  /** Ends the long polls that wait and stops the server. */
  close(): Promise<void>;
}

export interface OutgoingMessage {
  readonly queueName: string;
  readonly body: string;
  readonly messageGroupId?: string;
}

/** A message as ReceiveMessage answers it. */
export interface ReceivedMessage {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly Body: string;
  readonly MD5OfBody: string;
  readonly Attributes: Readonly<Record<string, string>>;
  readonly MessageAttributes?: Readonly<Record<string, MessageAttribute>>;
}

interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  readonly BinaryValue?: string;
}

export interface QueueContents {
  readonly ready: readonly string[];
  readonly delayed: readonly string[];
  readonly inFlight: readonly string[];
  /** When the oldest of them all was sent, milliseconds since 1970; absent from an empty queue. */
  readonly oldestSentAtMs?: number;
}

interface InspectedQueue {
  readonly messages: {
    readonly ready: readonly InspectedMessage[];
    readonly delayed: readonly InspectedMessage[];
    readonly inflight: readonly { readonly message: InspectedMessage }[];
  };
}

interface InspectedMessage {
  readonly body: string;
  readonly sentTimestamp: number;
}

/** Messages in one call of ReceiveMessage or DeleteMessageBatch [SQS quotas]. */
const messagesPerCallMax = 10;

/** `fauxqs` keeps every queue under this account, whatever ours is; only its redrive looks at it. */
const fauxqsAccountId = '000000000000';

export interface QueuesSettings {
  readonly region: string;
  /** Refuses callers over HTTP with `AwsError`; the bus and the pollers, in process, are not asked. */
  readonly authorize?: AuthorizeJson | undefined;
}

/** Starts the queues on a loopback port of the system's choice. */
export async function startQueues({ region, authorize }: QueuesSettings): Promise<Queues> {
  // Not `startFauxqs`: that one listens on every interface of the machine.
  const app = buildApp({ logger: false, defaultRegion: region });
  app.addHook('preHandler', async (request, reply) => {
    try {
      const input = (request.body ?? {}) as Readonly<Record<string, unknown>>;
      authorize?.(String(request.headers['x-amz-target']), input, request.headers.authorization);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      await reply.status(error.status).send({ __type: error.code, message: error.message });
    }
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  let isClosed = false;

  const call = async (action: string, input: object): Promise<Record<string, unknown>> => {
    const answer = await app.inject({
      method: 'POST',
      url: '/',
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${action}` },
      payload: JSON.stringify(input),
    });
    const output = answer.json<Record<string, unknown>>();
    if (answer.statusCode !== 200) throw new Error(`SQS ${action}: ${output.message ?? answer.statusCode}`);
    return output;
  };
  const urlOf = (queueName: string) => `${url}/${fauxqsAccountId}/${queueName}`;

  return {
    url,
    create: async ({ name, attributes }) => {
      await call('CreateQueue', { QueueName: name, Attributes: relocateRedrive(attributes) });
    },
    send: async ({ queueName, body, messageGroupId }) => {
      const group = messageGroupId === undefined ? {} : { MessageGroupId: messageGroupId };
      await call('SendMessage', { QueueUrl: urlOf(queueName), MessageBody: escapeAstral(body), ...group });
    },
    receive: async (queueName, waitSeconds, messagesMax) => {
      if (isClosed) return [];
      const { Messages = [] } = await call('ReceiveMessage', {
        QueueUrl: urlOf(queueName),
        WaitTimeSeconds: waitSeconds,
        MaxNumberOfMessages: Math.min(messagesMax, messagesPerCallMax),
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      });
      return Messages as ReceivedMessage[];
    },
    remove: async (queueName, receiptHandles) => {
      for (const receiptHandle of receiptHandles) {
        if (isClosed) return;
        await call('DeleteMessage', { QueueUrl: urlOf(queueName), ReceiptHandle: receiptHandle });
      }
    },
    inspect: async (queueName) => {
      const answer = await app.inject({ method: 'GET', url: `/_fauxqs/queues/${queueName}` });
      if (answer.statusCode !== 200) throw new Error(`There is no queue ${queueName}.`);
      const { ready, delayed, inflight } = answer.json<InspectedQueue>().messages;
      const inFlight = inflight.map(({ message }) => message);
      const sentAtMs = [...ready, ...delayed, ...inFlight].map(({ sentTimestamp }) => sentTimestamp);
      return {
        ready: ready.map(({ body }) => body),
        delayed: delayed.map(({ body }) => body),
        inFlight: inFlight.map(({ body }) => body),
        ...(sentAtMs.length > 0 && { oldestSentAtMs: Math.min(...sentAtMs) }),
      };
    },
    close: async () => {
      isClosed = true;
      await app.close();
    },
  };
}

function relocateRedrive(attributes: Readonly<Record<string, string>>): Record<string, string> {
  const { RedrivePolicy: policy, ...rest } = attributes;
  if (policy === undefined) return rest;
  return { ...rest, RedrivePolicy: policy.replace(/:\d{12}:/, `:${fauxqsAccountId}:`) };
}

/** AWS takes characters beyond U+FFFF, `fauxqs` does not; within JSON their escapes mean the same. */
function escapeAstral(json: string): string {
  return json.replace(/[\ud800-\udfff]/g, (half) => `\\u${half.charCodeAt(0).toString(16)}`);
}
