import * as z from 'zod';

/**
 * The written form of a coverage report, for auditors and programs: `infra/report.schema.json`. It holds no policy and
 * no secrets; names and descriptions in it are other people's text and must be escaped wherever they are shown.
 */

const time = z.iso.datetime().describe('A moment in UTC, ISO 8601.');
const count = z.int().min(0);
const reason = z.string().describe('A reason code, see RUNBOOK.md and `fleetmirror explain`.');

const coverageSchema = z
  .strictObject({
    wanted: count.describe('Sources that the policy selects.'),
    eligible: count.describe('Wanted, less those that AWS cannot mirror or that have no traffic now.'),
    mirrored: count.describe('Eligible, with at least one desired session in place.'),
    complete: count.describe('Eligible, with all desired sessions in place.'),
    partial: count.describe('Mirrored, but not complete.'),
    percent: z
      .number()
      .min(0)
      .max(100)
      .describe('100 × mirrored ÷ eligible, rounded down to a tenth; 100 when nothing is eligible.'),
  })
  .describe('Coverage of the fleet. Counts are sources, not sessions.');

const tierSchema = z.strictObject({ sessionNumber: z.int(), tier: z.string() });

const sessionSchema = z.strictObject({
  sessionId: z.string(),
  sessionNumber: z.int(),
  isOurs: z.boolean().describe('False for a session that someone else made; it is never changed.'),
  tier: z.string().exactOptional(),
  targetId: z.string(),
  virtualNetworkId: z.int().exactOptional(),
  since: time.exactOptional().describe("When we created it, by the session's own tag."),
});

const decisionSchema = z.strictObject({
  action: z.enum(['create', 'modify', 'delete', 'retain', 'refuse']),
  because: reason,
  sessionNumber: z.int().exactOptional(),
  detail: z.string().exactOptional(),
  outcome: z
    .enum(['done', 'settled', 'deferred', 'look-again', 'failed', 'observed'])
    .describe('What became of it; `observed` when nothing was to be written.'),
  code: z.string().exactOptional().describe("EC2's error code."),
});

const verdict = z
  .enum(['carrying', 'congested', 'silent', 'young', 'unmeasured'])
  .describe(
    'carrying: packets are mirrored. congested: a notable share of them is dropped. silent: nothing was mirrored in the whole window. young: nothing yet, and a session is younger than the window. unmeasured: CloudWatch counts by instance, and there is none.',
  );

const interfaceSchema = z.strictObject({
  networkInterfaceId: z.string(),
  instanceId: z.string().exactOptional(),
  name: z.string().exactOptional().describe('The Name tag of the instance, else of the interface.'),
  optIn: z.string().exactOptional().describe('The value of the opt-in tag.'),
  vpcId: z.string().exactOptional(),
  availabilityZone: z.string().exactOptional(),
  instanceType: z.string().exactOptional(),
  requesterId: z.string().exactOptional(),
  profile: z.string().exactOptional().describe('The profile whose tiers are desired; absent when no profile has them.'),
  desired: z.array(tierSchema).describe('In ascending session number; empty when the policy does not select it.'),
  sessions: z.array(sessionSchema).describe('All sessions on the interface, whoever made them.'),
  status: z
    .enum(['complete', 'partial', 'missing', 'impossible', 'unclear', 'unwanted'])
    .describe(
      'complete, partial, missing: eligible with all, some, none of its sessions. impossible: AWS cannot mirror it now. unclear: its tag cannot be read. unwanted: it only carries sessions.',
    ),
  because: reason.exactOptional().describe('Why it is as it is.'),
  since: time.exactOptional().describe('Since when: its youngest session for a complete one, its oldest gap else.'),
  health: verdict
    .exactOptional()
    .describe('Of its mirrors, by its instance; absent when it was not read or no session here is ours.'),
  decisions: z.array(decisionSchema),
  warnings: z.array(z.string()),
});

const gapKind = z
  .enum(['missing', 'impossible', 'unclear'])
  .describe('missing: could be mirrored. impossible: AWS cannot mirror it now. unclear: the tag cannot be read.');

