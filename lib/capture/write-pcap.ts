import { type FileHandle, open } from 'node:fs/promises';
import { ethernet } from '../core/link-types.ts';

/** A capture being written: records gather in memory until they are flushed. */
export interface PcapFile {
  /** Opens a record of so many captured bytes; answers where in `bytes()` they are to be written, at once. */
  readonly begin: (capturedLength: number, originalLength: number, seconds: number, nanoseconds: number) => number;
  /** The memory of the records; another one after each `begin`. */
  readonly bytes: () => Buffer;
  readonly flush: () => Promise<void>;
  /** Flushes and closes. */
  readonly close: () => Promise<void>;
}

/** Every reader since libpcap 1.5 (2013) knows nanosecond captures; no time of the input is lost in them. */
const magicNanosecond = 0xa1b23c4d;
const snapLength = 262_144;
const recordHeaderBytes = 16;

/** Begins a capture of Ethernet frames with nanosecond times, in place of what is there. */
export async function createPcapFile(path: string): Promise<PcapFile> {
  const file = await open(path, 'w');
  const header = Buffer.alloc(24);
  header.writeUInt32LE(magicNanosecond, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(snapLength, 16);
  header.writeUInt32LE(ethernet, 20);
  await writeAll(file, header, header.length);
  let bytes = Buffer.allocUnsafe(64 * 1024);
  let length = 0;
  const flush = async () => {
    await writeAll(file, bytes, length);
    length = 0;
  };
  return {
    begin(capturedLength, originalLength, seconds, nanoseconds) {
      const at = length + recordHeaderBytes;
      if (at + capturedLength > bytes.length) {
        const grown = Buffer.allocUnsafe(Math.max(bytes.length * 2, at + capturedLength));
        bytes.copy(grown, 0, 0, length);
        bytes = grown;
      }
      // Times outside 1970–2106, and fractions of a lying input, do not fit the format.
      bytes.writeUInt32LE(Math.min(Math.max(seconds, 0), 0xffff_ffff), length);
      bytes.writeUInt32LE(Math.min(nanoseconds, 999_999_999), length + 4);
      bytes.writeUInt32LE(capturedLength, length + 8);
      bytes.writeUInt32LE(originalLength, length + 12);
      length = at + capturedLength;
      return at;
    },
    bytes: () => bytes,
    flush,
    close: async () => {
      await flush();
      await file.close();
    },
  };
}

async function writeAll(file: FileHandle, bytes: Buffer, length: number): Promise<void> {
  for (let at = 0; at < length; ) at += (await file.write(bytes, at, length - at)).bytesWritten;
}
