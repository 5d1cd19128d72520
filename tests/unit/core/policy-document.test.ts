import { describe, expect, test } from '@jest/globals';
import { readPolicyDocument } from '../../../lib/core/policy-document.ts';
import { problem } from '../../../lib/core/policy-problem.ts';

const read = (text: string) => {
  const { value, problems } = readPolicyDocument(text);
  return { value, problems };
};
const yaml = 'Correct the YAML here.';
const twice = ['this key stands twice', 'Remove or rename one of them.'] as const;
const writeOut = 'Write the values out.';

describe('text that can be read', () => {
  test.each<[string, string, unknown]>([
    ['is data by YAML 1.2', 'a: on\nb: 2025-08\nc: true\nd: 0x10', { a: 'on', b: '2025-08', c: true, d: 16 }],
    ['may be JSON', '{"a": [1, null]}', { a: [1, null] }],
    ['may repeat itself by aliases', 'a: &a [1]\nb: *a', { a: [1], b: [1] }],
    ['may say nothing', '# a comment', null],
    ['may be a million characters long', '#'.repeat(1_000_000), null],
  ])('%s', (_, text, value) => {
    expect(read(text)).toEqual({ value, problems: [] });
  });

  test('may have keys that stand twice: each is told with its path and line, the last one counts', () => {
    expect(read('a: 1\na: 2\nlist:\n  - name: x\n    b: 3\n  - { b: 4, c: { d: 5, d: 6 } }\n')).toEqual({
      value: {
        a: 2,
        list: [
          { name: 'x', b: 3 },
          { b: 4, c: { d: 6 } },
        ],
      },
      problems: [
        { ...problem(['a'], ...twice), line: 2 },
        { ...problem(['list', 1, 'c', 'd'], ...twice), line: 6 },
      ],
    });
  });
});

