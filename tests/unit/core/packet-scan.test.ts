import { describe, expect, test } from '@jest/globals';
import { aFrameScan, scanFrame } from '../../../lib/core/packet-scan.ts';
import { aFrame, type FrameShape } from '../../support/frame.ts';
import { readPacket } from '../../support/packet.ts';

/** A frame stands amid other bytes of its capture, none of which may be read as its own. */
const start = 3;
function scan(frame: Uint8Array, linkType = 1, into = aFrameScan()) {
  const bytes = Buffer.concat([Buffer.alloc(start, 0xff), frame, Buffer.alloc(80, 0x11)]);
  return { verdict: scanFrame(into, bytes, start, start + frame.length, linkType), ...into };
}
function changed(frame: Uint8Array, at: number, ...bytes: number[]): Buffer {
  const copy = Buffer.from(frame);
  copy.set(bytes, at);
  return copy;
}

const tcp4 = readPacket('tcp 10.0.0.1:258 > 10.0.0.2:772');
const udp6 = readPacket('udp [::1]:258 > [::2]:772');
const ports = { sourcePort: 258, destinationPort: 772 };
const found4 = (networkAt: number) => ({
  ...aFrameScan(),
  ...ports,
  verdict: 'ip',
  family: 4,
  etherType: 0x0800,
  networkAt: start + networkAt,
  sourceAt: start + networkAt + 12,
  destinationAt: start + networkAt + 16,
  protocol: 6,
  transportAt: start + networkAt + 20,
});
const found6 = (networkAt: number, headersLength = 40) => ({
  ...aFrameScan(),
  ...ports,
  verdict: 'ip',
  family: 6,
  etherType: 0x86dd,
  networkAt: start + networkAt,
  sourceAt: start + networkAt + 8,
  destinationAt: start + networkAt + 24,
  protocol: 17,
  transportAt: start + networkAt + headersLength,
});

test('before the first frame a scan has found nothing', () => {
  expect(aFrameScan()).toEqual({
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
  });
});

describe('the packet stands behind its link-layer header', () => {
  test.each<[string, FrameShape & { linkType: number }, number]>([
    ['Ethernet', { linkType: 1 }, 14],
    ['Ethernet with a VLAN tag', { linkType: 1, vlanIds: [7] }, 18],
    ['Ethernet with two VLAN tags', { linkType: 1, vlanIds: [7, 8] }, 22],
    ['Linux cooked', { linkType: 113 }, 16],
    ['Linux cooked with a VLAN tag', { linkType: 113, vlanIds: [7] }, 20],
    ['Linux cooked v2', { linkType: 276 }, 20],
    ['raw IP', { linkType: 101 }, 0],
    ['raw IP of OpenBSD', { linkType: 14 }, 0],
  ])('%s', (_name, shape, networkAt) => {
    expect(scan(aFrame(tcp4, shape), shape.linkType)).toEqual(found4(networkAt));
    expect(scan(aFrame(udp6, shape), shape.linkType)).toEqual(found6(networkAt));
  });
  test.each([
    ['0x8100', [0x81, 0x00]],
    ['0x88a8', [0x88, 0xa8]],
    ['0x9100', [0x91, 0x00]],
  ])('the tag type %s announces a VLAN tag', (_tagType, bytes) => {
    expect(scan(changed(aFrame(tcp4, { vlanIds: [7] }), 12, ...bytes))).toEqual(found4(18));
  });
  test('raw IPv4 and raw IPv6 captures hold their own family only (ip-header-malformed)', () => {
    const [raw4, raw6] = [aFrame(tcp4, { linkType: 101 }), aFrame(udp6, { linkType: 101 })];
    expect([scan(raw4, 228), scan(raw6, 229)]).toEqual([found4(0), found6(0)]);
    expect([scan(raw6, 228).verdict, scan(raw4, 229).verdict]).toEqual(['ip-header-malformed', 'ip-header-malformed']);
    expect(scan(changed(raw4, 0, 0x55), 101).verdict).toBe('ip-header-malformed');
  });
  test('a Linux cooked header tells whether this host sent the packet', () => {
    for (const linkType of [113, 276]) {
      const sent = [0, 1, 2, 3, 4].map((cookedType) => scan(aFrame(tcp4, { linkType, cookedType }), linkType));
      expect(sent.map(({ isOutgoing }) => isOutgoing)).toEqual([false, false, false, false, true]);
    }
  });
});

