import { expect, test } from '@jest/globals';
import { dissectFrame } from '../../support/dissection.ts';
import { aFrame } from '../../support/frame.ts';
import { readPacket } from '../../support/packet.ts';

const tcp4 = aFrame(readPacket('tcp 10.0.0.1:1 > 10.0.0.2:2'));
const tcp6 = aFrame(readPacket('tcp [::1]:1 > [::2]:2'), { extensions: [0, 60] });
const skips: [string, string, Buffer, number][] = [
  ['zero-length', 'no bytes', Buffer.alloc(0), 1],
  ['unknown-link-type', 'IEEE 802.11', tcp4, 105],
  ['link-header-cut', 'half an Ethernet header', tcp4.subarray(0, 9), 1],
  ['link-header-cut', 'half a cooked header', tcp4.subarray(0, 15), 113],
  ['link-header-cut', 'half a VLAN tag', changed(tcp4, 12, 0x81, 0).subarray(0, 16), 1],
  ['ip-header-cut', 'half an IPv4 header', tcp4.subarray(0, 30), 1],
  ['ip-header-cut', 'IPv4 options beyond the capture', changed(tcp4, 14, 0x4f, 0, 0, 80), 1],
  ['ip-header-cut', 'half an IPv6 header', tcp6.subarray(0, 50), 1],
  ['ip-header-malformed', 'a header length of four words', changed(tcp4, 14, 0x44), 1],
  ['ip-header-malformed', 'version 6 in an IPv4 frame', changed(tcp4, 14, 0x65), 1],
  ['ip-header-malformed', 'a total length below the header', changed(tcp4, 16, 0, 10), 1],
  ['ip-header-malformed', 'raw bytes of no IP version', Buffer.from([0x20, 0]), 101],
  ['ip-header-malformed', 'IPv6 in a raw IPv4 capture', tcp6.subarray(14), 228],
  ['ipv6-chain-broken', 'an extension header longer than the packet', changed(tcp6, 14 + 40 + 1, 255), 1],
  ['ipv6-chain-broken', 'a chain that does not end', changed(tcp6, 14 + 48, 60, 3), 1],
  ['ipv6-chain-broken', 'a payload length that ends within the chain', changed(tcp6, 14 + 4, 0, 10), 1],
  ['ports-cut', 'no bytes of TCP', tcp4.subarray(0, 36), 1],
  ['ports-cut', 'a total length that leaves TCP no room, before padding', changed(tcp4, 16, 0, 20), 1],
];
for (const [skip, name, frame, linkType] of skips) {
  test(`${skip}: ${name}`, () => {
    expect(dissectFrame(frame, linkType)).toEqual({ skip });
  });
}

test.each([
  'tcp 10.0.0.1:0 > 10.0.0.2:0',
  'udp 10.0.0.1:53 > 10.0.0.2:1024',
  'icmp 10.0.0.1 > 10.0.0.2',
  'tcp 10.0.0.1 > 10.0.0.2 fragment',
  'tcp [2001:db8::1]:80 > [fd00:1:2:3:4:5:6:7]:65535',
  'icmpv6 [::1] > [::2]',
  'udp [::1] > [::2] fragment',
])('the facts of %s, and nothing besides', (text) => {
  expect(dissectFrame(aFrame(readPacket(text)), 1)).toStrictEqual({ facts: readPacket(text) });
});

test('the first of several fragments has its ports and is told from a whole packet', () => {
  const facts = { ...readPacket('tcp 10.0.0.1:1 > 10.0.0.2:2'), fragment: 'first' as const };
  expect(dissectFrame(aFrame(facts), 1)).toStrictEqual({ facts });
});

test('ARP, and what is neither IP nor ARP, are facts of their own', () => {
  expect(dissectFrame(changed(tcp4, 12, 0x08, 0x06), 1)).toEqual({ facts: { kind: 'arp' } });
  expect(dissectFrame(changed(tcp4, 12, 0x88, 0xcc), 1)).toEqual({ facts: { kind: 'not-ip', etherType: 0x88cc } });
});

test('a total length of zero, as segmentation by the network card leaves it, means the whole frame', () => {
  expect(dissectFrame(changed(tcp4, 16, 0, 0), 1)).toEqual({ facts: readPacket('tcp 10.0.0.1:1 > 10.0.0.2:2') });
});

function changed(frame: Buffer, at: number, ...bytes: number[]): Buffer {
  const copy = Buffer.from(frame);
  copy.set(bytes, at);
  return copy;
}
