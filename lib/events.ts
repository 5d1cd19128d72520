/**
 * From the messages on our queue to hints: one reader for each detail-type, below an example of the part of the event
 * that it reads. An event that has no reader is counted, logged and dropped; nothing here throws on foreign input.
 */
import * as z from 'zod/mini';
import { eventIdsMax } from './core/limits.ts';
import { readCloudTrailRecord } from './events-cloudtrail.ts';
import { asRecord, listOf } from './foreign.ts';
import { type Hint, isInstanceId, isNetworkInterfaceId, type MessageReading } from './hints.ts';
import type { Work } from './ports.ts';

const envelope = z.object({
  source: z.string(),
  'detail-type': z.string(),
  id: z.catch(z.optional(z.string().check(z.maxLength(100))), undefined),
  time: z.iso.datetime({ offset: true }),
  resources: z._default(z.array(z.string()), []),
  detail: z.record(z.string(), z.unknown()),
});

type Envelope = z.infer<typeof envelope>;
/** Hints, or a sentence that says why the event asks nothing of us. */
type Reader = (event: Envelope) => readonly Hint[] | string;

/** Reads the body of one message. */
export function readMessage(body: string): MessageReading {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return { kind: 'unreadable', because: 'the message is not JSON' };
  }
  const parsed = envelope.safeParse(json);
  if (!parsed.success) {
    return { kind: 'unreadable', because: `the envelope is wrong at "${parsed.error.issues[0]?.path.join('.')}"` };
  }
  const event = parsed.data;
  const key = `${event.source} ${event['detail-type']}`;
  const read = Object.hasOwn(readers, key) ? readers[key] : undefined;
  if (read === undefined) return { kind: 'unreadable', because: `there is no reader for "${key.slice(0, 200)}"` };
  const hints = read(event);
  if (typeof hints === 'string') return { kind: 'ignored', because: hints };
  const past: Past = key === ownWork ? readPast(event) : { attempt: 0, hop: 0, ...eventIdsFrom([event.id]) };
  return { kind: 'hints', hints, eventAtMs: Date.parse(event.time), ...past };
}

/** How often an event was handed on, and the events that it goes back to. */
type Past = Pick<Extract<MessageReading, { kind: 'hints' }>, 'attempt' | 'hop' | 'eventIds' | 'firstEventAtMs'>;

/** Only our own work message has a past to tell: nobody else's event can make us give up early, or name other events. */
function readPast({ detail }: Envelope): Past {
  const firstEventAtMs = countOf(detail.firstEventAtMs);
  return {
    attempt: countOf(detail.attempt),
    hop: countOf(detail.hop),
    ...(firstEventAtMs > 0 && { firstEventAtMs }),
    ...eventIdsFrom(listOf(detail.eventIds)),
  };
}

/** What joins an event to the lines of the log. */
function eventIdsFrom(ids: readonly unknown[]): { readonly eventIds?: readonly string[] } {
  const eventIds = ids.filter((id) => typeof id === 'string' && id.length <= 100).slice(0, eventIdsMax);
  return eventIds.length > 0 ? { eventIds: eventIds as string[] } : {};
}

function countOf(value: unknown): number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : 0;
}

const ownWork = 'fleetmirror Work';

const upStates: ReadonlySet<unknown> = new Set(['pending', 'running']);
const departureStates: ReadonlySet<unknown> = new Set(['stopping', 'stopped', 'shutting-down', 'terminated']);

const readers: Readonly<Record<string, Reader>> = {
  /** `"detail": {"instance-id": "i-1234567890abcdef0", "state": "running"}` */
  'aws.ec2 EC2 Instance State-change Notification': ({ detail }) =>
    readInstance(detail['instance-id'], departureStates.has(detail.state), upStates.has(detail.state)),

  /** `"detail": {"EC2InstanceId": "i-1234567890abcdef0", "Origin": "EC2", "Destination": "AutoScalingGroup"}` */
  'aws.autoscaling EC2 Instance Launch Successful': ({ detail }) => readInstance(detail.EC2InstanceId, false),

  /** The same fields. `"Destination": "WarmPool"` means returned to the pool, not terminated. */
  'aws.autoscaling EC2 Instance Terminate Successful': ({ detail }) =>
    readInstance(detail.EC2InstanceId, detail.Destination !== 'WarmPool'),

  /** `"resources": ["arn:aws:ec2:…:instance/i-08b…"], "detail": {"changed-tag-keys": ["Mirror"], "tags": {"Mirror": "true"}}` */
  'aws.tag Tag Change on Resource': readTagChange,

  /** `"detail": {"eventName": "AttachNetworkInterface", "requestParameters": {…}, "responseElements": {…}}` */
  'aws.ec2 AWS API Call via CloudTrail': ({ detail }) => readCloudTrailRecord(detail),

  /** `"detail": {"attachments": [{"type": "eni", "status": "ATTACHED", "details": [{"name": "networkInterfaceId", "value": "eni-0ea…"}]}]}` */
  'aws.ecs ECS Task State Change': readTask,

  /** Our own: `"detail": {"instanceIds": ["i-08b…"], "networkInterfaceIds": [], "tags": {"i-08b…": {"Mirror": "true"}}, "attempt": 1, "hop": 0}` */
  [ownWork]: readWork,
};

