/**
 * The events that Fleetmirror puts on the default bus (source `fleetmirror`), one schema for each detail-type. They are a
 * promise to whoever writes a rule: fields are added, never renamed. `infra/events/` is written from here.
 */
import * as z from 'zod';
import { sessionNumberMax, sessionNumberMin } from './core/limits.ts';
import { type Because, reasons } from './core/reasons.ts';
import { sweepCauses } from './sweep-cause.ts';

const because = z.enum(Object.keys(reasons) as Because[]).describe('Reason code; RUNBOOK.md explains each.');
const count = z.int().min(0);

const runFields = {
  fleet: z.string().describe('The fleet whose policy was applied.'),
  runId: z
    .string()
    .describe('The run that did it: the same in every log line of the run, and in the client token of its creations.'),
  eventIds: z
    .array(z.string())
    .exactOptional()
    .describe('EventBridge ids of the events that led here, at most ten; absent when none did.'),
};

const sourceFields = {
  ...runFields,
  networkInterfaceId: z.string().describe('The mirrored interface.'),
  instanceId: z.string().exactOptional().describe('The instance that carries it, where one is visible.'),
  sessionNumber: z
    .int()
    .min(sessionNumberMin)
    .max(sessionNumberMax)
    .describe("The session's rank on the interface; the lowest is evaluated first."),
  sessionId: z.string(),
  tier: z.string().describe('The tier of the policy.'),
  because,
};

const attached = z.strictObject({ ...sourceFields, targetId: z.string() }).describe('A session was created.');

const detached = z
  .strictObject({ ...sourceFields, tier: sourceFields.tier.exactOptional() })
  .describe('A session was deleted.');

const refused = z
  .strictObject({
    ...sourceFields,
    sessionNumber: sourceFields.sessionNumber.exactOptional(),
    sessionId: sourceFields.sessionId.exactOptional().describe('The session that stays as it is, where there is one.'),
    tier: sourceFields.tier.exactOptional(),
    code: z.string().exactOptional().describe("EC2's error code, where EC2 refused."),
    detail: z.string().exactOptional().describe('Facts of this case.'),
  })
  .describe(
    'A session is wanted but not possible. Without a session number: no session of the interface is. Only changes are announced so; a sweep counts refusals in its report.',
  );

const driftRepaired = z
  .strictObject({
    ...sourceFields,
    changed: z
      .array(z.enum(['targetId', 'filterId', 'sessionNumber', 'packetLength', 'virtualNetworkId', 'description']))
      .describe('The fields that differed.'),
  })
  .describe('A session differed from the policy and was put right in place.');

const sweepCompleted = z
  .strictObject({
    ...runFields,
    because: z
      .enum(sweepCauses)
      .describe(
        'What asked for it. continue: the sweep before it ran out of time. detached, tampered: an event that names no source. target-gone: a target lost its interface. handed-on: a change that could not be finished. command: `fleetmirror sweep`. asked: any other message.',
      ),
    hop: count.describe('How often this sweep was continued.'),
    coverage: z.strictObject({
      wanted: count,
      eligible: count,
      mirrored: count,
      complete: count,
      partial: count,
      percent: z.number().min(0).max(100),
    }),
    actions: z.strictObject({ create: count, modify: count, delete: count, refuse: count, failed: count }),
    remaining: count.describe('Actions that are left to the continuation.'),
    durationMs: z.number().min(0),
  })
  .describe('A sweep of the whole fleet has ended.');

const sweepHalted = z
  .strictObject({
    ...runFields,
    because: z.literal('held-by-guard'),
    guarded: count.describe(
      'Deletions that the guard counted: those that were held, and those that the run had made before.',
    ),
    ourSessions: count.describe('Sessions of the fleet at that time.'),
    limit: z.string().describe('The guard of the policy that held them, with its value.'),
  })
  .describe('A guard held every guarded deletion of a sweep. Someone has to look: RUNBOOK.md, sweeps-halted.');

/** The schema of `detail`, by detail-type. */
export const eventSchemas = {
  'Mirror Attached': attached,
  'Mirror Detached': detached,
  'Mirror Refused': refused,
  'Mirror Drift Repaired': driftRepaired,
  'Sweep Completed': sweepCompleted,
  'Sweep Halted': sweepHalted,
} as const;

export type DetailType = keyof typeof eventSchemas;

/** One event as we hand it to the bus. */
export type FleetEvent = {
  [Type in DetailType]: { readonly detailType: Type; readonly detail: Readonly<z.output<(typeof eventSchemas)[Type]>> };
}[DetailType];

/** The name of an event's file in `infra/events/`: `mirror-attached`. */
export function fileNameOf(detailType: DetailType): string {
  return detailType.toLowerCase().replaceAll(' ', '-');
}

/** The JSON Schema of one event's `detail`. */
export function eventJsonSchema(detailType: DetailType) {
  const { $schema, ...schema } = z.toJSONSchema(eventSchemas[detailType], {
    // Our own tests are strict; whoever validates with the published schema must live with a new field.
    override: ({ jsonSchema }) => {
      delete jsonSchema.additionalProperties;
    },
  });
  return { $schema, title: `Fleetmirror: ${detailType} (detail)`, ...schema };
}
