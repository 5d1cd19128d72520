import { healthRemedies } from '../core/health.ts';
import { explainReason } from '../core/report-gaps.ts';
import type { CoverageReport, ReportGroup } from '../core/report-schema.ts';
import { barParts, drawGroups, drawReasons } from './charts.ts';
import { escapeHtml, markCode } from './escape.ts';
import { describeHealth } from './health-words.ts';
import { type PageTable, renderPage, renderTableSection, renderTiles } from './page.ts';
import {
  tabulateForeign,
  tabulateGaps,
  tabulateInterfaces,
  tabulateMirrors,
  tabulateTargets,
} from './report-tables.ts';

/** Groups that a chart shows; all of them stand in its table of figures. */
const groupsDrawnMax = 8;
const groupsListedMax = 200;

const meanings: Readonly<Record<(typeof barParts)[number], string>> = {
  complete: 'complete: all sessions',
  partial: 'partial: some sessions',
  missing: 'missing: no session, but possible',
  impossible: 'impossible: AWS cannot mirror it now',
};

/** The coverage report as one HTML file, for people: an auditor, an operator, a printer. */
export function renderReportPage(report: CoverageReport): string {
  const { fleet, accountId, region, takenAt, totals, isObserved, lastGoodPolicy } = report;
  const gaps = tabulateGaps(report);
  const interfaces = tabulateInterfaces(report);
  const mirrors = tabulateMirrors(report);
  const targets = tabulateTargets(report);
  const foreign = tabulateForeign(report);
  const policy = lastGoodPolicy ? `; the policy is broken, this goes by version ${lastGoodPolicy.version} of it` : '';
  const when = takenAt.slice(0, 16).replace('T', ' ');
  return renderPage({
    title: `Mirror coverage of fleet ${fleet}`,
    subtitle: `Account ${accountId}, ${region}, ${when} UTC${isObserved ? ', read only' : ', after a sweep'}${policy}`,
    content: [
      renderTiles(tilesOf(report)),
      renderLegend(),
      '<div class="charts">',
      renderChart('By VPC', totals.vpcs),
      renderChart('By zone', totals.zones),
      renderChart('By profile', totals.profiles),
      renderChart('By tier (sessions)', totals.tiers),
      renderChart('By instance family', totals.families),
      renderReasonChart(totals.gaps),
      '</div>',
      renderTableSection(gaps, 'There are no gaps: everything that is wanted is mirrored.'),
      renderEarlier(report),
      renderTableSection(mirrors, describeHealth(report.health), describeHealth(report.health)),
      renderTableSection(interfaces, 'The policy wants no interface, and none carries a session.'),
      renderTableSection(targets, 'No target is used or named in the policy.'),
      renderTableSection(foreign, 'There are no sessions of others, and none of ours leads to another account.'),
      renderReasons(report),
    ].join('\n'),
    tables: [gaps, mirrors, interfaces, targets, foreign].filter((table: PageTable) => table.rows.length > 0),
  });
}

function tilesOf({ coverage, gaps, health, quotas, cost }: CoverageReport) {
  const { percent, mirrored, eligible, complete, wanted } = coverage;
  const closable = gaps.filter(({ kind }) => kind !== 'impossible').length;
  const money = cost.monthlyUsd.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const { used, limit } = quotas.accountSessions;
  const format = (number: number) => number.toLocaleString('en');
  return [
    { value: `${percent} %`, label: `mirrored: ${format(mirrored)} of ${format(eligible)} eligible interfaces` },
    { value: `${format(complete)} of ${format(wanted)}`, label: 'wanted interfaces have all their sessions' },
    { value: format(closable), label: `gaps to close, ${format(gaps.length - closable)} more that AWS cannot mirror` },
    tileOfHealth(health),
    { value: format(used), label: `sessions in the account, of ${format(limit)} allowed` },
    { value: `$${money}`, label: `a month for ${format(cost.sessions)} sessions of ours, an estimate` },
  ];
}

/** How many mirrors are in trouble; a health that was not read is unknown, whatever the coverage. */
function tileOfHealth(health: CoverageReport['health']) {
  if (health.state === 'not-read')
    return { value: 'not read', label: 'whether the sessions carry anything is unknown' };
  const { silent, congested, instances, unmeasured, skippedPercent } = health.totals;
  const label = `of ${(instances - unmeasured).toLocaleString('en')} mirrored instances carry nothing or drop packets; ${skippedPercent} % of the bytes dropped`;
  return { value: (silent + congested).toLocaleString('en'), label };
}

