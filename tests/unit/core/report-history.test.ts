import { expect, test } from '@jest/globals';
import { joinReports } from '../../../lib/core/report-history.ts';
import { leaveOpen } from '../../../lib/core/report-open.ts';
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
  expect(joinReports([])).toEqual({ fleet: '', points: [], gaps: [] });
});
