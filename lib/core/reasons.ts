/**
 * Every reason code, once: the English sentence with its remedy, used by `explain`, the report, logs and events.
 * A sentence speaks to the operator who asks "why is this interface (not) mirrored?".
 */
export const reasons = {
  'opted-in': 'The opt-in tag asks for this session.',
  covered: 'A coverage rule of the policy asks for this session.',
  drifted: 'The session differs from the policy and is put right in place.',
  renumbered: 'The tier moved to another session number; the session moves with it, so that no packet is missed.',
  'target-gone':
    "The session's target, or the interface behind it, no longer exists. Create a target and add its id to the pool.",
  'target-withdrawn': "The session's target is no longer in its pool; the session moves to another target of the pool.",
  'opted-out': 'The opt-in tag says off. Set it to a profile or to true to mirror again.',
  'not-covered':
    'Neither the opt-in tag nor a coverage rule asks for this. Tag it or add a coverage rule to mirror it.',
  'tier-withdrawn': 'The policy no longer gives this source a tier on this session number.',
  excluded: 'A rule under `exclude` matches; exclusion beats tags and coverage.',
  'not-primary': 'The policy mirrors primary interfaces only (`interfaces: primary`).',
  'instance-stopped': 'The instance is stopped; the policy removes sessions meanwhile (`whileStopped: remove`).',
  'instance-terminated': 'The instance is terminated; sessions on what it leaves behind would be billed for nothing.',
  'interface-gone': 'The interface no longer exists.',
  'interface-detached': 'The interface is not attached to an instance. Attach it to have it mirrored.',
  'type-unsupported':
    'AWS does not mirror this instance type. Use a supported type, or override it under `instanceTypes.allow`.',
  duplicate: 'Two sessions of ours share this number; the one with the lowest id stays.',
  'as-desired': 'The session is as the policy wants it.',
  'not-ours': 'The session belongs to someone else and is left alone.',
  'unknown-profile':
    'The opt-in tag names no profile or tier of the policy. Correct the tag; existing sessions stay meanwhile.',
  'held-by-guard':
    'Too many deletions at once: none of this kind is made. Review the plan, then run `apply --allow-deletes N`.',
  'left-to-sweep': 'Left to the next sweep, which looks at the whole fleet before it deletes.',
  'read-incomplete': 'EC2 has not shown everything that this decision needs; nothing is changed until it does.',
  'type-unknown':
    'The edition of the instance-type list does not know this type. Allow it, or set `instanceTypes.unknown: try`.',
  'type-refused-by-ec2': 'EC2 refused to mirror this interface (NetworkInterfaceNotSupported).',
  'bare-metal-unsupported': 'AWS does not mirror bare-metal instances of this family. Use a virtualized size.',
  'interface-type': 'AWS mirrors interfaces of type `interface` only.',
  'requester-managed':
    "An AWS service or another account runs what carries it; of those, only RDS's and ElastiCache's can be mirrored.",
  'is-mirror-target': 'The interface is a mirror target; AWS does not let it be a source as well.',
  'number-held-by-another-owner':
    "Someone else's session holds this session number on the interface. Remove theirs or renumber the tier.",
  'source-full': 'The interface has three sessions already, AWS allows no more. Remove a foreign session or a tier.',
  'target-full': 'Every target of the pool has all the sources that AWS allows. Add targets to the pool.',
  'target-missing':
    'No target of the pool exists, or none that still has its interface. Create one and add its id to the policy.',
  'filter-missing': 'The filter that the policy names does not exist. Create it or correct its id.',
  'account-full': 'The account has all the sessions that AWS allows in a Region (10,000).',
  denied: "EC2 denied the call. Compare the function's role and the organisation's control policies with the template.",
} as const;

export type Because = keyof typeof reasons;

/** The figure under "wanted but not eligible": what AWS cannot mirror, and what has no traffic to mirror. */
export const ineligibleReasons: ReadonlySet<Because> = new Set<Because>([
  'type-unsupported',
  'type-unknown',
  'type-refused-by-ec2',
  'bare-metal-unsupported',
  'interface-type',
  'requester-managed',
  'is-mirror-target',
  'instance-stopped',
  'interface-detached',
]);
