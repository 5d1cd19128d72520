import ipaddr from 'ipaddr.js';

export type Family = 4 | 6;

/** An address as a number of its family's width. */
export interface Address {
  readonly family: Family;
  readonly value: bigint;
}

/** The addresses of a network as one interval, both ends included. */
export interface Cidr {
  readonly family: Family;
  readonly from: bigint;
  readonly to: bigint;
}

const bitsOf = (family: Family) => (family === 4 ? 32 : 128);

/** Reads `10.0.1.5` or `2001:db8::1`. Undefined for anything else: no octal, no short forms, no zone. */
export function parseAddress(text: string): Address | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return { family: 4, value: numberOf(ipaddr.IPv4.parse(text)) };
  if (!text.includes('%') && ipaddr.IPv6.isValid(text)) {
    return { family: 6, value: numberOf(ipaddr.IPv6.parse(text)) };
  }
  return undefined;
}

/** Writes an address in its shortest usual form (RFC 5952 for IPv6). */
export function formatAddress({ family, value }: Address): string {
  const bytes = Array.from({ length: bitsOf(family) / 8 }, (_, index) =>
    Number((value >> BigInt(bitsOf(family) - 8 * (index + 1))) & 0xffn),
  );
  return ipaddr.fromByteArray(bytes).toString();
}

/** Reads `10.0.0.0/8` or `fd00::/8`; host bits are ignored, as EC2 ignores them. Undefined when it is no network. */
export function parseCidr(text: string): Cidr | undefined {
  const parts = /^(?<address>[^/]+)\/(?<length>\d{1,3})$/.exec(text)?.groups ?? {};
  const address = parts.address && parseAddress(parts.address);
  const length = Number(parts.length);
  if (!address || length > bitsOf(address.family)) return undefined;
  const host = (1n << BigInt(bitsOf(address.family) - length)) - 1n;
  return { family: address.family, from: address.value & ~host, to: address.value | host };
}

export function isInCidr(address: Address, cidr: Cidr): boolean {
  return address.family === cidr.family && address.value >= cidr.from && address.value <= cidr.to;
}

function numberOf(address: ipaddr.IPv4 | ipaddr.IPv6): bigint {
  return address.toByteArray().reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}
