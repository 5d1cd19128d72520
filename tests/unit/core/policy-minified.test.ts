import { describe, expect, test } from '@jest/globals';
import { parsePolicy } from '../../../lib/core/policy.ts';
import { readMeaning } from '../../../lib/core/policy-meaning.ts';
import { readMinifiedDocument } from '../../../lib/core/policy-minified.ts';
import { encodePolicy } from '../../../lib/policy-code.ts';
import { policyText } from '../../support/policy.ts';

const stored = encodePolicy(policyText())?.value ?? '';

describe('a stored policy', () => {
  test('as `policy push` writes it means what was written', () => {
    const document = readMinifiedDocument(stored);
    expect(document).toBeDefined();
    expect(readMeaning(document!, { fleet: 'prod' })).toEqual(parsePolicy(policyText(), { fleet: 'prod' }));
  });
  test('with a fault has it in its first and only line', () => {
    const document = readMinifiedDocument('{"version":1,"fleet":"prod","tires":[]}');
    const meaning = readMeaning(document!);
    expect(meaning).toHaveProperty('ok', false);
    expect(meaning).toHaveProperty('issues.0.line', 1);
  });
});

test('minified JSON is its data, on one line and without problems', () => {
  const document = readMinifiedDocument('{"version":1,"coverage":null,"exclude":[{}]}');
  expect(document).toMatchObject({ value: { version: 1, coverage: null, exclude: [{}] }, problems: [] });
  expect(document?.lineOf(['exclude', 0])).toBe(1);
});
test('twenty levels of mappings and lists are read, one more is left to the reader of YAML', () => {
  const nested = (levels: number) => `{"a":${'['.repeat(levels - 1)}1,2${']'.repeat(levels - 1)}}`;
  expect(readMinifiedDocument(nested(20))).toBeDefined();
  expect(readMinifiedDocument(nested(21))).toBeUndefined();
  expect(readMinifiedDocument(`{"a":1,"b":${nested(20)}}`)).toBeUndefined();
});

test.each([
  ['YAML', 'version: 1'],
  ['JSON with white space', '{"version": 1}'],
  ['a key that stands twice', '{"fleet":"prod","fleet":"test"}'],
  ['a key that stands twice inside', '{"tiers":[{"name":"a","name":"b"}]}'],
  ['a number that is too large to keep', '{"version":10000000000000000000001}'],
  ['damaged JSON', '{"version":1'],
  ['nothing', ''],
  ['mappings within mappings without end', `${'{"targets":'.repeat(1_000)}1${'}'.repeat(1_000)}`],
  ['lists within lists without end', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
])('%s is left to the reader of YAML', (_, text) => {
  expect(readMinifiedDocument(text)).toBeUndefined();
});
