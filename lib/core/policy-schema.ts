import * as z from 'zod';
import {
  packetLengthMax,
  packetLengthMin,
  ruleNumberMax,
  sessionHourUsdDefault,
  sessionNumberMax,
  sessionNumberMin,
  sessionsPerSourceMax,
  virtualNetworkIdMax,
} from './limits.ts';
import { namedProtocols } from './protocols.ts';

/**
 * The written form of a policy, as YAML or JSON. It decides shape and ranges only; what needs more than one place of the
 * policy is in `policy-checks.ts`. Descriptions are shown by editors and given as hints beside problems, so that each
 * says unit, range and source. Messages given to `regex` and `error` complete a sentence that begins with the value.
 */

const idOf = (prefix: string) => z.string().regex(new RegExp(`^${prefix}-[0-9a-f]+$`), `is no id like ${prefix}-0…`);
const nameSchema = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,30}$/,
    'is no name: a lower-case letter, then up to 30 lower-case letters, digits or hyphens',
  )
  .describe(
    'A lower-case letter, then up to 30 lower-case letters, digits or hyphens; not true, yes, on, false, no, off.',
  );

/** AWS gives no length for session descriptions; tag values take 256 characters, and this stays below. */
const descriptionSchema = z.string().max(200).describe('Free text of at most 200 characters.');

const virtualNetworkIdSchema = z.int().min(0).max(virtualNetworkIdMax);

const portsSchema = z
  .union([z.int().min(0).max(65_535), z.string().regex(/^\d{1,5}(-\d{1,5})?$/)], {
    error: 'is neither a port nor a range of ports',
  })
  .describe(
    'A port (443) or a range (1-65535), 0 to 65535; with protocol tcp or udp only [AWS: Traffic mirror filters].',
  );

const ruleSchema = z
  .strictObject({
    rule: z
      .int()
      .min(1)
      .max(ruleNumberMax)
      .describe(
        'Rule number, 1 to 32766: the lowest is tried first, unique in its direction. The VXLAN guard takes 1 (and 2).',
      ),
    action: z.enum(['accept', 'reject']).describe('accept: mirror the packet; reject: this session does not.'),
    protocol: z
      .union([z.enum(['all', ...Object.keys(namedProtocols)]), z.int().min(0).max(255)], {
        error: 'is no protocol',
      })
      .default('all')
      .describe(
        `all, ${Object.keys(namedProtocols).join(', ')}, or a number from 0 to 255 [IANA protocol numbers]. Without it: all.`,
      ),
    sourceCidr: z.string().describe('IPv4 or IPv6 network such as 10.0.0.0/8; the same family as destinationCidr.'),
    destinationCidr: z.string().describe('IPv4 or IPv6 network such as 0.0.0.0/0; the same family as sourceCidr.'),
    sourcePorts: portsSchema.exactOptional(),
    destinationPorts: portsSchema.exactOptional(),
    description: descriptionSchema.exactOptional(),
  })
  .describe(
    'A filter rule. The first rule of the direction that matches a packet decides [AWS: Traffic mirror filters].',
  );

const filterSchema = z
  .strictObject({
    id: idOf('tmf').exactOptional().describe('Id of a filter of yours: used, never changed. Alone, without rules.'),
    networkServices: z
      .array(z.enum(['amazon-dns']))
      .exactOptional()
      .describe('Mirror queries to the Amazon DNS server as well; only amazon-dns exists.'),
    ingress: z.array(ruleSchema).exactOptional().describe('Rules for packets that the source receives.'),
    egress: z.array(ruleSchema).exactOptional().describe('Rules for packets that the source sends.'),
    allowVxlan: z
      .boolean()
      .exactOptional()
      .describe(
        'false (default): UDP 4789 is rejected first in both directions, so that no mirror of a mirror arises; the guard counts towards the 10 rules that AWS allows. true: no guard.',
      ),
  })
  .describe('Either a filter of yours (id), or rules of a filter that Fleetmirror creates and keeps equal to them.');

