import { describe, expect, test } from '@jest/globals';
import type { Direction } from '../../../lib/core/model.ts';
import { type BoxSide, boxFromRule, sideOutside } from '../../../lib/core/packet-box.ts';
import { aRule } from '../../support/filter.ts';
import { readPacket } from '../../support/packet.ts';

const everywhere = { family: 4, from: 0n, to: 0xffff_ffffn };

describe('the packets that a rule describes', () => {
  test('are limited by direction and networks only, where it says no more', () => {
    expect(boxFromRule(aRule({ direction: 'egress', destinationCidr: '10.0.0.0/24' }))).toEqual({
      direction: 'egress',
      source: everywhere,
      destination: { family: 4, from: 0x0a000000n, to: 0x0a0000ffn },
    });
  });
  test('are limited by its protocol and its ports as well', () => {
    const ports = { sourcePorts: { from: 1, to: 65_535 }, destinationPorts: { from: 0, to: 65_534 } };
    expect(boxFromRule(aRule({ protocol: 17, ...ports }))).toEqual({
      direction: 'ingress',
      protocols: [17],
      source: everywhere,
      destination: everywhere,
      ...ports,
    });
  });
  test('are not limited by the range of all ports, so that those without ports are among them', () => {
    const all = { from: 0, to: 65_535 };
    expect(boxFromRule(aRule({ sourcePorts: all, destinationPorts: all }))).toEqual(boxFromRule(aRule()));
  });
  test('are unknown where a network cannot be read: that crashes, and names the rule', () => {
    expect(() => boxFromRule(aRule({ ruleNumber: 7, sourceCidr: '10.0.0.0' }))).toThrow(
      'ingress rule 7: "10.0.0.0" is no network',
    );
  });
});

describe('where a packet lies outside', () => {
  const web = boxFromRule(
    aRule({
      protocol: 6,
      sourceCidr: '10.0.1.0/24',
      destinationCidr: '10.0.2.0/24',
      sourcePorts: { from: 1024, to: 2048 },
      destinationPorts: { from: 80, to: 88 },
    }),
  );
  test.each<[string, Direction, BoxSide | undefined]>([
    ['tcp 10.0.1.0:1024 > 10.0.2.0:80', 'ingress', undefined],
    ['tcp 10.0.1.255:2048 > 10.0.2.255:88', 'ingress', undefined],
    ['tcp 10.0.1.5:1024 > 10.0.2.9:80', 'egress', 'direction'],
    ['udp 10.0.1.5:1024 > 10.0.2.9:80', 'ingress', 'protocol'],
    ['tcp 10.0.0.255:1024 > 10.0.2.9:80', 'ingress', 'source'],
    ['tcp [::a00:105]:1024 > [::a00:209]:80', 'ingress', 'source'],
    ['tcp 10.0.1.5:1024 > 10.0.3.0:80', 'ingress', 'destination'],
    ['tcp 10.0.1.5:1023 > 10.0.2.9:80', 'ingress', 'source port'],
    ['tcp 10.0.1.5:2049 > 10.0.2.9:80', 'ingress', 'source port'],
    ['tcp 10.0.1.5:1024 > 10.0.2.9:79', 'ingress', 'destination port'],
    ['tcp 10.0.1.5:1024 > 10.0.2.9:89', 'ingress', 'destination port'],
    ['tcp 10.0.1.5 > 10.0.2.9 fragment', 'ingress', 'source port'],
  ])('%s (%s): %s', (text, direction, side) => {
    expect(sideOutside(readPacket(text), direction, web)).toBe(side);
  });
  test('a packet without ports lies outside of a range of destination ports that leaves the source ports open', () => {
    const port80 = { destinationPorts: { from: 80, to: 80 } };
    expect(sideOutside(readPacket('icmp 10.0.0.1 > 10.0.0.2'), 'ingress', port80)).toBe('destination port');
  });
  test('nothing lies outside of a box without sides', () => {
    for (const text of ['udp [::1]:1 > [::2]:2', 'icmp 10.0.0.1 > 10.0.0.2', 'tcp 1.1.1.1 > 2.2.2.2 fragment']) {
      expect(sideOutside(readPacket(text), 'egress', {})).toBeUndefined();
    }
  });
});
