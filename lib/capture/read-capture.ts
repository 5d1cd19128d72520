import { createWindow, ensure } from './byte-window.ts';
import type { CaptureSource } from './capture-source.ts';
import type { CaptureEnd, CaptureVisitor } from './capture-visitor.ts';
import { hasPcapMagic, readPcap } from './read-pcap.ts';
import { hasPcapngMagic, readPcapng } from './read-pcapng.ts';

/** Reads a pcap or pcapng capture of any size in constant memory. Throws only what the source throws. */
export async function readCapture(source: CaptureSource, visitor: CaptureVisitor): Promise<CaptureEnd> {
  const window = createWindow();
  if (!(await ensure(window, source, 4))) {
    return { kind: 'unreadable', problem: window.end === 0 ? 'the capture is empty' : 'too short to be a capture' };
  }
  const magic = window.bytes.readUInt32LE(0);
  if (hasPcapMagic(magic)) return readPcap(window, source, visitor);
  if (hasPcapngMagic(magic)) return readPcapng(window, source, visitor);
  if ((magic & 0xffff) === 0x8b1f) return { kind: 'unreadable', problem: 'compressed with gzip: decompress it first' };
  return { kind: 'unreadable', problem: 'neither pcap nor pcapng' };
}
