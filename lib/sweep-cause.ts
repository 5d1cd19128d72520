/** What asked for a sweep, read from the messages of the sweep queue. */
import * as z from 'zod/mini';

/** `command`: `fleetmirror sweep`. `asked`: a message that says nothing else. The rest speaks for itself. */
export const sweepCauses = [
  'schedule',
  'policy-changed',
  'continue',
  'detached',
  'target-gone',
  'tampered',
  'handed-on',
  'command',
  'asked',
] as const;

export type SweepCause = (typeof sweepCauses)[number];

export interface SweepRequestReading {
  readonly because: SweepCause;
  /** How often the sweep was continued. */
  readonly hop: number;
  /** EventBridge's id of the event that asked; absent for a schedule and for our own requests. */
  readonly eventIds?: readonly string[];
}

/** `{"source": "fleetmirror", "detail": {"because": "continue", "hop": 2}}` */
const ownRequest = z.object({
  source: z.literal('fleetmirror'),
  detail: z.object({
    because: z._default(z.catch(z.enum(sweepCauses), 'asked'), 'asked'),
    hop: z._default(z.int().check(z.gte(0)), 0),
  }),
});

/** `{"id": "6a7e8feb-…", "source": "aws.ssm", "detail-type": "Parameter Store Change"}` */
const policyChange = z.object({ source: z.literal('aws.ssm'), id: z.optional(z.string().check(z.maxLength(100))) });

/** Reads one message. A text that is no request at all still asks for a sweep: somebody put it into the queue. */
export function readSweepRequest(body: string): SweepRequestReading {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return { because: 'asked', hop: 0 };
  }
  const own = ownRequest.safeParse(json);
  if (own.success) return own.data.detail;
  const change = policyChange.safeParse(json);
  if (!change.success) return { because: 'asked', hop: 0 };
  const { id } = change.data;
  return { because: 'policy-changed', hop: 0, ...(id !== undefined && { eventIds: [id] }) };
}
