import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readPolicyDocument } from '../../lib/core/policy-document.ts';
import { readMeaning } from '../../lib/core/policy-meaning.ts';
import { readMinifiedDocument } from '../../lib/core/policy-minified.ts';

/** Policies and their fragments, true, half true and foreign: what is nearly a policy finds more than chance does. */
const fragment = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom('prod', 'http', 'tmt-0aaa', 1, 10, true, false, null, -1, 1.5, 'yes', '2025-08'),
  },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
);
const key = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom('version', 'fleet', 'targets', 'tiers', 'ids', 'name', 'default', '__proto__'),
  },
  { weight: 1, arbitrary: fc.string() },
);
const policyLike = fc.dictionary(key, fc.oneof(fragment, fc.array(fragment), fc.dictionary(key, fragment)));

test('minified JSON means the same as when the reader of YAML reads it', () => {
  fc.assert(
    fc.property(fc.oneof(policyLike, fc.jsonValue({ maxDepth: 6 })), (value) => {
      const text = JSON.stringify(value);
      const minified = readMinifiedDocument(text);
      const document = readPolicyDocument(text);
      if (minified === undefined || document.problems.length > 0) return;
      expect(minified.value).toEqual(document.value);
      expect(readMeaning(minified)).toEqual(readMeaning(document));
    }),
    { numRuns: 300 },
  );
});
