import { describe, expect, test } from '@jest/globals';
import { joinReports } from '../../../lib/core/report-history.ts';
import { leaveOpen } from '../../../lib/core/report-open.ts';
import type { CoverageReport } from '../../../lib/core/report-schema.ts';
import { renderAsff } from '../../../lib/report/asff.ts';
import { renderCsv } from '../../../lib/report/csv.ts';
import { renderHistoryPage } from '../../../lib/report/history-page.ts';
import { renderOcsf } from '../../../lib/report/ocsf.ts';
import { renderReportPage } from '../../../lib/report/report-page.ts';
import { readCsv } from '../../support/csv.ts';
import { healthOf } from '../../support/health.ts';
import { aReport, aSource } from '../../support/report.ts';

const fleet = [
  aSource(1, { mirrored: [10, 20] }),
  aSource(2, { tags: { Name: '=cmd|calc', Mirror: 'true' }, foreign: [10], mirrored: [20] }),
  aSource(3, { instanceType: 't2.micro' }),
];
const report = aReport(fleet, { region: 'us-gov-west-1' });

/** One column of a CSV, by its head. */
function columnOf(of: CoverageReport, name: string): (string | undefined)[] {
  const [head = [], ...rows] = readCsv(renderCsv(of));
  return rows.map((row) => row[head.indexOf(name)]);
}

describe('CSV', () => {
  test('has one line for each interface, with the reason and the remedy', () => {
    const lines = renderCsv(report).split('\r\n');
    expect(lines).toHaveLength(5);
    expect(lines[1]).toContain('complete,as-desired,,2026-01-01');
    expect(lines[3]).toContain('impossible,type-unsupported,"AWS does not mirror this instance type.');
  });

  test('health: what was not read is called so, never left to look well', () => {
    expect(columnOf(report, 'health')).toEqual(['not read', 'not read', '']);
    expect(columnOf(report, 'droppedPercent')).toEqual(['', '', '']);
  });

  test('health: each interface has the verdict of its instance and the share that was dropped', () => {
    const traffic = { 'i-00000000000000001': { bytesIn: 700, skippedBytesIn: 300 } } as const;
    const read = aReport(fleet, { health: healthOf(fleet, traffic) });
    expect(columnOf(read, 'health')).toEqual(['congested', 'silent', '']);
    expect(columnOf(read, 'droppedPercent')).toEqual(['30', 'no data', '']);
  });

  test('every line says which policy it goes by', () => {
    expect(columnOf(report, 'policy')).toEqual(['current', 'current', 'current']);
    const marked = 'last good policy, version 3';
    expect(columnOf({ ...report, lastGoodPolicy: { version: 3 } }, 'policy')).toEqual([marked, marked, marked]);
  });

  test('every line says whose it is, so that those of several fleets can be put into one sheet', () => {
    const places = ['fleet', 'accountId', 'region'].map((column) => columnOf(report, column)[0]);
    expect(places).toEqual(['prod', '111122223333', 'us-gov-west-1']);
  });

  test('a name that is a formula is neutralised', () => {
    expect(renderCsv(report)).toContain(",'=cmd|calc,");
  });
});

describe('ASFF', () => {
  const findings = renderAsff(report);

  test('each gap is a finding on its interface, in the partition of the Region', () => {
    expect(findings).toHaveLength(2);
    expect(findings[0]).toMatchObject({
      ProductArn: 'arn:aws-us-gov:securityhub:us-gov-west-1:111122223333:product/111122223333/default',
      Severity: { Label: 'MEDIUM' },
      Compliance: { Status: 'FAILED' },
      Resources: [{ Type: 'AwsEc2NetworkInterface', Partition: 'aws-us-gov' }],
    });
    expect(findings[1]).toMatchObject({ Severity: { Label: 'INFORMATIONAL' } });
  });

  test('the next report updates the same finding', () => {
    const later = renderAsff({ ...report, takenAt: '2026-04-01T00:00:00.000Z' });
    const idOf = (finding: object) => (finding as { Id: string }).Id;
    expect(later.map(idOf)).toEqual(findings.map(idOf));
  });

  test('long text is cut to what Security Hub takes, between characters', () => {
    const long = aReport([aSource(1, { tags: { Name: '🚀'.repeat(1000), Mirror: 'true' } })]);
    for (const finding of renderAsff(long) as { Description: string }[]) {
      expect(finding.Description.length).toBeLessThanOrEqual(1024);
      expect(finding.Description.isWellFormed()).toBe(true);
    }
  });
});

test('OCSF: each gap is a compliance finding with its remediation', () => {
  expect(renderOcsf(report)[0]).toMatchObject({
    class_uid: 2003,
    type_uid: 200_301,
    severity_id: 3,
    compliance: { control: 'number-held-by-another-owner', status: 'Fail' },
    remediation: { desc: expect.stringContaining("Someone else's session") },
  });
});

describe('HTML', () => {
  test('asks the network for nothing', () => {
    for (const page of [renderReportPage(report), renderHistoryPage(joinReports([report]))]) {
      expect(page.match(/(src|href)="(?!#|data:,)[^"]*"/g)).toBeNull();
      expect(page).not.toMatch(/url\(|@import|https?:/);
    }
  });

  test('says whose it is, and what it does not know: how old gaps are that no earlier report showed', () => {
    const unknown = 'How old the gaps are is not known: no earlier report was at hand';
    expect(renderReportPage(report)).toContain('Account 111122223333, us-gov-west-1, 2026-03-01 12:00 UTC');
    expect(renderHistoryPage(joinReports([report]))).toContain('Account 111122223333, us-gov-west-1, 1 report');
    expect(renderReportPage(report)).toContain(unknown);
    expect(renderReportPage(aReport(fleet, { before: leaveOpen(report) }))).not.toContain(unknown);
    expect(renderReportPage(aReport([aSource(1, { mirrored: [10, 20] })]))).not.toContain(unknown);
  });

  test('every reason of the tables has its place among the remedies', () => {
    const page = renderReportPage(report);
    for (const { because } of report.gaps) expect(page).toContain(`<dt id="reason-${because}"`);
  });

  test('health: what was not read is said to be unknown, and what was read has a table and a column', () => {
    const unread = renderReportPage(report);
    expect(unread).toContain('<b>not read</b>');
    expect(unread).toContain('Not read: whether the sessions carry anything is unknown.');
    expect(unread).not.toContain('"carrying"');
    const read = renderReportPage(aReport(fleet, { health: healthOf(fleet, {}) }));
    expect(read).toContain('<b>2</b><span>of 2 mirrored instances carry nothing or drop packets; 0 % of the bytes');
    expect(read).toContain('<div data-table="health"');
    expect(read).toContain('<dt id="reason-silent"');
    expect(read).not.toContain('unknown');
  });

  test('denied: the page names the permission that is missing, and is whole otherwise', () => {
    const health = { kind: 'not-read', because: 'denied', operation: 'cloudwatch:GetMetricData' } as const;
    const page = renderReportPage(aReport(fleet, { health }));
    expect(page).toContain('Not read: the permission cloudwatch:GetMetricData is missing');
    expect(page).toContain('<div data-table="interfaces"');
  });

  test('an empty fleet has sentences instead of tables', () => {
    const page = renderReportPage(aReport([]));
    expect(page).toContain('There are no gaps');
    expect(page.match(/<div data-table="(gaps|interfaces|foreign)"/g)).toBeNull();
  });
});
