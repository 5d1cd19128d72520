import { ethernet, ipv4Only, ipv6Only, isRawIp, linuxCooked, linuxCooked2 } from './link-types.ts';
import type { SkipCode } from './packet.ts';
import { tcp, udp } from './protocols.ts';

/**
 * Where the facts of one frame stand. One object is filled again for every frame, so that a long capture costs no
 * memory; after any verdict but `ip` only `etherType` and `networkAt` mean something.
 */
export interface FrameScan {
  family: 4 | 6;
  etherType: number;
  /** Offset of the byte after the link-layer header and its VLAN tags. */
  networkAt: number;
  sourceAt: number;
  destinationAt: number;
  protocol: number;
  transportAt: number;
  /** −1 when the packet has none. */
  sourcePort: number;
  destinationPort: number;
  fragment: 'none' | 'first' | 'later';
  /** What a Linux cooked capture says of itself: this host sent the packet. */
  isOutgoing: boolean;
}

export type ScanVerdict = 'ip' | 'arp' | 'not-ip' | SkipCode;

export function aFrameScan(): FrameScan {
  return {
    family: 4,
    etherType: 0,
    networkAt: 0,
    sourceAt: 0,
    destinationAt: 0,
    protocol: 0,
    transportAt: 0,
    sourcePort: -1,
    destinationPort: -1,
    fragment: 'none',
    isOutgoing: false,
  };
}

const etherTypeIpv4 = 0x0800;
const etherTypeArp = 0x0806;
const etherTypeIpv6 = 0x86dd;
const isVlanTag = (etherType: number) => etherType === 0x8100 || etherType === 0x88a8 || etherType === 0x9100;
/** Packet type "sent by us" of both cooked formats. */
const cookedOutgoing = 4;

/**
 * Finds the facts of the frame in `bytes[start..end)`. Believes no length that it can check: a header that leads
 * beyond the captured bytes or beyond the packet itself is a skip code, never a guess.
 */
export function scanFrame(
  scan: FrameScan,
  bytes: Uint8Array,
  start: number,
  end: number,
  linkType: number,
): ScanVerdict {
  if (end <= start) return 'zero-length';
  let at: number;
  scan.isOutgoing = false;
  if (linkType === ethernet) {
    if (end - start < 14) return 'link-header-cut';
    scan.etherType = read16(bytes, start + 12);
    at = start + 14;
  } else if (linkType === linuxCooked) {
    if (end - start < 16) return 'link-header-cut';
    scan.isOutgoing = read16(bytes, start) === cookedOutgoing;
    scan.etherType = read16(bytes, start + 14);
    at = start + 16;
  } else if (linkType === linuxCooked2) {
    if (end - start < 20) return 'link-header-cut';
    scan.isOutgoing = byteAt(bytes, start + 10) === cookedOutgoing;
    scan.etherType = read16(bytes, start);
    at = start + 20;
  } else if (isRawIp(linkType)) {
    const version = byteAt(bytes, start) >>> 4;
    if (version !== 4 && version !== 6) return 'ip-header-malformed';
    if (linkType === (version === 4 ? ipv6Only : ipv4Only)) return 'ip-header-malformed';
    scan.etherType = version === 4 ? etherTypeIpv4 : etherTypeIpv6;
    at = start;
  } else {
    return 'unknown-link-type';
  }
  while (isVlanTag(scan.etherType)) {
    if (end - at < 4) return 'link-header-cut';
    scan.etherType = read16(bytes, at + 2);
    at += 4;
  }
  scan.networkAt = at;
  if (scan.etherType === etherTypeIpv4) return scanIpv4(scan, bytes, at, end);
  if (scan.etherType === etherTypeIpv6) return scanIpv6(scan, bytes, at, end);
  return scan.etherType === etherTypeArp ? 'arp' : 'not-ip';
}

