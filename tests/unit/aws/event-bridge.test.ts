import type { ServerResponse } from 'node:http';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { giveUpAfter } from '../../../lib/aws/client-settings.ts';
import { chunkEntries, createBus } from '../../../lib/aws/event-bridge.ts';
import { createEmulator } from '../../../lib/emulator/emulator.ts';
import { createJsonServices, type JsonActions } from '../../../lib/emulator/json-services.ts';
import { createPutEvents, type PutEvents } from '../../../lib/emulator/put-events.ts';
import { type RunningServer, startServer } from '../../../lib/emulator/server.ts';
import type { FleetEvent } from '../../../lib/event-schemas.ts';
import { EventsLost } from '../../../lib/events-lost.ts';
import { createVirtualClock } from '../../support/emulated-world.ts';
import { startHesitantServer } from '../../support/hesitant-server.ts';

const settings = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  maxAttempts: 1,
};

let putEvents: PutEvents;
/** Stands before the emulated PutEvents: what it returns is the answer, when it returns something. */
let intercept: JsonActions[string] | undefined;
let server: RunningServer;
let client: EventBridgeClient;
let calls: number[];

beforeAll(async () => {
  const PutEvents: JsonActions[string] = (input) => {
    calls.push((input.Entries as unknown[]).length);
    return intercept?.(input) ?? putEvents.actions.PutEvents?.(input) ?? {};
  };
  server = await startServer({ emulator: createEmulator(), json: createJsonServices({ AWSEvents: { PutEvents } }) });
  client = new EventBridgeClient({ ...settings, endpoint: server.endpoint });
});

beforeEach(() => {
  calls = [];
  intercept = undefined;
  putEvents = createPutEvents({ accountId: '123456789012', region: 'us-east-1', now: () => 0, emit: () => {} });
});

afterAll(async () => {
  client.destroy();
  await server.close();
});

function anEvent(index: number, text = ''): FleetEvent {
  return {
    detailType: 'Mirror Detached',
    detail: {
      fleet: 'prod',
      runId: `run${text}`,
      networkInterfaceId: `eni-${index}`,
      sessionNumber: 10,
      sessionId: 'tms-1',
      because: 'opted-out',
    },
  };
}

const manyEvents = (count: number, text = '') => Array.from({ length: count }, (_, index) => anEvent(index, text));
const aBus = () => createBus(client, createVirtualClock(), () => 0.5);

/** Calls with ten entries fail so, all others pass: which of two comes first is not said. */
function failTens(fail: () => ReturnType<JsonActions[string]>): JsonActions[string] {
  return ({ Entries }) => ((Entries as unknown[]).length === 10 ? fail() : (undefined as never));
}

/** The interfaces of the events that arrived. */
const arrived = () =>
  putEvents.accepted.map(({ detail }) => (detail as { networkInterfaceId: string }).networkInterfaceId);

describe('The bus', () => {
  test('takes 25 events in calls of at most ten, each once', async () => {
    await aBus().publish(manyEvents(25));
    expect(calls.toSorted((one, other) => other - one)).toEqual([10, 10, 5]);
    expect(arrived().toSorted()).toEqual(Array.from({ length: 25 }, (_, index) => `eni-${index}`).toSorted());
  });

  test('makes five calls at a time, since a first sweep has hundreds to make', async () => {
    let heard = 0;
    let mostAtOnce = 0;
    const waiting: ServerResponse[] = [];
    // It answers nobody before five have asked, or all.
    const slow = await startHesitantServer((response) => {
      heard += 1;
      waiting.push(response);
      if (waiting.length < 5 && heard < 12) return;
      mostAtOnce = Math.max(mostAtOnce, waiting.length);
      for (const one of waiting.splice(0)) one.end('{"FailedEntryCount":0,"Entries":[]}');
    });
    const hurried = new EventBridgeClient({ ...settings, ...giveUpAfter(1000), endpoint: slow.endpoint });
    try {
      await createBus(hurried, createVirtualClock(), () => 0.5).publish(manyEvents(120));
    } finally {
      hurried.destroy();
      await slow.close();
    }
    expect([heard, mostAtOnce]).toEqual([12, 5]);
  });

  test('takes large events in calls within 256 KB', async () => {
    await aBus().publish(manyEvents(10, 'ü'.repeat(50_000)));
    expect(calls).toEqual([2, 2, 2, 2, 2]);
    expect(putEvents.accepted).toHaveLength(10);
  });

  test('InternalFailure: entries that were not taken are sent again, the others are not', async () => {
    putEvents.failNext(4);
    await aBus().publish(manyEvents(10));
    expect(calls).toEqual([10, 4]);
    expect(new Set(arrived()).size).toBe(10);
    expect(putEvents.accepted).toHaveLength(10);
  });

  test('InternalFailure: what fails three times is lost and told by number', async () => {
    intercept = failTens(() => ({ FailedEntryCount: 10, Entries: Array(10).fill({ ErrorCode: 'InternalFailure' }) }));
    await expect(aBus().publish(manyEvents(12))).rejects.toEqual(expect.objectContaining({ events: 10 }));
    expect(calls.toSorted()).toEqual([10, 10, 10, 2]);
    expect(arrived()).toEqual(['eni-10', 'eni-11']);
  });

  test('NotAuthorizedForSourceException: what is refused for good is not sent again', async () => {
    intercept = ({ Entries }) => ({
      FailedEntryCount: 1,
      Entries: (Entries as unknown[]).map(() => ({ ErrorCode: 'NotAuthorizedForSourceException' })),
    });
    await expect(aBus().publish(manyEvents(3))).rejects.toBeInstanceOf(EventsLost);
    expect(calls).toEqual([3]);
  });

  test('a call that fails as a whole does not keep the next one from being made', async () => {
    intercept = failTens(() => {
      throw new TypeError('broken');
    });
    await expect(aBus().publish(manyEvents(15))).rejects.toEqual(expect.objectContaining({ events: 10 }));
    expect(putEvents.accepted).toHaveLength(5);
  });

  test('what a call took before it failed as a whole is not lost', async () => {
    intercept = ({ Entries }) => {
      if (calls.length > 1) throw new TypeError('broken');
      const codes = (Entries as unknown[]).map((_, index) => (index === 3 ? { ErrorCode: 'InternalFailure' } : {}));
      return { FailedEntryCount: 1, Entries: codes };
    };
    await expect(aBus().publish(manyEvents(10))).rejects.toEqual(expect.objectContaining({ events: 1 }));
    expect(calls).toEqual([10, 1]);
  });

  test('a bus that says nothing is not asked for the rest, for which a function has no time', async () => {
    const silent = await startHesitantServer();
    const hurried = new EventBridgeClient({ ...settings, ...giveUpAfter(200), endpoint: silent.endpoint });
    try {
      const published = createBus(hurried, createVirtualClock(), () => 0.5).publish(manyEvents(120));
      await expect(published).rejects.toMatchObject({ events: 120, message: expect.stringContaining('TimeoutError') });
    } finally {
      hurried.destroy();
      await silent.close();
    }
    expect(silent.heard()).toBe(5);
  });

  test('nothing to publish is no call', async () => {
    await aBus().publish([]);
    expect(calls).toEqual([]);
  });
});

describe('Chunks', () => {
  test('an entry larger than a call stands alone', () => {
    const entry = (size: number) => ({ Source: 'fleetmirror' as const, DetailType: '', Detail: 'x'.repeat(size) });
    expect(chunkEntries([entry(1), entry(300_000), entry(1)]).map((chunk) => chunk.length)).toEqual([1, 1, 1]);
  });
});
