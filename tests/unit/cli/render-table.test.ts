import { execFile } from 'node:child_process';
import { promisify, stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { renderTable } from '../../../lib/cli/render.ts';

const printer = (columns: number, isRich = true) => ({ isRich, columns, print: () => {} });

const head = ['', 'interface', 'instance', 'session', 'because', 'detail'];
const rows = [
  ['+ create', 'eni-037b5a1ec7684c8a4', 'i-5bd79595ac6ced99e', '20 tcp', 'opted-in', 'tmt-0000000000000000b'],
  [
    '! refuse',
    'eni-30a6ba9aebe05de4d',
    'i-506b4b90db34dfcf5',
    '',
    'type-unsupported',
    'The family t2 is not in the list.',
  ],
];
const linesAt = (columns: number) => stripVTControlCharacters(renderTable(printer(columns), head, rows)).split('\n');

describe('a plan on a terminal', () => {
  test('of 140 columns has borders', () => {
    expect(linesAt(140)[2]).toMatch(/^│ \+ create │ eni-037b5a1ec7684c8a4 │ i-5bd79595ac6ced99e │ 20 tcp {2}│/);
  });

  test('of 110 columns has none, and the text is wrapped', () => {
    const [, create, refuse, more] = linesAt(110);
    expect(create).toMatch(/^\+ create {2}eni-037b5a1ec7684c8a4 .* opted-in {10}tmt-0000000000000000b$/);
    expect([refuse, more]).toEqual([
      expect.stringMatching(/The family t2 is not in the$/),
      expect.stringMatching(/^ +list\.$/),
    ]);
  });

  test('of 80 columns has each row in two lines, the columns of all rows under each other', () => {
    expect(linesAt(80)).toEqual([
      '          interface              instance             session  because',
      '    detail',
      '+ create  eni-037b5a1ec7684c8a4  i-5bd79595ac6ced99e  20 tcp   opted-in',
      '    tmt-0000000000000000b',
      '! refuse  eni-30a6ba9aebe05de4d  i-506b4b90db34dfcf5           type-unsupported',
      '    The family t2 is not in the list.',
    ]);
  });
});

test.each([
  [{ FORCE_COLOR: '1' }, true],
  [{ FORCE_COLOR: '1', NO_COLOR: '1' }, false],
])('with %j in the environment a table on a terminal is coloured: %s', async (environment, isColoured) => {
  const module = new URL('../../../lib/cli/render.ts', import.meta.url);
  const table = `renderTable({ isRich: true, columns: 80, print() {} }, ['head'], [[paint({ isRich: true }, 'red', 'cell')]])`;
  const script = `import { paint, renderTable } from ${JSON.stringify(module)}; process.stdout.write(${table});`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    env: environment,
  });
  expect(stripVTControlCharacters(stdout)).toContain('│ cell │');
  expect(stripVTControlCharacters(stdout) !== stdout).toBe(isColoured);
});

test('in a pipe nothing is wrapped or drawn, however narrow the screen is said to be', () => {
  const [, , refuse] = renderTable(printer(20, false), head, rows).split('\n');
  expect(refuse).toMatch(/^! refuse {2}eni-30a6ba9aebe05de4d .* {2}The family t2 is not in the list\.$/);
});

const word = fc.stringMatching(/^[a-z0-9-]{1,16}$/);
const tables = fc.integer({ min: 1, max: 9 }).chain((columns) =>
  fc.array(fc.array(fc.array(word, { maxLength: 8 }), { minLength: columns, maxLength: columns }), {
    minLength: 2,
    maxLength: 5,
  }),
);

test('on a terminal no line is wider than the screen and no id is broken', () => {
  fc.assert(
    fc.property(tables, fc.integer({ min: 20, max: 200 }), (cells, columns) => {
      const [first = [], ...rest] = cells.map((row) => row.map((words) => words.join(' ')));
      const lines = stripVTControlCharacters(renderTable(printer(columns), first, rest)).split('\n');
      expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(columns);
      const shown = lines.join(' ').split(/[\s│]+/);
      expect(cells.flat(2).filter((id) => !shown.includes(id))).toEqual([]);
    }),
  );
});

test('a word that is wider than the screen is broken, and none of it is lost', () => {
  const arn = `arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/sensors/${'0123456789abcdef'.repeat(3)}`;
  const text = stripVTControlCharacters(renderTable(printer(60), ['subject', 'found'], [[arn, 'ok']]));
  expect(text.replaceAll(/\s/g, '')).toContain(arn);
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(60);
});
