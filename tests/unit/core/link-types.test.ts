import { expect, test } from '@jest/globals';
import { isKnownLinkType, isRawIp } from '../../../lib/core/link-types.ts';

test('Ethernet, Linux cooked of both versions and raw IP under all its numbers can be judged, other links cannot', () => {
  const raw = [101, 228, 229, 12, 14];
  const linkTypes = [1, 113, 276, ...raw, 0, 105, 127];
  expect(linkTypes.filter(isKnownLinkType)).toEqual([1, 113, 276, ...raw]);
  expect(linkTypes.filter(isRawIp)).toEqual(raw);
});
