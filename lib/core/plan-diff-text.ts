import type { Fate, FateChange } from './plan-diff.ts';

/** One fate in a few words: `http to tmt-1 through all-tcp`, `deleted (opted-out)`, `no session`. */
export function describeFate(fate: Fate): string {
  switch (fate.kind) {
    case 'mirrored': {
      const { tier = 'mirrored', targetId, filter, packetLength, virtualNetworkId } = fate;
      const extras = [
        packetLength === undefined ? '' : `, ${packetLength} bytes`,
        virtualNetworkId === undefined ? '' : `, VNI ${virtualNetworkId}`,
      ];
      return `${tier} to ${targetId} through ${filter}${extras.join('')}`;
    }
    case 'kept':
      return `stays (${fate.because}${fate.held ? `: ${fate.held}` : ''})`;
    case 'deleted':
      return `deleted (${fate.because})`;
    case 'refused':
      return `refused (${fate.because})`;
    case 'none':
      return 'no session';
  }
}

/** The same with what both sides share left out of the second: only what becomes different. */
export function describeAfter({ before, after }: FateChange): string {
  if (before.kind !== 'mirrored' || after.kind !== 'mirrored') return describeFate(after);
  const fields = ['tier', 'targetId', 'filter', 'packetLength', 'virtualNetworkId'] as const;
  const names = { tier: 'tier', targetId: 'target', filter: 'filter', packetLength: 'bytes', virtualNetworkId: 'VNI' };
  const defaults = { packetLength: 'whole packets', virtualNetworkId: "EC2's choice" } as Record<string, string>;
  return fields
    .filter((field) => before[field] !== after[field])
    .map((field) => `${names[field]} ${after[field] ?? defaults[field] ?? 'none'}`)
    .join(', ');
}

/** What the differences come to, one sentence for each kind; nothing for none. */
export function summariseChanges(changes: readonly FateChange[]): readonly string[] {
  const isMirrored = ({ kind }: Fate) => kind === 'mirrored';
  const holdsSession = ({ kind }: Fate) => kind === 'mirrored' || kind === 'kept';
  const groups: readonly [matches: (change: FateChange) => boolean, sentence: string][] = [
    [({ before, after }) => !holdsSession(before) && isMirrored(after), 'would be mirrored under the new policy only'],
    [
      ({ before, after }) => holdsSession(before) && !holdsSession(after),
      'would be mirrored under the old policy only',
    ],
    [({ before, after }) => isMirrored(before) && isMirrored(after), 'would be mirrored under both, but differently'],
    [
      ({ after }) => after.kind === 'kept' && after.because === 'held-by-guard',
      'would keep a session that a guard holds back from deletion',
    ],
    [
      ({ before, after }) => !isMirrored(before) && after.kind === 'refused',
      'would be refused, or refused for another reason',
    ],
  ];
  return groups.flatMap(([matches, sentence]) => {
    const found = changes.filter(matches);
    if (found.length === 0) return [];
    const sources = new Set(found.map(({ networkInterfaceId }) => networkInterfaceId)).size;
    const numbers = found.length === 1 ? '1 session number' : `${found.length} session numbers`;
    return `${numbers} on ${sources === 1 ? '1 interface' : `${sources} interfaces`} ${sentence}.`;
  });
}
