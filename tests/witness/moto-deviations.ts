import type { Deviation } from './deviation.ts';

const NOT_CHECKED = ['none', 1];
const ERRORS = 'ec2/devguide/errors-overview';
const CREATE = 'AWSEC2/APIReference/API_CreateTrafficMirrorSession';

/**
 * moto 5.2.5 keeps the objects of Traffic Mirroring as they come: it checks no parameter and no id of theirs, and knows
 * no filter rules, no network services and no deletion of targets and filters.
 */
export const motoDeviations: readonly Deviation[] = [
  {
    rule: 'ids are tms-, tmt- and tmf- with 17 hexadecimal digits',
    does: [true, false, false],
    right: 'contract',
    because: 'AWSEC2/APIReference/API_CreateTrafficMirrorTarget and …Filter: the examples show tmt- and tmf-.',
  },
  {
    rule: 'without a network id one is chosen, and no two sessions get the same',
    does: ['undefined', 'undefined', false],
    right: 'contract',
    because: `${CREATE}: "an account-wide unique ID is chosen at random".`,
  },
  {
    rule: 'removed fields go back to their defaults',
    does: [128, 'first', false],
    right: 'contract',
    because:
      'AWSEC2/APIReference/API_ModifyTrafficMirrorSession: "When you remove a property … the property is set to the default."',
  },
  {
    rule: 'an unknown session cannot be read, changed or deleted',
    does: ['none', 'Error', 'none'],
    right: 'contract',
    because: `${ERRORS}: InvalidTrafficMirrorSessionNotFound, in the spelling that clients see.`,
  },
  {
    rule: 'a new session with a session number below 1 is answered InvalidParameterValue, and none is made',
    does: NOT_CHECKED,
    right: 'contract',
    because: `${CREATE}: "Valid values are 1-32766".`,
  },
  {
    rule: 'a new session with a session number above 32766 is answered InvalidParameterValue, and none is made',
    does: NOT_CHECKED,
    right: 'contract',
    because: `${CREATE}: "Valid values are 1-32766".`,
  },
  {
    rule: 'a new session with a packet length above 8500 is answered InvalidParameterValue, and none is made',
    does: NOT_CHECKED,
    right: 'contract',
    because: `${CREATE}: "Setting a PacketLength greater than 8500 will result in an error response".`,
  },
  {
    rule: 'a new session with a network id above 24 bits is answered InvalidParameterValue, and none is made',
    does: NOT_CHECKED,
    right: 'contract',
    because: 'vpc/mirroring/traffic-mirroring-packet-formats: the VXLAN of RFC 7348, whose network id has 24 bits.',
  },
  {
    rule: 'a new session with no session number is answered MissingParameter, and none is made',
    does: NOT_CHECKED,
    right: 'contract',
    because: `${CREATE}: "Required: Yes".`,
  },
  {
    rule: 'a new session with no source is answered MissingParameter, and none is made',
    does: NOT_CHECKED,
    right: 'contract',
    because: `${CREATE}: "Required: Yes".`,
  },
  {
    rule: 'a new session with an unknown source is answered InvalidNetworkInterfaceID.NotFound, and none is made',
    does: NOT_CHECKED,
    right: 'contract',
    because: `${ERRORS}: InvalidNetworkInterfaceID.NotFound.`,
  },
  {
    rule: 'a new session with an unknown target is answered InvalidTrafficMirrorTargetId.NotFound, and none is made',
    does: NOT_CHECKED,
    right: 'contract',
    because: `${ERRORS}: InvalidTrafficMirrorTargetNoFound, in the spelling that clients see.`,
  },
  {
    rule: 'a new session with an unknown filter is answered InvalidTrafficMirrorFilterId.NotFound, and none is made',
    does: NOT_CHECKED,
    right: 'contract',
    because: `${ERRORS}: InvalidTrafficMirrorFilterNotFound, in the spelling that clients see.`,
  },
  {
    rule: 'a new session with tags for another kind of resource is answered InvalidParameterValue, and none is made',
    does: NOT_CHECKED,
    right: 'nobody',
    because: 'AWSEC2/APIReference/API_TagSpecification: one call tags what it creates; no code is named.',
  },
  {
    rule: 'a new session with a dry run is answered DryRunOperation, and none is made',
    does: NOT_CHECKED,
    right: 'contract',
    because: `${CREATE}: DryRun "checks whether you have the required permissions … without actually making the request".`,
  },
  {
    rule: 'a source has three sessions at most',
    does: ['none', 'none', 'none', 'none'],
    right: 'contract',
    because: 'vpc/mirroring/traffic-mirroring-quotas: sessions per source network interface, 3.',
  },
  {
    rule: 'a number serves once on a source',
    does: ['none', 'none'],
    right: 'nobody',
    because: 'No page says so; the emulator has an option for it, duplicateSessionNumber.',
  },
  {
    rule: 'an interface target has ten sources at most',
    does: [10, 'none'],
    right: 'contract',
    because: 'vpc/mirroring/traffic-mirroring-quotas: sources per target, 10 for smaller instance types.',
  },
  {
    rule: 'a deleted source takes its sessions along',
    does: [1, 1],
    right: 'contract',
    because:
      'vpc/mirroring/traffic-mirroring-sessions: "If the source network interface gets deleted, AWS deletes the traffic mirroring session".',
  },
  ...['packet-length', 'virtual-network-id'].map(
    (name): Deviation => ({
      rule: `sessions are found by ${name}`,
      does: [1, 1],
      right: 'contract',
      because:
        'AWSEC2/APIReference/API_DescribeTrafficMirrorSessions lists the filter; moto lets everything through it.',
    }),
  ),
  {
    rule: 'sessions are found by session-number',
    does: [0, 0],
    right: 'contract',
    because:
      'AWSEC2/APIReference/API_DescribeTrafficMirrorSessions lists the filter; moto compares a number with a text.',
  },
  {
    rule: 'a filter that is not listed is refused',
    does: 'none',
    right: 'contract',
    because: `${ERRORS}: InvalidParameterValue, "a value specified in a parameter is not valid".`,
  },
  {
    rule: 'pages hold as many sessions as asked for, from 5 on',
    does: ['none', 6, 'undefined', 6, 'undefined'],
    right: 'contract',
    because: 'AWSEC2/APIReference/API_DescribeTrafficMirrorSessions: MaxResults from 5 to 1000.',
  },
  {
    rule: 'a client token makes one session, and refuses another request',
    does: [false, 'none', 3],
    right: 'contract',
    because: 'ec2/devguide/ec2-api-idempotency: the same token makes nothing new; other parameters are a mismatch.',
  },
  {
    rule: 'a target of nothing is refused',
    does: 'InvalidInput',
    right: 'nobody',
    because: 'AWSEC2/APIReference/API_CreateTrafficMirrorTarget names no code.',
  },
  {
    rule: 'a target of two things is refused',
    does: 'InvalidInput',
    right: 'nobody',
    because: 'AWSEC2/APIReference/API_CreateTrafficMirrorTarget names no code.',
  },
  {
    rule: 'a target of an unknown interface is refused',
    does: 'none',
    right: 'contract',
    because: `${ERRORS}: InvalidNetworkInterfaceID.NotFound.`,
  },
  {
    rule: 'an interface is one target only',
    does: 'none',
    right: 'contract',
    because: `${ERRORS}: "If associated with a target, it cannot be associated with another target".`,
  },
  {
    rule: 'an interface is a source or a target, never both',
    does: ['none', 'none'],
    right: 'contract',
    because: `${ERRORS}: "An interface can only be associated with a session, or with a target, but not both".`,
  },
  {
    rule: 'an unknown target is not found',
    does: 'none',
    right: 'contract',
    because: `${ERRORS}: InvalidTrafficMirrorTargetNoFound, in the spelling that clients see.`,
  },
  {
    rule: 'a target in use stays, a free one can be deleted',
    does: ['Error', 'Error'],
    right: 'contract',
    because: `${ERRORS}: TrafficMirrorTargetInUseException. moto has no DeleteTrafficMirrorTarget.`,
  },
  {
    rule: 'an unknown filter is not found',
    does: 'none',
    right: 'contract',
    because: `${ERRORS}: InvalidTrafficMirrorFilterNotFound, in the spelling that clients see.`,
  },
  {
    rule: 'a filter in use stays, a free one can be deleted',
    does: ['Error', 'Error'],
    right: 'contract',
    because: `${ERRORS}: TrafficMirrorFilterInUse. moto has no DeleteTrafficMirrorFilter.`,
  },
  {
    rule: 'a rule is added, changed, shown by its filter and removed',
    does: 'Error',
    right: 'contract',
    because: 'AWSEC2/APIReference/API_CreateTrafficMirrorFilterRule. moto has none.',
  },
  {
    rule: 'a rule number serves once in a direction, and a filter has ten rules at most',
    does: ['Error', 'Error'],
    right: 'contract',
    because: `${ERRORS}: TrafficMirrorFilterRuleAlreadyExists, TrafficMirrorFilterRuleLimitExceeded. moto has no rules.`,
  },
  {
    rule: 'Amazon DNS is let through and stopped again',
    does: ['Error', 'Error'],
    right: 'contract',
    because: 'AWSEC2/APIReference/API_ModifyTrafficMirrorFilterNetworkServices. moto has none.',
  },
  {
    rule: 'instances stop, change their type only then, start and are terminated',
    does: ['none', 'stopped', 'none', 'c5.large', 'terminated'],
    right: 'contract',
    because:
      'ec2/UserGuide/ec2-instance-resize: "You must stop your instance before you can change its instance type".',
  },
  {
    rule: 'a terminated instance takes its first interface along',
    does: [1, 1],
    right: 'contract',
    because:
      'ec2/UserGuide/terminating-instances: the primary network interface is deleted when DeleteOnTermination is true, the default of a launch.',
  },
  {
    rule: 'an interface is attached once, deleted only when free, and gone then',
    does: [
      'none',
      'none',
      'none',
      'InvalidAttachmentID.NotFound',
      'InvalidNetworkInterfaceID.NotFound',
      'InvalidNetworkInterfaceID.NotFound',
    ],
    right: 'contract',
    because: `${ERRORS}: InvalidNetworkInterface.InUse.`,
  },
  {
    rule: 'unknown and malformed ids of instances are told apart',
    does: ['InvalidInstanceID.NotFound', 'InvalidInstanceID.NotFound'],
    right: 'contract',
    because: `${ERRORS}: InvalidInstanceID.Malformed.`,
  },
  {
    rule: 'unknown and malformed ids of interfaces are told apart',
    does: ['InvalidNetworkInterfaceID.NotFound', 'InvalidNetworkInterfaceID.NotFound'],
    right: 'contract',
    because: `${ERRORS}: InvalidNetworkInterfaceId.Malformed.`,
  },
  {
    rule: 'an unknown filter is refused',
    does: 'Error',
    right: 'contract',
    because: `${ERRORS}: InvalidParameterValue. moto says that it does not have the filter yet.`,
  },
  {
    rule: 'a page holds 5 to 1000, and no page goes with ids',
    does: ['none', 'none', 'InvalidParameterCombination'],
    right: 'contract',
    because: 'AWSEC2/APIReference/API_DescribeInstances: "Expecting a value greater than 5" is what clients see for 4.',
  },
  {
    rule: 'tags of nothing are refused, and `aws:` is reserved',
    does: ['none', 'none'],
    right: 'contract',
    because: 'ec2/UserGuide/Using_Tags: "Do not use the aws: prefix"; errors-overview: InvalidInstanceID.NotFound.',
  },
];
