import { expect, test } from '@jest/globals';
import { doubt, issuesInOrder, problem, renderPath } from '../../../lib/core/policy-problem.ts';

test.each([
  [[], ''],
  [['fleet'], 'fleet'],
  [['tiers', 1, 'name'], 'tiers[1].name'],
  [['coverage', 0, 'match', 'tags', 'env', 2], 'coverage[0].match.tags.env[2]'],
  [[0, 'x'], '[0].x'],
])('the path %j is written %j', (path, written) => {
  expect(renderPath(path)).toBe(written);
});

test('problems come in the order of the text, those of one line as they were found, each once', () => {
  const lineOf = ([first]: readonly (string | number)[]) => (first === 'late' ? 9 : 3);
  const late = problem(['late'], 'a', 'b');
  const issues = issuesInOrder(
    [late, problem(['soon', 0], 'c', 'd'), doubt(['soon'], 'e', 'f'), late, { ...problem([], 'g', 'h'), line: 1 }],
    lineOf,
  );
  expect(issues).toEqual([
    { path: '', line: 1, message: 'g', hint: 'h', severity: 'error' },
    { path: 'soon[0]', line: 3, message: 'c', hint: 'd', severity: 'error' },
    { path: 'soon', line: 3, message: 'e', hint: 'f', severity: 'warning' },
    { path: 'late', line: 9, message: 'a', hint: 'b', severity: 'error' },
  ]);
});

test('what differs in line, path or message is told apart', () => {
  const problems = [problem(['a'], 'x', ''), problem(['b'], 'x', ''), problem(['a'], 'y', '')];
  const twice = [...problems, { ...problem(['a'], 'x', ''), line: 2 }];
  expect(issuesInOrder(twice, () => 1)).toHaveLength(4);
});
