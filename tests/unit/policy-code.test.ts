import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { parsePolicy } from '../../lib/core/policy.ts';
import { encodePolicy } from '../../lib/policy-code.ts';
import { decodePolicy } from '../../lib/policy-decode.ts';
import { policyText } from '../support/policy.ts';

/** Text that no packer makes smaller. */
function noise(characters: number): string {
  let state = 1;
  return Array.from({ length: characters }, () => {
    state = Math.imul(state, 1_103_515_245) + 12_345;
    return String.fromCharCode(97 + ((state >>> 16) % 26));
  }).join('');
}
const wordy = (words: string) => `# a comment\nversion: 1\nnote: ${JSON.stringify(words)}\n`;

test('a small policy is stored as it reads, without comments and white space', () => {
  expect(encodePolicy(wordy('short'))).toEqual({ value: '{"version":1,"note":"short"}', tier: 'Standard' });
});
test('a policy survives the way through the parameter', () => {
  const text = policyText();
  const encoded = encodePolicy(text);
  expect(parse(decodePolicy(encoded?.value ?? ''))).toEqual(parse(text));
  expect(parsePolicy(decodePolicy(encoded?.value ?? ''), { fleet: 'prod' })).toHaveProperty('ok', true);
});
test.each([
  ['repeated words are packed into the standard tier', 'word '.repeat(2000), 'Standard'],
  ['noise of 6,000 characters needs the advanced tier', noise(6000), 'Advanced'],
])('%s, and come back', (_title, words, tier) => {
  const encoded = encodePolicy(wordy(words));
  expect(encoded).toMatchObject({ tier, value: expect.stringMatching(/^gzip:[A-Za-z0-9+/]+=*$/) });
  expect(parse(decodePolicy(encoded?.value ?? ''))).toEqual({ version: 1, note: words });
});
test('what no parameter can hold is refused, not cut', () => {
  expect(encodePolicy(wordy(noise(20_000)))).toBeUndefined();
});
test('the limit is counted in bytes: letters beyond ASCII take two and more', () => {
  const encoded = encodePolicy(wordy('ü'.repeat(3000)));
  expect(encoded?.value).toMatch(/^gzip:/);
  expect(parse(decodePolicy(encoded?.value ?? ''))).toHaveProperty('note', 'ü'.repeat(3000));
});
test('a value that is not compressed is the text itself', () => {
  expect(decodePolicy('version: 1')).toBe('version: 1');
  expect(decodePolicy('')).toBe('');
});

describe('damage', () => {
  const value = encodePolicy(wordy('word '.repeat(2000)))?.value ?? '';
  test.each([
    ['cut off', value.slice(0, -8)],
    ['empty behind the prefix', 'gzip:'],
    ['no archive', 'gzip:aGVsbG8='],
    ['changed in the middle', `${value.slice(0, 60)}AAAA${value.slice(64)}`],
  ])('a compressed value that is %s throws', (_what, damaged) => {
    expect(() => decodePolicy(damaged)).toThrow();
  });
  test('a value that would unpack to more than a megabyte throws', async () => {
    const { gzipSync } = await import('node:zlib');
    const bomb = gzipSync(Buffer.alloc(1_000_001)).toString('base64');
    expect(() => decodePolicy(`gzip:${bomb}`)).toThrow();
  });
});
