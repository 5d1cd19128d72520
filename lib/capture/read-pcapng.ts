import type { SkipCode } from '../core/packet.ts';
import { advance, type ByteWindow, passOver, refill, windowBytes } from './byte-window.ts';
import type { CaptureSource } from './capture-source.ts';
import { type CaptureEnd, type CaptureVisitor, packetBytesMax } from './capture-visitor.ts';
import { type Moment, setMoment, type TimeScale, unitsPerSecondOf } from './pcapng-time.ts';

// Block types and options [PCAP Next Generation Capture File Format, draft-ietf-opsawg-pcapng].
const sectionHeader = 0x0a0d0d0a;
const interfaceDescription = 1;
const oldPacket = 2;
const simplePacket = 3;
const enhancedPacket = 6;
const byteOrderMagic = 0x1a2b3c4d;
const byteOrderMagicSwapped = 0x4d3c2b1a;
const optionTimeResolution = 9;
const optionTimeOffset = 14;
/** Type, length, and the length again at the end. */
const blockBytesMin = 12;

interface CaptureInterface extends TimeScale {
  readonly linkType: number;
  /** 0: no limit. */
  readonly snapLength: number;
}

/** What the blocks of one section have in common. */
interface Section {
  isBigEndian: boolean;
  interfaces: CaptureInterface[];
  readonly moment: Moment;
}

export function hasPcapngMagic(magic: number): boolean {
  return magic === sectionHeader;
}

/** Reads a pcapng capture: any number of sections and interfaces, of either byte order; passes over other blocks. */
export async function readPcapng(
  window: ByteWindow,
  source: CaptureSource,
  visitor: CaptureVisitor,
): Promise<CaptureEnd> {
  const section: Section = { isBigEndian: false, interfaces: [], moment: { seconds: 0, nanoseconds: 0 } };
  for (;;) {
    const stop = tellBlocks(window, section, visitor);
    if (stop?.problem !== undefined) {
      const kind = window.offset === 0 ? 'unreadable' : 'damaged';
      return { kind, problem: `the block at byte ${window.offset} ${stop.problem}` };
    }
    await visitor.pause(window.offset);
    if (stop?.passOverBytes !== undefined) {
      const blockAt = window.offset;
      if (await passOver(window, source, stop.passOverBytes)) continue;
      return { kind: 'damaged', problem: `the capture ends within the block at byte ${blockAt}` };
    }
    if (!(await refill(window, source))) break;
  }
  if (window.start === window.end) return { kind: 'complete' };
  const kind = window.offset === 0 ? 'unreadable' : 'damaged';
  return { kind, problem: `the capture ends within the block at byte ${window.offset}` };
}

interface Stop {
  /** Why the chain of blocks is broken here: where the next one begins cannot be known. */
  readonly problem?: string;
  /** A block that says nothing to us and is larger than the window. */
  readonly passOverBytes?: number;
}

/** Tells of all whole blocks in the window. Undefined: the next block is not all there yet. */
function tellBlocks(window: ByteWindow, section: Section, visitor: CaptureVisitor): Stop | undefined {
  const { bytes, end } = window;
  while (end - window.start >= blockBytesMin) {
    const at = window.start;
    const isSection = bytes.readUInt32LE(at) === sectionHeader;
    if (isSection) {
      const magic = bytes.readUInt32LE(at + 8);
      if (magic !== byteOrderMagic && magic !== byteOrderMagicSwapped) return { problem: 'has no byte order' };
      section.isBigEndian = magic === byteOrderMagicSwapped;
      section.interfaces = [];
    }
    const read32 = section.isBigEndian ? readBig : readLittle;
    const type = read32(bytes, at);
    const length = read32(bytes, at + 4);
    if (length < blockBytesMin || length % 4 !== 0) return { problem: `claims ${length} bytes` };
    if (length > windowBytes) {
      if (isOurs(type)) return { problem: `claims ${length} bytes, which no capture holds` };
      return { passOverBytes: length };
    }
    if (end - at < length) return undefined;
    const trailing = read32(bytes, at + length - 4);
    if (trailing !== length) return { problem: `claims ${length} bytes at its start and ${trailing} at its end` };
    tellBlock(bytes, at, length, type, section, visitor);
    advance(window, length);
  }
  return undefined;
}

function isOurs(type: number): boolean {
  return (
    type === sectionHeader ||
    type === interfaceDescription ||
    type === enhancedPacket ||
    type === simplePacket ||
    type === oldPacket
  );
}