describe('the bytes end too early', () => {
  /** Each verdict on the first bytes of a frame, with the least number of bytes that leads to it. */
  function verdictsByLength(frame: Uint8Array, linkType = 1): string[] {
    const lengths = Array.from({ length: frame.length + 1 }, (_, length) => length);
    const verdicts = lengths.map((length) => scan(frame.subarray(0, length), linkType).verdict);
    return lengths.flatMap((length) =>
      verdicts[length] === verdicts[length - 1] ? [] : [`${length} ${verdicts[length]}`],
    );
  }

  test.each<[string, FrameShape & { linkType: number }, string[]]>([
    ['Ethernet', { linkType: 1 }, ['1 link-header-cut', '14 ip-header-cut', '34 ports-cut', '38 ip']],
    ['VLAN', { linkType: 1, vlanIds: [7] }, ['1 link-header-cut', '18 ip-header-cut', '38 ports-cut', '42 ip']],
    ['cooked', { linkType: 113 }, ['1 link-header-cut', '16 ip-header-cut', '36 ports-cut', '40 ip']],
    ['cooked v2', { linkType: 276 }, ['1 link-header-cut', '20 ip-header-cut', '40 ports-cut', '44 ip']],
    ['raw IP', { linkType: 101 }, ['1 ip-header-cut', '20 ports-cut', '24 ip']],
  ])('in a TCP packet over %s', (_name, shape, verdicts) => {
    expect(verdictsByLength(aFrame(tcp4, shape), shape.linkType)).toEqual(['0 zero-length', ...verdicts]);
  });
  test('in a chain of IPv6 extension headers', () => {
    const frame = aFrame({ ...udp6, fragment: 'first' }, { linkType: 101, extensions: [0] });
    expect(verdictsByLength(frame, 101)).toEqual([
      '0 zero-length',
      '1 ip-header-cut',
      '40 ipv6-chain-broken',
      '56 ports-cut',
      '60 ip',
    ]);
  });
  test('in a frame of another protocol, whose link-layer header is enough', () => {
    expect(verdictsByLength(changed(aFrame(tcp4), 12, 0x08, 0x06).subarray(0, 20))).toEqual([
      '0 zero-length',
      '1 link-header-cut',
      '14 arp',
    ]);
  });
});

describe('an IPv4 header is believed as far as it can be checked', () => {
  const frame = aFrame(tcp4);
  test('options move the ports', () => {
    const withOptions = changed(frame, 14, 0x46, 0, 0, 44);
    withOptions.set([0x09, 0x09, 0x08, 0x08], 14 + 24);
    expect(scan(withOptions)).toEqual({
      ...found4(14),
      transportAt: start + 14 + 24,
      sourcePort: 0x0909,
      destinationPort: 0x0808,
    });
  });
  test('a header that ends with the frame is whole', () => {
    const icmp = changed(frame, 14 + 9, 1);
    expect(scan(changed(icmp, 14 + 2, 0, 20).subarray(0, 34)).verdict).toBe('ip');
    expect(scan(changed(icmp, 14, 0x46, 0, 0, 24).subarray(0, 38)).verdict).toBe('ip');
    expect(scan(changed(icmp, 14, 0x46, 0, 0, 24).subarray(0, 37)).verdict).toBe('ip-header-cut');
  });
  test('ports-cut: a total length that leaves less than both ports, whatever padding follows', () => {
    const verdictAt = (totalLength: number) => scan(changed(frame, 14 + 2, 0, totalLength)).verdict;
    expect([19, 20, 23, 24].map(verdictAt)).toEqual(['ip-header-malformed', 'ports-cut', 'ports-cut', 'ip']);
  });
  test('a total length beyond the captured bytes is the length of the whole packet: its ports may be there', () => {
    expect(scan(changed(frame, 14 + 2, 5, 220))).toEqual(found4(14));
    expect(scan(changed(frame, 14 + 2, 5, 220).subarray(0, 37)).verdict).toBe('ports-cut');
  });
  test('a total length of zero means the whole frame', () => {
    expect(scan(changed(frame, 14 + 2, 0, 0))).toEqual(found4(14));
    expect(scan(changed(frame, 14 + 2, 0, 0).subarray(0, 37)).verdict).toBe('ports-cut');
  });
  test.each<[string, 'none' | 'first' | 'later', [number, number]]>([
    ['the bit "do not fragment"', 'none', [0x40, 0]],
    ['the bit "more fragments"', 'first', [0x20, 0]],
    ['an offset in the last bits', 'later', [0, 1]],
    ['an offset in the first bits', 'later', [0x10, 0]],
    ['an offset with more to come', 'later', [0x20, 0x10]],
  ])('%s: fragment %s', (_name, fragment, bits) => {
    const withoutPorts = fragment === 'later' ? { sourcePort: -1, destinationPort: -1 } : {};
    expect(scan(changed(frame, 14 + 6, ...bits))).toEqual({ ...found4(14), ...withoutPorts, fragment });
  });
  test('only TCP and UDP have ports', () => {
    const portOf = (protocol: number) => scan(changed(frame, 14 + 9, protocol)).sourcePort;
    expect([1, 6, 17, 132].map(portOf)).toEqual([-1, 258, 258, -1]);
  });
});

