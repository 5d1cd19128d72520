import { stableHash } from './hash.ts';
import { sourcesPerTarget } from './instance-types.ts';
import { countsEachSessionAgainstTarget } from './limits.ts';
import type { NetworkInterfaceId, Session, SessionId, Target, TargetId, TargetPool } from './model.ts';

/**
 * What one plan has given away so far: sources per target, numbers in use, room in the account. It starts as what EC2
 * shows and is kept up as the plan grows, so that "fewest sources" holds across the sources of one run.
 */
export interface Ledger {
  readonly sourcesOf: Map<TargetId, Map<NetworkInterfaceId, number>>;
  /** Targets that EC2 itself called full in this run. */
  readonly full: ReadonlySet<TargetId>;
  /** VXLAN network identifier to the session with the lowest id that uses it. */
  readonly virtualNetworkIds: Map<number, SessionId | 'planned'>;
  accountSessions: number;
}

/** `guests` are sessions of other accounts on our targets. */
export function openLedger(
  sessions: readonly Session[],
  full: ReadonlySet<TargetId>,
  guests: readonly Session[] = [],
): Ledger {
  const ledger: Ledger = { sourcesOf: new Map(), full, virtualNetworkIds: new Map(), accountSessions: sessions.length };
  for (const list of [sessions, guests]) {
    for (const session of list) {
      noteSource(ledger, session.targetId, session.networkInterfaceId);
      noteVirtualNetworkId(ledger, session);
    }
  }
  return ledger;
}

export function noteSource(ledger: Ledger, targetId: TargetId, networkInterfaceId: NetworkInterfaceId): void {
  const sources = ledger.sourcesOf.get(targetId) ?? new Map<NetworkInterfaceId, number>();
  sources.set(networkInterfaceId, (sources.get(networkInterfaceId) ?? 0) + 1);
  ledger.sourcesOf.set(targetId, sources);
}

export function forgetSource(ledger: Ledger, targetId: TargetId, networkInterfaceId: NetworkInterfaceId): void {
  const sources = ledger.sourcesOf.get(targetId);
  const left = (sources?.get(networkInterfaceId) ?? 0) - 1;
  if (left > 0) sources?.set(networkInterfaceId, left);
  else sources?.delete(networkInterfaceId);
}

function noteVirtualNetworkId(ledger: Ledger, session: Session): void {
  if (session.virtualNetworkId === undefined) return;
  const known = ledger.virtualNetworkIds.get(session.virtualNetworkId);
  if (known === undefined || session.sessionId < known) {
    ledger.virtualNetworkIds.set(session.virtualNetworkId, session.sessionId);
  }
}

/** How many sources AWS lets this target have; `Infinity` for load balancers and endpoints [D: quotas]. */
export function capacityOf(target: Target): number {
  return target.kind === 'network-interface' ? sourcesPerTarget(target.instanceType) : Number.POSITIVE_INFINITY;
}

/** How many sources (or sessions, see `countsEachSessionAgainstTarget`) the target has now. */
export function loadOf(target: Target, ledger: Ledger): number {
  const sources = ledger.sourcesOf.get(target.targetId);
  if (sources === undefined) return 0;
  if (!countsEachSessionAgainstTarget) return sources.size;
  let sessions = 0;
  for (const count of sources.values()) sessions += count;
  return sessions;
}

function hasRoom(target: Target, ledger: Ledger, networkInterfaceId: NetworkInterfaceId): boolean {
  if (ledger.full.has(target.targetId)) return false;
  const isSourceAlready = ledger.sourcesOf.get(target.targetId)?.has(networkInterfaceId) === true;
  if (isSourceAlready && !countsEachSessionAgainstTarget) return true;
  return loadOf(target, ledger) < capacityOf(target);
}

export type TargetChoice =
  | { readonly kind: 'chosen'; readonly targetId: TargetId }
  /** Every target of the pool that exists is full. */
  | { readonly kind: 'full' }
  /** No target of the pool exists. */
  | { readonly kind: 'missing' };

/**
 * Chooses the target for a new session: of those with room the nearest (same zone; load balancers and endpoints serve
 * every zone), then the one with the fewest sources, ties by a stable hash. Never moves a session that has a target.
 */
export function chooseTarget(
  source: { readonly networkInterfaceId: NetworkInterfaceId; readonly availabilityZone: string },
  pool: TargetPool,
  targets: ReadonlyMap<TargetId, Target>,
  ledger: Ledger,
): TargetChoice {
  let best: Rival | undefined;
  let exists = false;
  for (const targetId of pool.ids) {
    const target = targets.get(targetId);
    // An interface never mirrors to itself; EC2 refuses it as a source anyway.
    if (target === undefined || target.networkInterfaceId === source.networkInterfaceId) continue;
    exists = true;
    if (!hasRoom(target, ledger, source.networkInterfaceId)) continue;
    const isNear = pool.spread === 'least-sources' || isNearZone(target, source.availabilityZone);
    const rival = { targetId, isNear, load: loadOf(target, ledger) };
    if (best === undefined || isBetter(rival, best, source.networkInterfaceId)) best = rival;
  }
  if (best !== undefined) return { kind: 'chosen', targetId: best.targetId };
  return { kind: exists ? 'full' : 'missing' };
}

interface Rival {
  readonly targetId: TargetId;
  readonly isNear: boolean;
  readonly load: number;
}

function isNearZone(target: Target, availabilityZone: string): boolean {
  return target.kind !== 'network-interface' || target.availabilityZone === availabilityZone;
}

function isBetter(one: Rival, other: Rival, source: NetworkInterfaceId): boolean {
  if (one.isNear !== other.isNear) return one.isNear;
  if (one.load !== other.load) return one.load < other.load;
  return stableHash(`${source} ${one.targetId}`) < stableHash(`${source} ${other.targetId}`);
}
