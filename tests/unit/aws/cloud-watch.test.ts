import { CloudWatchClient, GetMetricDataCommand, type MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createMetrics } from '../../../lib/aws/cloud-watch.ts';
import type { InstanceId } from '../../../lib/core/model.ts';
import { createCloudWatch } from '../../../lib/emulator/cloud-watch.ts';
import { createEmulator } from '../../../lib/emulator/emulator.ts';
import { createJsonServices } from '../../../lib/emulator/json-services.ts';
import { type RunningServer, startServer } from '../../../lib/emulator/server.ts';
import { startHesitantServer } from '../../support/hesitant-server.ts';

const instanceIds = Array.from({ length: 200 }, (_, index): InstanceId => `i-${String(index).padStart(17, '0')}`);
const rates = new Map(instanceIds.map((id, index) => [id, { NetworkMirrorIn: index, NetworkSkipMirrorOut: 2 }]));
const toMs = Date.parse('2026-03-01T12:00:00Z');
const hours = (count: number) => ({ fromMs: toMs - count * 3_600_000, toMs });

const identity = { region: 'us-east-1', credentials: { accessKeyId: 'example', secretAccessKey: 'example' } };

let server: RunningServer;
let client: CloudWatchClient;
let calls = 0;

beforeAll(async () => {
  const cloudWatch = createCloudWatch(rates);
  const json = createJsonServices({ GraniteServiceVersion20100801: cloudWatch });
  server = await startServer({
    emulator: createEmulator(),
    json: (target, body, headers) => {
      calls += 1;
      return json(target, body, headers);
    },
  });
  client = new CloudWatchClient({ ...identity, endpoint: server.endpoint, maxAttempts: 1 });
});

afterAll(async () => {
  client.destroy();
  await server.close();
});

describe('reading CloudWatch', () => {
  test('sums the window by instance; what CloudWatch has no data of is absent', async () => {
    const traffic = await createMetrics(client).readMirrorTraffic(['i-unknown', ...instanceIds.slice(0, 4)], hours(1));
    expect([...traffic.keys()]).toEqual(instanceIds.slice(0, 4));
    expect(traffic.get(instanceIds[3]!)).toEqual({ bytesIn: 36, skippedBytesOut: 24 });
  });

  test('asks for at most 500 metrics a call', async () => {
    calls = 0;
    const traffic = await createMetrics(client).readMirrorTraffic(instanceIds, hours(1));
    expect(traffic.size).toBe(200);
    expect(calls).toBe(3);
  });

  test('reads every page of a day, which is more data points than one page holds', async () => {
    const full = Object.fromEntries(
      ['NetworkMirrorIn', 'NetworkMirrorOut', 'NetworkPacketsMirrorIn', 'NetworkPacketsMirrorOut'].map((name) => [
        name,
        1,
      ]),
    );
    const pages: number[] = [];
    const cloudWatch = createCloudWatch(
      new Map(instanceIds.map((id) => [id, { ...full, NetworkSkipMirrorIn: 1, NetworkSkipMirrorOut: 1 }])),
    );
    const many = await startServer({
      emulator: createEmulator(),
      json: (_, body) => {
        pages.push(1);
        return { status: 200, body: cloudWatch.GetMetricData?.(body as Record<string, unknown>) };
      },
    });
    const other = new CloudWatchClient({ ...identity, endpoint: many.endpoint });
    const traffic = await createMetrics(other).readMirrorTraffic(instanceIds.slice(0, 83), hours(24));
    other.destroy();
    await many.close();
    expect(traffic.get(instanceIds[82]!)).toMatchObject({ bytesIn: 288, skippedBytesOut: 288 });
    expect(pages).toHaveLength(2);
  });

  test('AbortError: what takes longer than it may is given up as unavailable, in the middle of a call', async () => {
    const silent = await startHesitantServer();
    const other = new CloudWatchClient({ ...identity, endpoint: silent.endpoint });
    const reading = createMetrics(other, 100).readMirrorTraffic(instanceIds, hours(1));
    await expect(reading).rejects.toMatchObject({ kind: 'unavailable', code: 'AbortError' });
    other.destroy();
    await silent.close();
    expect(silent.heard()).toBe(1);
  });

  test('asks nothing for no instances', async () => {
    calls = 0;
    expect((await createMetrics(client).readMirrorTraffic([], hours(1))).size).toBe(0);
    expect(calls).toBe(0);
  });
});

describe('the emulated CloudWatch refuses what CloudWatch refuses', () => {
  const query = (Id: string, Period = 300): MetricDataQuery => ({
    Id,
    MetricStat: { Metric: { Namespace: 'AWS/EC2', MetricName: 'NetworkMirrorIn' }, Period, Stat: 'Sum' },
  });
  test.each<[string, MetricDataQuery[]]>([
    ['no query', []],
    ['more than 500 queries', Array.from({ length: 501 }, (_, index) => query(`m${index}`))],
    ['two queries of one id', [query('m1'), query('m1')]],
    ['an id that does not begin with a lower-case letter', [query('M1')]],
    ['a period that is no multiple of a minute', [query('m1', 90)]],
  ])('%s', async (_, MetricDataQueries) => {
    const { fromMs } = hours(1);
    const input = { MetricDataQueries, StartTime: new Date(fromMs), EndTime: new Date(toMs) };
    await expect(client.send(new GetMetricDataCommand(input))).rejects.toMatchObject({
      name: expect.stringContaining('InvalidParameterValue'),
    });
  });
});
