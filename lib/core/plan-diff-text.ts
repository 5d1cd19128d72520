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

/** What the differences come to, one sentence for each kind; nothing for none. No difference counts in two of them. */
export function summariseChanges(changes: readonly FateChange[]): readonly string[] {
  // A session that stays goes on mirroring, whether the policy wants it or cannot judge it.
  const holdsSession = ({ kind }: Fate) => kind === 'mirrored' || kind === 'kept';
  const isHeld = ({ after }: FateChange) => after.kind === 'kept' && after.because === 'held-by-guard';
  const [free, held] = [changes.filter((change) => !isHeld(change)), changes.filter(isHeld)];
  const gained = free.filter(({ before, after }) => !holdsSession(before) && holdsSession(after));
  const lost = free.filter(({ before, after }) => holdsSession(before) && !holdsSession(after));
  const altered = free.filter(({ before, after }) => holdsSession(before) && holdsSession(after));
  const refused = free.filter(({ before, after }) => !holdsSession(before) && after.kind === 'refused');
  const sentences: readonly [found: readonly FateChange[], predicate: string][] = [
    [gained, 'would be mirrored under the new policy only'],
    [lost, 'would be mirrored under the old policy only'],
    [altered, 'would be mirrored under both, but differently'],
    [held, 'would keep a session that a guard holds back from deletion'],
    [refused, 'would be refused, or refused for another reason'],
  ];
  return sentences.flatMap(([found, predicate]) => {
    if (found.length === 0) return [];
    const sources = new Set(found.map(({ networkInterfaceId }) => networkInterfaceId)).size;
    const numbers = found.length === 1 ? '1 session number' : `${found.length} session numbers`;
    return `${numbers} on ${sources === 1 ? '1 interface' : `${sources} interfaces`} ${predicate}.`;
  });
}
