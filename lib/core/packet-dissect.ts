import type { Address } from './cidr.ts';
import type { IpFacts } from './packet.ts';
import type { FrameScan } from './packet-scan.ts';

/** The facts of the frame that a scan found to be an IP packet. */
export function factsFromScan(scan: FrameScan, bytes: Uint8Array): IpFacts {
  return {
    kind: 'ip',
    source: addressAt(bytes, scan.sourceAt, scan.family),
    destination: addressAt(bytes, scan.destinationAt, scan.family),
    protocol: scan.protocol,
    ...(scan.sourcePort >= 0 && { ports: { source: scan.sourcePort, destination: scan.destinationPort } }),
    ...(scan.fragment !== 'none' && { fragment: scan.fragment }),
  };
}

/** The address of four or sixteen bytes that stands at an offset. */
export function addressAt(bytes: Uint8Array, at: number, family: 4 | 6): Address {
  let value = 0n;
  for (const byte of bytes.subarray(at, at + (family === 4 ? 4 : 16))) value = (value << 8n) | BigInt(byte);
  return { family, value };
}
