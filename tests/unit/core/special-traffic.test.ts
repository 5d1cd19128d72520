import { describe, expect, test } from '@jest/globals';
import type { Direction } from '../../../lib/core/model.ts';
import { findSpecialKind, listSpecialTraffic, type SpecialKind } from '../../../lib/core/special-traffic.ts';
import { readPacket } from '../../support/packet.ts';

const resolver = readPacket('icmp 10.0.0.2 > 10.0.0.2').source;
const kindOf = (text: string, direction: Direction = 'egress') =>
  findSpecialKind(readPacket(text), direction, listSpecialTraffic([resolver]));

describe('traffic that filter rules have no say in', () => {
  test.each<[SpecialKind, string]>([
    ['dhcp', 'udp 0.0.0.0:68 > 255.255.255.255:67'],
    ['dhcp', 'udp [fe80::1]:546 > [ff02::1:2]:547'],
    ['instance-metadata', 'tcp 10.0.1.5:40000 > 169.254.169.254:80'],
    ['instance-metadata', 'icmp 169.254.169.254 > 10.0.1.5'],
    ['instance-metadata', 'tcp [2001:db8::5]:40000 > [fd00:ec2::254]:80'],
    ['ntp', 'udp 10.0.1.5:40000 > 169.254.169.123:123'],
    ['ntp', 'udp [fd00:ec2::123]:123 > [2001:db8::5]:40000'],
    ['windows-activation', 'tcp 10.0.1.5:40000 > 169.254.169.250:1688'],
    ['windows-activation', 'tcp 169.254.169.251:1688 > 10.0.1.5:40000'],
    ['amazon-dns', 'tcp 10.0.1.5:40000 > 169.254.169.253:53'],
    ['amazon-dns', 'udp [fd00:ec2::253]:53 > [2001:db8::5]:40000'],
    ['amazon-dns', 'udp 10.0.1.5:40000 > 10.0.0.2:53'],
    ['amazon-dns', 'tcp 10.0.0.2:53 > 10.0.1.5:40000'],
  ])('%s: %s, in either direction', (kind, text) => {
    expect([kindOf(text, 'ingress'), kindOf(text, 'egress')]).toEqual([kind, kind]);
  });

  test.each([
    ['one end only is a port of DHCP', 'udp 10.0.1.5:67 > 10.0.0.1:69'],
    ['DHCPv6 ports over IPv4', 'udp 10.0.1.5:546 > 10.0.0.1:547'],
    ['DHCP ports over TCP', 'tcp 10.0.1.5:68 > 10.0.0.1:67'],
    ['NTP with another server', 'udp 10.0.1.5:123 > 17.253.4.125:123'],
    ['another port of the time service', 'udp 10.0.1.5:123 > 169.254.169.123:124'],
    ['the time port over TCP', 'tcp 10.0.1.5:40000 > 169.254.169.123:123'],
    ['another service on the activation port', 'tcp 10.0.1.5:40000 > 169.254.169.249:1688'],
    ['the activation port over UDP', 'udp 10.0.1.5:40000 > 169.254.169.250:1688'],
    ['DNS with another resolver', 'udp 10.0.1.5:40000 > 10.0.0.3:53'],
    ['a resolver that answers pings', 'icmp 10.0.1.5 > 10.0.0.2'],
    ['a client whose port is that of DNS', 'udp 10.0.1.5:53 > 10.0.0.2:5353'],
  ])('ordinary is %s: %s', (_what, text) => {
    expect(kindOf(text)).toBeUndefined();
  });
});

test("a VPC's own resolver is Amazon DNS after all that every VPC shares, as source and as destination", () => {
  const [shared, own] = [listSpecialTraffic([]), listSpecialTraffic([resolver])];
  const network = { family: 4, from: 0x0a000002n, to: 0x0a000002n };
  const port = { from: 53, to: 53 };
  expect(own.slice(0, shared.length)).toEqual(shared);
  expect(own.slice(shared.length)).toEqual([
    { kind: 'amazon-dns', box: { protocols: [6, 17], source: network, sourcePorts: port } },
    { kind: 'amazon-dns', box: { protocols: [6, 17], destination: network, destinationPorts: port } },
  ]);
});
