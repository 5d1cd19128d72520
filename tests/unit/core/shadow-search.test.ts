import { describe, expect, test } from '@jest/globals';
import { type Cidr, parseCidr } from '../../../lib/core/cidr.ts';
import type { PacketBox } from '../../../lib/core/packet-box.ts';
import { describePacket } from '../../../lib/core/packet-text.ts';
import { type DirectedPacket, findPacket } from '../../../lib/core/shadow-search.ts';
import { readPacket } from '../../support/packet.ts';

const always = () => true;
const network = (text: string) => parseCidr(text) as Cidr;
const written = (found: DirectedPacket | undefined) =>
  found === undefined ? 'none' : `${found.direction} ${describePacket(found.facts)}`;
/** A packet that lies in these boxes, by index, and in no other. */
const findExactlyIn = (boxes: readonly PacketBox[], ...wanted: number[]) =>
  written(findPacket(boxes, (holding) => `${holding}` === `${wanted}`, always));

const allPorts = { from: 0, to: 65_535 };
const allProtocols = Array.from({ length: 256 }, (_, protocol) => protocol);

describe('a packet within a box, and one outside of it', () => {
  test.each<[string, PacketBox, string, string]>([
    ['everything', {}, 'ingress tcp 10.0.1.5:44321 > 10.0.2.9:443', 'none'],
    [
      'a direction',
      { direction: 'egress' },
      'egress tcp 10.0.1.5:44321 > 10.0.2.9:443',
      'ingress tcp 10.0.1.5:44321 > 10.0.2.9:443',
    ],
    ['a protocol', { protocols: [50] }, 'ingress esp 10.0.1.5 > 10.0.2.9', 'ingress tcp 10.0.1.5:44321 > 10.0.2.9:443'],
    [
      'TCP',
      { protocols: [6] },
      'ingress tcp 10.0.1.5:44321 > 10.0.2.9:443',
      'ingress udp 10.0.1.5:44321 > 10.0.2.9:443',
    ],
    [
      'the protocols that are tried first',
      { protocols: [6, 17, 1] },
      'ingress tcp 10.0.1.5:44321 > 10.0.2.9:443',
      'ingress gre 10.0.1.5 > 10.0.2.9',
    ],
    [
      'those and GRE',
      { protocols: [6, 17, 1, 47] },
      'ingress tcp 10.0.1.5:44321 > 10.0.2.9:443',
      'ingress proto 0 10.0.1.5 > 10.0.2.9',
    ],
    ['every protocol', { protocols: allProtocols }, 'ingress tcp 10.0.1.5:44321 > 10.0.2.9:443', 'none'],
    [
      'a source network',
      { source: network('192.0.2.0/24') },
      'ingress tcp 192.0.2.9:44321 > 10.0.2.9:443',
      'ingress tcp 10.0.1.5:44321 > 10.0.2.9:443',
    ],
    [
      'the source network of the packet that is tried first',
      { source: network('10.0.0.0/8') },
      'ingress tcp 10.0.1.5:44321 > 10.0.2.9:443',
      'ingress tcp 0.0.0.0:44321 > 10.0.2.9:443',
    ],
    [
      'the lower half of all sources',
      { source: network('0.0.0.0/1') },
      'ingress tcp 10.0.1.5:44321 > 10.0.2.9:443',
      'ingress tcp 128.0.0.0:44321 > 10.0.2.9:443',
    ],
    [
      'the last address',
      { source: network('255.255.255.255/32') },
      'ingress tcp 255.255.255.255:44321 > 10.0.2.9:443',
      'ingress tcp 10.0.1.5:44321 > 10.0.2.9:443',
    ],
    [
      'every IPv4 source',
      { source: network('0.0.0.0/0') },
      'ingress tcp 10.0.1.5:44321 > 10.0.2.9:443',
      'ingress tcp [2001:db8::105]:44321 > [2001:db8::209]:443',
    ],
    [
      'every IPv6 destination',
      { destination: network('::/0') },
      'ingress tcp [2001:db8::105]:44321 > [2001:db8::209]:443',
      'ingress tcp 10.0.1.5:44321 > 10.0.2.9:443',
    ],
    [
      'a destination network of IPv6',
      { destination: network('fd00::/8') },
      'ingress tcp [2001:db8::105]:44321 > [fd00::9]:443',
      'ingress tcp 10.0.1.5:44321 > 10.0.2.9:443',
    ],
    [
      'one destination',
      { destination: network('10.0.2.9/32') },
      'ingress tcp 10.0.1.5:44321 > 10.0.2.9:443',
      'ingress tcp 10.0.1.5:44321 > 10.0.2.18:443',
    ],
    [
      'a source port',
      { sourcePorts: { from: 80, to: 80 } },
      'ingress tcp 10.0.1.5:80 > 10.0.2.9:443',
      'ingress tcp 10.0.1.5:44321 > 10.0.2.9:443',
    ],
    [
      'all source ports up to one',
      { sourcePorts: { from: 0, to: 60_000 } },
      'ingress tcp 10.0.1.5:44321 > 10.0.2.9:443',
      'ingress tcp 10.0.1.5:60001 > 10.0.2.9:443',
    ],
    [
      'all source ports but zero',
      { sourcePorts: { from: 1, to: 65_535 } },
      'ingress tcp 10.0.1.5:44321 > 10.0.2.9:443',
      'ingress tcp 10.0.1.5:0 > 10.0.2.9:443',
    ],
    [
      'all source ports',
      { sourcePorts: allPorts },
      'ingress tcp 10.0.1.5:44321 > 10.0.2.9:443',
      'ingress tcp 10.0.1.5 > 10.0.2.9 fragment',
    ],
    [
      'the last destination port',
      { destinationPorts: { from: 65_535, to: 65_535 } },
      'ingress tcp 10.0.1.5:44321 > 10.0.2.9:65535',
      'ingress tcp 10.0.1.5:44321 > 10.0.2.9:443',
    ],
    [
      'all destination ports',
      { destinationPorts: allPorts },
      'ingress tcp 10.0.1.5:44321 > 10.0.2.9:443',
      'ingress tcp 10.0.1.5 > 10.0.2.9 fragment',
    ],
    [
      'the ports of UDP',
      { protocols: [17], sourcePorts: { from: 53, to: 53 }, destinationPorts: { from: 53, to: 53 } },
      'ingress udp 10.0.1.5:53 > 10.0.2.9:53',
      'ingress tcp 10.0.1.5:44321 > 10.0.2.9:443',
    ],
    [
      'ports of a protocol that has none',
      { protocols: [1], sourcePorts: allPorts },
      'none',
      'ingress tcp 10.0.1.5:44321 > 10.0.2.9:443',
    ],
  ])('%s', (_name, box, within, outside) => {
    expect([findExactlyIn([box], 0), findExactlyIn([box])]).toEqual([within, outside]);
  });
});

