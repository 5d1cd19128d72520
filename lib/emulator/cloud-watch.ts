import { refuse } from './aws-error.ts';
import type { JsonActions } from './json-services.ts';

/** What CloudWatch has counted, per five minutes, by metric name (`NetworkMirrorOut`), by instance id. */
export type MetricRates = ReadonlyMap<string, Readonly<Record<string, number>>>;

/** AmazonCloudWatch/latest/APIReference/API_GetMetricData: metrics in one call, and data points in one page. */
const QUERIES_MAX = 500;
const DATAPOINTS_MAX = 100_800;
const FIVE_MINUTES = 300;

interface Query {
  readonly Id: string;
  readonly MetricStat?: {
    readonly Metric: {
      readonly Namespace: string;
      readonly MetricName: string;
      readonly Dimensions?: readonly { readonly Name: string; readonly Value: string }[];
    };
    readonly Period: number;
    readonly Stat: string;
  };
}

interface Input {
  readonly MetricDataQueries?: readonly Query[];
  /** Seconds, as the JSON protocol writes times. */
  readonly StartTime?: number;
  readonly EndTime?: number;
  readonly MaxDatapoints?: number;
  readonly NextToken?: string;
}

/**
 * CloudWatch as far as reading metrics of instances goes (`GraniteServiceVersion20100801`). An instance that the fleet
 * document gives no rate for has no data points; one with a rate of 0 has zeros.
 */
export function createCloudWatch(rates: MetricRates): JsonActions {
  return {
    GetMetricData: (given) => {
      const input = given as Input;
      const queries = checkQueries(input);
      const from = Number(input.NextToken ?? 0);
      const room = Math.min(input.MaxDatapoints ?? DATAPOINTS_MAX, DATAPOINTS_MAX);
      const results: object[] = [];
      let points = 0;
      let at = from;
      for (; at < queries.length; at++) {
        const series = readSeries(queries[at] as Query, input, rates);
        if (at > from && points + series.Values.length > room) break;
        points += series.Values.length;
        results.push(series);
      }
      return {
        MetricDataResults: results,
        Messages: [],
        ...(at < queries.length && { NextToken: String(at) }),
      };
    },
  };
}

function checkQueries({ MetricDataQueries: queries = [], StartTime, EndTime }: Input): readonly Query[] {
  if (queries.length === 0) refuseParameter('The parameter MetricDataQueries is required.');
  if (queries.length > QUERIES_MAX) refuseParameter(`At most ${QUERIES_MAX} queries are allowed.`);
  if (StartTime === undefined || EndTime === undefined || StartTime >= EndTime) {
    refuseParameter('The parameter StartTime must be less than the parameter EndTime.');
  }
  const ids = new Set(queries.map(({ Id }) => Id));
  if (ids.size < queries.length) refuseParameter('The values for parameter id in MetricDataQueries are not unique.');
  for (const { Id, MetricStat } of queries) {
    if (!/^[a-z][a-zA-Z0-9_]*$/.test(Id)) refuseParameter(`The value '${Id}' for parameter Id is not matching.`);
    if (MetricStat === undefined) refuseParameter('Only MetricStat is emulated, no expressions.');
    else if (MetricStat.Period < 60 || MetricStat.Period % 60 !== 0)
      refuseParameter('Period must be a multiple of 60.');
  }
  return queries;
}

function refuseParameter(message: string): never {
  return refuse('InvalidParameterValueException', message);
}

/** Newest first, as CloudWatch answers by default. */
function readSeries({ Id, MetricStat }: Query, { StartTime = 0, EndTime = 0 }: Input, rates: MetricRates) {
  const { Metric, Period = FIVE_MINUTES } = MetricStat ?? {};
  const instanceId = Metric?.Dimensions?.find(({ Name }) => Name === 'InstanceId')?.Value ?? '';
  const rate = Metric?.Namespace === 'AWS/EC2' ? rates.get(instanceId)?.[Metric.MetricName] : undefined;
  const Timestamps: number[] = [];
  const first = Math.floor(StartTime / Period) * Period;
  if (rate !== undefined) {
    for (let time = first; time < EndTime; time += Period) Timestamps.unshift(time);
  }
  return {
    Id,
    Label: Metric?.MetricName ?? '',
    StatusCode: 'Complete',
    Timestamps,
    Values: Timestamps.map(() => ((rate ?? 0) * Period) / FIVE_MINUTES),
  };
}