/** A packet block that cannot be read as a packet. */
interface Skip {
  readonly because: SkipCode;
  readonly originalLength: number;
}

function tellBlock(
  bytes: Buffer,
  at: number,
  length: number,
  type: number,
  section: Section,
  visitor: CaptureVisitor,
): void {
  if (type === interfaceDescription) {
    section.interfaces.push(readInterface(bytes, at, length, section.isBigEndian));
    return;
  }
  let skip: Skip | undefined;
  if (type === enhancedPacket || type === oldPacket) {
    skip = tellPacket(bytes, at, length, section, visitor, type === oldPacket);
  } else if (type === simplePacket) {
    skip = tellSimplePacket(bytes, at, length, section, visitor);
  }
  if (skip !== undefined) visitor.skip(skip.because, skip.originalLength);
}

/** Enhanced packet blocks, and the packet blocks that they replaced: these differ only in the interface's field. */
function tellPacket(
  bytes: Buffer,
  at: number,
  length: number,
  { isBigEndian, interfaces, moment }: Section,
  visitor: CaptureVisitor,
  isOld: boolean,
): Skip | undefined {
  const read32 = isBigEndian ? readBig : readLittle;
  if (length < 32) return { because: 'record-malformed', originalLength: 0 };
  const interfaceField = isOld
    ? isBigEndian
      ? bytes.readUInt16BE(at + 8)
      : bytes.readUInt16LE(at + 8)
    : read32(bytes, at + 8);
  const captured = read32(bytes, at + 20);
  const original = Math.max(captured, read32(bytes, at + 24));
  if (captured > length - 32 || captured > packetBytesMax) return { because: 'record-malformed', originalLength: 0 };
  const captureInterface = interfaces[interfaceField];
  if (captureInterface === undefined) return { because: 'unknown-interface', originalLength: original };
  setMoment(moment, read32(bytes, at + 12), read32(bytes, at + 16), captureInterface);
  const packetAt = at + 28;
  const { linkType } = captureInterface;
  visitor.packet(bytes, packetAt, packetAt + captured, original, linkType, moment.seconds, moment.nanoseconds);
  return undefined;
}

/** Simple packet blocks belong to the first interface and carry no time. */
function tellSimplePacket(
  bytes: Buffer,
  at: number,
  length: number,
  { isBigEndian, interfaces }: Section,
  visitor: CaptureVisitor,
): Skip | undefined {
  if (length < 16) return { because: 'record-malformed', originalLength: 0 };
  const original = isBigEndian ? readBig(bytes, at + 8) : readLittle(bytes, at + 8);
  const first = interfaces[0];
  if (first === undefined) return { because: 'unknown-interface', originalLength: original };
  const captured = Math.min(original, first.snapLength === 0 ? original : first.snapLength);
  if (captured > length - 16 || captured > packetBytesMax) return { because: 'record-malformed', originalLength: 0 };
  visitor.packet(bytes, at + 12, at + 12 + captured, original, first.linkType, -1, 0);
  return undefined;
}

function readInterface(bytes: Buffer, at: number, length: number, isBigEndian: boolean): CaptureInterface {
  const read16 = (offset: number) => (isBigEndian ? bytes.readUInt16BE(offset) : bytes.readUInt16LE(offset));
  const read32 = isBigEndian ? readBig : readLittle;
  let unitsPerSecond = 1e6;
  let offsetSeconds = 0;
  const end = at + length - 4;
  // A description too short for its fixed fields still takes its number, so that the next ones keep theirs.
  if (end - at < 16) return { linkType: -1, snapLength: 0, unitsPerSecond, offsetSeconds };
  let optionAt = at + 16;
  while (end - optionAt >= 4) {
    const code = read16(optionAt);
    const optionLength = read16(optionAt + 2);
    if (code === 0 || optionAt + 4 + optionLength > end) break;
    if (code === optionTimeResolution && optionLength >= 1)
      unitsPerSecond = unitsPerSecondOf(bytes.readUInt8(optionAt + 4));
    if (code === optionTimeOffset && optionLength >= 8) {
      const seconds = isBigEndian ? bytes.readBigInt64BE(optionAt + 4) : bytes.readBigInt64LE(optionAt + 4);
      offsetSeconds = Number(seconds);
    }
    optionAt += 4 + ((optionLength + 3) & ~3);
  }
  return { linkType: read16(at + 8), snapLength: read32(bytes, at + 12), unitsPerSecond, offsetSeconds };
}

function readLittle(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at);
}

function readBig(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at);
}
