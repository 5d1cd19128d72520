/** What every door has in common: structured logs, metrics, a trace, and a validated envelope. */
import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import { parser } from '@aws-lambda-powertools/parser/middleware';
import { SqsSchema } from '@aws-lambda-powertools/parser/schemas/sqs';
import type { Log } from '../lib/ports.ts';

const logger = new Logger({ serviceName: 'fleetmirror' });
const metrics = new Metrics({ namespace: 'Fleetmirror', serviceName: 'fleetmirror' });

/** X-Ray's SDK takes longer to load than all of our own code, so only a traced function loads it. */
const tracing = process.env.FLEETMIRROR_TRACING === 'Active' ? [(await import('./traced.ts')).traced] : [];

/** The middlewares of a door, outermost first. */
export function observe(fleet: string) {
  metrics.setDefaultDimensions({ fleet });
  return [
    injectLambdaContext(logger),
    logMetrics(metrics, { throwOnEmptyMetrics: false }),
    ...tracing,
    parser({ schema: SqsSchema }),
  ];
}

/** The log of `lib/ports.ts` as Powertools writes it: one JSON line each, metrics in the embedded metric format. */
export const log: Log = {
  info: (message, fields) => logger.info(message, { ...fields }),
  warn: (message, fields) => logger.warn(message, { ...fields }),
  error: (message, fields) => logger.error(message, { ...fields }),
  count: (metric, value = 1) => metrics.addMetric(metric, unitOf(metric), value),
};

function unitOf(metric: string): (typeof MetricUnit)[keyof typeof MetricUnit] {
  if (metric.endsWith('Ms')) return MetricUnit.Milliseconds;
  return metric.endsWith('Percent') ? MetricUnit.Percent : MetricUnit.Count;
}
