import { expect, test } from '@jest/globals';
import { chooseReportFormat, type FormatOptions } from '../../../lib/cli/report-format.ts';
import { UsageError } from '../../../lib/cli/usage.ts';

test.each<[FormatOptions, string]>([
  [{}, 'text'],
  [{ json: true }, 'json'],
  [{ json: true, format: 'json' }, 'json'],
  [{ out: 'r.html' }, 'html'],
  [{ out: 'a/R.HTML' }, 'html'],
  [{ out: 'r.json' }, 'json'],
  [{ out: 'r.csv' }, 'csv'],
  [{ out: 'r.txt' }, 'text'],
  [{ out: 'html' }, 'text'],
  [{ out: 'findings.json', format: 'asff' }, 'asff'],
  [{ out: 'r.html', json: true }, 'json'],
])('%j is written as %s', (options, format) => {
  expect(chooseReportFormat(options)).toBe(format);
});

test('--json with another --format is wrong usage', () => {
  expect(() => chooseReportFormat({ json: true, format: 'csv' })).toThrow(
    new UsageError('--json and --format csv contradict each other: give one of them.'),
  );
});
