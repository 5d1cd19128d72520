import { describe, expect, test } from '@jest/globals';
import { renderCoverageReport } from '../../../lib/cli/render-report.ts';
import { joinReports } from '../../../lib/core/report-history.ts';
import { type CoverageReport, reportSchema } from '../../../lib/core/report-schema.ts';
import { renderAsff } from '../../../lib/report/asff.ts';
import { renderCsv } from '../../../lib/report/csv.ts';
import { renderHistoryPage } from '../../../lib/report/history-page.ts';
import { renderOcsf } from '../../../lib/report/ocsf.ts';
import { renderReportPage } from '../../../lib/report/report-page.ts';
import { readCsv } from '../../support/csv.ts';
import { aReport, aSource } from '../../support/report.ts';

const terminal = { isRich: false, columns: 200, print: () => {} };

/** A fleet whose one gap is on an instance of this name. */
const named = (name: string) => aReport([aSource(1, { tags: { Name: name, Mirror: 'true' }, mirrored: [20] })]);

describe('a report without sessions and sources', () => {
  const empty = aReport([]);

  test('has a head line in CSV and no findings', () => {
    expect(readCsv(renderCsv(empty))).toHaveLength(1);
    expect([renderAsff(empty), renderOcsf(empty)]).toEqual([[], []]);
  });

  test('says on a page and on a terminal that there are no gaps', () => {
    expect(renderReportPage(empty)).toContain('There are no gaps: everything that is wanted is mirrored.');
    expect(renderCoverageReport(empty, terminal)).toContain('There are no gaps.');
  });

  test('has a history', () => {
    expect(renderHistoryPage(joinReports([empty, empty]))).toContain('No report shows a gap.');
    expect(renderHistoryPage(joinReports([]))).toContain('0 reports');
  });
});

const hostile: readonly (readonly [what: string, name: string])[] = [
  ['HTML', '<img src=x onerror=alert(1)></script><b>&amp;"\''],
  ['a formula', '=HYPERLINK("http://example.com","x")'],
  ['a formula behind white space', ' \t@SUM(A1)'],
  ['emoji', '👩‍👩‍👧‍👦🚀'],
  ['right-to-left text', 'שרת 1 مرحبا'],
  ['an override of the direction', '\u202egnp.exe'],
  ['colours and movements of a terminal', '\u001b[31mred\u001b[2J\r\n'],
  ['256 characters', 'ä'.repeat(256)],
];

describe.each(hostile)('a name that holds %s', (_, name) => {
  const report = named(name);

  test('is whole in JSON', () => {
    const back = reportSchema.parse(JSON.parse(JSON.stringify(report)));
    expect([back.interfaces[0]?.name, back.gaps[0]?.name]).toEqual([name, name]);
  });

  test('is text in CSV, in one row, and no formula', () => {
    const [head = [], row = [], ...rest] = readCsv(renderCsv(report));
    const cell = row[head.indexOf('name')] ?? '';
    expect([cell === name || cell === `'${name}`, rest]).toEqual([true, []]);
    expect(cell).not.toMatch(/^[\s\p{Cc}\p{Cf}]*[=+\-@]/u);
  });

  test('is text on the page', () => {
    const page = renderReportPage(report);
    const [, data = ''] = /id="data">(.*?)<\/script>/s.exec(page) ?? [];
    expect(JSON.parse(data)[0].rows[0]).toContain(name);
    expect(page).not.toContain('<img');
    expect(page.match(/<\/script>/g)).toHaveLength(2);
  });

  test('fits into findings', () => {
    const [asff] = renderAsff(report) as { Title: string; Description: string }[];
    const [ocsf] = renderOcsf(report) as { resources: { name: string }[] }[];
    expect([(asff?.Title.length ?? 0) <= 256, (asff?.Description.length ?? 0) <= 1024]).toEqual([true, true]);
    expect(ocsf?.resources[0]?.name).toBe(name);
  });

  test('moves no cursor and turns no line on a terminal', () => {
    const text = renderCoverageReport(report, terminal);
    expect(text.split('\n').filter((line) => /[\p{Cc}\u202e]/u.test(line))).toEqual([]);
    expect(text).toContain('eni-00000000000000001');
  });
});

test('clock skew: a history of reports by clocks that differ is in the order of their times', () => {
  const taken = (takenAt: string): CoverageReport => ({ ...named('web'), takenAt });
  const { points } = joinReports([taken('2026-03-02T00:00:00.000Z'), taken('2026-03-01T23:59:59.000Z')]);
  expect(points.map(({ takenAt }) => takenAt.slice(8, 10))).toEqual(['01', '02']);
});
