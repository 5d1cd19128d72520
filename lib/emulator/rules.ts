/** The numbers that AWS documents and the choices where it does not; all can be changed for one emulator. */
export interface Rules {
  /** mirroring/traffic-mirroring-quotas; none adjustable. */
  readonly sessionsPerInterfaceMax: number;
  readonly sessionsMax: number;
  readonly targetsMax: number;
  readonly filtersMax: number;
  readonly rulesPerFilterMax: number;
  readonly sourcesPerTargetMax: number;
  readonly sourcesPerLargeTargetMax: number;
  /** ec2/UserGuide/Using_Tags, restrictions. */
  readonly tagsPerResourceMax: number;
  /** AWS names no code for a number twice on one source; some tools report a refusal, so refusing is the default. */
  readonly duplicateSessionNumber: 'refused' | 'accepted';
  /** Whether two sessions may be given one VXLAN network id: AWS says only that those it chooses itself are unique. */
  readonly duplicateVirtualNetworkId: 'accepted' | 'refused';
  /** Whether two sessions of one source count twice towards its target's 10 or 100 sources: not documented. */
  readonly sourceCountsOncePerTarget: boolean;
  /** Whether an unattached interface can be a source: not documented. */
  readonly unattachedSource: 'accepted' | 'refused';
  /** The error reference spells not-found codes in one way, AWS answers in another; clients must take both. */
  readonly notFoundSpelling: 'documented' | 'observed';
  /** What a caller whose permission asks for a tag is told of a resource that is gone: not documented. */
  readonly missingResource: 'not-found' | 'unauthorized';
  /** How long a client token answers what it answered before: not documented (ec2/devguide/ec2-api-idempotency). */
  readonly clientTokenKeptMs: number;
  /** Whether ids and `MaxResults` go together in the reads of Traffic Mirroring; only those of instances and interfaces say no. */
  readonly mirroringIdsWithPage: 'accepted' | 'refused';
  /** For a tag key that begins with `aws:` the error reference has a code of its own, clients see another. */
  readonly reservedTagKeyCode: 'documented' | 'observed';
  /** Whether a list of ids spares a read the smaller bucket of unfiltered reads: not documented (ec2/devguide/ec2-api-throttling). */
  readonly idsNarrowReads: boolean;
  /** Of one interface target. The error reference has `TrafficMirrorSessionsPerTargetLimitExceeded`, no page the number. */
  readonly sessionsPerTargetMax: number;
  /** Types whose interfaces are refused as sources. */
  readonly isUnsupportedType: (instanceType: string) => boolean;
  /** Above this an unpaginated, unfiltered DescribeNetworkInterfaces fails, as its page warns; the number is not documented. */
  readonly unpaginatedInterfacesMax: number;
  /** A page when the caller asks for none. */
  readonly pageDefault: number;
  /** How long an instance stays pending, stopping, shutting-down. */
  readonly transitionMs: number;
  /** A terminated instance stays visible for less than an hour (ec2/UserGuide/terminating-instances). */
  readonly terminatedVisibleMs: number;
}

/**
 * "Only Nitro v2 bare-metal instances are supported" (mirroring/what-is-traffic-mirroring): these families.
 * Whether EC2 refuses a session on an unsupported type is documented nowhere; for bare metal the text is firm.
 */
const BARE_METAL_FAMILIES = new Set(
  'm5 m5d m6g m6gd mac1 mac2 mac2-m1ultra mac2-m2 mac2-m2pro a1 c5 c5d c6g c6gd r5 r5b r5d r6g r6gd x2gd z1d i3 g5g'.split(
    ' ',
  ),
);

function isUnsupportedBareMetal(instanceType: string): boolean {
  const [family = '', size = ''] = instanceType.split('.');
  return size.startsWith('metal') && !BARE_METAL_FAMILIES.has(family);
}

/** The rules unless told otherwise: the documented numbers, and the stricter reading where AWS is silent. */
export const RULES: Rules = {
  sessionsPerInterfaceMax: 3,
  sessionsMax: 10_000,
  targetsMax: 10_000,
  filtersMax: 10_000,
  rulesPerFilterMax: 10,
  sourcesPerTargetMax: 10,
  sourcesPerLargeTargetMax: 100,
  tagsPerResourceMax: 50,
  duplicateSessionNumber: 'refused',
  duplicateVirtualNetworkId: 'accepted',
  sourceCountsOncePerTarget: true,
  unattachedSource: 'accepted',
  notFoundSpelling: 'observed',
  missingResource: 'not-found',
  clientTokenKeptMs: Number.POSITIVE_INFINITY,
  mirroringIdsWithPage: 'accepted',
  reservedTagKeyCode: 'observed',
  idsNarrowReads: false,
  sessionsPerTargetMax: Number.POSITIVE_INFINITY,
  isUnsupportedType: isUnsupportedBareMetal,
  unpaginatedInterfacesMax: 5_000,
  pageDefault: 1_000,
  transitionMs: 0,
  terminatedVisibleMs: 3_600_000,
};
