import { expect, test } from '@jest/globals';
import { formatAddress, isInCidr, parseAddress, parseCidr } from '../../../lib/core/cidr.ts';

test('addresses read and write in their usual forms', () => {
  for (const [text, written] of [
    ['10.0.1.5', '10.0.1.5'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['::', '::'],
    ['255.255.255.255', '255.255.255.255'],
  ] as const) {
    const address = parseAddress(text);
    expect(address && formatAddress(address)).toBe(written);
  }
});

test('short, octal, hexadecimal and scoped forms, and numbers out of range, are no addresses', () => {
  for (const text of [
    '',
    '10.1',
    '010.0.0.1',
    '0x0a.0.0.1',
    '256.0.0.1',
    'fe80::1%eth0',
    '::10000',
    '1::2::3',
    '10.0.0.1 ',
  ]) {
    expect(parseAddress(text)).toBeUndefined();
  }
});

test('a network is all its addresses, host bits ignored', () => {
  const network = parseCidr('10.0.1.5/24');
  expect(network).toEqual({ family: 4, from: 0x0a000100n, to: 0x0a0001ffn });
  const isIn = (text: string) =>
    isInCidr(parseAddress(text) as { family: 4; value: bigint }, network as NonNullable<typeof network>);
  const inside = ['10.0.1.0', '10.0.1.255'];
  const outside = ['10.0.0.255', '10.0.2.0', '::a00:105'];
  expect([...inside, ...outside].filter(isIn)).toEqual(inside);
  expect(parseCidr('10.0.1.5/32')).toEqual({ family: 4, from: 0x0a000105n, to: 0x0a000105n });
  expect(parseCidr('::1/128')).toEqual({ family: 6, from: 1n, to: 1n });
  expect(parseCidr('::/0')).toEqual({ family: 6, from: 0n, to: (1n << 128n) - 1n });
});

test('no length, or one beyond the family, is no network', () => {
  for (const text of [
    '10.0.0.0',
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '8/10.0.0.0/8',
    '/8',
    'fd00::/8 ',
  ]) {
    expect(parseCidr(text)).toBeUndefined();
  }
});
