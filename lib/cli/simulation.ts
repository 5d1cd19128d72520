import { join } from 'node:path';
import { watchAddresses } from '../capture/address-watch.ts';
import type { CaptureSource } from '../capture/capture-source.ts';
import type { CaptureEnd, CaptureVisitor } from '../capture/capture-visitor.ts';
import { createMirrorWriter, frameLength, type MirrorWriter, mirroredBytes } from '../capture/mirror-writer.ts';
import { readCapture } from '../capture/read-capture.ts';
import { outerBytes } from '../capture/vxlan.ts';
import type { Address } from '../core/cidr.ts';
import type { EvaluationSetting, PacketSession, SkipCode, UnmirroredBecause } from '../core/packet.ts';
import { compileMatcher, type MatchOutcome, type PacketMatcher } from '../core/packet-matcher.ts';
import { findSessionsBehindRejection } from '../core/shadow.ts';

/** A session as a capture is held against it. */
export interface SimulatedSession extends PacketSession {
  /** The pool or the target that takes what the session mirrors. */
  readonly target: string;
  readonly packetLength?: number;
  readonly virtualNetworkId: number;
  /** The target's IPv4 address, where it is known. */
  readonly targetAddress?: Address;
}

export interface SimulationOptions {
  readonly capture: CaptureSource;
  readonly sessions: readonly SimulatedSession[];
  /** Of the source interface: what it sends is egress. Empty: see `compileMatcher`. */
  readonly interfaceAddresses: readonly Address[];
  readonly setting: EvaluationSetting;
  /** Where to write what each session sends; absent: only count. */
  readonly out?: MirrorOut;
  readonly onProgress?: (bytesRead: number) => void;
}

export interface MirrorOut {
  /** An existing directory. */
  readonly directory: string;
  readonly sourceAddress: Address;
  readonly targetAddressOf: (session: SimulatedSession) => Address;
}

/** What a capture would have become; every packet is counted once: in one session, as unmirrored, or as skipped. */
export interface SimulationResult {
  /** Packet records of the capture, those skipped included. */
  readonly packets: number;
  /** Their bytes on the wire. */
  readonly bytes: number;
  /** In ascending session number. */
  readonly sessions: readonly SessionTotal[];
  readonly unmirrored: {
    readonly packets: number;
    readonly bytes: number;
    /** Packets by reason. */
    readonly because: Readonly<Partial<Record<UnmirroredBecause, number>>>;
  };
  /** Records that could not be judged, by reason. */
  readonly skipped: Readonly<Partial<Record<SkipCode, number>>>;
  readonly targets: readonly TargetTotal[];
  /** From the earliest packet to the latest; absent when the capture holds no two times. */
  readonly seconds?: number;
  /** Whether any packet is from or to the interface; absent when no address of it is known. */
  readonly showsInterface?: boolean;
  readonly end: CaptureEnd;
}

export interface SessionTotal {
  readonly sessionNumber: number;
  readonly tier: string;
  readonly packets: number;
  readonly bytes: number;
  /**
   * What it has only because of the answer that is assumed to `rejectFallsThrough`, or would have under the other one;
   * absent when there is none of it.
   */
  readonly restsOnRejectFallsThrough?: { readonly packets: number; readonly bytes: number };
  /** The capture that was written. */
  readonly file?: string;
}

/** What arrives at a target, encapsulation included. */
export interface TargetTotal {
  readonly target: string;
  readonly bytes: number;
  readonly mbitPerSecond?: number;
}

/** Holds a capture against the sessions of a source. Memory does not grow with the capture. */
export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const { capture, interfaceAddresses, setting } = options;
  const sessions = options.sessions.toSorted((a, b) => a.sessionNumber - b.sessionNumber);
  const { outcomes, match } = compileMatcher(sessions, interfaceAddresses, setting);
  const files = sessions.map((session) => options.out && fileOf(options.out, session));
  const doubt = compileDoubt(sessions, interfaceAddresses, setting, outcomes);
  const tally = createTally(outcomes.length);
  const skippedAt = new Map(outcomes.map((outcome, index) => [outcome.kind === 'skipped' && outcome.because, index]));
  const writers: MirrorWriter[] = [];
  const isOfInterface = watchAddresses(interfaceAddresses);
  let showsInterface = interfaceAddresses.length === 0;
  try {
    for (const [rank, session] of sessions.entries()) {
      if (options.out) writers.push(await openWriter(options.out, session, files[rank] as string));
    }
    const visitor: CaptureVisitor = {
      packet(bytes, start, end, originalLength, linkType, seconds, nanoseconds) {
        const outcome = match(bytes, start, end, linkType);
        showsInterface ||= isOfInterface(bytes, start, end, linkType);
        count(tally, outcome, originalLength);
        if (doubt?.isOpen[outcome]) {
          const otherwise = doubt.matchOtherwise(bytes, start, end, linkType);
          // One of the two is the session: sessions come before all else that a packet can become.
          if (otherwise !== outcome) count(tally.doubtful, Math.min(outcome, otherwise), originalLength);
        }
        if (seconds >= 0) countTime(tally, seconds + nanoseconds / 1e9);
        const session = sessions[outcome];
        if (session === undefined) return;
        const sent = mirroredBytes(frameLength(originalLength, linkType), session.packetLength);
        tally.sentBytes[outcome] = (tally.sentBytes[outcome] as number) + sent + outerBytes;
        writers[outcome]?.mirror(bytes, start, end, originalLength, linkType, seconds, nanoseconds);
      },
      skip: (because, originalLength) => count(tally, skippedAt.get(because) as number, originalLength),
      pause: async (bytesRead) => {
        for (const writer of writers) await writer.flush();
        options.onProgress?.(bytesRead);
      },
    };
    const end = await readCapture(capture, visitor);
    return {
      ...summarize(tally, outcomes, sessions, files, end),
      ...(interfaceAddresses.length > 0 && { showsInterface }),
    };
  } finally {
    for (const writer of writers) await writer.close();
  }
}

