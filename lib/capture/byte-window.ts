import type { CaptureSource } from './capture-source.ts';

/** The part of a capture that is in memory: `bytes[start..end)` is unread. Its size never changes. */
export interface ByteWindow {
  readonly bytes: Buffer;
  start: number;
  end: number;
  /** Bytes of the capture before `start`. */
  offset: number;
}

/** A window that no packet outgrows; of those tried, this size keeps the data in a core's own cache. */
export const windowBytes = 512 * 1024;

export function createWindow(): ByteWindow {
  return { bytes: Buffer.allocUnsafe(windowBytes), start: 0, end: 0, offset: 0 };
}

/** Marks bytes as read. */
export function advance(window: ByteWindow, length: number): void {
  window.start += length;
  window.offset += length;
}

/** Keeps what is unread and reads on behind it. False when nothing came: the capture has ended. */
export async function refill(window: ByteWindow, source: CaptureSource): Promise<boolean> {
  window.bytes.copy(window.bytes, 0, window.start, window.end);
  window.end -= window.start;
  window.start = 0;
  const length = await source.read(window.bytes, window.end);
  window.end += length;
  return length > 0;
}

/** Reads until so many bytes are unread. False when the capture ends before. */
export async function ensure(window: ByteWindow, source: CaptureSource, length: number): Promise<boolean> {
  while (window.end - window.start < length) {
    if (!(await refill(window, source))) return false;
  }
  return true;
}

/** Passes over bytes, more than the window holds if need be. False when the capture ends before. */
export async function passOver(window: ByteWindow, source: CaptureSource, length: number): Promise<boolean> {
  let left = length;
  for (;;) {
    const step = Math.min(left, window.end - window.start);
    advance(window, step);
    left -= step;
    if (left === 0) return true;
    if (!(await refill(window, source))) return false;
  }
}