const poolSchema = z
  .strictObject({
    ids: z
      .array(idOf('tmt'))
      .min(1)
      .describe('Ids of mirror targets: interfaces, load balancers or endpoints; one or more.'),
    spread: z
      .enum(['same-zone', 'least-sources'])
      .default('same-zone')
      .describe(
        "same-zone (default): the target with the fewest sources in the source's zone, else any. least-sources: any zone.",
      ),
  })
  .describe('A pool of mirror targets; each source is given one of them.');

const tierSchema = z
  .strictObject({
    name: nameSchema,
    sessionNumber: z
      .int()
      .min(sessionNumberMin)
      .max(sessionNumberMax)
      .describe(
        'Session number, 1 to 32766: sessions are evaluated in ascending order [AWS: CreateTrafficMirrorSession].',
      ),
    target: z.string().describe('Name of a pool under `targets`.'),
    filter: z.string().describe('Name of a filter under `filters`.'),
    packetLength: z
      .int()
      .min(packetLengthMin)
      .max(packetLengthMax)
      .exactOptional()
      .describe(
        'Bytes of each packet to mirror, 1 to 8500; without it the whole packet [AWS: CreateTrafficMirrorSession].',
      ),
    virtualNetworkId: z
      .union([virtualNetworkIdSchema, z.literal('per-source')], {
        error: 'is neither a VXLAN network identifier (0 to 16777215) nor per-source',
      })
      .exactOptional()
      .describe('VXLAN network identifier, 0 to 16777215 [RFC 7348], or per-source; without it AWS chooses one.'),
    description: descriptionSchema.exactOptional(),
  })
  .describe('One session specification: at most one session of it exists on each source.');

const literals = (what: string) => z.array(z.string()).exactOptional().describe(`${what}; any of them.`);

const matchSchema = z
  .strictObject({
    vpcIds: z.array(idOf('vpc')).exactOptional().describe('VPC ids; any of them.'),
    subnetIds: z.array(idOf('subnet')).exactOptional().describe('Subnet ids; any of them.'),
    availabilityZones: literals('Zone names such as us-east-1a'),
    securityGroupIds: z.array(idOf('sg')).exactOptional().describe('Security group ids; one of them on the interface.'),
    instanceTypes: literals('Instance types, with the wildcards * and ?, such as m5.*'),
    tags: z
      .record(z.string().min(1).max(128), z.array(z.string()))
      .exactOptional()
      .describe(
        'Tag key to a list of values with the wildcards * and ?; every key must match. Interface before instance.',
      ),
    requester: literals('amazon-rds, amazon-elasticache or any requester id of the interface'),
    networkInterfaceIds: z.array(idOf('eni')).exactOptional().describe('Interface ids; any of them.'),
    instanceIds: z.array(idOf('i')).exactOptional().describe('Instance ids; any of them.'),
  })
  .describe('Keys AND, values within a key OR. An absent key matches everything, an empty list nothing.');

const instanceTypePattern = z.string().regex(/^[a-z0-9.*?-]+$/, 'is no instance type or pattern such as m8g.*');

