import type { Address } from './cidr.ts';
import type { IpFacts, PacketFacts, SkipCode } from './packet.ts';
import { aFrameScan, type FrameScan, scanFrame } from './packet-scan.ts';

export type Dissection = { readonly facts: PacketFacts } | { readonly skip: SkipCode };

/** Reads one frame of a capture: what a filter can ask of it, or why it cannot be judged. */
export function dissectFrame(frame: Uint8Array, linkType: number): Dissection {
  const scan = aFrameScan();
  const verdict = scanFrame(scan, frame, 0, frame.length, linkType);
  if (verdict === 'ip') return { facts: factsFromScan(scan, frame) };
  if (verdict === 'arp') return { facts: { kind: 'arp' } };
  if (verdict === 'not-ip') return { facts: { kind: 'not-ip', etherType: scan.etherType } };
  return { skip: verdict };
}

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

export function addressAt(bytes: Uint8Array, at: number, family: 4 | 6): Address {
  let value = 0n;
  for (const byte of bytes.subarray(at, at + (family === 4 ? 4 : 16))) value = (value << 8n) | BigInt(byte);
  return { family, value };
}
