/** The look of the report pages: light and dark by the browser's own preference, and plain on paper. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#f6f7f9, #0f1419);
  --card: light-dark(#ffffff, #182028);
  --ink: light-dark(#1b2430, #e6ebf1);
  --soft: light-dark(#566273, #a3b0bf);
  --line: light-dark(#dde3ea, #2c3742);
  --accent: light-dark(#0b5cad, #78b7ff);
  --complete: light-dark(#1f8a5b, #3fbf83);
  --partial: light-dark(#d99a14, #e5b343);
  --missing: light-dark(#c8402f, #f0705f);
  --impossible: light-dark(#97a3b1, #66727f);
}
:root[data-theme=light] { color-scheme: light; }
:root[data-theme=dark] { color-scheme: dark; }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif; }
main, header { max-width: 1480px; margin: 0 auto; padding: 0 24px; }
header { display: flex; flex-wrap: wrap; gap: 8px 24px; align-items: baseline; padding-top: 28px; padding-bottom: 12px; }
header p { margin: 0; color: var(--soft); flex: 1; }
h1 { font-size: 24px; margin: 0; letter-spacing: -.01em; }
h2 { font-size: 18px; margin: 0 0 12px; }
.chart h2 { font-size: 14px; margin: 0 0 8px; }
a { color: var(--accent); }
code, .code { font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, 'DejaVu Sans Mono', monospace; }
button, input, select { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 5px 12px; }
button { cursor: pointer; }
button:disabled { color: var(--soft); cursor: default; opacity: .6; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.skip { position: absolute; left: -9999px; }
.skip:focus { left: 16px; top: 8px; background: var(--card); padding: 6px 12px; z-index: 1; }
section, .tile, .chart { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 20px; margin-bottom: 20px; }
section { scroll-margin-top: 12px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(170px, 1fr)); gap: 16px; margin-bottom: 20px; }
.tile { margin: 0; padding: 14px 16px; }
.tile b { display: block; font-size: 19px; line-height: 1.25; font-variant-numeric: tabular-nums; letter-spacing: -.02em; }
.tile span { color: var(--soft); font-size: 13px; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); gap: 20px; margin-bottom: 20px; align-items: start; }
.chart { margin: 0; padding: 16px 20px; min-width: 0; }
.chart svg { display: block; width: 100%; height: auto; max-width: 640px; }
svg text { fill: var(--ink); font-size: 12.5px; font-family: inherit; }
svg text.soft { fill: var(--soft); }
svg .axis { stroke: var(--line); }
svg .line { fill: none; stroke: var(--complete); stroke-width: 2; }
svg .area { fill: var(--complete); opacity: .18; }
.complete, .carrying { fill: var(--complete); background: var(--complete); }
.partial, .congested { fill: var(--partial); background: var(--partial); }
.missing, .unclear, .silent { fill: var(--missing); background: var(--missing); }
.impossible, .young, .unmeasured { fill: var(--impossible); background: var(--impossible); }
.unwanted { fill: var(--line); background: var(--line); }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; list-style: none; margin: 0 0 16px; padding: 0; font-size: 13px; color: var(--soft); }
.dot { display: inline-block; width: 10px; height: 10px; border-radius: 3px; margin-right: 7px; }
.tools { display: flex; flex-wrap: wrap; gap: 10px 16px; align-items: center; margin-bottom: 10px; }
.tools label { display: flex; gap: 8px; align-items: center; color: var(--soft); font-size: 13px; }
.tools input { width: 260px; max-width: 60vw; }
.tools .shown { margin-left: auto; color: var(--soft); font-size: 13px; }
.scroll { overflow-x: auto; position: relative; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
th { text-align: left; white-space: nowrap; border-bottom: 2px solid var(--line); padding: 4px 12px 4px 0; }
th button { border: 0; padding: 2px 0; background: none; font-weight: 600; }
th button::after { content: ' ↕'; color: var(--soft); font-weight: 400; }
th[aria-sort=ascending] button::after { content: ' ↑'; color: var(--accent); }
th[aria-sort=descending] button::after { content: ' ↓'; color: var(--accent); }
td { border-bottom: 1px solid var(--line); padding: 6px 12px 6px 0; vertical-align: top; max-width: 420px; overflow-wrap: anywhere; }
td.code, td.time, td.status, td.reason, td.text { white-space: nowrap; }
td.name { min-width: 90px; }
td.prose { min-width: 240px; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
.pager { display: flex; gap: 8px; align-items: center; margin-top: 12px; }
.pager span { color: var(--soft); font-size: 13px; padding: 0 6px; }
dl { margin: 0; }
dt { font-weight: 600; scroll-margin-top: 12px; }
dt:target, dt:focus { outline: 2px solid var(--accent); outline-offset: 4px; border-radius: 4px; }
dd { margin: 0 0 12px; color: var(--soft); }
details summary { cursor: pointer; color: var(--soft); font-size: 13px; margin-top: 6px; }
p.closed { color: var(--soft); margin: 0 0 20px; }
.empty { color: var(--soft); margin: 0; }
.note { color: var(--soft); font-size: 13px; margin: 0 0 10px; }
.rest { display: none; }
footer { color: var(--soft); font-size: 13px; padding: 4px 0 32px; }
/* A chart is drawn for a wide and for a narrow screen; paper is wide. */
.chart svg.narrow { display: none; }
@media screen and (max-width: 640px) {
  main, header { padding-left: 12px; padding-right: 12px; }
  section, .chart { padding: 14px; }
  .chart svg.wide { display: none; }
  .chart svg.narrow { display: block; }
  .tiles { grid-template-columns: 1fr 1fr; gap: 10px; }
  /* Long sentences stand to the right of the screen's edge: wide, so that rows stay low. */
  td { max-width: 560px; }
  td.prose { min-width: 520px; }
}
@media print {
  :root, :root[data-theme] { color-scheme: light; --ground: #fff; }
  body { font-size: 11px; }
  .tools, .pager, .theme, .skip, th button::after, details summary { display: none; }
  section, .tile, .chart { border-radius: 0; padding: 8px; }
  .chart, .tile, tr { break-inside: avoid; }
  .rest { display: block; }
  thead { display: table-header-group; }
  table { font-size: 9.5px; }
  .scroll { overflow: visible; }
}
`;