function scanIpv4(scan: FrameScan, bytes: Uint8Array, at: number, end: number): ScanVerdict {
  if (end - at < 20) return 'ip-header-cut';
  const first = byteAt(bytes, at);
  const headerLength = (first & 0x0f) * 4;
  if (first >>> 4 !== 4 || headerLength < 20) return 'ip-header-malformed';
  const totalLength = read16(bytes, at + 2);
  // Zero is what a sender that leaves segmentation to its network card writes: the length is that of the frame.
  if (totalLength !== 0 && totalLength < headerLength) return 'ip-header-malformed';
  if (end - at < headerLength) return 'ip-header-cut';
  const fragmentField = read16(bytes, at + 6);
  scan.family = 4;
  scan.sourceAt = at + 12;
  scan.destinationAt = at + 16;
  scan.protocol = byteAt(bytes, at + 9);
  scan.transportAt = at + headerLength;
  scan.fragment = (fragmentField & 0x1fff) !== 0 ? 'later' : (fragmentField & 0x2000) !== 0 ? 'first' : 'none';
  return scanPorts(scan, bytes, totalLength === 0 ? end : Math.min(end, at + totalLength));
}

const hopByHop = 0;
const routing = 43;
const fragmentHeader = 44;
const authentication = 51;
const destinationOptions = 60;
const mobility = 135;
const hostIdentity = 139;
const shim6 = 140;

function scanIpv6(scan: FrameScan, bytes: Uint8Array, at: number, captureEnd: number): ScanVerdict {
  if (captureEnd - at < 40) return 'ip-header-cut';
  if (byteAt(bytes, at) >>> 4 !== 6) return 'ip-header-malformed';
  const payloadLength = read16(bytes, at + 4);
  // Zero: a jumbogram, or a sender that leaves segmentation to its network card.
  const end = payloadLength === 0 ? captureEnd : Math.min(captureEnd, at + 40 + payloadLength);
  scan.family = 6;
  scan.sourceAt = at + 8;
  scan.destinationAt = at + 24;
  scan.fragment = 'none';
  let next = byteAt(bytes, at + 6);
  let headerAt = at + 40;
  while (isExtensionHeader(next)) {
    // Every extension header is at least eight bytes long, so the walk ends with the packet.
    if (end - headerAt < 8) return 'ipv6-chain-broken';
    const following = byteAt(bytes, headerAt);
    if (next === fragmentHeader) {
      const fragmentField = read16(bytes, headerAt + 2);
      if (fragmentField >>> 3 !== 0) {
        scan.fragment = 'later';
        next = following;
        headerAt += 8;
        break;
      }
      if ((fragmentField & 1) !== 0) scan.fragment = 'first';
      headerAt += 8;
    } else {
      const length = byteAt(bytes, headerAt + 1);
      headerAt += next === authentication ? (length + 2) * 4 : (length + 1) * 8;
    }
    if (headerAt > end) return 'ipv6-chain-broken';
    next = following;
  }
  scan.protocol = next;
  scan.transportAt = headerAt;
  return scanPorts(scan, bytes, end);
}

function isExtensionHeader(protocol: number): boolean {
  switch (protocol) {
    case hopByHop:
    case routing:
    case fragmentHeader:
    case authentication:
    case destinationOptions:
    case mobility:
    case hostIdentity:
    case shim6:
      return true;
    default:
      return false;
  }
}

function scanPorts(scan: FrameScan, bytes: Uint8Array, end: number): ScanVerdict {
  scan.sourcePort = -1;
  scan.destinationPort = -1;
  if ((scan.protocol !== tcp && scan.protocol !== udp) || scan.fragment === 'later') return 'ip';
  if (end - scan.transportAt < 4) return 'ports-cut';
  scan.sourcePort = read16(bytes, scan.transportAt);
  scan.destinationPort = read16(bytes, scan.transportAt + 2);
  return 'ip';
}

/** Callers have checked that the offset lies within the frame. */
function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] as number;
}

function read16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}
