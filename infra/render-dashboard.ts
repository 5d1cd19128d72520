/**
 * Draws the dashboard of `infra/dashboard.yml` to `docs/dashboard.png`: `node run.js infra/render-dashboard.ts`, and then
 * `pngquant --ext .png --force 64 docs/dashboard.png`. The curves are a day in an emulated account, run by the real code:
 * `infra/demo/day.ts`.
 */
import { writeFile } from 'node:fs/promises';
import { Resvg } from '@resvg/resvg-js';
import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { readTemplate } from '../lib/emulator/template.ts';
import { playDay, type Sample } from './demo/day.ts';
import { readPackagedTemplate } from './packaged-template.ts';

/** CloudWatch's grid has 24 columns. */
const columnPixels = 60;
const rowPixels = 40;
const colours = ['#1f77b4', '#ff7f0e', '#2ca02c', '#d62728', '#9467bd', '#8c564b', '#e377c2', '#7f7f7f'];

interface Widget {
  readonly type: 'alarm' | 'metric';
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: {
    readonly title: string;
    readonly alarms?: readonly string[];
    readonly metrics?: readonly (readonly (string | MetricOptions)[])[];
    readonly stat?: string;
    readonly period?: number;
    readonly yAxis?: { readonly left?: { readonly min?: number; readonly max?: number } };
  };
}

interface MetricOptions {
  readonly label?: string;
  readonly stat?: string;
  readonly expression?: string;
}

interface Point {
  readonly series: string;
  readonly atMs: number;
  readonly value: number;
  /** A line ends where a period has no value. */
  readonly piece: number;
}

/** The widgets of the packaged dashboard. */
async function readWidgets(): Promise<readonly Widget[]> {
  const place = { accountId: '123456789012', region: 'us-east-1', stackName: 'fleetmirror-demo', queuesUrl: '' };
  const { DashboardBody } = readTemplate(await readPackagedTemplate('demo'), {}, place).readProperties('Dashboard');
  return JSON.parse(String(DashboardBody)).widgets;
}

/** The curves of a widget, with CloudWatch's statistics over its periods. */
function pointsOf({ properties }: Widget, samples: readonly Sample[]): readonly Point[] {
  const { metrics = [], stat = 'Sum', period = 300 } = properties;
  return metrics.flatMap((row) => {
    const options = row.find((item) => typeof item === 'object') ?? {};
    const names = row.filter((item) => typeof item === 'string');
    if (options.expression !== undefined) {
      const refused = samples.filter(({ metric, by }) => metric === 'SessionsRefused' && by !== undefined);
      return summarise(sumRuns(refused), ({ by }) => by ?? '', stat, period);
    }
    const [, metric, , of] = names;
    const chosen = samples.filter(
      (sample) => sample.metric === metric && (sample.of ?? 'demo') === of?.replace('fleetmirror-demo-', ''),
    );
    return summarise(chosen, () => options.label ?? metric ?? '', options.stat ?? stat, period);
  });
}

/** A function writes one sum for each reason and run; a run's counts are of one moment. */
function sumRuns(samples: readonly Sample[]): readonly Sample[] {
  return Map.groupBy(samples, ({ by, atMs }) => `${by} ${atMs}`)
    .values()
    .toArray()
    .flatMap(([first, ...rest]) =>
      first === undefined ? [] : { ...first, value: rest.reduce((sum, { value }) => sum + value, first.value) },
    );
}

function summarise(
  samples: readonly Sample[],
  seriesOf: (sample: Sample) => string,
  stat: string,
  periodSeconds: number,
): readonly Point[] {
  const groups = new Map<string, { series: string; atMs: number; values: number[] }>();
  for (const sample of samples) {
    const series = seriesOf(sample);
    const atMs = Math.floor(sample.atMs / (periodSeconds * 1000)) * periodSeconds * 1000;
    const key = `${series} ${atMs}`;
    const group = groups.get(key) ?? { series, atMs, values: [] };
    group.values.push(sample.value);
    groups.set(key, group);
  }
  const lastAtMs = new Map<string, number>();
  let piece = 0;
  const inTime = [...groups.values()].sort((one, other) => one.atMs - other.atMs);
  return Map.groupBy(inTime, ({ series }) => series)
    .values()
    .toArray()
    .flat()
    .map(({ series, atMs, values }) => {
      if (atMs - (lastAtMs.get(series) ?? 0) > periodSeconds * 1000) piece += 1;
      lastAtMs.set(series, atMs);
      return { series, atMs, value: statistic(values, stat), piece };
    });
}

function statistic(values: readonly number[], stat: string): number {
  if (stat === 'Sum') return values.reduce((sum, value) => sum + value, 0);
  if (stat === 'Minimum') return Math.min(...values);
  if (stat === 'Maximum') return Math.max(...values);
  const share = Number(stat.slice(1)) / 100;
  return values.toSorted((one, other) => one - other)[Math.ceil(values.length * share) - 1] ?? 0;
}

