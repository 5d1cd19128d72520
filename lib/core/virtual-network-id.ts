import type { Plan } from './actions.ts';
import { stableHash } from './hash.ts';
import type { NetworkInterfaceId, Policy, SessionId } from './model.ts';

export interface VirtualNetworkIdRange {
  readonly from: number;
  readonly to: number;
}

/** The numbers that a source's tier tries, in order: a hash of both within the range, then upward, wrapping at the end. */
export function* candidateVirtualNetworkIds(
  networkInterfaceId: NetworkInterfaceId,
  tier: string,
  range: VirtualNetworkIdRange,
): Generator<number> {
  const size = range.to - range.from + 1;
  const start = stableHash(`${networkInterfaceId} ${tier}`) % size;
  for (let step = 0; step < size; step++) yield range.from + ((start + step) % size);
}

/** How many numbers one read by `virtual-network-id` asks about for each new session. */
export const probedPerSession = 4;

/**
 * The number for a `per-source` tier. An existing session keeps its own while it lies in the range and no session with
 * a lower id uses it; otherwise the first free candidate is taken. `undefined` when the whole range is in use.
 */
export function assignVirtualNetworkId(
  tier: { readonly networkInterfaceId: NetworkInterfaceId; readonly tier: string },
  existing: { readonly sessionId: SessionId; readonly virtualNetworkId?: number } | undefined,
  range: VirtualNetworkIdRange,
  used: Map<number, SessionId | 'planned'>,
): number | undefined {
  const own = existing?.virtualNetworkId;
  if (own !== undefined && own >= range.from && own <= range.to && used.get(own) === existing?.sessionId) return own;
  for (const candidate of candidateVirtualNetworkIds(tier.networkInterfaceId, tier.tier, range)) {
    if (used.has(candidate)) continue;
    used.set(candidate, 'planned');
    return candidate;
  }
  return undefined;
}

/**
 * The numbers to ask EC2 about before the new sessions of a plan take theirs: the first few candidates of each, so
 * that one read settles them all. Empty when the policy fixes the numbers or leaves them to EC2.
 */
export function probedNumbers(decisions: Plan['decisions'], policy: Policy): readonly number[] {
  const perSource = new Set(
    policy.tiers.filter((tier) => tier.virtualNetworkId === 'per-source').map((tier) => tier.name),
  );
  const numbers = new Set<number>();
  for (const action of decisions.flatMap((decision) => decision.actions)) {
    if (action.kind !== 'create' || !perSource.has(action.desired.tier)) continue;
    const { networkInterfaceId, tier } = action.desired;
    const candidates = candidateVirtualNetworkIds(networkInterfaceId, tier, policy.virtualNetworkIdRange);
    for (const number of candidates.take(probedPerSession)) numbers.add(number);
  }
  return [...numbers];
}
