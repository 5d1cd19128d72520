import type { SkipCode } from '../core/packet.ts';

/** What is told of a capture while it is read, in the order of the file. */
export interface CaptureVisitor {
  /**
   * One packet in `bytes[start..end)`, valid only during the call. `originalLength` is its length on the wire;
   * `seconds` is −1 when the capture does not say when the packet passed.
   */
  readonly packet: (
    bytes: Buffer,
    start: number,
    end: number,
    originalLength: number,
    linkType: number,
    seconds: number,
    nanoseconds: number,
  ) => void;
  /** A packet record that cannot be read as one. */
  readonly skip: (because: SkipCode, originalLength: number) => void;
  /** Called between pieces of the file: the moment to write out what has gathered, and to show progress. */
  readonly pause: (bytesRead: number) => Promise<void>;
}

/** How reading ended. `damaged`: everything before the damage was told; what follows it cannot be found. */
export type CaptureEnd =
  | { readonly kind: 'complete' }
  | { readonly kind: 'damaged'; readonly problem: string }
  | { readonly kind: 'unreadable'; readonly problem: string };

/** No capture program writes packets longer than this [libpcap, MAXIMUM_SNAPLEN]. */
export const packetBytesMax = 262_144;
