import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from '@jest/globals';
import { readReportFile } from '../../../lib/cli/read-report.ts';
import { UsageError } from '../../../lib/cli/usage.ts';
import { aReport, aSource } from '../../support/report.ts';

const folder = mkdtempSync(join(tmpdir(), 'fleetmirror-read-report-'));
const file = join(folder, 'report');
const report = aReport([aSource(1, { mirrored: [20] })]);
const text = JSON.stringify(report);

afterAll(() => rmSync(folder, { recursive: true }));

test('a report is read as JSON, plain or compressed', () => {
  for (const content of [text, gzipSync(text)]) {
    writeFileSync(file, content);
    expect(readReportFile(file)).toEqual(report);
  }
});

test.each([
  ['is empty', '', 'it is empty'],
  ['holds blank lines', ' \n\n', 'it is empty'],
  ['is text', 'Coverage: 100 %', 'it is not JSON, or cut off'],
  ['is cut off', text.slice(0, -20), 'it is not JSON, or cut off'],
  ['is compressed and cut off', gzipSync(text).subarray(0, -20), 'it is compressed, and cut off or damaged'],
  ['is compressed and empty', gzipSync(''), 'it is empty'],
  ['is another JSON document', '{"fleet":"prod"}', 'version: '],
])(
  'a file that %s is no coverage report, and one sentence names what is wrong and what writes one',
  (_, content, why) => {
    writeFileSync(file, content);
    const read = () => readReportFile(file);
    expect(read).toThrow(UsageError);
    expect(read).toThrow(`${file} is no coverage report: ${why}`);
    expect(read).toThrow('`fleetmirror report --format json --out FILE` writes one.');
  },
);
