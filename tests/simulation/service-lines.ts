import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Chance } from './chance.ts';
import type { Invocation } from './invocation.ts';
import type { Options } from './options.ts';
import type { Queue } from './queue.ts';
import type { Transcript } from './transcript.ts';

/** What a process needs to reach a service other than EC2. */
export interface ServiceLine {
  readonly wait: (delayMs: number) => Promise<void>;
  readonly caller: () => Invocation;
  readonly chance: Chance;
  readonly options: Options;
  readonly transcript: Transcript;
  readonly isCalm: () => boolean;
}

interface PutInput {
  readonly Entries: readonly { readonly DetailType: string }[];
}

/** The one call of `lib/aws/event-bridge.ts`: EventBridge takes all entries, some, or none; nobody listens here. */
export function busLine({ wait, caller, chance, options, transcript, isCalm }: ServiceLine): EventBridgeClient {
  const isRough = (rate: number) => !isCalm() && rate > 0 && chance.happens(rate);
  const send = async ({ input }: { readonly input: PutInput }) => {
    await wait(5);
    if (isRough(options.refusedEntryRate / 2)) {
      transcript.write(caller().name, 'PutEvents → InternalException');
      throw Object.assign(new Error('EventBridge is not well'), { name: 'InternalException' });
    }
    const Entries = input.Entries.map(() =>
      isRough(options.refusedEntryRate) ? { ErrorCode: chance.pick(['ThrottlingException', 'NotAuthorized']) } : {},
    );
    const refused = Entries.filter((entry) => 'ErrorCode' in entry).length;
    if (refused > 0) transcript.write(caller().name, `PutEvents → ${refused} of ${Entries.length} refused`);
    return { Entries, FailedEntryCount: refused };
  };
  return { send } as unknown as EventBridgeClient;
}

interface SendInput {
  readonly QueueUrl: string;
  readonly MessageBody: string;
  readonly DelaySeconds?: number;
  readonly MessageDeduplicationId?: string;
}

const refusal = 'SQS takes no message now';

/** SQS has refused a message of ours, and the run has left it at that: its own messages come back. */
export function isRefusedSend(error: unknown): boolean {
  return error instanceof Error && error.message === refusal;
}

/** The one call of `lib/aws/queues.ts`. A refused message is not there, or was taken and only the answer is lost. */
export function queueLine(
  { wait, caller, chance, options, transcript, isCalm }: ServiceLine,
  queues: { readonly change: Queue; readonly sweep: Queue },
): SQSClient {
  const send = async ({ input }: { readonly input: SendInput }) => {
    await wait(5);
    const isRefused = !isCalm() && options.refusedSendRate > 0 && chance.happens(options.refusedSendRate);
    if (!isRefused || chance.happens(0.3)) {
      const queue = input.QueueUrl === 'sweep' ? queues.sweep : queues.change;
      queue.send(input.MessageBody, (input.DelaySeconds ?? 0) * 1000, input.MessageDeduplicationId);
    }
    caller().hasUnsent = isRefused;
    await wait(5);
    if (isRefused) {
      transcript.write(caller().name, `SendMessage to the ${input.QueueUrl} queue → ServiceUnavailable`);
      throw Object.assign(new Error(refusal), { name: 'ServiceUnavailable' });
    }
    return {};
  };
  return { send } as unknown as SQSClient;
}
