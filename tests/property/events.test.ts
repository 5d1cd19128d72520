import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readMessage, writeWork } from '../../lib/events.ts';
import type { MessageReading } from '../../lib/hints.ts';
import { aDamage, damaged } from '../support/damage.ts';

const folder = new URL('../support/events/', import.meta.url);
const samples = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => readFileSync(new URL(file, folder), 'utf8'));

/** A reading is well formed when whatever follows can rest on it: finite times, whole counts, ids of the right form. */
function expectWellFormed(reading: MessageReading) {
  if (reading.kind !== 'hints') {
    expect(reading.because).not.toBe('');
    return;
  }
  expect(Number.isFinite(reading.eventAtMs)).toBe(true);
  for (const count of [reading.attempt, reading.hop]) expect(Number.isInteger(count) && count >= 0).toBe(true);
  for (const hint of reading.hints) {
    if (hint.kind === 'instance') expect(hint.instanceId).toMatch(/^i-[0-9a-f]{8,17}$/);
    if (hint.kind === 'interface') expect(hint.networkInterfaceId).toMatch(/^eni-[0-9a-f]{8,17}$/);
    if (hint.kind === 'session') expect(hint.sessionId).toMatch(/^tms-[0-9a-f]{8,17}$/);
  }
  // What is handed on must be writable: it is sent again with the time of the event.
  const { eventAtMs, attempt, hop } = reading;
  expect(() => writeWork({ instanceIds: [], networkInterfaceIds: [], eventAtMs, attempt, hop })).not.toThrow();
}

test('readMessage never throws on any text', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => expectWellFormed(readMessage(text))));
});

test('readMessage never throws on any JSON', () => {
  fc.assert(fc.property(fc.json(), (text) => expectWellFormed(readMessage(text))));
});

test('readMessage never throws on any detail of any event that has a reader', () => {
  const head = fc.constantFrom(
    ['aws.ec2', 'EC2 Instance State-change Notification'],
    ['aws.autoscaling', 'EC2 Instance Launch Successful'],
    ['aws.autoscaling', 'EC2 Instance Terminate Successful'],
    ['aws.tag', 'Tag Change on Resource'],
    ['aws.ec2', 'AWS API Call via CloudTrail'],
    ['aws.ecs', 'ECS Task State Change'],
    ['fleetmirror', 'Work'],
  );
  const keys = [
    'instance-id',
    'EC2InstanceId',
    'tags',
    'changed-tag-keys',
    'attachments',
    'details',
    'eventName',
    'requestParameters',
    'responseElements',
    'errorCode',
    'instancesSet',
    'resourcesSet',
    'tagSet',
    'items',
    'instanceIds',
    'networkInterfaceIds',
    'attempt',
    'hop',
    '__proto__',
    'constructor',
  ];
  const leaf = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom(
      'i-0123456789abcdef0',
      'eni-0123456789abcdef0',
      'tms-0123456789abcdef0',
      'CreateTags',
      'ModifyInstanceAttribute',
      'DeleteTrafficMirrorSession',
      'eni',
    ),
  );
  const { detail } = fc.letrec((tie) => ({
    value: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('value'), { maxLength: 3 }), tie('detail')),
    detail: fc.dictionary(fc.constantFrom(...keys), tie('value'), { maxKeys: 6 }),
  }));
  const time = fc
    .date({ noInvalidDate: true, min: new Date(0), max: new Date('2999-12-31') })
    .map((date) => date.toISOString());
  fc.assert(
    fc.property(head, detail, time, fc.array(fc.string()), ([source, type], content, at, resources) => {
      expectWellFormed(
        readMessage(JSON.stringify({ source, 'detail-type': type, time: at, resources, detail: content })),
      );
    }),
    { numRuns: 500 },
  );
});

test('readMessage never throws on a sample event in which one thing was replaced, removed, added or cut', () => {
  fc.assert(
    fc.property(fc.constantFrom(...samples), aDamage, (sample, damage) => {
      expectWellFormed(readMessage(JSON.stringify(damaged(JSON.parse(sample) as object, damage))));
      expectWellFormed(readMessage(sample.slice(0, damage.place % sample.length)));
    }),
    { numRuns: 1000 },
  );
});

test('a message of a hundred thousand brackets is only unreadable', () => {
  expect(readMessage('['.repeat(100_000) + ']'.repeat(100_000)).kind).toBe('unreadable');
  expect(readMessage('{"detail":'.repeat(100_000)).kind).toBe('unreadable');
});
