import type { Address } from '../core/cidr.ts';
import type { FrameScan } from '../core/packet-scan.ts';
import { icmp, icmpv6, tcp, udp } from '../core/protocols.ts';

/** Where the packets of one session go. */
export interface MirrorPath {
  /** The primary IPv4 address of the source interface. */
  readonly source: Address;
  /** The primary IPv4 address of the target. */
  readonly target: Address;
  readonly virtualNetworkId: number;
}

/** Outer Ethernet, IPv4, UDP and VXLAN headers. */
export const outerBytes = 14 + 20 + 8 + 8;
/** An IPv4 packet holds no more behind the headers. */
export const innerBytesMax = 65_535 - (outerBytes - 14);
/** The well-known port of VXLAN [D: Traffic Mirroring, packet format; RFC 7348]. */
const vxlanPort = 4789;

// No capture tells the hardware addresses on the way to the target: locally administered ones stand for them.
const sourceHardwareAddress = [0x02, 0, 0, 0, 0, 0x01];
const targetHardwareAddress = [0x02, 0, 0, 0, 0, 0x02];

/**
 * The headers in front of every mirrored packet of a session, complete but for lengths, checksum and source port.
 * AWS documents addresses, destination port and VNI; time to live, "don't fragment" and the zero UDP checksum
 * (RFC 7348, section 5) are the usual ones.
 */
export function prepareOuter({ source, target, virtualNetworkId }: MirrorPath): Buffer {
  const outer = Buffer.alloc(outerBytes);
  outer.set(targetHardwareAddress, 0);
  outer.set(sourceHardwareAddress, 6);
  outer.writeUInt16BE(0x0800, 12);
  outer.writeUInt8(0x45, 14);
  outer.writeUInt16BE(0x4000, 20);
  outer.writeUInt8(64, 22);
  outer.writeUInt8(udp, 23);
  outer.writeUInt32BE(Number(source.value), 26);
  outer.writeUInt32BE(Number(target.value), 30);
  outer.writeUInt16BE(vxlanPort, 36);
  // The flag "VNI is valid"; the VNI stands in the upper three of the last four bytes.
  outer.writeUInt8(0x08, 42);
  outer.writeUInt32BE(virtualNetworkId * 256, 46);
  return outer;
}

/** Writes the headers for an inner frame of so many bytes to `into[at..at + outerBytes)`. */
export function writeOuter(outer: Buffer, into: Buffer, at: number, innerLength: number, sourcePort: number): void {
  outer.copy(into, at);
  into.writeUInt16BE(innerLength + outerBytes - 14, at + 16);
  into.writeUInt16BE(innerLength + outerBytes - 34, at + 38);
  into.writeUInt16BE(sourcePort, at + 34);
  into.writeUInt16BE(headerChecksum(into, at + 14), at + 24);
}

/**
 * The outer source port of the packet that a scan found: one port per flow, of 49152–65535 (RFC 7348, section 5).
 * As documented, a hash of five values (addresses, protocol, ports; for ICMP its type and code) for ICMP, TCP and
 * UDP, else of three. AWS's own hash is not published: the port of a flow differs from the one that AWS would choose.
 */
export function flowPort(scan: FrameScan, bytes: Buffer, end: number): number {
  const { family, protocol, sourceAt, destinationAt, transportAt, sourcePort, destinationPort } = scan;
  const addressBytes = family === 4 ? 4 : 16;
  let hash = mix(0x811c9dc5, protocol);
  for (let at = sourceAt; at < sourceAt + addressBytes; at++) hash = mix(hash, bytes[at] as number);
  for (let at = destinationAt; at < destinationAt + addressBytes; at++) hash = mix(hash, bytes[at] as number);
  if ((protocol === tcp || protocol === udp) && sourcePort >= 0) hash = mix(mix(hash, sourcePort), destinationPort);
  const isIcmp = protocol === icmp || protocol === icmpv6;
  if (isIcmp && scan.fragment !== 'later' && end - transportAt >= 2) hash = mix(hash, bytes.readUInt16BE(transportAt));
  return 0xc000 | ((hash ^ (hash >>> 16)) & 0x3fff);
}

/** One step of FNV-1a. */
function mix(hash: number, value: number): number {
  return Math.imul(hash ^ value, 0x01000193);
}

/** The checksum of a 20-byte IPv4 header whose checksum field is zero [RFC 1071]. */
function headerChecksum(bytes: Buffer, at: number): number {
  let sum = 0;
  for (let offset = 0; offset < 20; offset += 2) sum += bytes.readUInt16BE(at + offset);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