/** The message that `fleetmirror Work` reads: sources that we want to look at again. */
export function writeWork(work: Work): string {
  const { eventAtMs, ...detail } = work;
  const time = new Date(eventAtMs).toISOString();
  return JSON.stringify({ source: 'fleetmirror', 'detail-type': 'Work', time, detail });
}

function readWork({ detail }: Envelope): readonly Hint[] {
  const awaited = asRecord(detail.tags);
  const tagsOf = (id: string) => {
    const entries = Object.entries(asRecord(awaited[id]));
    if (entries.length === 0) return undefined;
    return {
      tags: Object.fromEntries(entries.map(([key, value]) => [key, typeof value === 'string' ? value : undefined])),
    };
  };
  const running = new Set(listOf(detail.runningInstanceIds));
  const instanceHints = (ids: unknown, isDeparture: boolean) =>
    listOf(ids)
      .filter(isInstanceId)
      .map((instanceId): Hint => {
        const isUp = !isDeparture && running.has(instanceId);
        return { kind: 'instance', instanceId, isDeparture, ...(isUp && { isUp }), ...tagsOf(instanceId) };
      });
  const interfaceHints = (ids: unknown, isDeparture: boolean) =>
    listOf(ids)
      .filter(isNetworkInterfaceId)
      .map((networkInterfaceId): Hint => {
        return { kind: 'interface', networkInterfaceId, isDeparture, ...tagsOf(networkInterfaceId) };
      });
  return [
    ...instanceHints(detail.instanceIds, false),
    ...instanceHints(detail.departedInstanceIds, true),
    ...interfaceHints(detail.networkInterfaceIds, false),
    ...interfaceHints(detail.departedNetworkInterfaceIds, true),
  ];
}

function readInstance(instanceId: unknown, isDeparture: boolean, isUp = false): readonly Hint[] | string {
  if (!isInstanceId(instanceId)) return 'it names no instance';
  return [{ kind: 'instance', instanceId, isDeparture, ...(isUp && { isUp }) }];
}

function readTagChange({ resources, detail }: Envelope): readonly Hint[] | string {
  const tags = asRecord(detail.tags);
  const expected: Record<string, string | undefined> = {};
  for (const key of listOf(detail['changed-tag-keys'])) {
    if (typeof key !== 'string') continue;
    const value = tags[key];
    expected[key] = typeof value === 'string' ? value : undefined;
  }
  const hints = resources.flatMap((arn): Hint[] => {
    const id = arn.slice(arn.lastIndexOf('/') + 1);
    if (isInstanceId(id)) return [{ kind: 'instance', instanceId: id, isDeparture: false, tags: expected }];
    if (isNetworkInterfaceId(id)) {
      return [{ kind: 'interface', networkInterfaceId: id, isDeparture: false, tags: expected }];
    }
    return [];
  });
  return hints.length > 0 ? hints : 'it names no instance and no interface';
}

function readTask({ detail }: Envelope): readonly Hint[] | string {
  const hints = listOf(detail.attachments).flatMap((value): Hint[] => {
    const attachment = asRecord(value);
    if (attachment.type !== 'eni') return [];
    const found = listOf(attachment.details)
      .map(asRecord)
      .find(({ name }) => name === 'networkInterfaceId');
    const networkInterfaceId = found?.value;
    if (!isNetworkInterfaceId(networkInterfaceId)) return [];
    const isDeparture = attachment.status === 'DETACHED' || attachment.status === 'DELETED';
    return [{ kind: 'interface', networkInterfaceId, isDeparture }];
  });
  return hints.length > 0 ? hints : 'the task has no interface of its own';
}
