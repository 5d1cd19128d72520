import { expect, test } from '@jest/globals';
import { formatAddress } from '../../../lib/core/cidr.ts';
import { resolverOf } from '../../../lib/core/vpc-resolver.ts';

test.each([
  ['10.0.0.0/16', '10.0.0.2'],
  ['172.31.0.0/16', '172.31.0.2'],
  ['192.168.5.16/28', '192.168.5.18'],
])('the resolver of the VPC %s is %s', (cidr, address) => {
  expect(formatAddress(resolverOf(cidr) ?? { family: 6, value: 0n })).toBe(address);
});
test.each(['fd00::/56', '10.0.0.0', ''])('%j is no IPv4 network and has none', (text) => {
  expect(resolverOf(text)).toBeUndefined();
});
