import { expect, test } from '@jest/globals';
import { describePacket, parsePacketText } from '../../../lib/core/packet-text.ts';
import { readPacket } from '../../support/packet.ts';

const good: [string, string][] = [
  ['tcp 10.0.1.5:44321 > 10.0.2.9:443', 'tcp 10.0.1.5:44321 > 10.0.2.9:443'],
  ['  UDP [2001:DB8::1]:53->[2001:db8:0::2]:1024 ', 'udp [2001:db8::1]:53 > [2001:db8::2]:1024'],
  ['icmp 10.0.0.1 > 10.0.0.2', 'icmp 10.0.0.1 > 10.0.0.2'],
  ['icmp 2001:db8::1 > 2001:db8::2', 'icmpv6 [2001:db8::1] > [2001:db8::2]'],
  ['icmp6 [::1] > [::2]', 'icmpv6 [::1] > [::2]'],
  ['proto 47 10.0.0.1 > 10.0.0.2', 'gre 10.0.0.1 > 10.0.0.2'],
  ['proto 1 ::1 > ::2', 'proto 1 [::1] > [::2]'],
  ['tcp 10.0.0.1 > 10.0.0.2 fragment', 'tcp 10.0.0.1 > 10.0.0.2 fragment'],
];
for (const [text, meant] of good) {
  test(`"${text}" is understood`, () => {
    expect(describePacket(readPacket(text))).toBe(meant);
  });
}

test('"arp" is a packet too', () => {
  expect(parsePacketText('arp')).toEqual({ ok: true, facts: { kind: 'arp' } });
});

const bad: [string, RegExp][] = [
  ['', /is not PROTOCOL SOURCE > DESTINATION/],
  ['tcp 10.0.0.1:1 10.0.0.2:2', /is not PROTOCOL SOURCE > DESTINATION/],
  ['tpc 10.0.0.1:1 > 10.0.0.2:2', /"tpc" is no protocol/],
  ['proto 256 10.0.0.1 > 10.0.0.2', /"proto 256" is no protocol/],
  ['tcp 10.0.0.1 > 10.0.0.2:2', /needs a port at both ends/],
  ['tcp 2001:db8::1:80 > 2001:db8::2:80', /needs a port at both ends, with IPv6 addresses in brackets/],
  ['tcp 10.0.0.1:65536 > 10.0.0.2:2', /"65536" is no port/],
  ['tcp 10.0.0:1 > 10.0.0.2:2', /"10.0.0:1" is no address/],
  ['tcp 010.0.0.1:1 > 10.0.0.2:2', /is no address/],
  ['tcp [10.0.0.1]:1 > 10.0.0.2:2', /is no address/],
  ['icmp 10.0.0.1:1 > 10.0.0.2', /only tcp and udp have ports/],
  ['icmp 10.0.0.1 > ::1', /one address is IPv4, the other IPv6/],
  ['tcp 10.0.0.1:1 > 10.0.0.2:2 fragment', /a later fragment has no ports/],
  ['tcp 10.0.0.1:1 > 10.0.0.2:2 please', /"please" after the destination/],
];
for (const [text, problem] of bad) {
  test(`"${text}" is refused with a reason and an example`, () => {
    const read = parsePacketText(text);
    expect(read).toEqual({ ok: false, problem: expect.stringMatching(problem) });
    expect(read).toEqual({ ok: false, problem: expect.stringContaining('Example: tcp 10.0.1.5:44321') });
  });
}