describe('several boxes', () => {
  test('a packet lies in those that are wanted and in no other', () => {
    const boxes = [
      { protocols: [6], source: network('10.0.0.0/8') },
      { protocols: [6], destinationPorts: { from: 22, to: 443 } },
      { direction: 'egress', source: network('10.0.0.0/16'), destination: network('10.0.0.0/16') },
    ] as const;
    const subsets = [[], [0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2]];
    expect(subsets.map((wanted) => `${wanted}: ${findExactlyIn(boxes, ...wanted)}`)).toEqual([
      ': ingress tcp 0.0.0.0:44321 > 10.0.2.9:444',
      '0: ingress tcp 10.0.1.5:44321 > 10.0.2.9:444',
      '1: ingress tcp 0.0.0.0:44321 > 10.0.2.9:443',
      '2: egress udp 10.0.1.5:44321 > 10.0.2.9:443',
      '0,1: ingress tcp 10.0.1.5:44321 > 10.0.2.9:443',
      '0,2: egress tcp 10.0.1.5:44321 > 10.0.2.9:444',
      '1,2: none',
      '0,1,2: egress tcp 10.0.1.5:44321 > 10.0.2.9:443',
    ]);
  });
  test('of both families leave nothing between or beyond them', () => {
    const everywhere = ['0.0.0.0/0', '::/0'];
    expect(findExactlyIn(everywhere.map((text) => ({ source: network(text) })))).toBe('none');
    expect(findExactlyIn(everywhere.map((text) => ({ destination: network(text) })))).toBe('none');
  });
  test('whose networks are of two families hold nothing', () => {
    const mixed = { source: network('0.0.0.0/0'), destination: network('::/0') };
    expect([findExactlyIn([mixed], 0), findExactlyIn([{ ...mixed, source: network('::/0') }], 0)]).toEqual([
      'none',
      'ingress tcp [2001:db8::105]:44321 > [2001:db8::209]:443',
    ]);
  });
  test('one of which names no protocol leave a protocol that none names', () => {
    const boxes = [{ protocols: [6, 17, 1] }, { direction: 'ingress' }] as const;
    expect(findExactlyIn(boxes, 1)).toBe('ingress gre 10.0.1.5 > 10.0.2.9');
  });
  test('a packet has both ports or none', () => {
    const boxes = [{ sourcePorts: allPorts }, { destinationPorts: allPorts }];
    expect([[0], [1], [], [0, 1]].map((wanted) => findExactlyIn(boxes, ...wanted))).toEqual([
      'none',
      'none',
      'ingress tcp 10.0.1.5 > 10.0.2.9 fragment',
      'ingress tcp 10.0.1.5:44321 > 10.0.2.9:443',
    ]);
  });
});

test('what is found is a packet with its facts and nothing besides', () => {
  const found = [
    findPacket([{ protocols: [6] }], (holding) => holding.length === 1, always),
    findPacket([{ protocols: [1] }], (holding) => holding.length === 1, always),
    findPacket([{ destinationPorts: allPorts }], (holding) => holding.length === 0, always),
  ];
  const texts = ['tcp 10.0.1.5:44321 > 10.0.2.9:443', 'icmp 10.0.1.5 > 10.0.2.9', 'tcp 10.0.1.5 > 10.0.2.9 fragment'];
  expect(found).toStrictEqual(texts.map((text) => ({ direction: 'ingress', facts: readPacket(text) })));
});

test('where no subset of the boxes that are left can have the property, the search goes no further', () => {
  const boxes = [{ direction: 'ingress' }, { direction: 'egress' }] as const;
  const found = findPacket(boxes, always, (left) => left.includes(1));
  expect(written(found)).toBe('egress tcp 10.0.1.5:44321 > 10.0.2.9:443');
});
