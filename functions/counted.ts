/** Metrics in CloudWatch's embedded metric format: Powertools writes them as log lines, CloudWatch reads them out. */
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { type MetricDimensions, type MetricName, metrics as registry } from '../lib/metrics.ts';
import type { Log } from '../lib/ports.ts';

const metrics = new Metrics({ namespace: 'Fleetmirror' });

interface Share {
  readonly dimensions: MetricDimensions;
  readonly sums: Map<MetricName, number>;
}

/** Counts that have a dimension beside the fleet, until the invocation ends: one sum each, so that a sweep is a few lines. */
const shares = new Map<string, Share>();

/** Every metric from now on is one of this fleet, and of nothing else: Powertools would add the service's name. */
export function nameFleet(fleet: string): void {
  metrics.clearDefaultDimensions();
  metrics.setDefaultDimensions({ fleet });
}

/** One value of a metric; with a dimension it counts for the fleet as well. */
export const countMetric: Log['count'] = (metric, value = 1, dimensions) => {
  if (dimensions === undefined) {
    metrics.addMetric(metric, MetricUnit[registry[metric].unit], value);
    return;
  }
  const key = JSON.stringify(dimensions);
  const share = shares.get(key) ?? { dimensions, sums: new Map() };
  share.sums.set(metric, (share.sums.get(metric) ?? 0) + value);
  shares.set(key, share);
};

/** Writes what was counted since the last time. Powertools itself splits at 100 metrics, and at 100 values of one. */
export function publishMetrics(): void {
  if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
  for (const { dimensions, sums } of shares.values()) {
    // Two sets of dimensions in one line: the fleet's total, and the tier's or the reason's share of it.
    metrics.addDimensions({}).addDimensions({ ...dimensions });
    for (const [metric, sum] of sums) metrics.addMetric(metric, MetricUnit[registry[metric].unit], sum);
    metrics.publishStoredMetrics();
  }
  shares.clear();
}
