import { open } from 'node:fs/promises';

/** Bytes of a capture, pulled in order into memory that the reader owns and uses again. */
export interface CaptureSource {
  /** Fills part of `into` from `offset` on; answers how many bytes it wrote, 0 at the end. */
  readonly read: (into: Uint8Array, offset: number) => Promise<number>;
  readonly close: () => Promise<void>;
  /** Absent when it cannot be known, as of a pipe. */
  readonly bytesTotal?: number;
}

/** Opens a file; throws what the file system throws (ENOENT, EACCES, EISDIR). */
export async function openCaptureFile(path: string): Promise<CaptureSource> {
  const file = await open(path, 'r');
  const status = await file.stat();
  if (status.isDirectory()) {
    await file.close();
    throw Object.assign(new Error(`${path} is a directory`), { code: 'EISDIR' });
  }
  return {
    read: async (into, offset) => (await file.read(into, offset, into.length - offset, null)).bytesRead,
    close: () => file.close(),
    // Of a pipe or a device the size says nothing.
    ...(status.isFile() && { bytesTotal: status.size }),
  };
}

/** Reads from anything that yields pieces: standard input, or a generator. */
export function sourceFromPieces(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): CaptureSource {
  const iterator = Symbol.asyncIterator in pieces ? pieces[Symbol.asyncIterator]() : pieces[Symbol.iterator]();
  let rest: Uint8Array = new Uint8Array(0);
  return {
    read: async (into, offset) => {
      while (rest.length === 0) {
        const next = await iterator.next();
        if (next.done) return 0;
        rest = next.value;
      }
      const length = Math.min(rest.length, into.length - offset);
      into.set(rest.subarray(0, length), offset);
      rest = rest.subarray(length);
      return length;
    },
    close: async () => {
      await iterator.return?.();
    },
  };
}
