import { isKnownLinkType } from '../core/link-types.ts';
import { advance, type ByteWindow, ensure, refill } from './byte-window.ts';
import type { CaptureSource } from './capture-source.ts';
import { type CaptureEnd, type CaptureVisitor, packetBytesMax } from './capture-visitor.ts';

interface Form {
  readonly isBigEndian: boolean;
  /** Nanoseconds in a unit of the fraction. */
  readonly fractionUnit: 1 | 1000;
}

/** The file's first four bytes, read little-endian [PCAP Capture File Format, draft-ietf-opsawg-pcap]. */
const forms: ReadonlyMap<number, Form> = new Map<number, Form>([
  [0xa1b2c3d4, { isBigEndian: false, fractionUnit: 1000 }],
  [0xd4c3b2a1, { isBigEndian: true, fractionUnit: 1000 }],
  [0xa1b23c4d, { isBigEndian: false, fractionUnit: 1 }],
  [0x4d3cb2a1, { isBigEndian: true, fractionUnit: 1 }],
]);

const fileHeaderBytes = 24;
const recordHeaderBytes = 16;

export function hasPcapMagic(magic: number): boolean {
  return forms.has(magic);
}

/** Reads a classic capture, micro- or nanosecond, of either byte order. The window stands at its first byte. */
export async function readPcap(
  window: ByteWindow,
  source: CaptureSource,
  visitor: CaptureVisitor,
): Promise<CaptureEnd> {
  if (!(await ensure(window, source, fileHeaderBytes))) {
    return { kind: 'unreadable', problem: 'the capture ends within its file header' };
  }
  const form = forms.get(window.bytes.readUInt32LE(window.start)) as Form;
  const linkTypeAt = window.start + 20;
  const linkField = form.isBigEndian ? window.bytes.readUInt32BE(linkTypeAt) : window.bytes.readUInt32LE(linkTypeAt);
  // The upper bits tell of frame check sequences, which stand behind the packet.
  const linkType = linkField & 0xffff;
  if (!isKnownLinkType(linkType)) {
    return { kind: 'unreadable', problem: `link type ${linkType}: only Ethernet, Linux cooked and raw IP can be read` };
  }
  advance(window, fileHeaderBytes);
  let packets = 0;
  for (;;) {
    const told = tellRecords(window, form, linkType, visitor);
    packets += told.packets;
    if (told.claimedBytes !== undefined) {
      const problem = `packet ${packets + 1} (byte ${window.offset}) claims ${told.claimedBytes} bytes, which no capture holds`;
      return { kind: 'damaged', problem };
    }
    await visitor.pause(window.offset);
    if (!(await refill(window, source))) break;
  }
  if (window.start === window.end) return { kind: 'complete' };
  return { kind: 'damaged', problem: `the capture ends within packet ${packets + 1} (byte ${window.offset})` };
}

/** Tells of all whole records in the window; stops at one whose length cannot be true. */
function tellRecords(
  window: ByteWindow,
  { isBigEndian, fractionUnit }: Form,
  linkType: number,
  visitor: CaptureVisitor,
): { packets: number; claimedBytes?: number } {
  const { bytes, end, start } = window;
  let at = start;
  let packets = 0;
  let claimedBytes: number | undefined;
  while (end - at >= recordHeaderBytes) {
    const captured = isBigEndian ? readBig(bytes, at + 8) : readLittle(bytes, at + 8);
    if (captured > packetBytesMax) {
      claimedBytes = captured;
      break;
    }
    const packetAt = at + recordHeaderBytes;
    if (end - packetAt < captured) break;
    const original = isBigEndian ? readBig(bytes, at + 12) : readLittle(bytes, at + 12);
    const seconds = isBigEndian ? readBig(bytes, at) : readLittle(bytes, at);
    const fraction = isBigEndian ? readBig(bytes, at + 4) : readLittle(bytes, at + 4);
    const length = original < captured ? captured : original;
    visitor.packet(bytes, packetAt, packetAt + captured, length, linkType, seconds, fraction * fractionUnit);
    at = packetAt + captured;
    packets++;
  }
  advance(window, at - start);
  return claimedBytes === undefined ? { packets } : { packets, claimedBytes };
}

// Buffer's own readers check bounds that the callers have checked; here these are several times as fast.
function readLittle(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)) >>>
    0
  );
}

function readBig(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)) >>>
    0
  );
}
