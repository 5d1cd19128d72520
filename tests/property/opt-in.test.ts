import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readOptIn } from '../../lib/core/opt-in.ts';
import { aPolicy, aTier } from '../support/policy.ts';

const policy = aPolicy({
  tiers: ['a', 'b', 'c', 'd'].map((name, i) => aTier({ name, sessionNumber: i + 1 })),
  profiles: { default: ['a', 'b'], forensic: ['b', 'c', 'd'], d: ['a'] },
});

/**
 * The oracle: every readable value in its normal form (lower case, names in ascending session number, joined by a
 * comma), written down by hand for this policy. `d` is a profile and a tier; alone it means the profile.
 */
const meanings = new Map<string, string>([
  ...['true', 'yes', 'on', '1', 'default'].map((word): [string, string] => [word, 'a,b']),
  ...['false', 'no', 'off', '0'].map((word): [string, string] => [word, 'off']),
  ['forensic', 'b,c,d'],
  ['d', 'a'],
  ...['a', 'b', 'c', 'a,b', 'a,c', 'a,d', 'b,c', 'b,d', 'c,d', 'a,b,c', 'a,b,d', 'a,c,d', 'b,c,d'].map(
    (names): [string, string] => [names, names],
  ),
]);

const meaningOf = (value: string) => {
  const optIn = readOptIn(policy, value);
  return optIn.kind === 'on' ? optIn.tiers.map(({ name }) => name).join() : optIn.kind;
};
const space = fc.string({ unit: fc.constantFrom(' ', '\t'), maxLength: 2 });
const withCase = (text: string) =>
  fc
    .array(fc.boolean(), { minLength: text.length, maxLength: text.length })
    .map((upper) => [...text].map((letter, i) => (upper[i] ? letter.toUpperCase() : letter)).join(''));

test('a readable value keeps its meaning under case, white space, order, repetition and any separator', () => {
  const written = fc.constantFrom(...meanings).chain(([value, meaning]) => {
    const names = value.split(',');
    const order =
      names.length === 1
        ? fc.constant(names)
        : fc
            .tuple(fc.shuffledSubarray(names, { minLength: names.length }), fc.subarray(names))
            .map(([all, again]) => [...all, ...again]);
    const separator = fc.tuple(space, fc.constantFrom(',', '+', ' '), space).map((parts) => parts.join(''));
    return fc
      .tuple(order, separator, space, space)
      .chain(([all, joint, before, after]) => withCase(`${before}${all.join(joint)}${after}`))
      .map((text) => ({ text, meaning }));
  });
  fc.assert(
    fc.property(written, ({ text, meaning }) => {
      expect(meaningOf(text)).toBe(meaning);
    }),
    { numRuns: 1000 },
  );
});

test('unknown-profile: words that are not all tiers, and more than three tiers, mean nothing', () => {
  const words = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'true', 'off', 'forensic', 'default'), {
    minLength: 2,
    maxLength: 6,
  });
  fc.assert(
    fc.property(words, fc.constantFrom(',', '+', ' '), (all, joint) => {
      const normal = [...new Set(all)].sort().join();
      const isReadable = normal.includes(',') && meanings.has(normal);
      // One tier said twice is that tier; one profile said twice is no list of tiers.
      const isOneTier = ['a', 'b', 'c', 'd'].includes(normal);
      expect(meaningOf(all.join(joint))).toBe(isReadable ? normal : isOneTier ? normal : 'unknown');
    }),
    { numRuns: 1000 },
  );
});

test('any text at all is on, off or unknown, and on never means more than three tiers', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const optIn = readOptIn(policy, text);
      expect(optIn.kind === 'on' ? optIn.tiers.length : 1).toBeGreaterThanOrEqual(1);
      expect(optIn.kind === 'on' ? optIn.tiers.length : 1).toBeLessThanOrEqual(3);
    }),
  );
});
