/** The coverage report and the history as text for a terminal. */
import { healthRemedies, isTroubled } from '../core/health.ts';
import { printable } from '../core/quote.ts';
import type { History } from '../core/report-history.ts';
import type { CoverageReport, ReportGroup } from '../core/report-schema.ts';
import { describeBytes, describeHealth } from '../report/health-words.ts';
import { count, type Printer, paint, renderTable } from './render.ts';
import { describeCoverage } from './render-plan.ts';

/** A terminal shows so many gaps; every other format has them all. */
const gapsShownMax = 50;
const groupsShownMax = 10;
const targetsShownMax = 10;
const mirrorsShownMax = 20;

/** Coverage by group, gaps with their remedies, room, strangers and cost, one screen or two. */
export function renderCoverageReport(report: CoverageReport, printer: Printer): string {
  const { totals, quotas, foreign, crossAccount, cost, lastGoodPolicy } = report;
  const { used, limit } = quotas.accountSessions;
  return [
    paint(printer, 'bold', `Fleet ${report.fleet}, account ${report.accountId}, ${report.region}, ${report.takenAt}`),
    ...(lastGoodPolicy
      ? [paint(printer, 'yellow', `The pushed policy is broken; this goes by version ${lastGoodPolicy.version} of it.`)]
      : []),
    describeCoverage(report.coverage),
    '',
    ...renderGroups('VPC', totals.vpcs, printer),
    ...renderGroups('zone', totals.zones, printer),
    ...renderGroups('profile', totals.profiles, printer),
    ...renderGroups('tier (sessions)', totals.tiers, printer),
    ...renderGroups('instance family', totals.families, printer),
    ...renderGaps(report, printer),
    ...renderClosed(report),
    ...renderMirrors(report, printer),
    ...renderTargets(report, printer),
    `Health: ${describeHealth(report.health)}`,
    `Sessions: ${used} of ${limit} in the account, ${quotas.accountSessions.ours} ours; ${count(quotas.slots.heldByStrangers, 'slot')} on wanted interfaces held by others; ${count(quotas.slots.fullInterfaces, 'interface')} full.`,
    `Others: ${count(foreign.length, 'foreign session')}; ${count(crossAccount.length, 'session')} of ours to a target of another account.`,
    `Cost: about ${cost.monthlyUsd.toFixed(2)} USD a month for ${count(cost.sessions, 'session')} of ours, an estimate at ${cost.sessionHourUsd} USD an hour (${printable(cost.source)}).`,
  ].join('\n');
}

function renderGroups(noun: string, groups: readonly ReportGroup[], printer: Printer): string[] {
  if (groups.length === 0) return [];
  const rows = groups.slice(0, groupsShownMax).map(({ name, wanted, eligible, mirrored, complete, percent }) => {
    return [
      printable(name),
      ...[wanted, eligible, mirrored, complete].map(String),
      eligible === 0 ? '–' : `${percent} %`,
    ];
  });
  const more = groups.length > rows.length ? [`… and ${groups.length - rows.length} more`] : [];
  return [renderTable(printer, [noun, 'wanted', 'eligible', 'mirrored', 'complete', 'percent'], rows), ...more, ''];
}

function renderGaps({ gaps, totals, isFirst }: CoverageReport, printer: Printer): string[] {
  if (gaps.length === 0) return [paint(printer, 'green', 'There are no gaps.'), ''];
  const rows = gaps
    .slice(0, gapsShownMax)
    .map(({ networkInterfaceId, name, tier, kind, because, since }) => [
      networkInterfaceId,
      printable(name ?? ''),
      tier ?? 'all',
      paint(printer, kind === 'impossible' ? 'dim' : 'red', kind),
      because,
      since,
    ]);
  const more = gaps.length > rows.length ? [`… and ${gaps.length - rows.length} more: --format csv has them all.`] : [];
  return [
    renderTable(printer, ['gap', 'name', 'tier', 'kind', 'because', 'since'], rows),
    ...more,
    ...(isFirst ? ['How old the gaps are is not known: give an earlier report with --since FILE.'] : []),
    '',
    ...totals.gaps.map(
      ({ because, gaps: number, remedy }) => `  ${number} × ${paint(printer, 'cyan', because)}: ${remedy}`,
    ),
    '',
  ];
}

function renderClosed({ closed }: CoverageReport): string[] {
  if (closed.length === 0) return [];
  const mirrored = closed.filter(({ now }) => now === 'mirrored').length;
  return [`Since the report before ${count(closed.length, 'gap')} closed, ${mirrored} of them by a session.`, ''];
}

/** Mirrors that carry nothing or drop packets; of unread ones the line `Health:` tells. */
function renderMirrors({ health }: CoverageReport, printer: Printer): string[] {
  const troubled = health.state === 'read' ? health.instances.filter(isTroubled) : [];
  if (troubled.length === 0) return [];
  const rows = troubled.slice(0, mirrorsShownMax).map((mirror) => {
    const { instanceId = '', networkInterfaceIds, verdict, mirroredBytes, skippedPercent, since = '' } = mirror;
    const colour = verdict === 'silent' ? 'red' : 'yellow';
    const dropped = `${skippedPercent} %`;
    return [
      instanceId,
      networkInterfaceIds.join(' '),
      paint(printer, colour, verdict),
      describeBytes(mirroredBytes),
      dropped,
      since,
    ];
  });
  const more = troubled.length > rows.length ? [`… and ${troubled.length - rows.length} more`] : [];
  const verdicts = [...new Set(troubled.map(({ verdict }) => verdict))];
  return [
    renderTable(printer, ['mirrors of', 'interfaces', 'verdict', 'mirrored', 'dropped', 'since'], rows),
    ...more,
    '',
    ...verdicts.map((verdict) => `  ${paint(printer, 'cyan', verdict)}: ${healthRemedies[verdict]}`),
    '',
  ];
}

function renderTargets({ quotas: { targets } }: CoverageReport, printer: Printer): string[] {
  if (targets.length === 0) return [];
  const rows = targets.slice(0, targetsShownMax).map(({ targetId, kind, ownerId, sources, limit, strangers }) => {
    return [targetId, kind, ownerId, String(sources), limit === null ? 'any' : String(limit), String(strangers)];
  });
  const more = targets.length > rows.length ? [`… and ${targets.length - rows.length} more with more room`] : [];
  return [renderTable(printer, ['target', 'kind', 'account', 'sources', 'allowed', 'by others'], rows), ...more, ''];
}

/** Coverage at each report, and the life of each gap. */
export function renderHistory({ fleet, accountId, region, points, gaps }: History, printer: Printer): string {
  const coverage = points.map(({ takenAt, coverage: { percent, mirrored, eligible }, gaps: number }) => {
    return [takenAt, `${percent} %`, `${mirrored} of ${eligible}`, String(number)];
  });
  const lives = gaps.map(({ networkInterfaceId, name, tier, because, openedAt, closedAt }) => {
    return [networkInterfaceId, printable(name ?? ''), tier ?? 'all', because, openedAt, closedAt ?? 'open'];
  });
  return [
    paint(
      printer,
      'bold',
      `Fleet ${fleet}, account ${accountId}${region ? `, ${region}` : ''}, ${count(points.length, 'report')}`,
    ),
    renderTable(printer, ['report', 'coverage', 'mirrored', 'gaps'], coverage),
    '',
    renderTable(printer, ['gap', 'name', 'tier', 'because', 'opened', 'closed'], lives),
  ].join('\n');
}
