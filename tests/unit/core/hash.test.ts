import { expect, test } from '@jest/globals';
import { stableHash } from '../../../lib/core/hash.ts';

test('the hash is the same on every machine and in every release: targets and numbers rest on it', () => {
  expect(['', 'a', 'eni-0aaa0000000000001 http', 'é€😀'].map(stableHash)).toEqual([
    2872998923, 444641715, 204363482, 1546679087,
  ]);
});
test('the hash is an unsigned whole number of 32 bits', () => {
  for (let index = 0; index < 1000; index++) {
    const hash = stableHash(`eni-${index}`);
    expect(Number.isInteger(hash) && hash >= 0 && hash < 2 ** 32).toBe(true);
  }
});
test('ids that differ in one digit spread over the whole range', () => {
  const buckets = new Array<number>(16).fill(0);
  for (let index = 0; index < 3200; index++) {
    const bucket = stableHash(`eni-0aaa${String(index).padStart(13, '0')} http`) % 16;
    buckets[bucket] = (buckets[bucket] ?? 0) + 1;
  }
  expect(Math.min(...buckets)).toBeGreaterThan(120);
  expect(Math.max(...buckets)).toBeLessThan(280);
});