/** One sentence on the report before: that there was none, or which of its gaps are none any more. */
function renderEarlier({ closed, gaps, isFirst }: CoverageReport): string {
  if (isFirst && gaps.length > 0)
    return '<p class="closed">How old the gaps are is not known: no earlier report was at hand, and their times begin with this one.</p>';
  if (closed.length === 0) return '';
  const mirrored = closed.filter(({ now }) => now === 'mirrored').length;
  const number = closed.length === 1 ? '1 gap has' : `${closed.length.toLocaleString('en')} gaps have`;
  return `<p class="closed">Since the report before ${number} closed, ${mirrored.toLocaleString('en')} of them by a session.</p>`;
}

function renderLegend(): string {
  const items = barParts.map((part) => `<li><span class="dot ${part}"></span>${meanings[part]}</li>`);
  return `<ul class="legend" aria-label="Colours">${items.join('')}</ul>`;
}

function renderChart(title: string, groups: readonly ReportGroup[]): string {
  if (groups.length === 0) return '';
  const drawn = groups.slice(0, groupsDrawnMax);
  const more = groups.length > drawn.length ? `, the largest ${drawn.length} of ${groups.length}` : '';
  const label = `${title}${more}: ${drawn.map(({ name, complete, wanted }) => `${name} ${complete} of ${wanted}`).join('; ')}`;
  const figures = groups.length > groupsListedMax ? `Figures of the largest ${groupsListedMax}` : 'Figures';
  return `<div class="chart"><h2>${escapeHtml(title + more)}</h2>${drawGroups(label, drawn)}<details><summary>${figures}</summary>${renderFigures(title, groups)}</details></div>`;
}

function renderFigures(title: string, groups: readonly ReportGroup[]): string {
  const rows = groups.slice(0, groupsListedMax).map(({ name, wanted, eligible, mirrored, complete, percent }) => {
    const cells = [wanted, eligible, mirrored, complete, eligible === 0 ? '–' : `${percent} %`];
    return `<tr><th scope="row"><bdi>${escapeHtml(name)}</bdi></th>${cells.map((cell) => `<td class="number">${cell}</td>`).join('')}</tr>`;
  });
  const head = ['', 'wanted', 'eligible', 'mirrored', 'complete', 'percent'];
  const heads = head.map((text, index) => (index === 0 ? '<td></td>' : `<th scope="col" class="number">${text}</th>`));
  return `<table><caption>${escapeHtml(title)}</caption><thead><tr>${heads.join('')}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

function renderReasonChart(reasons: CoverageReport['totals']['gaps']): string {
  if (reasons.length === 0) return '';
  const drawn = reasons.slice(0, groupsDrawnMax);
  const label = `Gaps by reason: ${drawn.map(({ because, gaps }) => `${because} ${gaps}`).join('; ')}`;
  return `<div class="chart"><h2>Gaps by reason</h2>${drawReasons(label, drawn)}</div>`;
}

/** Every reason that the page names, with its meaning and remedy: where the links of the tables lead. */
function renderReasons({ interfaces, gaps, health, cost }: CoverageReport): string {
  const remedies = new Map(gaps.map(({ because, remedy }) => [because, remedy]));
  for (const { verdict } of health.state === 'read' ? health.instances : [])
    remedies.set(verdict, healthRemedies[verdict]);
  for (const { because, decisions } of interfaces) {
    for (const code of [because ?? [], decisions.map((decision) => decision.because)].flat()) {
      if (!remedies.has(code)) remedies.set(code, explainReason(code));
    }
  }
  const entries = [...remedies].sort().map(([code, remedy]) => {
    return `<dt id="reason-${escapeHtml(code)}" tabindex="-1">${escapeHtml(code)}</dt><dd>${markCode(escapeHtml(remedy))}</dd>`;
  });
  const price = `The estimate: ${cost.sessions} sessions × ${cost.sessionHourUsd} USD × ${cost.hoursPerMonth} hours (${cost.source}). Data transfer and load balancers come on top.`;
  return `<section id="reasons" tabindex="-1" aria-labelledby="heading-reasons"><h2 id="heading-reasons">What the reasons mean, and what to do</h2><dl>${entries.join('')}</dl><p class="empty">${escapeHtml(price)}</p></section>`;
}
