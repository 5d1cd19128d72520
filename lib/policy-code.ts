/** How a policy text stands in a parameter: as it is, or compressed when it would be too large. */
import { gunzipSync, gzipSync } from 'node:zlib';
import { parse } from 'yaml';

/**
 * Characters that a parameter may hold: standard (4 KB), then advanced tier (8 KB) [D: Parameter Store]. Counted as bytes
 * in UTF-8, since AWS gives kilobytes.
 */
export const parameterCharactersMax = { standard: 4096, advanced: 8192 } as const;

const compressedPrefix = 'gzip:';
/** No policy is larger than this once unpacked; guards against a crafted parameter. */
const unpackedBytesMax = 1_000_000;

export interface EncodedPolicy {
  readonly value: string;
  readonly tier: 'Standard' | 'Advanced';
}

/** Minifies a valid policy text and picks the form and tier that hold it; `undefined` when no parameter can. */
export function encodePolicy(text: string): EncodedPolicy | undefined {
  const minified = JSON.stringify(parse(text));
  if (Buffer.byteLength(minified) <= parameterCharactersMax.standard) return { value: minified, tier: 'Standard' };
  const value = compressedPrefix + gzipSync(minified).toString('base64');
  if (value.length <= parameterCharactersMax.standard) return { value, tier: 'Standard' };
  return value.length <= parameterCharactersMax.advanced ? { value, tier: 'Advanced' } : undefined;
}

/** The policy text that a parameter's value stands for. Throws when a compressed value is damaged. */
export function decodePolicy(value: string): string {
  if (!value.startsWith(compressedPrefix)) return value;
  const packed = Buffer.from(value.slice(compressedPrefix.length), 'base64');
  return gunzipSync(packed, { maxOutputLength: unpackedBytesMax }).toString('utf8');
}
