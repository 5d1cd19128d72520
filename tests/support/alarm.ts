/** The alarms of a packaged stack, decided as CloudWatch decides them, over samples that a test hands in. */
import type { Stack } from '../../lib/emulator/template.ts';

/** One value that a service or a function has reported. */
export interface MetricSample {
  readonly namespace: string;
  readonly metric: string;
  /** Exactly these: CloudWatch knows another metric for each set of dimensions. */
  readonly dimensions: Readonly<Record<string, string>>;
  readonly atMs: number;
  readonly value: number;
}

export type AlarmState = 'OK' | 'ALARM';

/** What one data point of an alarm is made of. */
export interface MetricStat {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions: readonly { readonly Name: string; readonly Value: string }[];
  readonly Statistic: keyof typeof statistics;
  readonly PeriodMs: number;
  /** `FILL(metric, fill)`: what stands for a period without samples. */
  readonly fill?: number;
}

export interface Alarm {
  readonly name: string;
  readonly stat: MetricStat;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly threshold: number;
  readonly comparison: keyof typeof comparisons;
  readonly missing: keyof typeof missingBreaches;
}

const statistics = {
  Sum: (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0),
  Minimum: (values: readonly number[]) => Math.min(...values),
  Maximum: (values: readonly number[]) => Math.max(...values),
  SampleCount: (values: readonly number[]) => values.length,
};

const comparisons = {
  GreaterThanOrEqualToThreshold: (value: number, threshold: number) => value >= threshold,
  LessThanThreshold: (value: number, threshold: number) => value < threshold,
};

/** The two settings that never lead to INSUFFICIENT_DATA; no alarm of ours may be silent. */
const missingBreaches = { breaching: true, notBreaching: false };

/** With three evaluation periods CloudWatch retrieves five; for other numbers its pages name none, so two more as well. */
const periodsRetrievedBeyond = 2;

/**
 * The alarm's state at the end of the minute of `atMs` [CloudWatch user guide, "Alarm evaluation" and "Configuring how
 * CloudWatch alarms treat missing data"]: periods count back from now. Where enough of the retrieved periods have data,
 * the most recent of these decide, however old; where not, missing ones count as the alarm says.
 */
export function evaluateAlarm(alarm: Alarm, samples: readonly MetricSample[], atMs: number): AlarmState {
  const { evaluationPeriods, datapointsToAlarm, threshold, comparison, missing } = alarm;
  const endMs = Math.ceil(atMs / 60_000) * 60_000;
  const series = readSeries(alarm.stat, samples, endMs, evaluationPeriods + periodsRetrievedBeyond);
  const breaches = series
    .filter((point) => point !== undefined)
    .slice(0, evaluationPeriods)
    .map((point) => comparisons[comparison](point, threshold));
  while (breaches.length < evaluationPeriods) breaches.push(missingBreaches[missing]);
  return breaches.filter(Boolean).length >= datapointsToAlarm ? 'ALARM' : 'OK';
}

/** Data points, the most recent first; `undefined` for a period without samples. FILL needs a series that has any. */
function readSeries(stat: MetricStat, samples: readonly MetricSample[], endMs: number, periods: number) {
  const own = samples.filter((sample) => isOf(stat, sample));
  const points = Array.from({ length: periods }, (_, back) => {
    const toMs = endMs - back * stat.PeriodMs;
    const values = own.filter(({ atMs }) => atMs < toMs && atMs >= toMs - stat.PeriodMs).map(({ value }) => value);
    return values.length === 0 ? undefined : statistics[stat.Statistic](values);
  });
  return points.some((point) => point !== undefined) ? points.map((point) => point ?? stat.fill) : points;
}

function isOf({ Namespace, MetricName, Dimensions }: MetricStat, sample: MetricSample): boolean {
  if (sample.namespace !== Namespace || sample.metric !== MetricName) return false;
  const named = Object.entries(sample.dimensions);
  return named.length === Dimensions.length && Dimensions.every(({ Name, Value }) => sample.dimensions[Name] === Value);
}

/** The alarms of a stack by its template, which throws for what is not evaluated here. `idsOf` finds them in it. */
export function readAlarms(stack: Stack, logicalIds: readonly string[]): readonly Alarm[] {
  return logicalIds.map((logicalId) => {
    const properties = stack.readProperties(logicalId) as unknown as AlarmProperties;
    const { AlarmName, EvaluationPeriods, DatapointsToAlarm, Threshold, ComparisonOperator, TreatMissingData } =
      properties;
    return {
      name: AlarmName,
      stat: readStat(properties),
      evaluationPeriods: Number(EvaluationPeriods),
      datapointsToAlarm: Number(DatapointsToAlarm ?? EvaluationPeriods),
      threshold: Number(Threshold),
      comparison: oneOf(comparisons, ComparisonOperator),
      missing: oneOf(missingBreaches, TreatMissingData),
    };
  });
}

interface AlarmProperties {
  readonly AlarmName: string;
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions: MetricStat['Dimensions'];
  readonly Statistic: string;
  readonly Period: number | string;
  readonly Metrics?: readonly [StatQuery, ExpressionQuery];
  readonly EvaluationPeriods: number | string;
  readonly DatapointsToAlarm?: number | string;
  readonly Threshold: number | string;
  readonly ComparisonOperator: string;
  readonly TreatMissingData: string;
}

interface StatQuery {
  readonly Id: string;
  readonly ReturnData: false;
  readonly MetricStat: {
    readonly Metric: Pick<MetricStat, 'Namespace' | 'MetricName' | 'Dimensions'>;
    readonly Stat: string;
    readonly Period: number | string;
  };
}

interface ExpressionQuery {
  readonly Expression: string;
}

/** Of one metric, or of `FILL` over one metric. */
function readStat({ Metrics, ...plain }: AlarmProperties): MetricStat {
  if (Metrics === undefined) {
    const { Namespace, MetricName, Dimensions, Statistic, Period } = plain;
    return {
      Namespace,
      MetricName,
      Dimensions,
      Statistic: oneOf(statistics, Statistic),
      PeriodMs: Number(Period) * 1000,
    };
  }
  const [{ Id, MetricStat }, { Expression }] = Metrics;
  const [, filled, fill] = /^FILL\((\w+), (\d+)\)$/.exec(Expression) ?? [];
  if (filled !== Id) throw new Error(`${plain.AlarmName}: the expression ${Expression} is not evaluated here.`);
  const { Metric, Stat, Period } = MetricStat;
  return { ...Metric, Statistic: oneOf(statistics, Stat), PeriodMs: Number(Period) * 1000, fill: Number(fill) };
}

function oneOf<Table extends object>(table: Table, name: string): keyof Table {
  if (!Object.hasOwn(table, name)) throw new Error(`${name} is not evaluated here.`);
  return name as keyof Table;
}
