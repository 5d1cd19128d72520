import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import {
  DeleteParameterCommand,
  GetParameterCommand,
  GetParameterHistoryCommand,
  GetParametersByPathCommand,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type BusEvent, createBus } from '../../../lib/emulator/bus.ts';
import { createEmulator } from '../../../lib/emulator/emulator.ts';
import { createJsonServices } from '../../../lib/emulator/json-services.ts';
import { createParameterStore } from '../../../lib/emulator/parameter-store.ts';
import { createPutEvents } from '../../../lib/emulator/put-events.ts';
import { startServer } from '../../../lib/emulator/server.ts';

const place = { accountId: '123456789012', region: 'us-east-1', now: () => Date.UTC(2026, 0, 1) };

let events: BusEvent[];
let putEvents: ReturnType<typeof createPutEvents>;
let ssm: SSMClient;
let eventBridge: EventBridgeClient;
let stop: () => Promise<void>;

beforeEach(async () => {
  const bus = createBus();
  events = [];
  bus.onEvent((event) => events.push(event));
  putEvents = createPutEvents({ ...place, emit: bus.publish });
  const store = createParameterStore({ ...place, emit: bus.publish });
  const server = await startServer({
    emulator: createEmulator(),
    json: createJsonServices({ AmazonSSM: store.actions, AWSEvents: putEvents.actions }),
  });
  const client = {
    endpoint: server.endpoint,
    region: place.region,
    credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'example' },
  };
  ssm = new SSMClient(client);
  eventBridge = new EventBridgeClient(client);
  stop = async () => {
    ssm.destroy();
    eventBridge.destroy();
    await server.close();
  };
});

afterEach(() => stop());

function put(Name: string, Value: string, more: object = {}) {
  return ssm.send(new PutParameterCommand({ Name, Value, Type: 'String', ...more }));
}

describe('the Parameter Store, by the AWS SDK', () => {
  test('keeps versions, and tells of each change', async () => {
    expect((await put('/fleet/policy', 'one')).Version).toBe(1);
    expect((await put('/fleet/policy', 'two', { Overwrite: true })).Version).toBe(2);
    const latest = await ssm.send(new GetParameterCommand({ Name: '/fleet/policy' }));
    expect(latest.Parameter).toMatchObject({
      Value: 'two',
      Version: 2,
      ARN: 'arn:aws:ssm:us-east-1:123456789012:parameter/fleet/policy',
      LastModifiedDate: new Date(place.now()),
    });
    const first = await ssm.send(new GetParameterCommand({ Name: '/fleet/policy:1' }));
    expect(first.Parameter?.Value).toBe('one');
    const history = await ssm.send(new GetParameterHistoryCommand({ Name: '/fleet/policy' }));
    expect(history.Parameters?.map(({ Value }) => Value)).toEqual(['one', 'two']);
    await ssm.send(new DeleteParameterCommand({ Name: '/fleet/policy' }));
    expect(events.map(({ detail }) => detail)).toEqual([
      { operation: 'Create', name: '/fleet/policy', type: 'String' },
      { operation: 'Update', name: '/fleet/policy', type: 'String' },
      { operation: 'Delete', name: '/fleet/policy', type: 'String' },
    ]);
  });

  test('answers ParameterNotFound and ParameterAlreadyExists', async () => {
    await expect(ssm.send(new GetParameterCommand({ Name: '/none' }))).rejects.toThrow(
      expect.objectContaining({ name: 'ParameterNotFound' }),
    );
    await put('/fleet/policy', 'one');
    await expect(put('/fleet/policy', 'two')).rejects.toThrow(
      expect.objectContaining({ name: 'ParameterAlreadyExists' }),
    );
  });

  test.each([
    ['Standard', 4096],
    ['Advanced', 8192],
  ])('holds in tier %s values of up to %d bytes, else ValidationException', async (Tier, bytes) => {
    expect((await put('/fits', 'x'.repeat(bytes), { Tier })).Tier).toBe(Tier);
    await expect(put('/too-large', 'x'.repeat(bytes + 1), { Tier })).rejects.toThrow(
      expect.objectContaining({ name: 'ValidationException' }),
    );
  });

  test.each([
    ['Standard', 4096],
    ['Advanced', 4097],
  ])('gives under Intelligent-Tiering the tier %s to %d bytes', async (tier, bytes) => {
    expect((await put('/policy', 'x'.repeat(bytes), { Tier: 'Intelligent-Tiering' })).Tier).toBe(tier);
  });

  test('takes no parameter back from the advanced tier: Standard is a ValidationException, Intelligent-Tiering leaves it', async () => {
    await put('/policy', 'one', { Tier: 'Standard' });
    await put('/policy', 'two', { Tier: 'Advanced', Overwrite: true });
    await expect(put('/policy', 'three', { Tier: 'Standard', Overwrite: true })).rejects.toThrow(
      expect.objectContaining({ name: 'ValidationException', message: expect.stringContaining("can't downgrade") }),
    );
    expect((await put('/policy', 'four', { Tier: 'Intelligent-Tiering', Overwrite: true })).Tier).toBe('Advanced');
    await ssm.send(new DeleteParameterCommand({ Name: '/policy' }));
    expect((await put('/policy', 'five', { Tier: 'Intelligent-Tiering' })).Tier).toBe('Standard');
  });

  test('lists a folder by pages, with what is below only when asked', async () => {
    for (let n = 10; n < 22; n += 1) await put(`/fleet/${n}`, String(n));
    await put('/fleet/deep/1', 'deep');
    const first = await ssm.send(new GetParametersByPathCommand({ Path: '/fleet' }));
    expect(first.Parameters).toHaveLength(10);
    const rest = await ssm.send(
      new GetParametersByPathCommand({ Path: '/fleet', ...(first.NextToken && { NextToken: first.NextToken }) }),
    );
    expect(rest.Parameters?.map(({ Name }) => Name)).toEqual(['/fleet/20', '/fleet/21']);
    expect(rest.NextToken).toBeUndefined();
  });
});

