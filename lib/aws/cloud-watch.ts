import {
  CloudWatchClient,
  type CloudWatchClientConfig,
  GetMetricDataCommand,
  type GetMetricDataCommandOutput,
  type MetricDataQuery,
} from '@aws-sdk/client-cloudwatch';
import type { HealthWindow, MirrorTraffic } from '../core/health.ts';
import { metricPeriodSeconds, metricQueriesMax } from '../core/limits.ts';
import type { InstanceId } from '../core/model.ts';
import { Ec2Failure } from '../failure.ts';
import type { Metrics } from '../ports.ts';
import { attempt } from './attempt.ts';
import { clientSettings } from './client-settings.ts';

/** The permission that `readMirrorTraffic` needs; CloudWatch knows no narrower resource for it than `*`. */
const operation = 'cloudwatch:GetMetricData';

/** Metrics of the namespace AWS/EC2 [D: Traffic Mirroring guide, "Monitor mirrored traffic using CloudWatch"]. */
const metricNames: Readonly<Record<keyof MirrorTraffic, string>> = {
  bytesIn: 'NetworkMirrorIn',
  bytesOut: 'NetworkMirrorOut',
  packetsIn: 'NetworkPacketsMirrorIn',
  packetsOut: 'NetworkPacketsMirrorOut',
  skippedBytesIn: 'NetworkSkipMirrorIn',
  skippedBytesOut: 'NetworkSkipMirrorOut',
};
const fields = Object.keys(metricNames) as (keyof MirrorTraffic)[];

/** The SDK repeats a call that CloudWatch throttles. */
const cloudWatchClientSettings = { ...clientSettings, maxAttempts: 4 };

/** CloudWatch of the account and Region that the settings mean. */
export function connectMetrics(settings: CloudWatchClientConfig, timeMaxMs?: number): Metrics {
  return createMetrics(new CloudWatchClient({ ...cloudWatchClientSettings, ...settings }), timeMaxMs);
}

/**
 * CloudWatch over the SDK: as many instances in a call as it takes, every page of every call. A read that takes longer than
 * `timeMaxMs` ends as `unavailable`; without it, it takes what it needs.
 */
export function createMetrics(client: CloudWatchClient, timeMaxMs?: number): Metrics {
  return {
    async readMirrorTraffic(instanceIds, window) {
      const abortSignal = timeMaxMs === undefined ? undefined : AbortSignal.timeout(timeMaxMs);
      const send = (command: GetMetricDataCommand) => client.send(command, { ...(abortSignal && { abortSignal }) });
      const traffic = new Map<InstanceId, Partial<Record<keyof MirrorTraffic, number>>>();
      const instancesMax = Math.floor(metricQueriesMax / fields.length);
      for (let start = 0; start < instanceIds.length; start += instancesMax) {
        const batch = instanceIds.slice(start, start + instancesMax);
        for await (const { index, field, sum } of readSums(send, batch, window)) {
          const instanceId = batch[index];
          if (instanceId === undefined) continue;
          const known = traffic.get(instanceId) ?? {};
          // A series may be split over pages.
          known[field] = (known[field] ?? 0) + sum;
          traffic.set(instanceId, known);
        }
      }
      return traffic;
    },
  };
}

interface Sum {
  readonly index: number;
  readonly field: keyof MirrorTraffic;
  readonly sum: number;
}

async function* readSums(
  send: (command: GetMetricDataCommand) => Promise<GetMetricDataCommandOutput>,
  instanceIds: readonly InstanceId[],
  { fromMs, toMs }: HealthWindow,
): AsyncGenerator<Sum> {
  const MetricDataQueries = instanceIds.flatMap((instanceId, index) =>
    fields.map((field) => queryFor(instanceId, index, field)),
  );
  let NextToken: string | undefined;
  do {
    const input = { MetricDataQueries, StartTime: new Date(fromMs), EndTime: new Date(toMs) };
    const command = new GetMetricDataCommand({ ...input, ...(NextToken && { NextToken }) });
    const page = await attempt(operation, () => send(command));
    for (const { Id = '', Values = [], StatusCode } of page.MetricDataResults ?? []) {
      if (StatusCode === 'Forbidden') throw new Ec2Failure('denied', operation, StatusCode);
      if (StatusCode === 'InternalError') throw new Ec2Failure('unavailable', operation, StatusCode);
      const [index = '', field = ''] = Id.slice(1).split('_');
      if (Values.length === 0) continue;
      const sum = Values.reduce((total, value) => total + value, 0);
      yield { index: Number(index), field: field as keyof MirrorTraffic, sum };
    }
    NextToken = page.NextToken;
  } while (NextToken);
}

/** An id begins with a lower-case letter: `m0_bytesIn`. */
function queryFor(instanceId: InstanceId, index: number, field: keyof MirrorTraffic): MetricDataQuery {
  return {
    Id: `m${index}_${field}`,
    MetricStat: {
      Metric: {
        Namespace: 'AWS/EC2',
        MetricName: metricNames[field],
        Dimensions: [{ Name: 'InstanceId', Value: instanceId }],
      },
      Period: metricPeriodSeconds,
      Stat: 'Sum',
    },
  };
}
