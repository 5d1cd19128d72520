import * as z from 'zod';

const tags = z.record(z.string(), z.string()).default({});
const zone = z.string().optional();
const name = z.string().optional();
const ownerId = z
  .string()
  .regex(/^\d{12}$/)
  .optional();

const instanceInterface = z.strictObject({
  id: z.string().optional(),
  type: z.string().default('interface'),
  description: z.string().default(''),
  deleteOnTermination: z.boolean().default(true),
  groupIds: z.array(z.string()).optional(),
  tags,
});

/** Alike instances. With a name they are called `name-0`, `name-1`, …; one alone also answers to the bare name. */
const instances = z.strictObject({
  name,
  /** Only for a count of 1. */
  id: z.string().optional(),
  count: z.number().int().min(0).default(1),
  instanceType: z.string().default('m5.large'),
  zone,
  /** Taken in turn; `zone` wins. */
  zones: z.array(z.string()).min(1).optional(),
  state: z.enum(['running', 'stopped', 'terminated']).default('running'),
  /** The AWS service that runs them, as EKS Auto Mode runs its nodes; whether they are hidden is a setting of the account. */
  operator: z.strictObject({ principal: z.string(), hiddenByDefault: z.boolean().default(false) }).optional(),
  perReservation: z.number().int().min(1).default(1),
  /** A number of plain interfaces, or one entry for each. */
  interfaces: z.union([z.number().int().min(1), z.array(instanceInterface).min(1)]).default(1),
  /** What CloudWatch counts of each in five minutes, by metric name such as `NetworkMirrorOut`; absent: no data points. */
  metrics: z.record(z.string(), z.number().min(0)).optional(),
  tags,
});

/** Interfaces on none of our instances: of RDS, ElastiCache, Lambda, a load balancer, or our own and unattached. */
const interfaces = z.strictObject({
  name,
  id: z.string().optional(),
  count: z.number().int().min(0).default(1),
  type: z.string().default('interface'),
  zone,
  description: z.string().default(''),
  /** `amazon-rds`, `amazon-elasticache`, `amazon-elb`, an account id …; with it the interface is requester-managed. */
  requesterId: z.string().optional(),
  requesterManaged: z.boolean().optional(),
  /** Carried by an instance that AWS runs and we cannot see; so by default when requester-managed. */
  attached: z.boolean().optional(),
  ownerId,
  tags,
});

const targets = z.strictObject({
  name,
  id: z.string().optional(),
  /** Exactly one of these; an instance stands for its first interface. */
  instance: z.string().optional(),
  interface: z.string().optional(),
  loadBalancer: z.string().optional(),
  endpoint: z.string().optional(),
  ownerId,
  description: z.string().optional(),
  tags,
});

const ports = z.strictObject({ from: z.number().int(), to: z.number().int() });

const rules = z.strictObject({
  direction: z.enum(['ingress', 'egress']),
  number: z.number().int().min(1),
  action: z.enum(['accept', 'reject']).default('accept'),
  protocol: z.number().int().min(0).max(255).optional(),
  source: z.string().default('0.0.0.0/0'),
  destination: z.string().default('0.0.0.0/0'),
  sourcePorts: ports.optional(),
  destinationPorts: ports.optional(),
  description: z.string().optional(),
});

const filters = z.strictObject({
  name,
  id: z.string().optional(),
  description: z.string().optional(),
  networkServices: z.array(z.literal('amazon-dns')).default([]),
  rules: z.array(rules).default([]),
  tags,
});

/** A session that is there from the start. `source` is an interface id, an instance name, or `name/1` for its second interface. */
const sessions = z.strictObject({
  name,
  id: z.string().optional(),
  source: z.string(),
  target: z.string(),
  filter: z.string(),
  number: z.number().int().min(1).max(32_766),
  virtualNetworkId: z.number().int().min(0).max(16_777_215).optional(),
  packetLength: z.number().int().min(1).max(8_500).optional(),
  ownerId,
  description: z.string().optional(),
  tags,
});

const listeners = z.strictObject({
  protocol: z.enum(['UDP', 'TCP_UDP', 'TCP']).default('UDP'),
  port: z.number().int().min(1).max(65_535).default(4789),
  /** Instances by name or id, or addresses. */
  targets: z.array(z.strictObject({ id: z.string(), state: z.string().default('healthy') })).default([]),
});

/** Network load balancers; `zones`: those of all subnets when absent. */
const loadBalancers = z.strictObject({
  name: z.string(),
  arn: z.string().optional(),
  zones: z.array(z.string()).min(1).optional(),
  securityGroupIds: z.array(z.string()).default([]),
  crossZone: z.boolean().default(false),
  listeners: z.array(listeners).default([]),
});

/** Security groups of the default VPC, which interfaces name in `groupIds`. `protocol`: `udp`, `tcp`, a number, -1 for all. */
const securityGroups = z.strictObject({
  id: z.string(),
  name: z.string().default('group'),
  ingress: z
    .array(
      z.strictObject({
        protocol: z.string().default('udp'),
        from: z.number().int().optional(),
        to: z.number().int().optional(),
        cidrs: z.array(z.string()).default([]),
        groups: z.array(z.string()).default([]),
        prefixLists: z.array(z.string()).default([]),
      }),
    )
    .default([]),
});

/** Network ACLs that take the subnets of these zones from the default one. */
const networkAcls = z.strictObject({
  id: z.string(),
  zones: z.array(z.string()),
  entries: z.array(
    z.strictObject({
      number: z.number().int().min(1),
      direction: z.enum(['ingress', 'egress']),
      action: z.enum(['allow', 'deny']),
      protocol: z.string().default('-1'),
      from: z.number().int().optional(),
      to: z.number().int().optional(),
      cidr: z.string().default('0.0.0.0/0'),
    }),
  ),
});

/** A fleet as data, as in a YAML file. Names are this document's own; EC2 never sees them. */
export const fleetSchema = z.strictObject({
  loadBalancers: z.array(loadBalancers).default([]),
  securityGroups: z.array(securityGroups).default([]),
  networkAcls: z.array(networkAcls).default([]),
  endpoints: z
    .array(z.strictObject({ name, id: z.string().optional(), type: z.string().default('GatewayLoadBalancer') }))
    .default([]),
  instances: z.array(instances).default([]),
  interfaces: z.array(interfaces).default([]),
  targets: z.array(targets).default([]),
  filters: z.array(filters).default([]),
  sessions: z.array(sessions).default([]),
});

/** What a caller writes; what is left out has its default. */
export type FleetDocument = z.input<typeof fleetSchema>;
/** The document with every default filled in. */
export type Fleet = z.output<typeof fleetSchema>;
