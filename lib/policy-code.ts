/** How a policy text stands in a parameter: as it is, or compressed when it would be too large. */
import { gzipSync } from 'node:zlib';
import { parse } from 'yaml';
import { compressedPrefix } from './policy-decode.ts';

/**
 * Characters that a parameter may hold: standard (4 KB), then advanced tier (8 KB) [D: Parameter Store]. Counted as bytes
 * in UTF-8, since AWS gives kilobytes.
 */
export const parameterCharactersMax = { standard: 4096, advanced: 8192 } as const;

export interface EncodedPolicy {
  readonly value: string;
  /** The lowest tier that holds it; a parameter that was advanced once stays so. */
  readonly tier: 'Standard' | 'Advanced';
}

/** Minifies a valid policy text and picks the form that needs the lowest tier; `undefined` when no parameter can. */
export function encodePolicy(text: string): EncodedPolicy | undefined {
  const minified = JSON.stringify(parse(text));
  if (Buffer.byteLength(minified) <= parameterCharactersMax.standard) return { value: minified, tier: 'Standard' };
  const value = compressedPrefix + gzipSync(minified).toString('base64');
  if (value.length <= parameterCharactersMax.standard) return { value, tier: 'Standard' };
  return value.length <= parameterCharactersMax.advanced ? { value, tier: 'Advanced' } : undefined;
}
