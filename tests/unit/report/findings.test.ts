import { describe, expect, test } from '@jest/globals';
import { leaveOpen } from '../../../lib/core/report-open.ts';
import { renderAsff } from '../../../lib/report/asff.ts';
import { renderOcsf } from '../../../lib/report/ocsf.ts';
import { healthOf } from '../../support/health.ts';
import { aReport, aSource } from '../../support/report.ts';

const yesterday = '2026-02-28T12:00:00.000Z';
const today = '2026-03-01T12:00:00.000Z';

interface Asff {
  readonly Id: string;
  readonly CreatedAt: string;
  readonly UpdatedAt: string;
  readonly RecordState: string;
  readonly GeneratorId: string;
  readonly Description: string;
  readonly Severity: { readonly Label: string };
  readonly Compliance: { readonly Status: string };
  readonly ProductFields: Readonly<Record<string, string>>;
  readonly Resources: readonly { readonly Id: string; readonly Type: string }[];
}
interface Ocsf {
  readonly activity_name: string;
  readonly type_uid: number;
  readonly status: string;
  readonly time: number;
  readonly finding_info: { readonly uid: string; readonly created_time: number; readonly desc: string };
  readonly compliance: { readonly status: string; readonly control: string };
  readonly metadata: { readonly labels?: readonly string[] };
  readonly resources: readonly { readonly uid: string; readonly type: string }[];
}
const asff = (report: Parameters<typeof renderAsff>[0]) => renderAsff(report) as readonly Asff[];
const ocsf = (report: Parameters<typeof renderOcsf>[0]) => renderOcsf(report) as readonly Ocsf[];

const lacking = [aSource(1, { mirrored: [20] }), aSource(2, { mirrored: [20] })];
const first = aReport(lacking, { takenAt: yesterday });
/** One gap was closed by a session, one because nobody asks any more. */
const second = aReport([aSource(1, { mirrored: [10, 20] }), aSource(2, { mirrored: [20], tags: { Mirror: 'tcp' } })], {
  before: leaveOpen(first),
});

describe('a gap that the report before showed and this one does not', () => {
  test('ARCHIVED: is told to Security Hub under the same id, passed when it is mirrored now', () => {
    expect(asff(second)).toHaveLength(2);
    for (const [index, finding] of asff(second).entries()) {
      const open = asff(first)[index];
      expect([open?.RecordState, finding.RecordState]).toEqual(['ACTIVE', 'ARCHIVED']);
      expect([finding.Id, finding.GeneratorId, finding.Severity]).toEqual([
        open?.Id,
        open?.GeneratorId,
        open?.Severity,
      ]);
      expect([finding.CreatedAt, finding.UpdatedAt]).toEqual([yesterday, today]);
    }
    expect(asff(second).map(({ Compliance }) => Compliance.Status)).toEqual(['PASSED', 'NOT_AVAILABLE']);
    expect(asff(second)[0]?.Description).toMatch(/^Closed, it is mirrored now\. Before: Tier http of the network/);
    expect(asff(second)[1]?.Description).toMatch(/^Closed, the policy does not ask for it any more\./);
  });

  test('Resolved: is told in OCSF as a closed finding under the same uid', () => {
    expect(ocsf(second)).toHaveLength(2);
    for (const [index, finding] of ocsf(second).entries()) {
      expect(finding).toMatchObject({ activity_name: 'Close', type_uid: 200_303, status: 'Resolved' });
      expect(finding.finding_info.uid).toBe(ocsf(first)[index]?.finding_info.uid);
      expect(finding.finding_info.created_time).toBe(Date.parse(yesterday));
    }
    expect(ocsf(second).map(({ compliance }) => compliance.status)).toEqual(['Pass', 'Other']);
  });

  test('is told once: the report after that does not know it any more', () => {
    const third = aReport([aSource(1, { mirrored: [10, 20] })], { before: leaveOpen(second) });
    expect([asff(third), ocsf(third)]).toEqual([[], []]);
  });
});

test('OCSF: a finding is created by the report that shows it first and updated by the following', () => {
  const later = aReport(lacking, { before: leaveOpen(first) });
  expect(ocsf(first).map(({ activity_name, type_uid }) => [activity_name, type_uid])).toEqual([
    ['Create', 200_301],
    ['Create', 200_301],
  ]);
  expect(ocsf(later).map(({ activity_name, type_uid }) => [activity_name, type_uid])).toEqual([
    ['Update', 200_302],
    ['Update', 200_302],
  ]);
});

describe('a mirror in trouble', () => {
  const fleet = [1, 2].map((index) => aSource(index, { mirrored: [10, 20] }));
  const troubled = healthOf(fleet, { 'i-00000000000000001': { bytesIn: 700, skippedBytesIn: 300 } });
  const sick = aReport(fleet, { health: troubled, takenAt: yesterday });

  test('is a finding on its instance: silent as much as a missing session, congested less', () => {
    expect(
      asff(sick).map((finding) => [finding.GeneratorId, finding.Severity.Label, finding.Compliance.Status]),
    ).toEqual([
      ['fleetmirror/silent', 'MEDIUM', 'WARNING'],
      ['fleetmirror/congested', 'LOW', 'WARNING'],
    ]);
    expect(asff(sick)[1]).toMatchObject({
      Id: 'fleetmirror/prod/i-00000000000000001/health/111122223333/us-east-1',
      Resources: [{ Type: 'AwsEc2Instance', Id: 'arn:aws:ec2:us-east-1:111122223333:instance/i-00000000000000001' }],
    });
    expect(asff(sick)[1]?.Description).toContain('drop 30 % of the bytes');
    expect(
      ocsf(sick).map(({ compliance, resources }) => [compliance.control, compliance.status, resources[0]?.type]),
    ).toEqual([
      ['silent', 'Warning', 'AwsEc2Instance'],
      ['congested', 'Warning', 'AwsEc2Instance'],
    ]);
  });

  test('ARCHIVED, Resolved: is closed when packets are mirrored again', () => {
    const carrying = { bytesIn: 1 };
    const health = healthOf(fleet, { 'i-00000000000000001': carrying, 'i-00000000000000002': carrying });
    const well = aReport(fleet, { health, before: leaveOpen(sick) });
    expect(asff(well).map(({ Id, RecordState, Compliance }) => [Id, RecordState, Compliance.Status])).toEqual(
      asff(sick).map(({ Id }) => [Id, 'ARCHIVED', 'PASSED']),
    );
    expect(ocsf(well).map(({ status, compliance }) => [status, compliance.status])).toEqual([
      ['Resolved', 'Pass'],
      ['Resolved', 'Pass'],
    ]);
  });

  test('stays as it was while health is not read: unknown closes nothing', () => {
    const unread = aReport(fleet, { before: leaveOpen(sick) });
    expect([asff(unread), ocsf(unread)]).toEqual([[], []]);
  });
});

test('findings by the last good policy say so, in a field and in front of the description', () => {
  const report = { ...first, lastGoodPolicy: { version: 3 } };
  for (const { ProductFields, Description } of asff(report)) {
    expect(ProductFields['fleetmirror/policy']).toBe('last good policy, version 3');
    expect(Description).toMatch(/^By the last good policy, version 3: Tier http/);
  }
  for (const { metadata } of ocsf(report)) expect(metadata.labels).toEqual(['last good policy, version 3']);
  expect(asff(first).filter(({ ProductFields }) => 'fleetmirror/policy' in ProductFields)).toEqual([]);
  expect(ocsf(first).filter(({ metadata }) => 'labels' in metadata)).toEqual([]);
});
