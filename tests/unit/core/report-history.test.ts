import { describe, expect, test } from '@jest/globals';
import { joinReports } from '../../../lib/core/report-history.ts';
import { leaveOpen } from '../../../lib/core/report-open.ts';
import type { ReportGap } from '../../../lib/core/report-schema.ts';
import { aReport, aSource } from '../../support/report.ts';

const on = (day: number, source: Parameters<typeof aSource>[1]) =>
  aReport([aSource(1, source)], { takenAt: `2026-03-0${day}T12:00:00.000Z` });

test('a gap lives from the first report that shows it to the first that does not', () => {
  const history = joinReports([on(3, { mirrored: [10, 20] }), on(1, { mirrored: [20] }), on(2, { mirrored: [20] })]);
  expect(history.points.map(({ takenAt, coverage, gaps }) => [takenAt.slice(0, 10), coverage.complete, gaps])).toEqual([
    ['2026-03-01', 0, 1],
    ['2026-03-02', 0, 1],
    ['2026-03-03', 1, 0],
  ]);
  expect(history.gaps).toEqual([
    expect.objectContaining({
      tier: 'http',
      because: 'opted-in',
      openedAt: '2026-03-01T12:00:00.000Z',
      closedAt: '2026-03-03T12:00:00.000Z',
    }),
  ]);
});

test('a gap that closes and opens again has two lives, the open one first', () => {
  const gap = { mirrored: [20] } as const;
  const history = joinReports([on(1, gap), on(2, { mirrored: [10, 20] }), on(3, gap)]);
  expect(history.gaps.map(({ openedAt, closedAt }) => [openedAt.slice(8, 10), closedAt?.slice(8, 10)])).toEqual([
    ['03', undefined],
    ['01', '02'],
  ]);
});

test('a report that knows how old its gaps are is believed', () => {
  const before = leaveOpen(aReport([aSource(1, { mirrored: [20] })], { takenAt: '2026-02-01T00:00:00.000Z' }));
  const report = aReport([aSource(1, { mirrored: [20] })], { before });
  expect(joinReports([report]).gaps[0]?.openedAt).toBe('2026-02-01T00:00:00.000Z');
});

test('without reports there is no history', () => {
  expect(joinReports([])).toStrictEqual({ fleet: '', accountId: '', points: [], gaps: [] });
});

describe('what reports say together', () => {
  const day = (number: number) => `2026-03-0${number}T12:00:00.000Z`;
  const aGap = (index: number, since: string, differences: Partial<ReportGap> = {}): ReportGap => ({
    networkInterfaceId: `eni-${index}`,
    kind: 'missing',
    because: 'target-full',
    remedy: 'Add targets.',
    since,
    ...differences,
  });
  const on = (number: number, ...gaps: readonly ReportGap[]) => ({
    ...aReport([]),
    takenAt: day(number),
    gaps: [...gaps],
  });
  const life = (index: number, openedAt: string, closedAt?: string) => {
    const { since: _, ...told } = aGap(index, openedAt);
    return { ...told, openedAt, ...(closedAt && { closedAt }) };
  };

  test('is told in the order of time: the longest open gaps first, then those that closed last', () => {
    const third = on(3, aGap(2, day(3)), aGap(1, day(3)), aGap(3, day(1)));
    const first = on(1, aGap(1, day(1)), aGap(4, day(1)), aGap(5, day(1)), aGap(6, day(1)), aGap(2, day(1)));
    const second = on(2, aGap(1, day(2)), aGap(6, day(1)), aGap(2, day(2)));
    expect(joinReports([third, first, second])).toStrictEqual({
      fleet: 'prod',
      accountId: '111122223333',
      region: 'us-east-1',
      points: [first, second, third].map(({ takenAt, coverage, gaps }) => ({ takenAt, coverage, gaps: gaps.length })),
      gaps: [
        life(1, day(1)),
        life(2, day(1)),
        life(3, day(1)),
        life(6, day(1), day(3)),
        life(4, day(1), day(2)),
        life(5, day(1), day(2)),
      ],
    });
  });

  test('a gap that an earlier report knew is older than one that was seen before it', () => {
    const history = joinReports([on(2, aGap(1, day(2))), on(3, aGap(1, day(3)), aGap(2, day(1)))]);
    expect(history.gaps).toStrictEqual([life(2, day(1)), life(1, day(2))]);
  });

  test('a gap is told as the last report told it, with its name and tier', () => {
    const later = aGap(1, day(2), {
      because: 'denied',
      kind: 'impossible',
      remedy: 'Allow.',
      name: 'web',
      tier: 'tcp',
    });
    const { since: _, ...told } = later;
    expect(joinReports([on(1, aGap(1, day(1))), on(2, later)]).gaps).toStrictEqual([{ ...told, openedAt: day(1) }]);
  });

  test('names the Region that any of them names, and none where none does', () => {
    const { region: _, ...old } = on(1);
    expect(joinReports([old, on(2)]).region).toBe('us-east-1');
    expect(joinReports([old])).not.toHaveProperty('region');
  });

  test('two reports of one moment stay in the order in which they came', () => {
    const gaps = joinReports([on(1, aGap(1, day(1))), on(1)]).points.map((point) => point.gaps);
    expect(gaps).toEqual([1, 0]);
  });
});
