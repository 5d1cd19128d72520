/** What several reports of one fleet say together: coverage over time, and the life of each gap. */
import { gapKey } from './report-gaps.ts';
import type { CoverageReport, EarlierReport, ReportGap } from './report-schema.ts';

export interface History {
  readonly fleet: string;
  readonly accountId: string;
  /** Absent when no report names one. */
  readonly region?: string;
  /** In the order of time. */
  readonly points: readonly {
    readonly takenAt: string;
    readonly coverage: CoverageReport['coverage'];
    readonly gaps: number;
  }[];
  /** The longest open first, then those that closed last. */
  readonly gaps: readonly GapLife[];
}

/** A gap from the report that showed it first to the one that did not show it any more. */
export interface GapLife {
  readonly networkInterfaceId: string;
  readonly name?: string;
  readonly tier?: string;
  readonly kind: ReportGap['kind'];
  /** The last reason that was told. */
  readonly because: string;
  readonly remedy: string;
  readonly openedAt: string;
  /** Absent while the last report still shows it. */
  readonly closedAt?: string;
}

/** Joins reports of one fleet, in any order. A gap that closes and opens again has two lives. */
export function joinReports(reports: readonly EarlierReport[]): History {
  const inTime = [...reports].sort((one, other) => (one.takenAt < other.takenAt ? -1 : 1));
  const open = new Map<string, GapLife>();
  const closed: (GapLife & Required<Pick<GapLife, 'closedAt'>>)[] = [];
  for (const { takenAt, gaps } of inTime) {
    const shown = new Set(gaps.map(gapKey));
    for (const [key, life] of open) {
      if (shown.has(key)) continue;
      closed.push({ ...life, closedAt: takenAt });
      open.delete(key);
    }
    for (const gap of gaps) {
      const { networkInterfaceId, name, tier, kind, because, remedy } = gap;
      const openedAt = open.get(gapKey(gap))?.openedAt ?? gap.since;
      const known = { ...(name && { name }), ...(tier && { tier }) };
      open.set(gapKey(gap), { networkInterfaceId, ...known, kind, because, remedy, openedAt });
    }
  }
  const stillOpen = [...open.values()].sort((one, other) => (one.openedAt < other.openedAt ? -1 : 1));
  closed.sort((one, other) => (one.closedAt > other.closedAt ? -1 : 1));
  const region = inTime.find((report) => report.region !== undefined)?.region;
  return {
    fleet: inTime[0]?.fleet ?? '',
    accountId: inTime[0]?.accountId ?? '',
    ...(region && { region }),
    points: inTime.map(({ takenAt, coverage, gaps }) => ({ takenAt, coverage, gaps: gaps.length })),
    gaps: [...stillOpen, ...closed],
  };
}
