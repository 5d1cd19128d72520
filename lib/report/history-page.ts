import type { GapLife, History } from '../core/report-history.ts';
import { drawCoverage, drawGapLives } from './charts.ts';
import { type PageTable, renderPage, renderTableSection, renderTiles } from './page.ts';

const livesDrawnMax = 20;

/** Several reports as one HTML file: coverage over time, and when each gap opened and closed. */
export function renderHistoryPage(history: History): string {
  const { fleet, accountId, region, points, gaps } = history;
  const first = points[0];
  const last = points.at(-1);
  const table = tabulateLives(gaps);
  const open = gaps.filter(({ closedAt }) => closedAt === undefined).length;
  // What AWS cannot mirror has no life worth drawing.
  const closable = gaps.filter(({ kind }) => kind !== 'impossible');
  const closed = closable.filter(({ closedAt }) => closedAt !== undefined).slice(0, livesDrawnMax / 2);
  const stillOpen = closable.filter(({ closedAt }) => closedAt === undefined);
  const lives = [...stillOpen.slice(0, livesDrawnMax - closed.length), ...closed];
  const days = new Set(points.map(({ takenAt }) => dayOf(takenAt)));
  const period = [...days].filter((_, index) => index === 0 || index === days.size - 1).join(' to ');
  const trend = points.map(({ takenAt, coverage }) => `${takenAt.slice(0, 16)} ${coverage.percent} %`).join('; ');
  return renderPage({
    title: `History of mirror coverage of fleet ${fleet}`,
    subtitle: [`Account ${accountId}`, region, `${points.length} reports`, period].filter(Boolean).join(', '),
    content: [
      renderTiles([
        {
          value: `${last?.coverage.percent ?? 100} %`,
          label: `mirrored now, ${first?.coverage.percent ?? 100} % at first`,
        },
        { value: String(open), label: 'gaps are open' },
        { value: String(gaps.length - open), label: 'gaps were closed' },
      ]),
      '<div class="charts">',
      points.length === 0
        ? ''
        : `<div class="chart"><h2>Coverage over time</h2>${drawCoverage(`Coverage: ${trend}`, points)}</div>`,
      lives.length === 0
        ? ''
        : `<div class="chart"><h2>Life of gaps${closable.length > lives.length ? `, ${lives.length} of ${closable.length}` : ''}</h2>${drawGapLives('When gaps that could be closed opened and closed; the table below has the times', lives, points)}</div>`,
      '</div>',
      renderTableSection(table, 'No report shows a gap.'),
    ].join('\n'),
    tables: table.rows.length > 0 ? [table] : [],
  });
}

function tabulateLives(gaps: readonly GapLife[]): PageTable {
  return {
    id: 'lives',
    title: 'Gaps',
    columns: [
      { label: 'Interface', kind: 'code' },
      { label: 'Name', kind: 'name' },
      { label: 'Tier', kind: 'text' },
      { label: 'Kind', kind: 'status', isFilter: true },
      { label: 'Because', kind: 'text', isFilter: true },
      { label: 'Opened', kind: 'time' },
      { label: 'Closed', kind: 'time' },
      { label: 'State', kind: 'text', isFilter: true },
      { label: 'Remedy', kind: 'prose' },
    ],
    rows: gaps.map((gap) => [
      gap.networkInterfaceId,
      gap.name ?? null,
      gap.tier ?? 'all',
      gap.kind,
      gap.because,
      gap.openedAt,
      gap.closedAt ?? null,
      gap.closedAt === undefined ? 'open' : 'closed',
      gap.remedy,
    ]),
  };
}

/** The day of a time as reports write it, in UTC. */
function dayOf(time: string): string {
  return time.slice(0, 10);
}
