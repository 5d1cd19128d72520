import type { Address, Cidr } from './cidr.ts';
import { defaultSetting, rulesInOrder } from './evaluate.ts';
import type { Direction, PortRange } from './model.ts';
import {
  type EvaluationSetting,
  type PacketSession,
  type SkipCode,
  skipReasons,
  type UnmirroredBecause,
  unmirroredReasons,
} from './packet.ts';
import { boxFromRule } from './packet-box.ts';
import { factsFromScan } from './packet-dissect.ts';
import { aFrameScan, type FrameScan, scanFrame } from './packet-scan.ts';
import { findSpecialKind, listSpecialTraffic } from './special-traffic.ts';

/** Decides about frames of a capture as `evaluatePacket` does, millions a second and without garbage. */
export interface PacketMatcher {
  /** Everything that can come of a frame; `match` answers with an index into it. Sessions first, ascending. */
  readonly outcomes: readonly MatchOutcome[];
  /** Judges the frame in `bytes[start..end)`. */
  readonly match: (bytes: Uint8Array, start: number, end: number, linkType: number) => number;
}

export type MatchOutcome =
  | { readonly kind: 'mirrored'; readonly session: PacketSession }
  | { readonly kind: 'unmirrored'; readonly because: UnmirroredBecause }
  | { readonly kind: 'skipped'; readonly because: SkipCode };

/**
 * Prepares the sessions of the interface that has these addresses. Without addresses the direction is what a Linux
 * cooked capture says of itself, else ingress.
 */
export function compileMatcher(
  sessions: readonly PacketSession[],
  interfaceAddresses: readonly Address[],
  setting: EvaluationSetting = defaultSetting,
): PacketMatcher {
  const ordered = sessions.toSorted((a, b) => a.sessionNumber - b.sessionNumber);
  const outcomes = listOutcomes(ordered);
  const indexOf = new Map<string, number>(reasonCodes.map((because, i) => [because, ordered.length + i]));
  const indexFor = (because: UnmirroredBecause | SkipCode) => indexOf.get(because) as number;
  const tables = {
    ingress: { 4: compileRules(ordered, 'ingress', 4), 6: compileRules(ordered, 'ingress', 6) },
    egress: { 4: compileRules(ordered, 'egress', 4), 6: compileRules(ordered, 'egress', 6) },
  };
  const own4 = Int32Array.from(interfaceAddresses.filter(({ family }) => family === 4).flatMap(wordsOf));
  const own6 = Int32Array.from(interfaceAddresses.filter(({ family }) => family === 6).flatMap(wordsOf));
  const special = listSpecialTraffic(setting.resolvers);
  const dnsSession = ordered.findIndex(({ filter }) => filter.networkServices.includes('amazon-dns'));
  const dnsOutcome = dnsSession < 0 ? indexFor('amazon-dns') : dnsSession;
  const [noMatch, rejected] = [indexFor('no-match'), indexFor('rejected')];
  const hasAddresses = interfaceAddresses.length > 0;
  const scan = aFrameScan();

  function match(bytes: Uint8Array, start: number, end: number, linkType: number): number {
    const verdict = scanFrame(scan, bytes, start, end, linkType);
    if (verdict !== 'ip') return indexFor(verdict);
    const isEgress = hasAddresses ? isOwnPacket(scan, bytes, scan.family === 4 ? own4 : own6) : scan.isOutgoing;
    const direction = isEgress ? 'egress' : 'ingress';
    if (mayBeSpecial(scan, bytes)) {
      const kind = findSpecialKind(factsFromScan(scan, bytes), direction, special);
      if (kind !== undefined) return kind === 'amazon-dns' ? dnsOutcome : indexFor(kind);
    }
    const table = tables[direction][scan.family];
    const width = scan.family === 4 ? 1 : 4;
    const stride = fixedSlots + 4 * width;
    let isRejected = false;
    let row = 0;
    while (row < table.length) {
      if (!matchesRow(table, row, width, scan, bytes)) {
        row += stride;
        continue;
      }
      const session = table[row + sessionSlot] as number;
      if (session >= 0) return session;
      if (!setting.rejectFallsThrough) return rejected;
      isRejected = true;
      row = table[row + nextSessionSlot] as number;
    }
    return isRejected ? rejected : noMatch;
  }
  return { outcomes, match };
}

const unmirroredCodes = Object.keys(unmirroredReasons) as UnmirroredBecause[];
const skipCodes = Object.keys(skipReasons) as SkipCode[];
/** In the order in which they follow the sessions among the outcomes. */
const reasonCodes = [...unmirroredCodes, ...skipCodes];

function listOutcomes(sessions: readonly PacketSession[]): MatchOutcome[] {
  return [
    ...sessions.map((session): MatchOutcome => ({ kind: 'mirrored', session })),
    ...unmirroredCodes.map((because): MatchOutcome => ({ kind: 'unmirrored', because })),
    ...skipCodes.map((because): MatchOutcome => ({ kind: 'skipped', because })),
  ];
}

