import { describe, expect, test } from '@jest/globals';
import { describePacket, describeProtocol, parsePacketText } from '../../../lib/core/packet-text.ts';
import { readPacket } from '../../support/packet.ts';

const good: [string, string][] = [
  ['tcp 10.0.1.5:44321 > 10.0.2.9:443', 'tcp 10.0.1.5:44321 > 10.0.2.9:443'],
  ['  UDP [2001:DB8::1]:53->[2001:db8:0::2]:1024 ', 'udp [2001:db8::1]:53 > [2001:db8::2]:1024'],
  ['tcp 10.0.0.1:0>10.0.0.2:65535', 'tcp 10.0.0.1:0 > 10.0.0.2:65535'],
  ['tcp   10.0.0.1:1   ->   10.0.0.2:2', 'tcp 10.0.0.1:1 > 10.0.0.2:2'],
  ['icmp 10.0.0.1 > 10.0.0.2', 'icmp 10.0.0.1 > 10.0.0.2'],
  ['icmp 2001:db8::1 > 2001:db8::2', 'icmpv6 [2001:db8::1] > [2001:db8::2]'],
  ['ICMP ::1 > ::2', 'icmpv6 [::1] > [::2]'],
  ['icmp6 [::1] > [::2]', 'icmpv6 [::1] > [::2]'],
  ['proto 47 10.0.0.1 > 10.0.0.2', 'gre 10.0.0.1 > 10.0.0.2'],
  ['Protocol  255 10.0.0.1 > 10.0.0.2', 'proto 255 10.0.0.1 > 10.0.0.2'],
  ['proto 0 10.0.0.1 > 10.0.0.2', 'proto 0 10.0.0.1 > 10.0.0.2'],
  ['proto 1 ::1 > ::2', 'proto 1 [::1] > [::2]'],
  ['proto 6 10.0.0.1:1 > 10.0.0.2:2', 'tcp 10.0.0.1:1 > 10.0.0.2:2'],
  ['tcp 10.0.0.1 > 10.0.0.2 fragment', 'tcp 10.0.0.1 > 10.0.0.2 fragment'],
  ['udp ::1 > ::2   fragment', 'udp [::1] > [::2] fragment'],
];
for (const [text, meant] of good) {
  test(`"${text}" is understood`, () => {
    expect(describePacket(readPacket(text))).toBe(meant);
  });
}

test('what is read holds the facts of the packet and nothing else', () => {
  const ends = { source: { family: 4, value: 0x0a000001n }, destination: { family: 4, value: 0x0a000002n } };
  expect(parsePacketText('udp 10.0.0.1:1 > 10.0.0.2:2')).toStrictEqual({
    ok: true,
    facts: { kind: 'ip', ...ends, protocol: 17, ports: { source: 1, destination: 2 } },
  });
  expect(parsePacketText('gre 10.0.0.1 > 10.0.0.2')).toStrictEqual({
    ok: true,
    facts: { kind: 'ip', ...ends, protocol: 47 },
  });
  expect(parsePacketText('udp 10.0.0.1 > 10.0.0.2 fragment')).toStrictEqual({
    ok: true,
    facts: { kind: 'ip', ...ends, protocol: 17, fragment: 'later' },
  });
});

test('"arp" is a packet too, written as itself; other frames are told by their ether type', () => {
  expect(parsePacketText(' ARP ')).toEqual({ ok: true, facts: { kind: 'arp' } });
  expect(describePacket({ kind: 'arp' })).toBe('arp');
  expect(describePacket({ kind: 'not-ip', etherType: 0x88cc })).toBe('ethertype 0x88cc');
  expect(describePacket({ kind: 'not-ip', etherType: 5 })).toBe('ethertype 0x0005');
});

test('a first fragment is written as a whole packet', () => {
  const first = { ...readPacket('tcp 10.0.0.1:1 > 10.0.0.2:2'), fragment: 'first' as const };
  expect(describePacket(first)).toBe('tcp 10.0.0.1:1 > 10.0.0.2:2');
});

test('protocols go by the names that a policy uses, the others by number', () => {
  expect([6, 17, 132, 200].map(describeProtocol)).toEqual(['tcp', 'udp', 'sctp', 'proto 200']);
});

