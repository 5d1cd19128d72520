import { describe, expect, test } from '@jest/globals';
import { renderCoverageReport } from '../../../lib/cli/render-report.ts';
import { leaveOpen } from '../../../lib/core/report-open.ts';
import { healthOf } from '../../support/health.ts';
import { aReport, aSource } from '../../support/report.ts';

const plain = { isRich: false, columns: 200, print: () => {} };
const fleet = [1, 2, 3].map((index) => aSource(index, { mirrored: [10, 20] }));
const textOf = (...report: Parameters<typeof aReport>) => renderCoverageReport(aReport(...report), plain);

describe('the report on a terminal', () => {
  test('does not date gaps that no earlier report knew: it says how to', () => {
    const unknown = 'How old the gaps are is not known: give an earlier report with --since FILE.';
    const gap = [aSource(1, { mirrored: [20] })];
    expect(textOf(gap)).toContain(unknown);
    expect(textOf(gap, { before: leaveOpen(aReport(gap)) })).not.toContain(unknown);
    expect(textOf(fleet)).not.toContain(unknown);
  });

  test('begins with whose it is: fleet, account and Region', () => {
    expect(textOf(fleet)).toMatch(/^Fleet prod, account 111122223333, us-east-1, 2026-03-01T/);
  });

  test('not-asked: says that the health of mirrors was not read, and how to read it', () => {
    expect(textOf(fleet)).toContain(
      'Health: Not read: whether the sessions carry anything is unknown. `fleetmirror rep',
    );
  });

  test('denied: names the permission that is missing, with everything else', () => {
    const text = textOf(fleet, {
      health: { kind: 'not-read', because: 'denied', operation: 'cloudwatch:GetMetricData' },
    });
    expect(text).toContain('Health: Not read: the permission cloudwatch:GetMetricData is missing');
    expect(text).toContain('Cost: about');
  });

  test('failed: names the call', () => {
    const health = { kind: 'not-read', because: 'failed', operation: 'cloudwatch:GetMetricData' } as const;
    expect(textOf(fleet, { health })).toContain('Health: Not read: cloudwatch:GetMetricData failed');
  });

  test('silent, congested: lists the mirrors in trouble with their remedies, and counts the others', () => {
    const health = healthOf(fleet, {
      'i-00000000000000001': { bytesIn: 1_500_000, skippedBytesIn: 500_000 },
      'i-00000000000000002': { bytesIn: 1 },
    });
    const text = textOf(fleet, { health });
    expect(text).toMatch(/i-00000000000000003 +eni-00000000000000003 +silent +0 B +0 % +2026-03-01/);
    expect(text).toMatch(/i-00000000000000001 +eni-00000000000000001 +congested +1.5 MB +25 %/);
    expect(text).not.toContain('i-00000000000000002');
    expect(text).toContain('silent: A session exists and carries nothing.');
    expect(text).toContain(
      'Health: 2 of 3 mirrored instances carried traffic in the last 60 minutes: 1 congested, 1 silent, 0 young. 24.9 % of the bytes were dropped.',
    );
  });

  test('says how many gaps closed since the report before', () => {
    const before = leaveOpen(aReport([aSource(1, { mirrored: [20] }), aSource(2, { mirrored: [20] })]));
    const text = textOf([aSource(1, { mirrored: [10, 20] })], { before });
    expect(text).toContain('Since the report before 2 gaps closed, 1 of them by a session.');
  });
});
