import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { parsePolicy } from '../../lib/core/policy.ts';
import { aDamage, damaged } from '../support/damage.ts';
import { policyText } from '../support/policy.ts';

const valid = policyText({
  filters: {
    http: { id: 'tmf-0aaa1111bbbb2222c' },
    'all-tcp': {
      ingress: [{ rule: 10, action: 'accept', protocol: 'tcp', sourceCidr: '0.0.0.0/0', destinationCidr: '0.0.0.0/0' }],
    },
    everything: { id: 'tmf-0ccc1111bbbb2222c' },
  },
  coverage: [{ match: { tags: { env: ['prod-*'] } }, profile: 'default' }],
});

/** What must hold of every answer, whatever the text. */
function checkAnswer(text: string): void {
  const parsed = parsePolicy(text);
  const issues = parsed.ok ? parsed.warnings : parsed.issues;
  const lines = text.split('\n').length;
  expect(issues.every(({ line }) => line >= 1 && line <= lines)).toBe(true);
  expect(issues.map(({ line }) => line)).toEqual(issues.map(({ line }) => line).toSorted((a, b) => a - b));
  expect(issues.every(({ message, hint }) => message !== '' && hint !== '')).toBe(true);
  expect(issues.some(({ severity }) => severity === 'error')).toBe(!parsed.ok);
  if (!parsed.ok) return;
  const { policy } = parsed;
  const names = policy.tiers.map(({ name }) => name);
  for (const { target, filter } of policy.tiers) {
    expect(Object.hasOwn(policy.targets, target) && Object.hasOwn(policy.filters, filter)).toBe(true);
  }
  for (const tiers of Object.values(policy.profiles)) {
    expect(tiers.length).toBeGreaterThanOrEqual(1);
    expect(tiers.length).toBeLessThanOrEqual(3);
    expect(tiers.every((tier) => names.includes(tier))).toBe(true);
  }
  const numbers = policy.tiers.map(({ sessionNumber }) => sessionNumber);
  expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
}

test('no text makes the reader throw, and every answer is in order', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 60 }), checkAnswer), { numRuns: 300 });
});
test('a valid policy with one line damaged is told of, or still valid', () => {
  const lines = valid.split('\n');
  fc.assert(
    fc.property(
      fc.nat(lines.length - 1),
      fc.nat(40),
      fc.constantFrom('', 'x', ':', '[', '- ', '&a ', '*a', '"', '\t'),
      (at, column, junk) => {
        const damaged = lines.map((line, i) =>
          i === at ? line.slice(0, column) + junk + line.slice(column + 1) : line,
        );
        checkAnswer(damaged.join('\n'));
      },
    ),
    { numRuns: 300 },
  );
});
test('a valid policy with a few things replaced, removed or added is told of, or still valid', () => {
  const policy = parse(valid) as object;
  fc.assert(
    fc.property(fc.array(aDamage, { minLength: 1, maxLength: 4 }), (damages) => {
      checkAnswer(stringify(damages.reduce(damaged, policy)));
    }),
    { numRuns: 1000 },
  );
});
test('any value on any top-level key is told of, or still valid', () => {
  const keys = [
    'fleet',
    'optIn',
    'targets',
    'filters',
    'tiers',
    'profiles',
    'coverage',
    'exclude',
    'instanceTypes',
    'guards',
  ];
  fc.assert(
    fc.property(fc.constantFrom(...keys), fc.jsonValue({ maxDepth: 3 }), (key, value) => {
      checkAnswer(policyText({ [key]: value }));
    }),
    { numRuns: 300 },
  );
});
test('the same text gives the same policy', () => {
  expect(JSON.stringify(parsePolicy(valid))).toBe(JSON.stringify(parsePolicy(valid)));
});