export const policyFileSchema = z
  .strictObject({
    version: z.literal(1).describe('Version of this format: 1.'),
    fleet: nameSchema.describe('Owner of the sessions; equals the fleet that the stack (or --fleet) names.'),
    mode: z
      .enum(['enforce', 'observe'])
      .default('enforce')
      .describe('enforce (default), or observe: plan, report and emit events, write nothing.'),
    optIn: z
      .strictObject({
        tagKey: z
          .string()
          .min(1)
          .max(127)
          .default('Mirror')
          .describe('Key of the opt-in tag, 1 to 127 characters, case-sensitive (default Mirror).'),
      })
      .prefault({})
      .describe('The tag that asks for mirroring; read on the interface first, then on its instance.'),
    targets: z.record(nameSchema, poolSchema).describe('Pools of mirror targets by name.'),
    filters: z.record(nameSchema, filterSchema).describe('Mirror filters by name.'),
    tiers: z.array(tierSchema).min(1).describe('Session specifications, one or more.'),
    profiles: z
      .record(
        nameSchema,
        z
          .array(z.string())
          .min(1)
          .max(sessionsPerSourceMax)
          .describe(
            'Names of one to three tiers: AWS allows three sessions on a source [AWS: Traffic Mirroring quotas].',
          ),
      )
      .default({})
      .describe('Lists of tiers by name. The tag value true means the profile `default`.'),
    coverage: z
      .array(
        z.strictObject({
          match: matchSchema,
          profile: z.string().describe('Name of a profile.'),
          mandatory: z
            .boolean()
            .default(false)
            .describe('true: the opt-in tag may add tiers but not remove any (default false).'),
        }),
      )
      .default([])
      .describe('Automatic coverage without tags: the first rule that matches wins, mandatory ones before the others.'),
    exclude: z.array(matchSchema).default([]).describe('Interfaces that are never mirrored; beats everything else.'),
    interfaces: z
      .enum(['all', 'primary'])
      .default('all')
      .describe('all (default), or primary: only the first interface of each instance.'),
    whileStopped: z
      .enum(['remove', 'keep'])
      .default('remove')
      .describe(
        'What happens to sessions of a stopped instance, which AWS bills by the hour: remove (default) or keep.',
      ),
    instanceTypes: z
      .strictObject({
        edition: z
          .enum(['2025-08', '2023-06'])
          .default('2025-08')
          .describe("Edition of AWS's list of instance types: 2025-08 (default) or 2023-06."),
        unknown: z
          .enum(['skip', 'try'])
          .default('skip')
          .describe('Types that the edition does not know: skip (default), or try and let EC2 answer.'),
        allow: z.array(instanceTypePattern).default([]).describe('Types to mirror whatever the edition says; * and ?.'),
        deny: z.array(instanceTypePattern).default([]).describe('Types never to mirror; * and ?. Beats allow.'),
      })
      .prefault({})
      .describe('Which instance types are mirrored.'),
    virtualNetworkIdRange: z
      .strictObject({
        from: virtualNetworkIdSchema.describe('First, included.'),
        to: virtualNetworkIdSchema.describe('Last, included.'),
      })
      .default({ from: 1, to: virtualNetworkIdMax })
      .describe(
        'From which `virtualNetworkId: per-source` draws, both ends included, 0 to 16777215 (default 1 to 16777215).',
      ),
    guards: z
      .strictObject({
        maxDeletes: z
          .int()
          .min(0)
          .max(10_000)
          .default(50)
          .describe(
            'Most deletions of one run that tags, coverage, exclusion, tiers, types or targets cause: 0 to 10000 (default 50).',
          ),
        maxDeletePercent: z
          .int()
          .min(0)
          .max(100)
          .default(20)
          .describe('Most of these in percent of our sessions, 0 to 100 (default 20); counts from 10 deletions on.'),
      })
      .prefault({})
      .describe('Above either figure none of these deletions is made, and an alarm says so.'),
    cost: z
      .strictObject({
        sessionHourUsd: z
          .number()
          .min(0)
          .default(sessionHourUsdDefault)
          .describe('US dollars for one session and hour, 0 or more (default 0.015).'),
        source: z
          .string()
          .max(200)
          .default('AWS pricing page, US East (Ohio); other Regions may differ')
          .describe('Where the price is from: at most 200 characters, printed beside every estimate.'),
      })
      .prefault({})
      .describe('What a session costs, for the estimate in the coverage report [AWS: VPC pricing, Traffic Mirroring].'),
  })
  .describe('Policy of Fleetmirror: which network interfaces are mirrored, by which sessions, to which targets.');

/** A policy as written, after the defaults. */
export type PolicyFile = z.output<typeof policyFileSchema>;
export type WrittenFilter = PolicyFile['filters'][string];
export type WrittenRule = NonNullable<WrittenFilter['ingress']>[number];

/** The JSON Schema of the written form, for editors and other tools: `infra/policy.schema.json`. */
export function policyJsonSchema() {
  const { $schema, ...schema } = z.toJSONSchema(policyFileSchema, { io: 'input' });
  return { $schema, title: 'Fleetmirror policy', ...schema };
}
