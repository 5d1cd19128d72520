import { clockSkewMaxMs, congestedPercentMin } from './limits.ts';
import type { InstanceId, NetworkInterface, NetworkInterfaceId, Session } from './model.ts';
import { createdAtMs, isOurs, type Owner } from './ownership.ts';

/**
 * What CloudWatch counted of one instance over a window: sums, all its interfaces together, since AWS gives these metrics
 * by instance only. A field is absent where CloudWatch has no data point at all.
 */
export interface MirrorTraffic {
  readonly bytesIn?: number;
  readonly bytesOut?: number;
  readonly packetsIn?: number;
  readonly packetsOut?: number;
  /** Bytes that a session wanted and that were not mirrored, because production traffic goes first. */
  readonly skippedBytesIn?: number;
  readonly skippedBytesOut?: number;
}

/** An interface that carries sessions of ours, with the instance that carries it. */
export interface MirroredSource {
  readonly networkInterfaceId: NetworkInterfaceId;
  /** Absent when an AWS service's instance carries the interface, or it is detached or gone. */
  readonly instanceId?: InstanceId;
  readonly sessions: readonly Session[];
}

/**
 * - `carrying`: packets are mirrored, and few are dropped.
 * - `congested`: at least `congestedPercentMin` of the bytes were dropped for production traffic.
 * - `silent`: sessions are there and nothing was mirrored in the whole window.
 * - `young`: nothing was mirrored, but a session came within the window.
 * - `unmeasured`: CloudWatch cannot tell, there is no instance of ours behind the interface.
 */
export type HealthVerdict = 'carrying' | 'congested' | 'silent' | 'young' | 'unmeasured';

export interface HealthLine {
  readonly verdict: HealthVerdict;
  readonly instanceId?: InstanceId;
  readonly networkInterfaceIds: readonly NetworkInterfaceId[];
  readonly sessions: number;
  readonly mirroredBytes: number;
  readonly mirroredPackets: number;
  readonly skippedBytes: number;
  /** Skipped ÷ (mirrored + skipped), in tenths of a percent rounded down; 0 when nothing was wanted. */
  readonly skippedPercent: number;
  /** False when CloudWatch has no data point of this instance. */
  readonly hasData: boolean;
}

export interface HealthWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The interfaces that carry sessions of ours, each with the instance behind it. */
export function listMirrored(
  sessions: Iterable<Session>,
  interfaces: ReadonlyMap<NetworkInterfaceId, NetworkInterface>,
  owner: Owner,
): readonly MirroredSource[] {
  const sessionsOf = new Map<NetworkInterfaceId, Session[]>();
  for (const session of sessions) {
    if (!isOurs(session, owner)) continue;
    const known = sessionsOf.get(session.networkInterfaceId);
    if (known === undefined) sessionsOf.set(session.networkInterfaceId, [session]);
    else known.push(session);
  }
  return [...sessionsOf].map(([networkInterfaceId, own]) => {
    const instanceId = interfaces.get(networkInterfaceId)?.attachment?.instanceId;
    return { networkInterfaceId, ...(instanceId && { instanceId }), sessions: own };
  });
}

/** Judges every instance that is mirrored; troubled ones first, then by id. Decides nothing: sessions stay as they are. */
export function judgeHealth(
  sources: readonly MirroredSource[],
  traffic: ReadonlyMap<InstanceId, MirrorTraffic>,
  window: HealthWindow,
): readonly HealthLine[] {
  const groups = new Map<string, MirroredSource[]>();
  for (const source of sources) {
    const key = source.instanceId ?? source.networkInterfaceId;
    groups.set(key, [...(groups.get(key) ?? []), source]);
  }
  return [...groups.entries()]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, group]) => judgeInstance(group, traffic, window))
    .sort((one, other) => order.indexOf(one.verdict) - order.indexOf(other.verdict));
}

const order: readonly HealthVerdict[] = ['silent', 'congested', 'young', 'unmeasured', 'carrying'];

/** True for what an operator has to look at. */
export function isTroubled({ verdict }: Pick<HealthLine, 'verdict'>): boolean {
  return verdict === 'silent' || verdict === 'congested';
}

/** A share in tenths of a percent, rounded down; 0 of nothing. */
export function percentOf(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.floor((1000 * part) / whole) / 10;
}

function judgeInstance(
  group: readonly MirroredSource[],
  traffic: ReadonlyMap<InstanceId, MirrorTraffic>,
  window: HealthWindow,
): HealthLine {
  const instanceId = group[0]?.instanceId;
  const counted = instanceId && traffic.get(instanceId);
  const sessions = group.flatMap((source) => source.sessions);
  const mirroredBytes = (counted?.bytesIn ?? 0) + (counted?.bytesOut ?? 0);
  const mirroredPackets = (counted?.packetsIn ?? 0) + (counted?.packetsOut ?? 0);
  const skippedBytes = (counted?.skippedBytesIn ?? 0) + (counted?.skippedBytesOut ?? 0);
  const skippedPercent = percentOf(skippedBytes, mirroredBytes + skippedBytes);
  const isMoving = mirroredBytes > 0 || mirroredPackets > 0 || skippedBytes > 0;
  return {
    verdict: verdictOf({ isMeasured: instanceId !== undefined, isMoving, skippedPercent, sessions, window }),
    ...(instanceId && { instanceId }),
    networkInterfaceIds: group.map(({ networkInterfaceId }) => networkInterfaceId),
    sessions: sessions.length,
    mirroredBytes,
    mirroredPackets,
    skippedBytes,
    skippedPercent,
    hasData: counted !== undefined && Object.keys(counted).length > 0,
  };
}

interface Judged {
  readonly isMeasured: boolean;
  readonly isMoving: boolean;
  readonly skippedPercent: number;
  readonly sessions: readonly Session[];
  readonly window: HealthWindow;
}

function verdictOf({ isMeasured, isMoving, skippedPercent, sessions, window }: Judged): HealthVerdict {
  if (!isMeasured) return 'unmeasured';
  if (isMoving) return skippedPercent >= congestedPercentMin ? 'congested' : 'carrying';
  // An age that is unreadable, or further ahead than clocks differ, counts as old: a silent mirror must not hide behind
  // an edited tag.
  const latestMs = window.toMs + clockSkewMaxMs;
  const isYoung = sessions.some(({ tags }) => {
    const timeMs = createdAtMs(tags) ?? Number.NEGATIVE_INFINITY;
    return timeMs > window.fromMs && timeMs <= latestMs;
  });
  return isYoung ? 'young' : 'silent';
}

/** What each verdict means and what to do, for the person who reads the table. */
export const healthRemedies: Readonly<Record<HealthVerdict, string>> = {
  carrying: 'Packets are mirrored.',
  congested:
    'Mirrored packets are dropped first when the instance runs out of bandwidth. Mirror less (a narrower filter, a packetLength) or take a larger instance type.',
  silent:
    'A session exists and carries nothing. Run `fleetmirror preflight` for its target and `fleetmirror explain ID --packet …` for its filter; an idle or stopped instance is silent as well.',
  young: 'Nothing was mirrored yet, and a session is younger than the window. Look again later.',
  unmeasured: 'CloudWatch gives these metrics by instance, and no instance of this account carries the interface.',
};
