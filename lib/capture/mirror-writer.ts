import { ethernet, isRawIp, linuxCooked } from '../core/link-types.ts';
import { aFrameScan, scanFrame } from '../core/packet-scan.ts';
import { flowPort, innerBytesMax, type MirrorPath, outerBytes, prepareOuter, writeOuter } from './vxlan.ts';
import { createPcapFile } from './write-pcap.ts';

/** Writes what one session sends to its target as a capture. */
export interface MirrorWriter {
  /** Mirrors the frame in `bytes[start..end)`, which must be one that a session accepts. */
  readonly mirror: (
    bytes: Buffer,
    start: number,
    end: number,
    originalLength: number,
    linkType: number,
    seconds: number,
    nanoseconds: number,
  ) => void;
  readonly flush: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Bytes of the inner frame that a session sends of a frame of so many bytes on the wire. */
export function mirroredBytes(frameLength: number, packetLength: number | undefined): number {
  return Math.min(frameLength, packetLength ?? innerBytesMax, innerBytesMax);
}

/** Length on the wire of a captured packet as an Ethernet frame, which is what AWS mirrors, whatever the link type. */
export function frameLength(originalLength: number, linkType: number): number {
  return originalLength + frameGrowth(linkType);
}

/**
 * Begins the capture of a session. Frames are cut to `packetLength` and encapsulated as AWS documents it. A packet
 * that the input holds only in part keeps its lengths in the headers, as AWS would have written them, and is marked
 * as cut. Linux cooked and raw packets get the Ethernet header that they lack, with made-up hardware addresses.
 */
export async function createMirrorWriter(
  file: string,
  path: MirrorPath,
  packetLength: number | undefined,
): Promise<MirrorWriter> {
  const pcap = await createPcapFile(file);
  const outer = prepareOuter(path);
  const scan = aFrameScan();
  return {
    mirror(bytes, start, end, originalLength, linkType, seconds, nanoseconds) {
      scanFrame(scan, bytes, start, end, linkType);
      const growth = frameGrowth(linkType);
      const sentLength = mirroredBytes(originalLength + growth, packetLength);
      const keptLength = Math.min(sentLength, end - start + growth);
      const at = pcap.begin(outerBytes + keptLength, outerBytes + sentLength, seconds, nanoseconds);
      const into = pcap.bytes();
      const port = flowPort(scan, bytes, end);
      writeOuter(outer, into, at, sentLength, port);
      if (linkType === ethernet) {
        bytes.copy(into, at + outerBytes, start, start + keptLength);
        return;
      }
      const frame = Buffer.alloc(14);
      writeEthernetHeader(frame, bytes, start, linkType);
      frame.copy(into, at + outerBytes, 0, keptLength);
      const payloadAt = start + linkHeaderBytes(linkType);
      if (keptLength > 14) bytes.copy(into, at + outerBytes + 14, payloadAt, payloadAt + keptLength - 14);
    },
    flush: pcap.flush,
    close: pcap.close,
  };
}

/** How much longer (or shorter) a packet becomes as an Ethernet frame. */
function frameGrowth(linkType: number): number {
  return linkType === ethernet ? 0 : 14 - linkHeaderBytes(linkType);
}

function linkHeaderBytes(linkType: number): number {
  if (linkType === ethernet) return 14;
  if (isRawIp(linkType)) return 0;
  return linkType === linuxCooked ? 16 : 20;
}

/** Cooked headers tell the sender's hardware address, where it has six bytes, and the type of what follows. */
function writeEthernetHeader(frame: Buffer, bytes: Buffer, start: number, linkType: number): void {
  frame.set([0x02, 0, 0, 0, 0, 0x02, 0x02, 0, 0, 0, 0, 0x01], 0);
  if (isRawIp(linkType)) {
    frame.writeUInt16BE((bytes[start] as number) >>> 4 === 4 ? 0x0800 : 0x86dd, 12);
    return;
  }
  const isFirst = linkType === linuxCooked;
  const addressLength = isFirst ? bytes.readUInt16BE(start + 4) : bytes.readUInt8(start + 11);
  const addressAt = start + (isFirst ? 6 : 12);
  if (addressLength === 6) bytes.copy(frame, 6, addressAt, addressAt + 6);
  bytes.copy(frame, 12, start + (isFirst ? 14 : 0), start + (isFirst ? 16 : 2));
}
