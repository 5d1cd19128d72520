/** What every door has in common: structured logs, metrics, a trace, and a validated envelope. */
import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { parser } from '@aws-lambda-powertools/parser/middleware';
import * as z from 'zod/mini';
import type { Log } from '../lib/ports.ts';
import { countMetric, nameFleet, publishMetrics } from './counted.ts';

const logger = new Logger({ serviceName: 'fleetmirror' });

/** What we read of a batch from SQS; each message brings more [AWS: Using Lambda with Amazon SQS]. */
const batch = z.object({ Records: z.array(z.object({ messageId: z.string(), body: z.string() })) });

/** X-Ray's SDK takes longer to load than all of our own code, so only a traced function loads it. */
const tracer = process.env.FLEETMIRROR_TRACING === 'Active' ? await import('./traced.ts') : undefined;

/** Where the steps of a run become segments; absent in a function that is not traced. */
export const trace = tracer?.trace;

/** The middlewares of a door, outermost first. */
export function observe(fleet: string) {
  nameFleet(fleet);
  return [
    injectLambdaContext(logger),
    { after: publishMetrics, onError: publishMetrics },
    ...(tracer === undefined ? [] : [tracer.traced]),
    parser({ schema: batch }),
  ];
}

/** The log of `lib/ports.ts` as Powertools writes it: one JSON line each, metrics in the embedded metric format. */
export const log: Log = {
  info: (message, fields) => logger.info(message, { ...fields }),
  warn: (message, fields) => logger.warn(message, { ...fields }),
  error: (message, fields) => logger.error(message, { ...fields }),
  count: countMetric,
};