const gapSchema = z.strictObject({
  networkInterfaceId: z.string(),
  instanceId: z.string().exactOptional(),
  name: z.string().exactOptional(),
  sessionNumber: z.int().exactOptional().describe('Absent when the whole interface lacks its sessions for one reason.'),
  tier: z.string().exactOptional(),
  kind: gapKind,
  because: reason,
  remedy: z.string().describe('What it means and what to do.'),
  detail: z.string().exactOptional(),
  since: time.describe('When a report first showed this gap; in a report that `isFirst`, its own time.'),
});

const closedGapSchema = z.strictObject({
  ...gapSchema.shape,
  now: z
    .enum(['mirrored', 'changed', 'unwanted', 'gone'])
    .describe(
      'mirrored: the session is in place. changed: other gaps tell what the interface lacks now. unwanted: the policy does not ask for it any more. gone: the interface is.',
    ),
});

const bytes = z.number().min(0);
const percent = z.number().min(0).max(100);

const mirrorSchema = z
  .strictObject({
    verdict,
    instanceId: z.string().exactOptional(),
    networkInterfaceIds: z.array(z.string()),
    sessions: count,
    mirroredBytes: bytes,
    mirroredPackets: z.number().min(0),
    skippedBytes: bytes.describe('Wanted by a session, and dropped because production traffic goes first.'),
    skippedPercent: percent.describe('100 × skipped ÷ (mirrored + skipped), rounded down to a tenth.'),
    hasData: z.boolean().describe('False when CloudWatch has no data point of this instance.'),
    since: time.exactOptional().describe('When a report first said silent or congested; absent for other verdicts.'),
  })
  .describe('An instance that is mirrored, all its interfaces together, since AWS counts by instance.');

const recoveredSchema = z
  .strictObject({
    ...mirrorSchema.shape,
    since: time,
    now: z.enum([...verdict.options, 'not-mirrored']).describe('Its verdict now.'),
  })
  .describe('What the report before said of it.');

const healthSchema = z
  .discriminatedUnion('state', [
    z.strictObject({
      state: z.literal('not-read'),
      because: z
        .enum(['not-asked', 'denied', 'failed'])
        .describe(
          'not-asked: nobody wanted it read. denied: a permission is missing. failed: CloudWatch did not answer.',
        ),
      operation: z.string().exactOptional().describe('The permission that is missing, or the call that failed.'),
    }),
    z.strictObject({
      state: z.literal('read'),
      from: time,
      to: time,
      totals: z
        .strictObject({
          instances: count,
          carrying: count,
          congested: count,
          silent: count,
          young: count,
          unmeasured: count,
          mirroredBytes: bytes,
          skippedBytes: bytes,
          skippedPercent: percent,
        })
        .describe('Of the whole fleet.'),
      instances: z.array(mirrorSchema).describe('Troubled ones first.'),
      recovered: z.array(recoveredSchema).describe('Silent or congested in the report before, and not any more.'),
    }),
  ])
  .describe(
    'Whether the sessions carry anything, by CloudWatch. A mirror of a report that did not read it is not well: it is unknown.',
  );

const groupSchema = z.strictObject({ name: z.string(), ...coverageSchema.shape });

const targetSchema = z.strictObject({
  targetId: z.string(),
  kind: z.string(),
  ownerId: z.string(),
  sources: count.describe('Interfaces that mirror to it, as far as this account can see.'),
  limit: count.nullable().describe('Sources that AWS allows; null for load balancers and endpoints, which have none.'),
  strangers: count.describe("Sources that only others' sessions bring."),
});

const foreignSchema = z.strictObject({
  sessionId: z.string(),
  networkInterfaceId: z.string(),
  sessionNumber: z.int(),
  targetId: z.string(),
  ownerId: z.string(),
  description: z.string().exactOptional(),
});

