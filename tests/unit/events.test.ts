import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { readMessage, writeWork } from '../../lib/events.ts';
import type { MessageReading } from '../../lib/hints.ts';

const folder = new URL('../support/events/', import.meta.url);
const textOf = (file: string) => readFileSync(new URL(file, folder), 'utf8');

/** What is read of a message, in one line for each hint. */
function read(body: string): readonly string[] {
  const reading = readMessage(body);
  if (reading.kind !== 'hints') return [`${reading.kind}: ${reading.because}`];
  return reading.hints.map((hint) => {
    switch (hint.kind) {
      case 'instance':
      case 'interface': {
        const id = hint.kind === 'instance' ? hint.instanceId : hint.networkInterfaceId;
        const tags = Object.entries(hint.tags ?? {}).map(([key, value]) => ` ${key}=${value ?? '(none)'}`);
        return `${id}${hint.isDeparture ? ' departs' : ''}${tags.join('')}`;
      }
      case 'session':
        return `${hint.sessionId} touched${hint.networkInterfaceId ? ` on ${hint.networkInterfaceId}` : ''}`;
      default:
        return hint.kind;
    }
  });
}

/** Every sample event and what it tells us: where to look, never what to do. */
const expected: Readonly<Record<string, readonly string[]>> = {
  'asg-launch-lifecycle-action.json': [
    'unreadable: there is no reader for "aws.autoscaling EC2 Instance-launch Lifecycle Action"',
  ],
  'asg-launch-successful-from-warm-pool.json': ['i-1234567890abcdef0'],
  'asg-launch-successful-into-warm-pool.json': ['i-1234567890abcdef0'],
  'asg-launch-successful.json': ['i-1234567890abcdef0'],
  'asg-terminate-successful-return-to-warm-pool.json': ['i-1234567890abcdef0'],
  'asg-terminate-successful.json': ['i-1234567890abcdef0 departs'],
  'cloudtrail-AttachNetworkInterface.json': ['eni-0a9c4b60624c0e41d'],
  'cloudtrail-CreateNetworkInterface-customer.json': ['eni-0a9c4b60624c0e41d'],
  'cloudtrail-CreateNetworkInterface.json': ['eni-0123456789abcdef0'],
  'cloudtrail-CreateTags-denied.json': ['ignored: the call failed (Client.UnauthorizedOperation)'],
  'cloudtrail-CreateTags.json': ['i-08b3f8f7dcc08d7e4 mirror=gold', 'eni-0e2047025f1642a88 mirror=gold'],
  'cloudtrail-DeleteTags.json': ['i-08b3f8f7dcc08d7e4 mirror=(none)'],
  'cloudtrail-RunInstances-responseElements-omitted.json': [
    'ignored: the call RunInstances is told by other events, or concerns no source',
  ],
  'cloudtrail-RunInstances.json': ['ignored: the call RunInstances is told by other events, or concerns no source'],
  'cloudtrail-TerminateInstances.json': [
    'ignored: the call TerminateInstances is told by other events, or concerns no source',
  ],
  'ec2-state-change-pending.documented.json': ['i-1234567890abcdef0'],
  'ec2-state-change-running.json': ['i-1234567890abcdef0'],
  'ec2-state-change-shutting-down.json': ['i-1234567890abcdef0 departs'],
  'ec2-state-change-stopped.json': ['i-1234567890abcdef0 departs'],
  'ec2-state-change-stopping.json': ['i-1234567890abcdef0 departs'],
  'ec2-state-change-terminated.json': ['i-1234567890abcdef0 departs'],
  'ecs-task-state-change-ec2-awsvpc-eni.json': ['eni-0ea90f746500773a4'],
  'ecs-task-state-change-fargate-eni.json': ['eni-0103a2f01bad57d71'],
  'ecs-task-state-change-fargate-stopped.json': ['eni-0103a2f01bad57d71 departs'],
  'eventbridge-scheduled-event.json': ['unreadable: there is no reader for "aws.events Scheduled Event"'],
  'sqs-lambda-event-wrapping-eventbridge.json': ['unreadable: the envelope is wrong at "source"'],
  'sqs-partial-batch-response.json': ['unreadable: the envelope is wrong at "source"'],
  'tag-change-on-resource-ec2-instance-mirror-removed.json': ['i-08b3f8f7dcc08d7e4 mirror=(none)'],
  'tag-change-on-resource-ec2-instance.documented.json': [
    'i-0000000aaaaaaaaaa a-new-key=tag-value-on-new-key-just-added an-updated-key=tag-value-was-just-changed a-deleted-key=(none)',
  ],
};

