import * as z from 'zod';

/** A network as a policy writes it. */
export interface WrittenCidr {
  readonly family: 4 | 6;
  /** The network in canonical form, host bits cleared: what EC2 is to be given, so that it is found again unchanged. */
  readonly canonical: string;
  /** Whether bits behind the prefix were set (`10.0.0.1/8`): a slip, or a host meant as /32. */
  readonly hasHostBits: boolean;
}

const cidrv4 = z.cidrv4();
const cidrv6 = z.cidrv6();

/** Reads `10.0.0.0/8` or `2001:db8::/32`; undefined when it is neither. */
export function readCidr(text: string): WrittenCidr | undefined {
  const family = cidrv4.safeParse(text).success ? 4 : cidrv6.safeParse(text).success ? 6 : undefined;
  if (family === undefined) return undefined;
  const [address = '', prefixText] = text.split('/');
  const words = family === 4 ? address.split('.').map(Number) : wordsOf(canonicalIpv6(address));
  const bitsPerWord = family === 4 ? 8 : 16;
  const prefix = Number(prefixText);
  const masked = words.map((word, i) => word & maskOf(bitsPerWord, prefix - i * bitsPerWord));
  const hasHostBits = words.some((word, i) => word !== masked[i]);
  const network = family === 4 ? masked.join('.') : canonicalIpv6(masked.map((word) => word.toString(16)).join(':'));
  return { family, canonical: `${network}/${prefix}`, hasHostBits };
}

/** The word's mask when so many bits of the prefix fall into it (negative: none, more than its width: all). */
function maskOf(bitsPerWord: number, prefixBits: number): number {
  const free = bitsPerWord - Math.min(Math.max(prefixBits, 0), bitsPerWord);
  return (2 ** bitsPerWord - 1) & ~(2 ** free - 1);
}

/** RFC 5952's form, by the URL parser, which every JavaScript runtime has: lower case, longest run of zeros as `::`. */
function canonicalIpv6(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}

/** The eight words of a canonical IPv6 address. */
function wordsOf(canonical: string): number[] {
  const [head = '', tail] = canonical.split('::');
  const read = (part: string) => (part === '' ? [] : part.split(':').map((word) => Number.parseInt(word, 16)));
  const [left, right] = [read(head), read(tail ?? '')];
  return tail === undefined ? left : [...left, ...Array(8 - left.length - right.length).fill(0), ...right];
}
