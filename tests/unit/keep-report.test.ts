import { describe, expect, test } from '@jest/globals';
import type { InstanceId } from '../../lib/core/model.ts';
import type { CoverageReport, OpenFindings } from '../../lib/core/report-schema.ts';
import { Ec2Failure } from '../../lib/failure.ts';
import { createMemory } from '../../lib/memory.ts';
import type { HealthProbe, Metrics, Reports } from '../../lib/ports.ts';
import { policyText } from '../support/policy.ts';
import { aStage, sessionsIn } from '../support/stage.ts';

const document = { instances: [{ name: 'web', instanceType: 'm5.large', tags: { Mirror: 'true', Name: 'web' } }] };

/** A place for reports that keeps them in a list, or refuses them. */
function keeping(
  before?: OpenFindings,
): Reports & { readonly kept: { report: CoverageReport; page: string; open: OpenFindings }[] } {
  const kept: { report: CoverageReport; page: string; open: OpenFindings }[] = [];
  return {
    kept,
    keep: async (report, page, open) => {
      kept.push({ report, page, open });
    },
    recallOpen: async () => kept.at(-1)?.open ?? before,
  };
}

/** CloudWatch over the last hour, as the work answers. */
function reading(readMirrorTraffic: Metrics['readMirrorTraffic']): HealthProbe {
  return { metrics: { readMirrorTraffic }, windowMs: 3_600_000 };
}

describe('a sweep', () => {
  test('leaves a report of what it did: sessions that it has just made are in it', async () => {
    const stage = aStage({ document });
    const reports = keeping();
    await stage.sweep({ world: { reports } });
    const [{ report, page } = { report: undefined, page: '' }] = reports.kept;
    expect(report).toMatchObject({ fleet: 'prod', isObserved: false, gaps: [], coverage: { complete: 1 } });
    expect(report?.interfaces[0]?.sessions.map(({ sessionId }) => sessionId)).toEqual(
      sessionsIn(stage).map(({ sessionId }) => sessionId),
    );
    expect(page).toContain('Mirror coverage of fleet prod');
  });

  test('dates its gaps by the last report that was kept', async () => {
    const stage = aStage({ document: { instances: [{ ...document.instances[0]!, instanceType: 't2.micro' }] } });
    const reports = keeping();
    await stage.sweep({ world: { reports } });
    stage.clock.advance(3_600_000);
    await stage.sweep({ world: { reports } });
    const [first, second] = reports.kept.map(({ report }) => report);
    expect(second?.takenAt).not.toBe(first?.takenAt);
    expect(second?.gaps.map(({ because, since }) => [because, since])).toEqual([['type-unsupported', first?.takenAt]]);
  });

  test('tells what became of the gaps of the last report that was kept, once', async () => {
    const stage = aStage({ document, differences: { mode: 'observe' } });
    const reports = keeping();
    await stage.sweep({ world: { reports } });
    stage.setPolicy(policyText());
    stage.clock.advance(3_600_000);
    await stage.sweep({ world: { reports } });
    await stage.sweep({ world: { reports } });
    const [first, second, third] = reports.kept.map(({ report }) => report);
    expect(first?.gaps.map(({ tier }) => tier)).toEqual(['http', 'tcp']);
    expect(second?.closed).toEqual(first?.gaps.map((gap) => ({ ...gap, now: 'mirrored' })));
    expect(third?.closed).toEqual([]);
  });

  test('ReportsLost: what a lost report would have closed, the next one closes', async () => {
    const stage = aStage({ document, differences: { mode: 'observe' } });
    const reports = keeping();
    await stage.sweep({ world: { reports } });
    stage.setPolicy(policyText());
    const memory = createMemory();
    const refusing = { ...reports, keep: () => Promise.reject(new Error('AccessDenied')) };
    await stage.sweep({ world: { reports: refusing, memory } });
    await stage.sweep({ world: { reports, memory } });
    expect(reports.kept.at(-1)?.report.closed.map(({ tier, now }) => [tier, now])).toEqual([
      ['http', 'mirrored'],
      ['tcp', 'mirrored'],
    ]);
  });

  test('tells a closed gap once, whichever of two warm functions was the first to see it closed', async () => {
    const stage = aStage({ document, differences: { mode: 'observe' } });
    const reports = keeping();
    const one = { reports, memory: createMemory() };
    const other = { reports, memory: createMemory() };
    await stage.sweep({ world: one });
    stage.setPolicy(policyText());
    await stage.sweep({ world: other });
    await stage.sweep({ world: one });
    expect(reports.kept.map(({ report }) => report.closed.length)).toEqual([0, 2, 0]);
  });

  test('not-asked: says nothing about the health of mirrors where nobody reads it', async () => {
    const stage = aStage({ document });
    const reports = keeping();
    await stage.sweep({ world: { reports } });
    expect(reports.kept[0]?.report.health).toEqual({ state: 'not-read', because: 'not-asked' });
  });

  test('tells the health of the mirrors that it made and of those that were there', async () => {
    const stage = aStage({ document });
    const reports = keeping();
    const instanceId = stage.idOf('web') as InstanceId;
    const traffic = new Map([[instanceId, { bytesIn: 900, skippedBytesIn: 100 }]]);
    await stage.sweep({ world: { reports, health: reading(async () => traffic) } });
    expect(reports.kept[0]?.report.health).toMatchObject({
      state: 'read',
      from: '2026-03-01T11:00:00.000Z',
      totals: { instances: 1, congested: 1, skippedPercent: 10 },
      instances: [{ instanceId, sessions: 2, verdict: 'congested' }],
    });
    expect(reports.kept[0]?.page).toContain('Health of mirrors');
  });

  test.each([
    ['denied', 'that refuses', new Ec2Failure('denied', 'cloudwatch:GetMetricData', 'AccessDenied')],
    ['failed', 'that is too busy', new Ec2Failure('throttled', 'cloudwatch:GetMetricData', 'Throttling')],
    // CloudWatch's client is a bundle of its own, whose failures are of a class of their own.
    [
      'denied',
      'that refuses through a bundle apart',
      Object.assign(new Error('AccessDenied'), {
        ...new Ec2Failure('denied', 'cloudwatch:GetMetricData', 'AccessDenied'),
        name: 'Ec2Failure',
      }),
    ],
  ])('%s: a CloudWatch %s leaves the report whole, which names the call', async (because, _, failure) => {
    const stage = aStage({ document });
    const reports = keeping();
    await stage.sweep({ world: { reports, health: reading(() => Promise.reject(failure)) } });
    const report = reports.kept[0]?.report;
    expect(report?.health).toEqual({ state: 'not-read', because, operation: 'cloudwatch:GetMetricData' });
    expect(report?.coverage).toMatchObject({ complete: 1 });
    expect(stage.counts.get('ReportsLost')).toBeUndefined();
    expect(stage.logs.filter(({ fields }) => fields.operation === 'cloudwatch:GetMetricData')).toHaveLength(1);
  });

  test('ReportsLost: a bucket that refuses is counted, and the sweep is done all the same', async () => {
    const stage = aStage({ document });
    const refusing = { ...keeping(), keep: () => Promise.reject(new Error('AccessDenied')) };
    await stage.sweep({ world: { reports: refusing } });
    expect(sessionsIn(stage)).toHaveLength(2);
    expect(stage.counts.get('ReportsLost')).toBe(1);
    expect(stage.logs.some(({ level, fields }) => level === 'error' && fields.cause === 'Error: AccessDenied')).toBe(
      true,
    );
  });
});