// A rule is a row of numbers: the fixed slots, then network and mask of the source, network and mask of the destination.
const protocolSlot = 0;
const sourcePortSlot = 1;
const destinationPortSlot = 3;
/** Index of the session that an accepting rule gives the packet to; −1 for a rejecting rule. */
const sessionSlot = 5;
/** Where the next session's rows begin. */
const nextSessionSlot = 6;
const fixedSlots = 7;

/** The rules of all sessions that can match packets of one direction and family, in the order in which they are tried. */
function compileRules(sessions: readonly PacketSession[], direction: Direction, family: 4 | 6): Int32Array {
  const rows: number[] = [];
  sessions.forEach(({ filter }, session) => {
    const starts: number[] = [];
    for (const rule of rulesInOrder(filter.rules, direction)) {
      const { source, destination, protocols, sourcePorts, destinationPorts } = boxFromRule(rule);
      if (source.family !== family || destination.family !== family) continue;
      starts.push(rows.length);
      rows.push(protocols?.[0] ?? -1, ...rangeOf(sourcePorts), ...rangeOf(destinationPorts));
      rows.push(rule.action === 'accept' ? session : -1, 0, ...networkAndMask(source), ...networkAndMask(destination));
    }
    for (const start of starts) rows[start + nextSessionSlot] = rows.length;
  });
  return Int32Array.from(rows);
}

/** A packet without ports has −1 for each, which lies only within "any". */
function rangeOf(range: PortRange | undefined): [number, number] {
  return range === undefined ? [-1, 65_535] : [Math.max(0, range.from), range.to];
}

function matchesRow(table: Int32Array, row: number, width: number, scan: FrameScan, bytes: Uint8Array): boolean {
  const protocol = table[row + protocolSlot] as number;
  if (protocol !== -1 && protocol !== scan.protocol) return false;
  if (scan.destinationPort < (table[row + destinationPortSlot] as number)) return false;
  if (scan.destinationPort > (table[row + destinationPortSlot + 1] as number)) return false;
  if (scan.sourcePort < (table[row + sourcePortSlot] as number)) return false;
  if (scan.sourcePort > (table[row + sourcePortSlot + 1] as number)) return false;
  const source = row + fixedSlots;
  if (!isInNetwork(table, source, width, bytes, scan.sourceAt)) return false;
  return isInNetwork(table, source + 2 * width, width, bytes, scan.destinationAt);
}

function isInNetwork(table: Int32Array, slot: number, width: number, bytes: Uint8Array, at: number): boolean {
  for (let word = 0; word < width; word++) {
    const mask = table[slot + width + word] as number;
    if ((read32(bytes, at + 4 * word) & mask) !== (table[slot + word] as number)) return false;
  }
  return true;
}

function isOwnPacket(scan: FrameScan, bytes: Uint8Array, own: Int32Array): boolean {
  const width = scan.family === 4 ? 1 : 4;
  for (let slot = 0; slot < own.length; slot += width) {
    let word = 0;
    while (word < width && read32(bytes, scan.sourceAt + 4 * word) === own[slot + word]) word++;
    if (word === width) return true;
  }
  return false;
}

/**
 * A cheap test that holds for every packet of `listSpecialTraffic`, and for few others: a port of a special service, or
 * an address in 169.254.0.0/16 or fd00:ec2::/32.
 */
function mayBeSpecial(scan: FrameScan, bytes: Uint8Array): boolean {
  return (
    isSpecialPort(scan.sourcePort) ||
    isSpecialPort(scan.destinationPort) ||
    isSpecialPrefix(bytes, scan.sourceAt, scan.family) ||
    isSpecialPrefix(bytes, scan.destinationAt, scan.family)
  );
}

function isSpecialPort(port: number): boolean {
  return port === 53 || port === 67 || port === 68 || port === 546 || port === 547;
}

function isSpecialPrefix(bytes: Uint8Array, at: number, family: 4 | 6): boolean {
  if (family === 4) return bytes[at] === 169 && bytes[at + 1] === 254;
  return read32(bytes, at) === (0xfd000ec2 | 0);
}

/** Big-endian and signed, as the tables are. Callers have checked that the offset lies within the frame. */
function read32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}

function networkAndMask(network: Cidr): number[] {
  const mask = ~(network.to - network.from);
  return [network.from, mask].flatMap((value) => wordsOf({ family: network.family, value }));
}

/** An address as signed 32-bit words, the first first. */
function wordsOf({ family, value }: Address): number[] {
  const shifts = family === 4 ? [0n] : [96n, 64n, 32n, 0n];
  return shifts.map((shift) => Number(BigInt.asIntN(32, value >> shift)));
}