describe('the chain of IPv6 headers is walked to its end', () => {
  test.each([
    ['hop-by-hop options', 0, 8],
    ['routing', 43, 8],
    ['authentication, which counts its length in words', 51, 12],
    ['destination options', 60, 8],
    ['mobility', 135, 8],
    ['host identity', 139, 8],
    ['shim6', 140, 8],
  ])('%s', (_name, header, length) => {
    expect(scan(aFrame(udp6, { extensions: [header] }))).toEqual(found6(14, 40 + length));
    expect(scan(aFrame(udp6, { extensions: [header, 60] }))).toEqual(found6(14, 48 + length));
  });
  test('an extension header of its own length', () => {
    const frame = aFrame(udp6, { extensions: [60], payloadBytes: 40 });
    const long = changed(frame, 14 + 40 + 1, 2);
    long.set([1, 2, 3, 4], 14 + 40 + 24);
    expect(scan(long)).toEqual({ ...found6(14, 64), sourcePort: 0x0102, destinationPort: 0x0304 });
  });
  test('no next header, ESP and an unknown protocol end it', () => {
    for (const protocol of [59, 50, 253]) {
      const frame = changed(aFrame(udp6), 14 + 6, protocol);
      expect(scan(frame)).toEqual({ ...found6(14), protocol, sourcePort: -1, destinationPort: -1 });
    }
  });
  test('a header that ends with the packet is whole', () => {
    const bare = changed(aFrame(udp6), 14 + 4, 0, 0, 59);
    expect(scan(bare.subarray(0, 54)).verdict).toBe('ip');
    const chained = changed(aFrame(udp6, { extensions: [0] }), 14 + 40, 59);
    expect(scan(chained.subarray(0, 62)).verdict).toBe('ip');
    expect(scan(changed(chained, 14 + 5, 8)).verdict).toBe('ip');
  });
  test('ipv6-chain-broken: a header that leads beyond the payload, whatever padding follows', () => {
    const frame = aFrame(udp6, { extensions: [0] });
    expect(scan(changed(frame, 14 + 5, 7)).verdict).toBe('ipv6-chain-broken');
    expect(scan(changed(frame, 14 + 41, 2)).verdict).toBe('ipv6-chain-broken');
  });
  test('ports-cut: a payload that is shorter than both ports, whatever padding follows', () => {
    const verdictAt = (payloadLength: number) => scan(changed(aFrame(udp6), 14 + 5, payloadLength)).verdict;
    expect([1, 3, 4].map(verdictAt)).toEqual(['ports-cut', 'ports-cut', 'ip']);
  });
  test('a payload length of zero, or beyond the captured bytes, means the whole frame', () => {
    const frame = aFrame(udp6);
    expect(scan(changed(frame, 14 + 4, 0, 0))).toEqual(found6(14));
    expect(scan(changed(frame, 14 + 4, 0, 0).subarray(0, 57)).verdict).toBe('ports-cut');
    expect(scan(changed(frame, 14 + 4, 5, 220))).toEqual(found6(14));
    expect(scan(changed(frame, 14 + 4, 5, 220).subarray(0, 57)).verdict).toBe('ports-cut');
  });
  test('ip-header-malformed: another version in a frame of IPv6', () => {
    expect(scan(changed(aFrame(udp6), 14, 0x40)).verdict).toBe('ip-header-malformed');
  });
});

describe('a fragment header tells which fragment it is', () => {
  const frame = aFrame({ ...udp6, fragment: 'first' });
  const fragmentAt = 14 + 40 + 2;
  test('the whole packet in one fragment is no fragment', () => {
    expect(scan(changed(frame, fragmentAt, 0, 0))).toEqual(found6(14, 48));
  });
  test('the first of several has the ports', () => {
    expect(scan(frame)).toEqual({ ...found6(14, 48), fragment: 'first' });
  });
  test('a later one has none, and its protocol is the one that the fragment header names', () => {
    const later = { ...found6(14, 48), fragment: 'later', sourcePort: -1, destinationPort: -1 };
    expect(scan(changed(frame, fragmentAt, 0, 8))).toEqual(later);
    expect(scan(changed(frame, fragmentAt, 1, 0))).toEqual(later);
    // What stands behind the fragment header is payload, though it may look like an extension header.
    expect(scan(changed(changed(frame, fragmentAt, 0, 8), 14 + 40, 60))).toEqual({ ...later, protocol: 60 });
  });
});

test('a scan that is filled again keeps nothing of the frame before', () => {
  const used = aFrameScan();
  scan(aFrame({ ...tcp4, fragment: 'first' }, { linkType: 113, cookedType: 4 }), 113, used);
  expect(scan(aFrame(udp6), 1, used)).toEqual(found6(14));
  scan(aFrame({ ...udp6, fragment: 'first' }), 1, used);
  expect(scan(changed(aFrame(tcp4), 14 + 9, 1), 1, used)).toEqual({
    ...found4(14),
    protocol: 1,
    sourcePort: -1,
    destinationPort: -1,
  });
});