describe('what is refused has a reason and an example', () => {
  const shape = (text: string) => `"${text}" is not PROTOCOL SOURCE > DESTINATION`;
  const noProtocol = (text: string) =>
    `"${text}" is no protocol; write icmp, igmp, tcp, udp, ipv6, gre, esp, ah, icmpv6, ospf, sctp or "proto N" with N from 0 to 255`;
  test.each([
    ['', shape('')],
    ['arp who-has 10.0.0.1', shape('arp who-has 10.0.0.1')],
    ['tcp 10.0.0.1:1 10.0.0.2:2', shape('tcp 10.0.0.1:1 10.0.0.2:2')],
    ['look:\ntcp 10.0.0.1:1 > 10.0.0.2:2', shape('look:\ntcp 10.0.0.1:1 > 10.0.0.2:2')],
    ['10.0.0.1:1 > 10.0.0.2:2', shape('10.0.0.1:1 > 10.0.0.2:2')],
    ['tcp 10.0.0.1:1 >', shape('tcp 10.0.0.1:1 >')],
    ['tcp 10.0.0.1:1 > 10.0.0.2:2 if you please', shape('tcp 10.0.0.1:1 > 10.0.0.2:2 if you please')],
    [
      'tcp 10.0.0.1:1 > 10.0.0.2:2 please',
      '"please" after the destination means nothing; only "fragment" may stand there',
    ],
    ['tpc 10.0.0.1:1 > 10.0.0.2:2', noProtocol('tpc')],
    ['constructor 10.0.0.1:1 > 10.0.0.2:2', noProtocol('constructor')],
    ['proto 256 10.0.0.1 > 10.0.0.2', noProtocol('proto 256')],
    ['proto 1000 10.0.0.1 > 10.0.0.2', noProtocol('proto 1000')],
    ['proto x 10.0.0.1 > 10.0.0.2', noProtocol('proto x')],
    ['my proto 6 10.0.0.1 > 10.0.0.2', noProtocol('my proto 6')],
    ['proto 6 tcp 10.0.0.1 > 10.0.0.2', noProtocol('proto 6 tcp')],
    ['tcp 10.0.0.1 > 10.0.0.2:2', 'tcp needs a port at both ends'],
    ['udp 10.0.0.1:1 > 10.0.0.2', 'udp needs a port at both ends'],
    ['TCP [::1]:1 > ::2', 'TCP needs a port at both ends, with IPv6 addresses in brackets'],
    ['tcp 10.0.0.1:65536 > 10.0.0.2:2', '"65536" is no port (0 to 65535)'],
    ['tcp 10.0.0.1:1 > 10.0.0.2:100000', '"100000" is no port (0 to 65535)'],
    ['tcp 10.0.0.1:80x > 10.0.0.2:2', '"80x" is no port (0 to 65535)'],
    ['tcp 10.0.0.1:-80 > 10.0.0.2:2', '"-80" is no port (0 to 65535)'],
    ['tcp 10.0.0.1: > 10.0.0.2:2', '"" is no port (0 to 65535)'],
    ['tcp 10.0.0:1 > 10.0.0.2:2', '"10.0.0:1" is no address'],
    ['tcp 10.0.0.1:1 > here:2', '"here:2" is no address'],
    ['tcp 010.0.0.1:1 > 10.0.0.2:2', '"010.0.0.1:1" is no address'],
    ['tcp [10.0.0.1]:1 > 10.0.0.2:2', '"[10.0.0.1]:1" is no address'],
    ['tcp x[::1]:1 > [::2]:2', '"x[::1]:1" is no address'],
    ['tcp [::1]x:1 > [::2]:2', '"[::1]x:1" is no address'],
    ['tcp [::1:1 > [::2]:2', '"[::1:1" is no address'],
    ['icmp 10.0.0.1:1 > 10.0.0.2', 'only tcp and udp have ports, not "icmp"'],
    ['proto 47 10.0.0.1 > 10.0.0.2:2', 'only tcp and udp have ports, not "proto 47"'],
    ['icmp 10.0.0.1 > ::1', 'one address is IPv4, the other IPv6'],
    ['tcp 10.0.0.1:1 > 10.0.0.2 fragment', 'a later fragment has no ports'],
    ['tcp 10.0.0.1 > 10.0.0.2:2 fragment', 'a later fragment has no ports'],
  ])('%j', (text, problem) => {
    expect(parsePacketText(text)).toEqual({
      ok: false,
      problem: `${problem}. Example: tcp 10.0.1.5:44321 > 10.0.2.9:443`,
    });
  });
});