describe('the sample events', () => {
  test('each has an expected reading', () => {
    expect(readdirSync(folder).filter((file) => file.endsWith('.json'))).toEqual(Object.keys(expected));
  });
  test.each(Object.entries(expected))('%s', (file, hints) => {
    expect(read(textOf(file))).toEqual(hints);
  });
  test('the bodies of SQS records are the events', () => {
    const { Records } = JSON.parse(textOf('sqs-lambda-event-wrapping-eventbridge.json')) as {
      Records: { body: string }[];
    };
    expect(Records.map(({ body }) => read(body))).toEqual([
      ['i-1234567890abcdef0'],
      ['i-08b3f8f7dcc08d7e4 mirror=(none)'],
    ]);
  });
});

const anEvent = (differences: Readonly<Record<string, unknown>> = {}) =>
  JSON.stringify({
    source: 'aws.ec2',
    'detail-type': 'EC2 Instance State-change Notification',
    time: '2026-01-15T10:00:00Z',
    resources: [],
    detail: { 'instance-id': 'i-1234567890abcdef0', state: 'running' },
    ...differences,
  });

describe('bad envelopes', () => {
  test.each([
    ['', 'the message is not JSON'],
    ['{"source":', 'the message is not JSON'],
    ['null', 'the envelope is wrong'],
    ['[]', 'the envelope is wrong'],
    ['"text"', 'the envelope is wrong'],
    [anEvent({ detail: '{"instance-id": "i-1234567890abcdef0"}' }), 'the envelope is wrong at "detail"'],
    [anEvent({ detail: undefined }), 'the envelope is wrong at "detail"'],
    [anEvent({ detail: [] }), 'the envelope is wrong at "detail"'],
    [anEvent({ time: 'yesterday' }), 'the envelope is wrong at "time"'],
    [anEvent({ time: 1_768_471_200 }), 'the envelope is wrong at "time"'],
    [anEvent({ time: '2026-02-30T00:00:00Z' }), 'the envelope is wrong at "time"'],
    [anEvent({ source: 7 }), 'the envelope is wrong at "source"'],
    [anEvent({ resources: 'arn' }), 'the envelope is wrong at "resources"'],
    [anEvent({ 'detail-type': 'toString' }), 'there is no reader for "aws.ec2 toString"'],
    [anEvent({ source: 'aws.s3' }), 'there is no reader for "aws.s3 EC2'],
  ])('%# %s is unreadable', (body, because) => {
    expect(readMessage(body)).toEqual({ kind: 'unreadable', because: expect.stringContaining(because) });
  });
  test('an absurd detail-type does not fill the log', () => {
    const reading = readMessage(anEvent({ 'detail-type': 'x'.repeat(100_000) })) as MessageReading & {
      because: string;
    };
    expect(reading.because.length).toBeLessThan(300);
  });
  test('the envelope may lack its version and its resources, and may have keys that we do not know', () => {
    expect(read(anEvent({ resources: undefined, novelty: {} }))).toEqual(['i-1234567890abcdef0']);
  });
});

test.each([
  '',
  'i-',
  'i-xyz',
  'i-1234567890abcdef01',
  'I-1234567890ABCDEF0',
  'eni-1234567890abcdef0',
  7,
  null,
  undefined,
  {},
])('%p is no instance id, and the event is ignored', (id) => {
  expect(read(anEvent({ detail: { 'instance-id': id, state: 'running' } }))).toEqual(['ignored: it names no instance']);
});

test('the time of the event is kept, whatever its offset', () => {
  expect(readMessage(anEvent({ time: '2026-01-15T12:00:00.5+02:00' }))).toMatchObject({
    eventAtMs: Date.UTC(2026, 0, 15, 10, 0, 0, 500),
  });
});