describe('text that cannot be read', () => {
  test.each([
    [
      'a list that does not end',
      'a: [\n',
      2,
      'Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    ['a tab', 'a: 1\n\tb: 2', 2, 'Tabs are not allowed as indentation'],
    ['a tag that nobody knows', 'a: 1\nb: !code 2', 2, 'Unresolved tag: !code'],
    ['two documents', 'a: 1\n---\nb: 2', 2, 'Source contains multiple documents; please use YAML.parseAllDocuments()'],
  ])('%s', (_, text, line, message) => {
    expect(read(text)).toEqual({ value: undefined, problems: [{ ...problem([], message, yaml), line }] });
  });
  test('a syntax error beside a key that stands twice', () => {
    expect(read('a: 1\na: 2\nb: !code 3')).toEqual({
      value: undefined,
      problems: [
        { ...problem(['a'], ...twice), line: 2 },
        { ...problem([], 'Unresolved tag: !code', yaml), line: 3 },
      ],
    });
  });
  test('lists and mappings that are nested too deeply', () => {
    const { value, problems } = read('['.repeat(20_000));
    expect(value).toBeUndefined();
    expect(problems[0]).toEqual({ ...problem([], 'the lists and mappings are nested too deeply', yaml), line: 1 });
  });
  test('lists that are nested too deeply and closed again are one problem', () => {
    const { problems } = read(`a: 1\nb: ${'['.repeat(3000)}${']'.repeat(3000)}`);
    expect(problems).toEqual([{ ...problem([], 'the lists and mappings are nested too deeply', yaml), line: 2 }]);
  });
  test.each([
    ['the inner part of a template', 'fleet: {{ name }}', 1, '{ name } is a mapping'],
    ['a list', 'a: 1\n? [b, c]\n: 2', 2, '[b, c] is a list'],
    ['a long list', `? [${'b, '.repeat(100)}]\n: 2`, 1, `[${'b, '.repeat(13)} is a list`],
  ])('a key that is a list or a mapping is named: %s', (_, text, line, what) => {
    const quote = 'Quote what begins with { or [ and is meant as text.';
    expect(read(text)).toEqual({ value: undefined, problems: [{ ...problem([], `the key ${what}`, quote), line }] });
  });
  test('a key that stands twice within a key has no path', () => {
    expect(read('? { a: 1, a: 2 }\n: 3').problems[0]).toEqual({ ...problem([], ...twice), line: 1 });
  });
  test('more than a million characters', () => {
    const document = readPolicyDocument('#'.repeat(1_000_001));
    expect(document).toMatchObject({
      value: undefined,
      problems: [problem([], 'the policy has 1000001 characters', 'At most 1000000.')],
    });
    expect(document.lineOf([])).toBe(1);
  });
  test('an alias of nothing', () => {
    const message = 'Unresolved alias (the anchor must be set before the alias): missing';
    const dangling = (line: number) => ({ ...problem([], message, writeOut), line });
    expect(read('a: *missing')).toEqual({ value: undefined, problems: [dangling(1)] });
    expect(read('b: 1\nb: 2\na: *missing').problems).toEqual([{ ...problem(['b'], ...twice), line: 2 }, dangling(3)]);
  });
  test('aliases of nothing in a text with a tab: all are told at once, each name where it first stands', () => {
    const { problems } = read('version: 1\n\tfleet: prod\na: *gone\nb: &late [*late, *gone]\nc: *lost');
    expect(problems.map(({ line, message }) => `${line} ${message}`)).toEqual([
      '2 Tabs are not allowed as indentation',
      '3 Unresolved alias (the anchor must be set before the alias): gone',
      '5 Unresolved alias (the anchor must be set before the alias): lost',
    ]);
  });
  test('an anchor that stands after its alias does not count', () => {
    expect(read('a: *late\nb: &late 1').problems.map(({ line }) => line)).toEqual([1]);
  });
  test('aliases that multiply themselves', () => {
    const powers = [...'bcdefg'].map((name, i) => `${name}: &${name} [${Array(10).fill(`*${'abcdef'[i]}`)}]\n`);
    const message = 'Excessive alias count indicates a resource exhaustion attack';
    expect(read(`a: &a [${Array(10).fill('x')}]\n${powers.join('')}`)).toEqual({
      value: undefined,
      problems: [problem([], message, writeOut)],
    });
  });
});

describe('the line of a place', () => {
  const text = [
    '# a policy begins after its comments',
    'version: 1',
    'targets:',
    '  waf: &p { ids: [tmt-1,',
    '    tmt-2] }',
    '  other: *p',
    'tiers:',
    '  - name: a',
    '    sessionNumber: 1',
    '  -',
    '  - name: c',
    '10: x',
  ].join('\n');

  test.each<[(string | number)[], number, string]>([
    [[], 2, 'the whole'],
    [['version'], 2, 'a key'],
    [['targets', 'waf', 'ids'], 4, 'a key deeper down'],
    [['targets', 'waf', 'ids', 1], 5, 'an item of a list'],
    [['targets', 'other', 'ids', 1], 5, 'an item behind an alias: where it is written'],
    [['tiers', 0], 8, 'an item that is a mapping'],
    [['tiers', 0, 'sessionNumber'], 9, 'a key within it'],
    [['tiers', 1], 10, 'an item that is empty'],
    [['tiers', 1, 'name'], 10, 'what should stand in it'],
    [['10'], 12, 'a key that is a number'],
    [[10], 12, 'the same, asked for as a number'],
    [['nowhere'], 2, 'a key that is not there: the whole'],
    [['targets', 'nowhere', 'ids'], 3, 'a key that is not there: what should hold it'],
    [['tiers', 9], 7, 'an item that is not there: its list'],
    [['tiers', 9, 'name'], 7, 'a key of an item that is not there: the list'],
    [['tiers', 2, 'name', 'x', 'y'], 11, 'what is below a text: the text'],
  ])('%j is %d: %s', (path, line) => {
    expect(readPolicyDocument(text).lineOf(path)).toBe(line);
  });
  test('of nothing is the first', () => {
    expect(readPolicyDocument('').lineOf(['version'])).toBe(1);
  });
});
