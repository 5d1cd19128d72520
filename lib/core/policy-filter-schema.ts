import * as z from 'zod/mini';
import { ruleNumberMax } from './limits.ts';
import { descriptionSchema, idOf, integer } from './policy-scalars.ts';
import { namedProtocols } from './protocols.ts';

const noPorts = 'is neither a port nor a range of ports';

const portsSchema = z
  .union([integer(0, 65_535), z.string().check(z.regex(/^\d{1,5}(-\d{1,5})?$/, noPorts))], noPorts)
  .check(
    z.describe(
      'A port (443) or a range (1-65535), 0 to 65535; with protocol tcp or udp only [AWS: Traffic mirror filters].',
    ),
  );

const protocolSchema = z
  .union([z.enum(['all', ...Object.keys(namedProtocols)]), integer(0, 255)], 'is no protocol')
  .check(
    z.describe(
      `all, ${Object.keys(namedProtocols).join(', ')}, or a number from 0 to 255 [IANA protocol numbers]. Without it: all.`,
    ),
  );

const ruleSchema = z
  .strictObject({
    rule: integer(1, ruleNumberMax).check(
      z.describe(
        'Rule number, 1 to 32766: the lowest is tried first, unique in its direction. The VXLAN guard takes 1 (and 2).',
      ),
    ),
    action: z.enum(['accept', 'reject']).check(z.describe('accept: mirror the packet; reject: this session does not.')),
    protocol: z._default(protocolSchema, 'all'),
    sourceCidr: z
      .string()
      .check(z.describe('IPv4 or IPv6 network such as 10.0.0.0/8; the same family as destinationCidr.')),
    destinationCidr: z
      .string()
      .check(z.describe('IPv4 or IPv6 network such as 0.0.0.0/0; the same family as sourceCidr.')),
    sourcePorts: z.exactOptional(portsSchema),
    destinationPorts: z.exactOptional(portsSchema),
    description: z.exactOptional(descriptionSchema),
  })
  .check(
    z.describe(
      'A filter rule. The first rule of the direction that matches a packet decides [AWS: Traffic mirror filters].',
    ),
  );

/** The written form of a filter; which keys go together is checked in `policy-rules.ts`. */
export const filterSchema = z
  .strictObject({
    id: z.exactOptional(
      idOf('tmf').check(z.describe('Id of a filter of yours: used, never changed. Alone, without rules.')),
    ),
    networkServices: z.exactOptional(
      z
        .array(z.enum(['amazon-dns']))
        .check(z.describe('Mirror queries to the Amazon DNS server as well; only amazon-dns exists.')),
    ),
    ingress: z.exactOptional(z.array(ruleSchema).check(z.describe('Rules for packets that the source receives.'))),
    egress: z.exactOptional(z.array(ruleSchema).check(z.describe('Rules for packets that the source sends.'))),
    allowVxlan: z.exactOptional(
      z
        .boolean()
        .check(
          z.describe(
            'false (default): UDP 4789 is rejected first in both directions, so that no mirror of a mirror arises; the guard counts towards the 10 rules that AWS allows. true: no guard.',
          ),
        ),
    ),
  })
  .check(
    z.describe('Either a filter of yours (id), or rules of a filter that Fleetmirror creates and keeps equal to them.'),
  );