describe('tag changes', () => {
  const aTagChange = (resources: readonly string[], detail: Readonly<Record<string, unknown>> = {}) =>
    anEvent({
      source: 'aws.tag',
      'detail-type': 'Tag Change on Resource',
      resources,
      detail: { 'changed-tag-keys': ['Mirror'], tags: { Mirror: 'true', Name: 'web' }, ...detail },
    });
  test('an interface is a source as well; of its tags only the changed ones count', () => {
    expect(read(aTagChange(['arn:aws:ec2:us-east-1:111122223333:network-interface/eni-0123456789abcdef0']))).toEqual([
      'eni-0123456789abcdef0 Mirror=true',
    ]);
  });
  test('tags of other things are ignored', () => {
    expect(read(aTagChange(['arn:aws:ec2:us-east-1:111122223333:volume/vol-0123456789abcdef0']))).toEqual([
      'ignored: it names no instance and no interface',
    ]);
  });
  test('keys and values of a wrong form say nothing', () => {
    const detail = { 'changed-tag-keys': [7, 'Mirror', 'constructor'], tags: { Mirror: { a: 1 } } };
    expect(read(aTagChange(['instance/i-0123456789abcdef0'], detail))).toEqual([
      'i-0123456789abcdef0 Mirror=(none) constructor=(none)',
    ]);
    expect(read(aTagChange(['instance/i-0123456789abcdef0'], { tags: null, 'changed-tag-keys': 'Mirror' }))).toEqual([
      'i-0123456789abcdef0',
    ]);
  });
});

describe('ECS tasks', () => {
  const aTask = (attachments: unknown) =>
    anEvent({ source: 'aws.ecs', 'detail-type': 'ECS Task State Change', detail: { attachments } });
  const eni = (status: string) => ({
    type: 'eni',
    status,
    details: [{ name: 'networkInterfaceId', value: 'eni-0123456789abcdef0' }],
  });
  test.each([
    ['PRECREATED', ''],
    ['ATTACHED', ''],
    ['DETACHED', ' departs'],
    ['DELETED', ' departs'],
  ])('an attachment that is %s', (status, departs) => {
    expect(read(aTask([eni(status)]))).toEqual([`eni-0123456789abcdef0${departs}`]);
  });
  test.each([[[]], [undefined], [[{ type: 'elb' }]], [[{ type: 'eni', details: 'x' }]], [[null, 7]]])(
    'a task with the attachments %j is ignored',
    (attachments) => {
      expect(read(aTask(attachments))).toEqual(['ignored: the task has no interface of its own']);
    },
  );
});

describe('work that we send to ourselves', () => {
  const work = {
    instanceIds: ['i-0123456789abcdef0'],
    networkInterfaceIds: ['eni-0123456789abcdef0'],
    eventAtMs: Date.UTC(2026, 0, 15),
    attempt: 2,
    hop: 3,
  } as const;
  test('it comes back as it was sent, with the time of the event that began it', () => {
    const body = writeWork(work);
    expect(read(body)).toEqual(['i-0123456789abcdef0', 'eni-0123456789abcdef0']);
    expect(readMessage(body)).toMatchObject({ eventAtMs: work.eventAtMs, attempt: 2, hop: 3 });
  });
  test('tags that are awaited come back, the removed ones too', () => {
    const tags = { 'i-0123456789abcdef0': { Mirror: 'true', old: null } };
    expect(read(writeWork({ ...work, tags }))).toEqual([
      'i-0123456789abcdef0 Mirror=true old=(none)',
      'eni-0123456789abcdef0',
    ]);
  });
  test.each([-1, 1.5, '2', null, Number.NaN])('attempt and hop of %p count as none', (count) => {
    const detail = { instanceIds: [], networkInterfaceIds: [], attempt: count, hop: count };
    const body = anEvent({ source: 'fleetmirror', 'detail-type': 'Work', detail });
    expect(readMessage(body)).toMatchObject({ attempt: 0, hop: 0 });
  });
  test('the same numbers in an event of anybody else count for nothing, and it names no events but itself', () => {
    const past = { attempt: 9, hop: 9, eventIds: ['event-7'] };
    const detail = { ...past, 'instance-id': 'i-0123456789abcdef0', state: 'running' };
    const state = { source: 'aws.ec2', 'detail-type': 'EC2 Instance State-change Notification', detail };
    const { id: _id, ...nameless } = JSON.parse(anEvent(state));
    expect(readMessage(JSON.stringify(nameless))).toMatchObject({ kind: 'hints', attempt: 0, hop: 0 });
    expect(readMessage(JSON.stringify(nameless))).not.toHaveProperty('eventIds');
    const named = { ...nameless, id: 'event-1' };
    expect(readMessage(JSON.stringify(named))).toMatchObject({ attempt: 0, hop: 0, eventIds: ['event-1'] });
  });
  test('foreign ids in it are dropped', () => {
    const detail = { instanceIds: ['i-0123456789abcdef0', 'x', 7], networkInterfaceIds: 'eni-0123456789abcdef0' };
    expect(read(anEvent({ source: 'fleetmirror', 'detail-type': 'Work', detail }))).toEqual(['i-0123456789abcdef0']);
  });
});