async function drawChart(widget: Widget, samples: readonly Sample[]): Promise<string> {
  const { width, height, properties } = widget;
  const points = pointsOf(widget, samples);
  const series = [...new Set(points.map((point) => point.series))];
  const { min = 0, max } = properties.yAxis?.left ?? {};
  const times = samples.map(({ atMs }) => atMs);
  const [startMs, endMs] = [Math.min(...times), Math.max(...times)];
  const highest = Math.max(1, ...points.map(({ value }) => value));
  const columns = series.join('').length + 4 * series.length > 44 ? 2 : series.length;
  const legendRows = Math.max(1, Math.ceil(series.length / Math.max(1, columns)));
  const spec: TopLevelSpec = {
    width: width * columnPixels - 84,
    height: height * rowPixels - 92 - 17 * legendRows,
    padding: { left: 8, right: 8, top: 10, bottom: 8 },
    title: { text: properties.title, anchor: 'start', fontSize: 15, offset: 10 },
    data: { values: points as Point[] },
    mark: { type: 'line', strokeWidth: 1.8, point: { size: 10, filled: true } },
    encoding: {
      x: {
        field: 'atMs',
        type: 'temporal',
        title: null,
        scale: { type: 'utc', domain: [startMs, endMs] },
        axis: { format: '%H:%M', grid: false, tickCount: 6, labelFontSize: 11 },
      },
      y: {
        field: 'value',
        type: 'quantitative',
        title: null,
        scale: { domain: [min, max ?? highest], nice: max === undefined },
        axis: {
          tickCount: 4,
          tickMinStep: 1,
          format: ',~r',
          labelFontSize: 11,
          gridColor: '#e8eaed',
          minExtent: 44,
          maxExtent: 44,
        },
      },
      detail: { field: 'piece', type: 'nominal' },
      color: {
        field: 'series',
        type: 'nominal',
        title: null,
        scale: { domain: series, range: colours.slice(0, series.length) },
        legend: {
          orient: 'bottom',
          columns,
          labelFontSize: 11,
          labelLimit: 0,
          offset: 8,
          symbolType: 'square',
        },
      },
    },
    config: {
      background: 'transparent',
      font: 'DejaVu Sans',
      view: { stroke: null },
      axis: { domainColor: '#c4c8cc', tickColor: '#c4c8cc' },
    },
  };
  const view = new View(parse(compile(spec).spec), { renderer: 'none' });
  return (await view.toSVG()).replace(/^<svg[^>]*?viewBox="([^"]*)"[^>]*>/, '<g>').replace(/<\/svg>$/, '</g>');
}

/** Every alarm of the demo is quiet: the day has troubles, but none that needs a person. */
function drawAlarms({ width, properties }: Widget): string {
  const names = (properties.alarms ?? []).map((arn) => arn.split(':fleetmirror-demo-').at(-1) ?? '');
  const columns = 5;
  const cell = (width * columnPixels - 40) / columns;
  const boxes = names.map((name, index) => {
    const x = 20 + (index % columns) * cell;
    const y = 36 + Math.floor(index / columns) * 25;
    return `<rect x="${x}" y="${y}" width="${cell - 10}" height="21" rx="4" fill="#e6f4ea"/><circle cx="${x + 13}" cy="${y + 10.5}" r="4.5" fill="#188038"/><text x="${x + 26}" y="${y + 15}" font-size="12" fill="#3c4043">${name}</text>`;
  });
  return `<text x="20" y="26" font-size="15" font-weight="bold">${properties.title}</text>${boxes.join('')}`;
}

async function drawDashboard(widgets: readonly Widget[], samples: readonly Sample[]): Promise<string> {
  const panels = await Promise.all(
    widgets.map(async (widget) => {
      const { x, y, width, height, type } = widget;
      const inside = type === 'alarm' ? drawAlarms(widget) : await drawChart(widget, samples);
      const frame = `<rect x="4" y="4" width="${width * columnPixels - 8}" height="${height * rowPixels - 8}" rx="8" fill="#fff" stroke="#dadce0"/>`;
      return `<g transform="translate(${x * columnPixels},${y * rowPixels})">${frame}<g transform="translate(6,4)">${inside}</g></g>`;
    }),
  );
  const height = Math.max(...widgets.map((widget) => (widget.y + widget.height) * rowPixels));
  const width = 24 * columnPixels;
  return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${width}" height="${height}" font-family="DejaVu Sans"><rect width="100%" height="100%" fill="#f1f3f4"/>${panels.join('')}</svg>`;
}

const svg = await drawDashboard(await readWidgets(), await playDay());
const image = new Resvg(svg, { font: { loadSystemFonts: true, defaultFontFamily: 'DejaVu Sans' } }).render();
await writeFile(new URL('../docs/dashboard.png', import.meta.url), image.asPng());
