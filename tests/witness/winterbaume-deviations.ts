import { leavesOut } from './deviation.ts';

const NOT_CHECKED = ['none', 1];

/**
 * winterbaume 1.0.0 keeps what it is given: of a session it checks what is required and that target and filter exist,
 * and it filters and pages almost nothing. What it does at all, it does as the contract says, but for two codes of its
 * own, `InvalidTrafficMirrorTargetInUse` and `InvalidTrafficMirrorFilterInUse`.
 */
export const winterbaumeDeviations = leavesOut([
  ['ids are tms-, tmt- and tmf- with 17 hexadecimal digits', [false, false, false]],
  ['without a network id one is chosen, and no two sessions get the same', ['undefined', 'undefined', false]],
  [
    'an unknown session cannot be read, changed or deleted',
    ['none', 'InvalidTrafficMirrorSessionId.NotFound', 'InvalidTrafficMirrorSessionId.NotFound'],
  ],
  ...[
    'a session number below 1 is answered InvalidParameterValue',
    'a session number above 32766 is answered InvalidParameterValue',
    'a packet length above 8500 is answered InvalidParameterValue',
    'a network id above 24 bits is answered InvalidParameterValue',
    'an unknown source is answered InvalidNetworkInterfaceID.NotFound',
    'tags for another kind of resource is answered InvalidParameterValue',
    'a dry run is answered DryRunOperation',
  ].map((refused) => [`a new session with ${refused}, and none is made`, NOT_CHECKED] as const),
  ['a source has three sessions at most', ['none', 'none', 'none', 'none']],
  ['a number serves once on a source', ['none', 'none']],
  ['an interface target has ten sources at most', [10, 'none']],
  ['a deleted source takes its sessions along', [1, 1]],
  ...['description', 'owner-id', 'packet-length', 'session-number', 'virtual-network-id'].map(
    (name) => [`sessions are found by ${name}`, [1, 1]] as const,
  ),
  ['sessions are found by their source, target, filter and own id', [2, 2, 2, 2]],
  ['a filter that is not listed is refused', 'none'],
  ['pages hold as many sessions as asked for, from 5 on', ['none', 6, 'undefined', 6, 'undefined']],
  ['a client token makes one session, and refuses another request', [false, 'none', 3]],
  ['tags of a session are written, read with it, listed and removed', [[], [], []]],
  ['a target of nothing is refused', 'none'],
  ['a target of two things is refused', 'none'],
  ['a target of an unknown interface is refused', 'none'],
  ['an interface is one target only', 'none'],
  ['an interface is a source or a target, never both', ['none', 'none']],
  ['targets are found by id and by interface', [true, false]],
  ['an unknown target is not found', 'none'],
  ['a target in use stays, a free one can be deleted', ['InvalidTrafficMirrorTargetInUse', 'none']],
  ['filters are found by id and by description', [1, 2]],
  ['an unknown filter is not found', 'none'],
  ['a filter in use stays, a free one can be deleted', ['InvalidTrafficMirrorFilterInUse', 'none']],
  ['a rule number serves once in a direction, and a filter has ten rules at most', ['none', 'none']],
  [
    'a launched instance runs, with its tags, its type and one interface in use',
    ['running', 'm5.large', [{ Key: 'mirror', Value: 'gold' }], [null, null, null, null]],
  ],
  [
    'instances stop, change their type only then, start and are terminated',
    ['none', 'stopped', 'none', 'c5.large', 'terminated'],
  ],
  ['a terminated instance takes its first interface along', [0, 0]],
  [
    'an interface is attached once, deleted only when free, and gone then',
    [
      'none',
      'none',
      'none',
      'InvalidAttachmentID.NotFound',
      'InvalidNetworkInterfaceID.NotFound',
      'InvalidNetworkInterfaceID.NotFound',
    ],
  ],
  ['unknown and malformed ids of instances are told apart', ['none', 'none']],
  ['unknown and malformed ids of interfaces are told apart', ['none', 'none']],
  ['filters join values by or and names by and, with wildcards, and case counts', [1, 0, 0, 0, 0, 0, 1]],
  ['an unknown filter is refused', 'none'],
  ['a page holds 5 to 1000, and no page goes with ids', ['none', 'none', 'none']],
  ['pages go on where the last one ended', [7, 7, 'undefined', 7]],
  ['a dry run of a launch answers DryRunOperation and launches nothing', ['none', 1]],
  ['instance types tell bare metal and hypervisor', ['m5.large false nitro', 't2.micro false nitro']],
  ['tags of nothing are refused, and `aws:` is reserved', ['none', 'none']],
]);
