import { Tracer } from '@aws-lambda-powertools/tracer';
import { captureLambdaHandler } from '@aws-lambda-powertools/tracer/middleware';
import type { Trace } from '../lib/ports.ts';

const tracer = new Tracer({ serviceName: 'fleetmirror' });

/** The middleware that writes a subsegment of each invocation, and its errors, into the trace that Lambda has begun. */
export const traced = captureLambdaHandler(tracer, { captureResponse: false });

/** A step of the run as a subsegment below the invocation's. */
export const trace: Trace = async (name, work) => {
  const parent = tracer.getSegment();
  if (parent === undefined) return work();
  const step = parent.addNewSubsegment(name);
  tracer.setSegment(step);
  try {
    return await work();
  } catch (error) {
    tracer.addErrorAsMetadata(error as Error);
    throw error;
  } finally {
    step.close();
    tracer.setSegment(parent);
  }
};
