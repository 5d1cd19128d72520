import { describe, expect, test } from '@jest/globals';
import type { MirrorTraffic } from '../../../lib/core/health.ts';
import type { InstanceId } from '../../../lib/core/model.ts';
import type { HealthFacts } from '../../../lib/core/report-facts.ts';
import { leaveOpen } from '../../../lib/core/report-open.ts';
import { type CoverageReport, type MirrorReading, reportSchema } from '../../../lib/core/report-schema.ts';
import { healthOf } from '../../support/health.ts';
import { aReport, aSource } from '../../support/report.ts';

const yesterday = '2026-02-28T12:00:00.000Z';
const today = '2026-03-01T12:00:00.000Z';
const fleet = [1, 2, 3, 4].map((index) => aSource(index, { mirrored: [10, 20] }));
const idOf = (index: number) => `i-0000000000000000${index}` as const;
const carrying = { bytesIn: 700, packetsOut: 3 };
const crowded = { bytesOut: 700, skippedBytesOut: 300 };
const idle = { bytesIn: 0 };
const read = healthOf(fleet, { [idOf(1)]: carrying, [idOf(2)]: crowded, [idOf(3)]: idle, [idOf(4)]: carrying });

function readingOf({ health }: CoverageReport): MirrorReading {
  if (health.state !== 'read') throw new Error(health.because);
  return health;
}

describe('a report that read CloudWatch', () => {
  test('holds the totals of the fleet and the share that was dropped', () => {
    const report = aReport(fleet, { health: read });
    expect(report.health).toMatchObject({
      state: 'read',
      from: '2026-03-01T11:00:00.000Z',
      to: today,
      totals: {
        instances: 4,
        carrying: 2,
        congested: 1,
        silent: 1,
        young: 0,
        unmeasured: 0,
        mirroredBytes: 2100,
        skippedBytes: 300,
        skippedPercent: 12.5,
      },
      recovered: [],
    });
    expect(reportSchema.parse(report)).toEqual(report);
  });

  test('counts the instances of each verdict', () => {
    const line = {
      mirroredBytes: 0,
      mirroredPackets: 0,
      skippedBytes: 0,
      skippedPercent: 0,
      sessions: 1,
      hasData: true,
    };
    const verdicts = ['young', 'unmeasured', 'young', 'silent', 'unmeasured', 'young'] as const;
    const lines = verdicts.map((verdict) => ({ ...line, verdict, networkInterfaceIds: [] }));
    const health: HealthFacts = { kind: 'read', from: yesterday, to: today, lines };
    expect(readingOf(aReport([], { health })).totals).toEqual({
      instances: 6,
      carrying: 0,
      congested: 0,
      silent: 1,
      young: 3,
      unmeasured: 2,
      mirroredBytes: 0,
      skippedBytes: 0,
      skippedPercent: 0,
    });
  });

  test('holds every instance with its figures, troubled ones first and dated', () => {
    const { instances } = readingOf(aReport(fleet, { health: read }));
    const line = {
      sessions: 2,
      mirroredBytes: 0,
      mirroredPackets: 0,
      skippedBytes: 0,
      skippedPercent: 0,
      hasData: true,
    };
    const of = (index: number) => ({
      ...line,
      instanceId: idOf(index),
      networkInterfaceIds: [`eni-0000000000000000${index}`],
    });
    const well = { verdict: 'carrying', mirroredBytes: 700, mirroredPackets: 3 };
    expect(instances).toEqual([
      { ...of(3), verdict: 'silent', since: today },
      { ...of(2), verdict: 'congested', since: today, mirroredBytes: 700, skippedBytes: 300, skippedPercent: 30 },
      { ...of(1), ...well },
      { ...of(4), ...well },
    ]);
  });

  test('gives each interface the verdict of its instance', () => {
    const { interfaces } = aReport(fleet, { health: read });
    expect(interfaces.map(({ health }) => health)).toEqual(['carrying', 'congested', 'silent', 'carrying']);
  });

  test('gives no verdict to an interface that carries no session of ours', () => {
    const bare = aSource(5);
    const { interfaces } = aReport([bare], { health: healthOf([bare], {}) });
    expect(interfaces.map((row) => 'health' in row)).toEqual([false]);
  });
});

