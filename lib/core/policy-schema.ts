import * as z from 'zod/mini';
import {
  packetLengthMax,
  packetLengthMin,
  sessionHourUsdDefault,
  sessionNumberMax,
  sessionNumberMin,
  sessionsPerSourceMax,
  virtualNetworkIdMax,
} from './limits.ts';
import { filterSchema } from './policy-filter-schema.ts';
import { descriptionSchema, idOf, integer, nameSchema } from './policy-scalars.ts';

/**
 * The written form of a policy, as YAML or JSON. It decides shape and ranges only; what needs more than one place of the
 * policy is in `policy-checks.ts`. Descriptions are shown by editors and given as hints beside problems, so that each
 * says unit, range and source. Messages given to `regex` and `error` complete a sentence that begins with the value.
 */

const virtualNetworkIdSchema = integer(0, virtualNetworkIdMax);

const spreadSchema = z
  .enum(['same-zone', 'least-sources'])
  .check(
    z.describe(
      "same-zone (default): the target with the fewest sources in the source's zone, else any. least-sources: any zone.",
    ),
  );

const poolSchema = z
  .strictObject({
    ids: z
      .array(idOf('tmt'))
      .check(
        z.minLength(1),
        z.describe('Ids of mirror targets: interfaces, load balancers or endpoints; one or more.'),
      ),
    spread: z._default(spreadSchema, 'same-zone'),
  })
  .check(z.describe('A pool of mirror targets; each source is given one of them.'));

const tierSchema = z
  .strictObject({
    name: nameSchema,
    sessionNumber: integer(sessionNumberMin, sessionNumberMax).check(
      z.describe(
        'Session number, 1 to 32766: sessions are evaluated in ascending order [AWS: CreateTrafficMirrorSession].',
      ),
    ),
    target: z.string().check(z.describe('Name of a pool under `targets`.')),
    filter: z.string().check(z.describe('Name of a filter under `filters`.')),
    packetLength: z.exactOptional(
      integer(packetLengthMin, packetLengthMax).check(
        z.describe(
          'Bytes of each packet to mirror, 1 to 8500; without it the whole packet [AWS: CreateTrafficMirrorSession].',
        ),
      ),
    ),
    virtualNetworkId: z.exactOptional(
      z
        .union(
          [virtualNetworkIdSchema, z.literal('per-source')],
          'is neither a VXLAN network identifier (0 to 16777215) nor per-source',
        )
        .check(
          z.describe('VXLAN network identifier, 0 to 16777215 [RFC 7348], or per-source; without it AWS chooses one.'),
        ),
    ),
    description: z.exactOptional(descriptionSchema),
  })
  .check(z.describe('One session specification: at most one session of it exists on each source.'));

const idsOf = (prefix: string, what: string) =>
  z.exactOptional(z.array(idOf(prefix)).check(z.describe(`${what}; any of them.`)));

const literals = (what: string) => z.exactOptional(z.array(z.string()).check(z.describe(`${what}; any of them.`)));

const noTagKey = 'is no tag key: 1 to 128 characters';

const matchSchema = z
  .strictObject({
    vpcIds: idsOf('vpc', 'VPC ids'),
    subnetIds: idsOf('subnet', 'Subnet ids'),
    availabilityZones: literals('Zone names such as us-east-1a'),
    securityGroupIds: z.exactOptional(
      z.array(idOf('sg')).check(z.describe('Security group ids; one of them on the interface.')),
    ),
    instanceTypes: literals('Instance types, with the wildcards * and ?, such as m5.*'),
    tags: z.exactOptional(
      z
        .record(z.string().check(z.minLength(1, noTagKey), z.maxLength(128, noTagKey)), z.array(z.string()))
        .check(
          z.describe(
            'Tag key to a list of values with the wildcards * and ?; every key must match. Interface before instance.',
          ),
        ),
    ),
    requester: literals('amazon-rds, amazon-elasticache or any requester id of the interface'),
    networkInterfaceIds: idsOf('eni', 'Interface ids'),
    instanceIds: idsOf('i', 'Instance ids'),
  })
  .check(z.describe('Keys AND, values within a key OR. An absent key matches everything, an empty list nothing.'));

const optInSchema = z
  .strictObject({
    tagKey: z._default(
      z
        .string()
        .check(
          z.minLength(1),
          z.maxLength(127),
          z.describe('Key of the opt-in tag, 1 to 127 characters, case-sensitive (default Mirror).'),
        ),
      'Mirror',
    ),
  })
  .check(z.describe('The tag that asks for mirroring; read on the interface first, then on its instance.'));

const coverageSchema = z.strictObject({
  match: matchSchema,
  profile: z.string().check(z.describe('Name of a profile.')),
  mandatory: z._default(
    z.boolean().check(z.describe('true: the opt-in tag may add tiers but not remove any (default false).')),
    false,
  ),
});

const instanceTypePattern = z
  .string()
  .check(z.regex(/^[a-z0-9.*?-]+$/, 'is no instance type or pattern such as m8g.*'));

const typePatterns = (what: string) => z._default(z.array(instanceTypePattern).check(z.describe(what)), []);

