import { type CaptureSource, sourceFromPieces } from '../../lib/capture/capture-source.ts';

export interface CapturedPacket {
  readonly bytes: Uint8Array;
  /** Default: the length of the bytes. */
  readonly originalLength?: number;
  readonly seconds?: number;
  /** In units of the capture. */
  readonly fraction?: number;
}

export interface PcapShape {
  readonly isBigEndian?: boolean;
  readonly isNanosecond?: boolean;
  /** Default 1, Ethernet. */
  readonly linkType?: number;
}

/** A pcap capture as libpcap writes it: little-endian, microseconds, Ethernet. */
export function aPcap(packets: readonly CapturedPacket[], shape: PcapShape = {}): Buffer {
  const { isBigEndian = false, isNanosecond = false, linkType = 1 } = shape;
  const words = (...values: number[]) => numbers(isBigEndian, 4, values);
  const version = numbers(isBigEndian, 2, [2, 4]);
  const header = [words(isNanosecond ? 0xa1b23c4d : 0xa1b2c3d4), version, words(0, 0, 262_144, linkType)];
  const records = packets.flatMap(({ bytes, originalLength = bytes.length, seconds = 1, fraction = 0 }) => [
    words(seconds, fraction, bytes.length, originalLength),
    bytes,
  ]);
  return Buffer.concat([...header, ...records]);
}

/** The start of a section of a pcapng capture. */
export function aSection(isBigEndian = false): Buffer {
  const body = [numbers(isBigEndian, 4, [0x1a2b3c4d]), numbers(isBigEndian, 2, [1, 0])];
  return aBlock(0x0a0d0d0a, Buffer.concat([...body, Buffer.alloc(8, 0xff)]), isBigEndian);
}

/** An interface of a pcapng capture; `resolution` is the byte of `if_tsresol`. */
export function anInterface(
  { linkType = 1, resolution, snapLength = 0 }: { linkType?: number; resolution?: number; snapLength?: number } = {},
  isBigEndian = false,
): Buffer {
  const words = [numbers(isBigEndian, 2, [linkType, 0]), numbers(isBigEndian, 4, [snapLength])];
  const option = [numbers(isBigEndian, 2, [9, 1]), Buffer.from([resolution ?? 6, 0, 0, 0])];
  const options = resolution === undefined ? [] : [...option, Buffer.alloc(4)];
  return aBlock(1, Buffer.concat([...words, ...options]), isBigEndian);
}

/** A packet of a pcapng capture with a time in units of its interface. */
export function anEnhancedPacket(
  { bytes, originalLength = bytes.length }: CapturedPacket,
  { interfaceId = 0, units = 0n }: { interfaceId?: number; units?: bigint } = {},
  isBigEndian = false,
): Buffer {
  const fields = [interfaceId, Number(units >> 32n), Number(units & 0xffff_ffffn), bytes.length, originalLength];
  return aBlock(6, Buffer.concat([numbers(isBigEndian, 4, fields), bytes]), isBigEndian);
}

/** Any block of a pcapng capture, its body padded to four bytes. */
export function aBlock(type: number, body: Uint8Array, isBigEndian = false): Buffer {
  const padding = Buffer.alloc((4 - (body.length % 4)) % 4);
  const length = numbers(isBigEndian, 4, [12 + body.length + padding.length]);
  return Buffer.concat([numbers(isBigEndian, 4, [type]), length, body, padding, length]);
}

/** A capture in pieces of so many bytes. */
export function inPieces(capture: Buffer, pieceBytes: number): CaptureSource {
  const pieces = Array.from({ length: Math.ceil(capture.length / pieceBytes) }, (_, i) =>
    capture.subarray(i * pieceBytes, (i + 1) * pieceBytes),
  );
  return sourceFromPieces(pieces);
}

function numbers(isBigEndian: boolean, width: 2 | 4, values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(width * values.length);
  values.forEach((value, i) => {
    if (isBigEndian) bytes.writeUIntBE(value, i * width, width);
    else bytes.writeUIntLE(value, i * width, width);
  });
  return bytes;
}
