/**
 * Charts as SVG text by d3's scales and shapes. They are drawn where the report is written, so that the page needs no
 * chart code, prints sharply, and takes its colours from the theme.
 */
import { scaleBand, scaleLinear, scaleUtc } from 'd3-scale';
import { area, curveStepAfter, line, stack } from 'd3-shape';
import type { GapLife, History } from '../core/report-history.ts';
import type { CoverageReport, ReportGroup } from '../core/report-schema.ts';
import { escapeHtml } from './escape.ts';

const rowHeight = 26;

/** What a chart is fitted into: its units are the pixels of a card on a wide screen, and of one on a phone. */
interface Layout {
  readonly name: 'wide' | 'narrow';
  readonly width: number;
  readonly labelWidth: number;
  readonly figuresWidth: number;
  /** Characters of a label. */
  readonly labelMax: number;
  readonly ticks: number;
}

const layouts: readonly Layout[] = [
  { name: 'wide', width: 620, labelWidth: 168, figuresWidth: 92, labelMax: 24, ticks: 5 },
  { name: 'narrow', width: 330, labelWidth: 122, figuresWidth: 74, labelMax: 15, ticks: 3 },
];

/** What a bar is made of, in the order of drawing; the classes carry the colours. */
export const barParts = ['complete', 'partial', 'missing', 'impossible'] as const;

type BarPart = (typeof barParts)[number];

interface Bar {
  readonly name: string;
  readonly parts: Readonly<Record<BarPart, number>>;
}

function barOf({ name, wanted, eligible, mirrored, complete, partial }: ReportGroup): Bar {
  return { name, parts: { complete, partial, missing: eligible - mirrored, impossible: wanted - eligible } };
}

/** Stacked bars, one for each group: how much of what is wanted is mirrored. */
export function drawGroups(title: string, groups: readonly ReportGroup[]): string {
  return drawBoth((layout) => groupsIn(layout, title, groups));
}

function groupsIn(layout: Layout, title: string, groups: readonly ReportGroup[]): string {
  const { width, labelWidth, figuresWidth } = layout;
  const bars = groups.map(barOf);
  const height = bars.length * rowHeight;
  const rows = scaleBand(
    bars.map((_, index) => index),
    [0, height],
  ).paddingInner(0.32);
  const x = scaleLinear([0, Math.max(1, ...groups.map(({ wanted }) => wanted))], [labelWidth, width - figuresWidth]);
  const series = stack<Bar, BarPart>()
    .keys(barParts)
    .value(({ parts }, part) => parts[part])(bars);
  const rects = series.flatMap((layer) =>
    layer.flatMap(([from, to], index) => {
      if (to === from) return [];
      const at = `x="${round(x(from))}" y="${round(rows(index) ?? 0)}"`;
      return `<rect class="${layer.key}" ${at} width="${round(x(to) - x(from))}" height="${round(rows.bandwidth())}"/>`;
    }),
  );
  const texts = groups.map(({ name, wanted, complete }, index) => {
    const y = round((rows(index) ?? 0) + rows.bandwidth() / 2 + 4);
    return `<text x="0" y="${y}">${escapeHtml(shorten(name, layout))}</text><text class="soft" x="${width}" y="${y}" text-anchor="end">${complete} of ${wanted}</text>`;
  });
  return svg(layout, height, title, [...rects, ...texts]);
}

/** Bars of one figure: how many gaps each reason makes. */
export function drawReasons(title: string, reasons: CoverageReport['totals']['gaps']): string {
  return drawBoth((layout) => reasonsIn(layout, title, reasons));
}

function reasonsIn(layout: Layout, title: string, reasons: CoverageReport['totals']['gaps']): string {
  const { width } = layout;
  // Codes are longer than names, figures shorter.
  const [left, right] = [layout.labelWidth + 40, width - layout.figuresWidth / 2];
  const height = reasons.length * rowHeight;
  const rows = scaleBand(
    reasons.map(({ because }) => because),
    [0, height],
  ).paddingInner(0.32);
  const x = scaleLinear([0, Math.max(1, ...reasons.map(({ gaps }) => gaps))], [left, right]);
  const parts = reasons.map(({ because, kind, gaps }) => {
    const top = rows(because) ?? 0;
    const y = round(top + rows.bandwidth() / 2 + 4);
    const bar = `<rect class="${kind}" x="${left}" y="${round(top)}" width="${round(x(gaps) - left)}" height="${round(rows.bandwidth())}"/>`;
    return `${bar}<text x="0" y="${y}">${escapeHtml(shorten(because, { labelMax: layout.labelMax + 6 }))}</text><text class="soft" x="${width}" y="${y}" text-anchor="end">${gaps}</text>`;
  });
  return svg(layout, height, title, parts);
}