/** What decides which packets rest on the open question `rejectFallsThrough`. */
interface Doubt {
  /** By outcome: whether the other answer could have led to another one. */
  readonly isOpen: readonly boolean[];
  readonly matchOtherwise: PacketMatcher['match'];
}

/** Undefined when no packet's fate can rest on it; else only packets that may are judged a second time. */
function compileDoubt(
  sessions: readonly SimulatedSession[],
  interfaceAddresses: readonly Address[],
  setting: EvaluationSetting,
  outcomes: readonly MatchOutcome[],
): Doubt | undefined {
  const isBehind = findSessionsBehindRejection(sessions, setting);
  if (!isBehind.includes(true)) return undefined;
  const otherwise = { ...setting, rejectFallsThrough: !setting.rejectFallsThrough };
  const isOpen = outcomes.map((outcome, index) =>
    setting.rejectFallsThrough
      ? isBehind[index] === true
      : outcome.kind === 'unmirrored' && outcome.because === 'rejected',
  );
  return { isOpen, matchOtherwise: compileMatcher(sessions, interfaceAddresses, otherwise).match };
}

/** The capture that `--out` writes for a session. */
export function fileOf({ directory }: MirrorOut, { sessionNumber, name }: SimulatedSession): string {
  return join(directory, `session-${sessionNumber}-${name}.pcap`);
}

/** Sums by the matcher's outcomes. */
interface Counts {
  readonly packets: Float64Array;
  readonly bytes: Float64Array;
}

interface Tally extends Counts {
  /** Of each session, what rests on an assumption. */
  readonly doubtful: Counts;
  readonly sentBytes: Float64Array;
  earliest: number;
  latest: number;
}

function createTally(outcomes: number): Tally {
  const createCounts = (): Counts => ({ packets: new Float64Array(outcomes), bytes: new Float64Array(outcomes) });
  return {
    ...createCounts(),
    doubtful: createCounts(),
    sentBytes: new Float64Array(outcomes),
    earliest: Number.POSITIVE_INFINITY,
    latest: Number.NEGATIVE_INFINITY,
  };
}

function count({ packets, bytes }: Counts, outcome: number, originalLength: number): void {
  packets[outcome] = (packets[outcome] as number) + 1;
  bytes[outcome] = (bytes[outcome] as number) + originalLength;
}

function countTime(tally: Tally, time: number): void {
  if (time < tally.earliest) tally.earliest = time;
  if (time > tally.latest) tally.latest = time;
}

function openWriter(out: MirrorOut, session: SimulatedSession, file: string): Promise<MirrorWriter> {
  const { virtualNetworkId, packetLength } = session;
  const path = { source: out.sourceAddress, target: out.targetAddressOf(session), virtualNetworkId };
  return createMirrorWriter(file, path, packetLength);
}

function summarize(
  { packets, bytes, doubtful, sentBytes, earliest, latest }: Tally,
  outcomes: readonly MatchOutcome[],
  sessions: readonly SimulatedSession[],
  files: readonly (string | undefined)[],
  end: CaptureEnd,
): SimulationResult {
  const seconds = latest > earliest ? latest - earliest : undefined;
  const because: Partial<Record<UnmirroredBecause, number>> = {};
  const skipped: Partial<Record<SkipCode, number>> = {};
  const unmirrored = { packets: 0, bytes: 0, because };
  outcomes.forEach((outcome, index) => {
    const number = packets[index] as number;
    if (number === 0 || outcome.kind === 'mirrored') return;
    if (outcome.kind === 'skipped') {
      skipped[outcome.because] = number;
      return;
    }
    because[outcome.because] = number;
    unmirrored.packets += number;
    unmirrored.bytes += bytes[index] as number;
  });
  const sentByTarget = new Map<string, number>();
  sessions.forEach(({ target }, index) => {
    sentByTarget.set(target, (sentByTarget.get(target) ?? 0) + (sentBytes[index] as number));
  });
  return {
    packets: packets.reduce((sum, number) => sum + number, 0),
    bytes: bytes.reduce((sum, number) => sum + number, 0),
    sessions: sessions.map(({ sessionNumber, name }, index) => ({
      sessionNumber,
      tier: name,
      packets: packets[index] as number,
      bytes: bytes[index] as number,
      ...((doubtful.packets[index] as number) > 0 && {
        restsOnRejectFallsThrough: {
          packets: doubtful.packets[index] as number,
          bytes: doubtful.bytes[index] as number,
        },
      }),
      ...(files[index] !== undefined && { file: files[index] }),
    })),
    unmirrored,
    skipped,
    targets: [...sentByTarget].map(([target, sent]) => ({
      target,
      bytes: sent,
      ...(seconds !== undefined && { mbitPerSecond: (sent * 8) / seconds / 1e6 }),
    })),
    ...(seconds !== undefined && { seconds }),
    end,
  };
}
