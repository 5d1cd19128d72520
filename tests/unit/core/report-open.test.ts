import { describe, expect, test } from '@jest/globals';
import { leaveOpen } from '../../../lib/core/report-open.ts';
import { aReport, aSource, type SourceDifferences } from '../../support/report.ts';

const yesterday = '2026-02-28T12:00:00.000Z';
const today = '2026-03-01T12:00:00.000Z';

/** The report on one source today, after yesterday's on the same source in another state. */
function follow(earlier: SourceDifferences, later: SourceDifferences | 'gone') {
  const first = aReport([aSource(1, earlier)], { takenAt: yesterday });
  const second = aReport(later === 'gone' ? [] : [aSource(1, later)], { takenAt: today, before: leaveOpen(first) });
  return { first, second };
}

describe('a gap of the report before', () => {
  test('mirrored: is closed by its session, as it was told before, with its age', () => {
    const { first, second } = follow({ mirrored: [20] }, { mirrored: [10, 20] });
    expect(first.gaps).toHaveLength(1);
    expect(second.closed).toEqual([{ ...first.gaps[0], since: yesterday, now: 'mirrored' }]);
    expect(second.gaps).toEqual([]);
  });

  test('that is still one is not closed, and keeps its age', () => {
    const { first, second } = follow({ mirrored: [20] }, { mirrored: [20] });
    expect(second.closed).toEqual([]);
    expect(second.gaps).toEqual([{ ...first.gaps[0], since: yesterday }]);
  });

  test('whose reason changed is the same gap', () => {
    const { second } = follow({ mirrored: [20] }, { mirrored: [20], foreign: [10] });
    expect(second.closed).toEqual([]);
    expect(second.gaps.map(({ because, since }) => [because, since])).toEqual([
      ['number-held-by-another-owner', yesterday],
    ]);
  });

  test.each<[string, string, SourceDifferences, SourceDifferences | 'gone', (number | undefined)[]]>([
    ['gone', 'when the interface is', { mirrored: [20] }, 'gone', [10]],
    ['unwanted', 'when the tag is taken off', { mirrored: [] }, { tags: {} }, [10, 20]],
    [
      'mirrored',
      'when the instance started and has all its sessions',
      { state: 'stopped' },
      { mirrored: [10, 20] },
      [undefined],
    ],
    [
      'changed',
      'when the instance started and a session is missing',
      { state: 'stopped' },
      { mirrored: [20] },
      [undefined],
    ],
    ['mirrored', 'by its own session, though another is missing', {}, { mirrored: [10] }, [10]],
    [
      'unwanted',
      'when the tag names the other tier only',
      { mirrored: [20] },
      { tags: { Mirror: 'tcp' }, mirrored: [20] },
      [10],
    ],
    ['unwanted', 'when the tag of a stopped instance is taken off', { state: 'stopped' }, { tags: {} }, [undefined]],
    ['changed', 'when the instance stopped', { mirrored: [20] }, { state: 'stopped' }, [10]],
    ['changed', 'when the tag became unreadable', { mirrored: [20] }, { tags: { Mirror: 'yess' } }, [10]],
  ])('is %s %s', (now, _, earlier, later, numbers) => {
    expect(follow(earlier, later).second.closed.map((gap) => [gap.sessionNumber, gap.now])).toEqual(
      numbers.map((number) => [number, now]),
    );
  });
});

test('without a report before nothing is closed', () => {
  expect(aReport([aSource(1, { mirrored: [10, 20] })]).closed).toEqual([]);
});

test('a report leaves its gaps open, and what it closed is closed for good', () => {
  const { first, second } = follow({ mirrored: [20] }, { mirrored: [10, 20] });
  expect(leaveOpen(first)).toEqual({ gaps: first.gaps, troubles: [] });
  expect(leaveOpen(second)).toEqual({ gaps: [], troubles: [] });
});

test('clock skew: a gap that an earlier report dates into the future began now', () => {
  const source = aSource(1, { mirrored: [20] });
  const ahead = aReport([source], { takenAt: '2026-03-01T12:00:01.000Z' });
  const report = aReport([source], { takenAt: today, before: leaveOpen(ahead) });
  expect(report.gaps.map(({ since }) => since)).toEqual([today]);
  expect(report.interfaces[0]?.since).toBe(today);
});