const instanceTypesSchema = z
  .strictObject({
    edition: z._default(
      z
        .enum(['2025-08', '2023-06'])
        .check(z.describe("Edition of AWS's list of instance types: 2025-08 (default) or 2023-06.")),
      '2025-08',
    ),
    unknown: z._default(
      z
        .enum(['skip', 'try'])
        .check(z.describe('Types that the edition does not know: skip (default), or try and let EC2 answer.')),
      'skip',
    ),
    allow: typePatterns('Types to mirror whatever the edition says; * and ?.'),
    deny: typePatterns('Types never to mirror; * and ?. Beats allow.'),
  })
  .check(z.describe('Which instance types are mirrored.'));

const networkIdRangeSchema = z
  .strictObject({
    from: virtualNetworkIdSchema.check(z.describe('First, included.')),
    to: virtualNetworkIdSchema.check(z.describe('Last, included.')),
  })
  .check(
    z.describe(
      'From which `virtualNetworkId: per-source` draws, both ends included, 0 to 16777215 (default 1 to 16777215).',
    ),
  );

const guardsSchema = z
  .strictObject({
    maxDeletes: z._default(
      integer(0, 10_000).check(
        z.describe(
          'Most deletions of one run that tags, coverage, exclusion, tiers, types or targets cause: 0 to 10000 (default 50).',
        ),
      ),
      50,
    ),
    maxDeletePercent: z._default(
      integer(0, 100).check(
        z.describe('Most of these in percent of our sessions, 0 to 100 (default 20); counts from 10 deletions on.'),
      ),
      20,
    ),
  })
  .check(z.describe('Above either figure none of these deletions is made, and an alarm says so.'));

const costSchema = z
  .strictObject({
    sessionHourUsd: z._default(
      z.number().check(z.gte(0), z.describe('US dollars for one session and hour, 0 or more (default 0.015).')),
      sessionHourUsdDefault,
    ),
    source: z._default(
      z
        .string()
        .check(
          z.maxLength(200),
          z.describe('Where the price is from: at most 200 characters, printed beside every estimate.'),
        ),
      'AWS pricing page, US East (Ohio); other Regions may differ',
    ),
  })
  .check(
    z.describe('What a session costs, for the estimate in the coverage report [AWS: VPC pricing, Traffic Mirroring].'),
  );

export const policyFileSchema = z
  .strictObject({
    version: z.literal(1).check(z.describe('Version of this format: 1.')),
    fleet: nameSchema.check(z.describe('Owner of the sessions; equals the fleet that the stack (or --fleet) names.')),
    mode: z._default(
      z
        .enum(['enforce', 'observe'])
        .check(z.describe('enforce (default), or observe: plan, report and emit events, write nothing.')),
      'enforce',
    ),
    optIn: z.prefault(optInSchema, {}),
    targets: z.record(nameSchema, poolSchema).check(z.describe('Pools of mirror targets by name.')),
    filters: z.record(nameSchema, filterSchema).check(z.describe('Mirror filters by name.')),
    tiers: z.array(tierSchema).check(z.minLength(1), z.describe('Session specifications, one or more.')),
    profiles: z
      ._default(
        z.record(
          nameSchema,
          z
            .array(z.string())
            .check(
              z.minLength(1),
              z.maxLength(sessionsPerSourceMax),
              z.describe(
                'Names of one to three tiers: AWS allows three sessions on a source [AWS: Traffic Mirroring quotas].',
              ),
            ),
        ),
        {},
      )
      .check(z.describe('Lists of tiers by name. The tag value true means the profile `default`.')),
    coverage: z
      ._default(z.array(coverageSchema), [])
      .check(
        z.describe(
          'Automatic coverage without tags: the first rule that matches wins, mandatory ones before the others.',
        ),
      ),
    exclude: z
      ._default(z.array(matchSchema), [])
      .check(z.describe('Interfaces that are never mirrored; beats everything else.')),
    interfaces: z
      ._default(z.enum(['all', 'primary']), 'all')
      .check(z.describe('all (default), or primary: only the first interface of each instance.')),
    whileStopped: z
      ._default(z.enum(['remove', 'keep']), 'remove')
      .check(
        z.describe(
          'What happens to sessions of a stopped instance, which AWS bills by the hour: remove (default) or keep.',
        ),
      ),
    instanceTypes: z.prefault(instanceTypesSchema, {}),
    virtualNetworkIdRange: z._default(networkIdRangeSchema, { from: 1, to: virtualNetworkIdMax }),
    guards: z.prefault(guardsSchema, {}),
    cost: z.prefault(costSchema, {}),
  })
  .check(
    z.describe('Policy of Fleetmirror: which network interfaces are mirrored, by which sessions, to which targets.'),
  );

/** A policy as written, after the defaults. */
export type PolicyFile = z.output<typeof policyFileSchema>;
export type WrittenFilter = PolicyFile['filters'][string];
export type WrittenRule = NonNullable<WrittenFilter['ingress']>[number];

/** The JSON Schema of the written form, for editors and other tools: `infra/policy.schema.json`. */
export function policyJsonSchema() {
  const { $schema, ...schema } = z.toJSONSchema(policyFileSchema, { io: 'input' });
  return { $schema, title: 'Fleetmirror policy', ...schema };
}
