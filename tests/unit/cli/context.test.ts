import { expect, test } from '@jest/globals';
import { renderIssue } from '../../../lib/cli/context.ts';

const issue = { line: 3, hint: 'Write it out.', severity: 'error' } as const;

test.each([
  ['', 'the policy is empty', '  error: line 3: the policy is empty. Write it out.'],
  ['tiers[1].name', 'is no name.', '  error: line 3, tiers[1].name: is no name. Write it out.'],
])(
  'an issue of a policy is its place, what is wrong and what to do, with one full stop between: %j',
  (path, message, line) => {
    expect(renderIssue({ ...issue, path, message })).toBe(line);
  },
);
