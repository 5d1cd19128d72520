import type { QueueSpec } from '../../lib/emulator/template.ts';
import type { Scheduler } from './scheduler.ts';
import type { Transcript } from './transcript.ts';

/** A message as SQS keeps it. */
export interface QueuedMessage {
  readonly messageId: string;
  readonly body: string;
  visibleAtMs: number;
  receives: number;
}

/** SQS on virtual time: visibility, redelivery, the dead-letter queue, and FIFO with one group where the template says so. */
export interface Queue {
  readonly name: string;
  readonly messages: readonly QueuedMessage[];
  readonly deadLetters: readonly QueuedMessage[];
  readonly send: (body: string, delayMs: number, deduplicationId?: string) => void;
  /** Hides up to `max` visible messages for the visibility timeout and returns them. */
  readonly receive: (max: number) => readonly QueuedMessage[];
  readonly remove: (message: QueuedMessage) => void;
  /** Called whenever a message may have become visible. */
  readonly onVisible: (listener: () => void) => void;
}

/** SQS drops a second message with the same deduplication id for five minutes (SQS developer guide, FIFO). */
const deduplicationMs = 5 * 60_000;

export function createQueue({ name, attributes }: QueueSpec, scheduler: Scheduler, transcript: Transcript): Queue {
  const visibilityMs = Number(attributes.VisibilityTimeout ?? 30) * 1000;
  const isFifo = attributes.FifoQueue === 'true';
  const holdMs = Number(attributes.DelaySeconds ?? 0) * 1000;
  const receivesMax = Number(JSON.parse(attributes.RedrivePolicy ?? '{}').maxReceiveCount ?? Number.POSITIVE_INFINITY);
  const messages: QueuedMessage[] = [];
  const deadLetters: QueuedMessage[] = [];
  const sentAtMs = new Map<string, number>();
  const shortName = isFifo ? 'sweep-queue' : 'change-queue';
  let listener = () => {};
  let sent = 0;
  const remove = (message: QueuedMessage) => {
    const at = messages.indexOf(message);
    if (at >= 0) messages.splice(at, 1);
    // The next message of the group may go now.
    if (isFifo && messages.length > 0) scheduler.after(0, listener);
  };
  const bury = (message: QueuedMessage) => {
    remove(message);
    deadLetters.push(message);
    transcript.write(shortName, `${message.messageId} goes to the dead letters after ${message.receives} receives`);
  };
  return {
    name,
    messages,
    deadLetters,
    send: (body, transitMs, deduplicationId = isFifo ? body : undefined) => {
      const delayMs = transitMs + holdMs;
      if (deduplicationId !== undefined) {
        const lastMs = sentAtMs.get(deduplicationId);
        if (lastMs !== undefined && scheduler.now() - lastMs < deduplicationMs) return;
        sentAtMs.set(deduplicationId, scheduler.now());
      }
      sent += 1;
      messages.push({
        messageId: `${isFifo ? 's' : 'm'}${sent}`,
        body,
        visibleAtMs: scheduler.now() + delayMs,
        receives: 0,
      });
      scheduler.after(delayMs, listener);
    },
    receive: (max) => {
      const now = scheduler.now();
      // A message in flight keeps the rest of its group back.
      if (isFifo && messages.some(({ visibleAtMs, receives }) => receives > 0 && visibleAtMs > now)) return [];
      const visible = messages.filter(({ visibleAtMs }) => visibleAtMs <= now).slice(0, max);
      for (const message of visible) if (message.receives >= receivesMax) bury(message);
      const taken = visible.filter((message) => messages.includes(message));
      for (const message of taken) {
        message.receives += 1;
        message.visibleAtMs = now + visibilityMs;
      }
      if (taken.length > 0) scheduler.after(visibilityMs, listener);
      return taken;
    },
    remove,
    onVisible: (next) => {
      listener = next;
    },
  };
}
