/** What the deployment tells a function, read once at the start. All problems are reported together. */
import * as z from 'zod/mini';

const queueUrl = z.url('must be the URL of a queue');

const environment = z.object({
  FLEETMIRROR_FLEET: z
    .string('is missing')
    .check(z.regex(/^[a-z][a-z0-9-]{0,30}$/, 'must be a fleet name such as "prod"')),
  FLEETMIRROR_ACCOUNT_ID: z.string('is missing').check(z.regex(/^\d{12}$/, 'must be the 12 digits of the AWS account')),
  /** Set by Lambda itself. */
  AWS_REGION: z.string('is missing'),
  FLEETMIRROR_CHANGE_QUEUE_URL: queueUrl,
  FLEETMIRROR_SWEEP_QUEUE_URL: queueUrl,
  FLEETMIRROR_REPORT_BUCKET: z.optional(z.string().check(z.minLength(3, 'must be the name of a bucket'))),
  FLEETMIRROR_HEALTH_MINUTES: z._default(
    z.string().check(z.regex(/^(0|[1-9]\d{1,2}|1[0-3]\d\d|14[0-3]\d|1440)$/, 'must be 0 or from 10 to 1440')),
    '0',
  ),
});

export interface Config {
  readonly fleet: string;
  readonly accountId: string;
  readonly region: string;
  readonly changeQueueUrl: string;
  readonly sweepQueueUrl: string;
  /** Absent in a function that writes no reports. */
  readonly reportBucket?: string;
  /** How far back a report looks for the health of mirrors; 0: it does not. */
  readonly healthMinutes: number;
}

/** Reads the environment of a function. Throws one error that names every variable that is missing or wrong. */
export function readConfig(variables: Readonly<Record<string, string | undefined>>): Config {
  const parsed = environment.safeParse(variables);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new Error(`The function's environment is wrong. ${problems.join('; ')}. Deploy the stack again.`);
  }
  const reportBucket = parsed.data.FLEETMIRROR_REPORT_BUCKET;
  return {
    fleet: parsed.data.FLEETMIRROR_FLEET,
    accountId: parsed.data.FLEETMIRROR_ACCOUNT_ID,
    region: parsed.data.AWS_REGION,
    changeQueueUrl: parsed.data.FLEETMIRROR_CHANGE_QUEUE_URL,
    sweepQueueUrl: parsed.data.FLEETMIRROR_SWEEP_QUEUE_URL,
    ...(reportBucket !== undefined && { reportBucket }),
    healthMinutes: Number(parsed.data.FLEETMIRROR_HEALTH_MINUTES),
  };
}
