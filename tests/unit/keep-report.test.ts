import { describe, expect, test } from '@jest/globals';
import type { CoverageReport, OpenFindings } from '../../lib/core/report-schema.ts';
import type { Reports } from '../../lib/ports.ts';
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