/** The coverage in percent over time, as steps: a report holds until the next one. */
export function drawCoverage(title: string, points: History['points']): string {
  return drawBoth((layout) => coverageIn(layout, title, points));
}

function coverageIn(layout: Layout, title: string, points: History['points']): string {
  const { width } = layout;
  const height = 220;
  const [left, right, top, bottom] = [44, width - 8, 10, height - 26];
  const times = points.map(({ takenAt }) => Date.parse(takenAt));
  const x = scaleUtc([Math.min(...times), Math.max(...times, Math.min(...times) + 1)], [left, right]);
  const y = scaleLinear([0, 100], [bottom, top]);
  const atOf = (point: History['points'][number]) => x(Date.parse(point.takenAt));
  const shape = line<History['points'][number]>(atOf, ({ coverage }) => y(coverage.percent)).curve(curveStepAfter);
  const under = area<History['points'][number]>(atOf, y(0), ({ coverage }) => y(coverage.percent)).curve(
    curveStepAfter,
  );
  const formatTime = x.tickFormat(layout.ticks);
  const grid = y
    .ticks(5)
    .map(
      (percent) =>
        `<line class="axis" x1="${left}" x2="${right}" y1="${round(y(percent))}" y2="${round(y(percent))}"/><text class="soft" x="${left - 6}" y="${round(y(percent) + 4)}" text-anchor="end">${percent} %</text>`,
    );
  const dates = x
    .ticks(layout.ticks)
    .map(
      (time) =>
        `<text class="soft" x="${round(x(time))}" y="${height - 6}" text-anchor="middle">${escapeHtml(formatTime(time))}</text>`,
    );
  const dots = points.map((point) => {
    return `<circle class="complete" r="3" cx="${round(atOf(point))}" cy="${round(y(point.coverage.percent))}"/>`;
  });
  const paths = [`<path class="area" d="${under(points) ?? ''}"/>`, `<path class="line" d="${shape(points) ?? ''}"/>`];
  return svg(layout, height, title, [...grid, ...dates, ...paths, ...dots]);
}

/** One bar for each gap, from when it opened to when it closed or the last report. */
export function drawGapLives(title: string, gaps: readonly GapLife[], points: History['points']): string {
  return drawBoth((layout) => gapLivesIn(layout, title, gaps, points));
}

function gapLivesIn(layout: Layout, title: string, gaps: readonly GapLife[], points: History['points']): string {
  const { width, labelWidth, figuresWidth } = layout;
  const height = gaps.length * rowHeight;
  const endMs = Date.parse(points.at(-1)?.takenAt ?? '1970-01-01T00:00:00Z');
  const startMs = Math.min(endMs - 1, ...gaps.map(({ openedAt }) => Date.parse(openedAt)));
  const x = scaleUtc([startMs, endMs], [labelWidth, width - figuresWidth]);
  const rows = scaleBand(
    gaps.map((_, index) => index),
    [0, height],
  ).paddingInner(0.4);
  const parts = gaps.map((gap, index) => {
    const top = rows(index) ?? 0;
    const y = round(top + rows.bandwidth() / 2 + 4);
    const from = x(Date.parse(gap.openedAt));
    const to = x(Date.parse(gap.closedAt ?? points.at(-1)?.takenAt ?? gap.openedAt));
    const bar = `<rect class="${gap.kind}" x="${round(from)}" y="${round(top)}" width="${round(Math.max(2, to - from))}" height="${round(rows.bandwidth())}"/>`;
    const state = gap.closedAt === undefined ? 'open' : 'closed';
    return `${bar}<text x="0" y="${y}">${escapeHtml(shorten(gap.name ?? gap.networkInterfaceId, layout))}</text><text class="soft" x="${width}" y="${y}" text-anchor="end">${state}</text>`;
  });
  return svg(layout, height, title, parts);
}

/** The chart for each screen; the page's style shows the one that fits, to screen readers too. */
function drawBoth(draw: (layout: Layout) => string): string {
  return layouts.map(draw).join('');
}

function svg({ name, width }: Layout, height: number, title: string, parts: readonly string[]): string {
  return `<svg class="${name}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(title)}">${parts.join('')}</svg>`;
}

function shorten(name: string, { labelMax }: Pick<Layout, 'labelMax'>): string {
  const characters = [...name];
  return characters.length <= labelMax ? name : `${characters.slice(0, labelMax - 1).join('')}…`;
}

function round(number: number): number {
  return Math.round(number * 10) / 10;
}