describe('PutEvents, by the AWS SDK', () => {
  const entry = { Source: 'fleetmirror', DetailType: 'Mirror Attached', Detail: '{"a":1}' };

  test('puts events on the default bus and remembers them', async () => {
    const answer = await eventBridge.send(new PutEventsCommand({ Entries: [{ ...entry, Time: new Date(0) }] }));
    expect(answer.FailedEntryCount).toBe(0);
    expect(events).toEqual(putEvents.accepted);
    expect(events).toMatchObject([
      { source: 'fleetmirror', 'detail-type': 'Mirror Attached', detail: { a: 1 }, time: '1970-01-01T00:00:00Z' },
    ]);
  });

  test.each([
    ['InvalidArgument', { ...entry, Source: undefined }],
    ['MalformedDetail', { ...entry, Detail: '[1]' }],
    ['NotAuthorizedForSourceException', { ...entry, Source: 'aws.ec2' }],
    ['ResourceNotFoundException', { ...entry, EventBusName: 'other' }],
  ])('refuses one entry with %s and takes the others', async (code, bad) => {
    const { Entries, FailedEntryCount } = await eventBridge.send(new PutEventsCommand({ Entries: [bad, entry] }));
    expect(FailedEntryCount).toBe(1);
    expect(Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([code, undefined]);
    expect(events).toHaveLength(1);
  });

  test('fails entries with InternalFailure when told to', async () => {
    putEvents.failNext(1);
    const { Entries } = await eventBridge.send(new PutEventsCommand({ Entries: [entry, entry] }));
    expect(Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual(['InternalFailure', undefined]);
  });

  test('refuses eleven entries and more than a mebibyte with ValidationException', async () => {
    const refused = expect.objectContaining({ name: 'ValidationException' });
    await expect(eventBridge.send(new PutEventsCommand({ Entries: Array(11).fill(entry) }))).rejects.toThrow(refused);
    const large = { ...entry, Detail: JSON.stringify({ text: 'x'.repeat(300_000) }) };
    expect(() => putEvents.actions.PutEvents?.({ Entries: Array(4).fill(large) })).toThrow(refused);
  });
});