export const reportSchema = z
  .strictObject({
    version: z.literal(1).describe('Version of this format.'),
    fleet: z.string(),
    accountId: z.string(),
    region: z.string().describe('The AWS Region that was looked at: a fleet lives in one account and Region.'),
    takenAt: time,
    isObserved: z.boolean().describe('True when nothing was written: `fleetmirror report`, or `mode: observe`.'),
    isFirst: z
      .boolean()
      .default(false)
      .describe('True when no earlier report was at hand: the ages of its gaps and troubles count from this one.'),
    lastGoodPolicy: z
      .strictObject({
        version: count.describe('Its version in the Parameter Store.'),
        writtenAt: time.exactOptional(),
      })
      .exactOptional()
      .describe('Set while the pushed policy is broken: this report goes by the newest version that is valid.'),
    coverage: coverageSchema,
    totals: z
      .strictObject({
        vpcs: z.array(groupSchema),
        zones: z.array(groupSchema),
        profiles: z.array(groupSchema),
        tiers: z.array(groupSchema).describe('Counts are sessions of the tier; mirrored equals complete.'),
        families: z.array(groupSchema).describe('By instance family.'),
        gaps: z.array(z.strictObject({ because: reason, kind: gapKind, gaps: count, remedy: z.string() })),
      })
      .describe('The coverage figures by group, the largest group first.'),
    interfaces: z.array(interfaceSchema).describe('Every interface that is wanted or carries a session.'),
    gaps: z.array(gapSchema),
    closed: z.array(closedGapSchema).default([]).describe('Gaps of the report before that are none any more.'),
    health: healthSchema.default({ state: 'not-read', because: 'not-asked' }),
    quotas: z
      .strictObject({
        accountSessions: z.strictObject({ used: count, ours: count, limit: count }),
        targets: z.array(targetSchema),
        slots: z
          .strictObject({
            heldByStrangers: count.describe("Of the session slots on wanted interfaces, those with others' sessions."),
            fullInterfaces: count.describe('Wanted interfaces that have all the sessions that AWS allows.'),
          })
          .describe('AWS allows three sessions on an interface.'),
      })
      .describe('Use and room of AWS quotas (Traffic Mirroring quotas).'),
    foreign: z.array(foreignSchema).describe('Sessions of others in this account.'),
    crossAccount: z
      .array(
        z.strictObject({
          sessionId: z.string(),
          networkInterfaceId: z.string(),
          targetId: z.string(),
          targetOwnerId: z.string(),
        }),
      )
      .describe('Our sessions whose target lives in another account.'),
    cost: z
      .strictObject({
        isEstimate: z.literal(true),
        sessions: count,
        sessionHourUsd: z.number().min(0),
        hoursPerMonth: z.number(),
        monthlyUsd: z.number().min(0),
        source: z.string(),
      })
      .describe('An estimate of what our sessions cost; data transfer and load balancers come on top.'),
  })
  .describe('Which interfaces of a fleet are mirrored, which are not, why, and what to do about it.');

/** One coverage report: everything that every format shows. */
export type CoverageReport = z.output<typeof reportSchema>;

/** How an earlier report is read: those of before the Region was told name none. */
export const earlierReportSchema = z.strictObject({
  ...reportSchema.shape,
  region: reportSchema.shape.region.exactOptional(),
});
export type EarlierReport = z.output<typeof earlierReportSchema>;

export type ReportInterface = CoverageReport['interfaces'][number];
export type ReportGap = CoverageReport['gaps'][number];
export type ClosedGap = CoverageReport['closed'][number];
export type ReportHealth = CoverageReport['health'];
export type MirrorReading = Extract<ReportHealth, { state: 'read' }>;
export type ReportMirror = MirrorReading['instances'][number];
export type ReportGroup = CoverageReport['totals']['vpcs'][number];

/** What a report leaves open for the next one: how old its gaps and troubles are, and what may be told as closed. */
export const openFindingsSchema = z.strictObject({ gaps: z.array(gapSchema), troubles: z.array(mirrorSchema) });
export type OpenFindings = z.output<typeof openFindingsSchema>;

/** The JSON Schema of a report. */
export function reportJsonSchema() {
  const { $schema, ...schema } = z.toJSONSchema(reportSchema);
  return { $schema, title: 'Fleetmirror coverage report', ...schema };
}