describe('a report that did not read CloudWatch says so, and calls no mirror well', () => {
  test.each<[string, HealthFacts | undefined, object]>([
    ['not-asked', undefined, { state: 'not-read', because: 'not-asked' }],
    [
      'denied',
      { kind: 'not-read', because: 'denied', operation: 'cloudwatch:GetMetricData' },
      { state: 'not-read', because: 'denied', operation: 'cloudwatch:GetMetricData' },
    ],
    [
      'failed',
      { kind: 'not-read', because: 'failed', operation: 'cloudwatch:GetMetricData' },
      { state: 'not-read', because: 'failed', operation: 'cloudwatch:GetMetricData' },
    ],
  ])('%s', (_, health, expected) => {
    const report = aReport(fleet, health && { health });
    expect(report.health).toEqual(expected);
    expect(report.interfaces.filter((row) => 'health' in row)).toEqual([]);
    expect(reportSchema.parse(report)).toEqual(report);
  });

  test('not-asked: a report of an earlier version, which knew of no health, is read as one that did not look', () => {
    const { health: _, closed: __, ...earlier } = aReport(fleet);
    expect(reportSchema.parse(earlier)).toMatchObject({
      health: { state: 'not-read', because: 'not-asked' },
      closed: [],
    });
  });
});

describe('a trouble of the report before', () => {
  const before = leaveOpen(aReport(fleet, { health: read, takenAt: yesterday }));
  const follow = (traffic: Readonly<Record<InstanceId, MirrorTraffic>>, sources = fleet) =>
    readingOf(aReport(sources, { health: healthOf(sources, traffic), before }));

  test('is left open with its figures, the troubled ones only', () => {
    const { troubles } = leaveOpen(aReport(fleet, { health: read, takenAt: yesterday }));
    expect(troubles.map(({ instanceId, verdict, since }) => [instanceId, verdict, since])).toEqual([
      [idOf(3), 'silent', yesterday],
      [idOf(2), 'congested', yesterday],
    ]);
  });

  test('keeps its age while it lasts, whichever trouble it is by now', () => {
    const { instances, recovered } = follow({
      [idOf(1)]: idle,
      [idOf(2)]: idle,
      [idOf(3)]: crowded,
      [idOf(4)]: carrying,
    });
    expect(instances.map(({ instanceId, verdict, since }) => [instanceId, verdict, since])).toEqual([
      [idOf(1), 'silent', today],
      [idOf(2), 'silent', yesterday],
      [idOf(3), 'congested', yesterday],
      [idOf(4), 'carrying', undefined],
    ]);
    expect(recovered).toEqual([]);
  });

  test('recovers when packets are mirrored again, and is told as it was', () => {
    const { recovered } = follow({ [idOf(2)]: crowded, [idOf(3)]: carrying });
    expect(recovered).toEqual([{ ...before.troubles[0], now: 'carrying' }]);
  });

  test('not-mirrored: recovers when nothing of ours mirrors the instance any more', () => {
    const { recovered } = follow({ [idOf(2)]: crowded }, fleet.slice(0, 2));
    expect(recovered).toEqual([{ ...before.troubles[0], now: 'not-mirrored' }]);
  });

  test('stays open while nobody looks', () => {
    const later = aReport(fleet, { before });
    expect(leaveOpen(later, before)).toEqual(before);
    expect(leaveOpen(later)).toEqual({ gaps: [], troubles: [] });
  });

  test('clock skew: one that is dated into the future began now', () => {
    const ahead = leaveOpen(aReport(fleet, { health: read, takenAt: '2026-03-02T00:00:00.000Z' }));
    const { health } = aReport(fleet, {
      health: healthOf(fleet, { [idOf(2)]: crowded, [idOf(3)]: carrying }),
      before: ahead,
    });
    expect(health).toMatchObject({
      instances: [{ since: today }, { since: today }, { instanceId: idOf(2), since: today }, {}],
      recovered: [{ instanceId: idOf(3), since: today }],
    });
  });
});
