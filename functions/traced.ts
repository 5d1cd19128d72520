import { Tracer } from '@aws-lambda-powertools/tracer';
import { captureLambdaHandler } from '@aws-lambda-powertools/tracer/middleware';

/** The middleware that writes a subsegment of each invocation, and its errors, into the trace that Lambda has begun. */
export const traced = captureLambdaHandler(new Tracer({ serviceName: 'fleetmirror' }), { captureResponse: false });
