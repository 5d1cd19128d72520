import { gunzipSync } from 'node:zlib';

/** What a compressed policy begins with; no policy does. */
export const compressedPrefix = 'gzip:';
/** No policy is larger than this once unpacked; guards against a crafted parameter. */
const unpackedBytesMax = 1_000_000;

/** The policy text that a parameter's value stands for. Throws when a compressed value is damaged. */
export function decodePolicy(value: string): string {
  if (!value.startsWith(compressedPrefix)) return value;
  const packed = Buffer.from(value.slice(compressedPrefix.length), 'base64');
  return gunzipSync(packed, { maxOutputLength: unpackedBytesMax }).toString('utf8');
}
