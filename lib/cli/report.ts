/** `report`: which interfaces are mirrored, which are not, why and since when, for people and for other programs. */
import { writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Command } from 'commander';
import { startRun } from '../call.ts';
import type { Owner } from '../core/ownership.ts';
import { joinReports } from '../core/report-history.ts';
import { leaveOpen } from '../core/report-open.ts';
import type { CoverageReport, EarlierReport } from '../core/report-schema.ts';
import { reportCoverage } from '../coverage-report.ts';
import { readReportHealth } from '../health.ts';
import { type Report, reconcile } from '../reconcile.ts';
import { renderAsff } from '../report/asff.ts';
import { renderCsv } from '../report/csv.ts';
import { renderHistoryPage } from '../report/history-page.ts';
import { renderOcsf } from '../report/ocsf.ts';
import { renderReportPage } from '../report/report-page.ts';
import { addGlobalOptions, type Context, type GlobalOptions, openContext, openPolicyToRead } from './context.ts';
import { healthMinutes, parseHealthMinutes } from './health.ts';
import { makeFolder } from './make-folder.ts';
import { showProgress } from './progress.ts';
import { describeFileError } from './read-file.ts';
import { readReportFile } from './read-report.ts';
import { stdout } from './render.ts';
import { renderCoverageReport, renderHistory } from './render-report.ts';
import { chooseReportFormat, parseReportFormat, type ReportFormat, reportFormats } from './report-format.ts';
import { endHelp, exitCodes, UsageError } from './usage.ts';

interface ReportOptions extends GlobalOptions {
  readonly format?: ReportFormat;
  readonly out?: string;
  readonly health?: number | true;
  readonly failOnGap?: boolean;
  readonly since?: string;
  readonly history?: readonly string[];
}

export function registerReport(program: Command): void {
  addGlobalOptions(program.command('report'))
    .description('say which interfaces are mirrored, which are not, why, and what to do; writes nothing to AWS')
    .option(
      '--format <format>',
      `${reportFormats.join(', ')} (default: by the ending of --out, else text; asff and ocsf are the gaps as findings)`,
      parseReportFormat,
    )
    .option('--out <file>', 'write to this file instead of stdout')
    .option(
      '--health [minutes]',
      `also say which mirrors carried nothing or dropped packets in the last minutes (default ${healthMinutes.byDefault}), by CloudWatch; needs cloudwatch:GetMetricData`,
      parseHealthMinutes('--health'),
    )
    .option('--fail-on-gap', 'exit code 2 when something could be mirrored and is not, or a tag cannot be read')
    .option('--since <file>', 'an earlier JSON report: tells how old the gaps are, and which of them are closed')
    .option('--history <file...>', 'join these JSON reports instead of looking at AWS: coverage and gaps over time')
    .addHelpText(
      'after',
      endHelp({ pending: 'there are gaps (with --fail-on-gap)' }, 'fleetmirror report --fleet prod --out report.html'),
    )
    .action(runReport);
}

async function runReport(options: ReportOptions): Promise<void> {
  const format = chooseReportFormat(options);
  if (options.history !== undefined) return deliver(writeHistory(options.history, format), options);
  const earlier = options.since === undefined ? undefined : readReportFile(options.since);
  const context = await openContext(options);
  const { world } = context;
  if (earlier !== undefined) requireOneOwner('--since', [earlier, world]);
  const { policy, lastGood } = await openPolicyToRead(context, options);
  const report = await showProgress('Reading', async () => {
    const run = startRun(world, Number.POSITIVE_INFINITY);
    const seen = await reconcile(run, policy, { kind: 'fleet' }, { writes: false });
    const health = await readHealthFor(seen, context, options);
    const covered = reportCoverage(world, seen, {
      ...(earlier && { before: leaveOpen(earlier) }),
      ...(health && { health }),
    });
    if (lastGood === undefined) return covered;
    const { notice, ...lastGoodPolicy } = lastGood;
    process.stderr.write(`${notice}\n`);
    return { ...covered, lastGoodPolicy };
  });
  await deliver(writeReport(report, format), options);
  process.exitCode = options.failOnGap && hasClosableGap(report) ? exitCodes.pending : exitCodes.ok;
}

async function readHealthFor(seen: Report, { account, world }: Context, { health }: ReportOptions) {
  if (health === undefined) return undefined;
  const windowMs = (health === true ? healthMinutes.byDefault : health) * 60_000;
  return readReportHealth(world, seen, { metrics: await account.openMetrics(), windowMs });
}

/** True when somebody here could close a gap: what AWS cannot mirror fails no build. */
function hasClosableGap({ gaps }: CoverageReport): boolean {
  return gaps.some(({ kind }) => kind !== 'impossible');
}

function writeReport(report: CoverageReport, format: ReportFormat): string {
  switch (format) {
    case 'text':
      return renderCoverageReport(report, stdout);
    case 'html':
      return renderReportPage(report);
    case 'json':
      return JSON.stringify(report, null, 2);
    case 'csv':
      return renderCsv(report);
    case 'asff':
      return JSON.stringify(renderAsff(report), null, 2);
    case 'ocsf':
      return JSON.stringify(renderOcsf(report), null, 2);
  }
}

function writeHistory(files: readonly string[], format: ReportFormat): string {
  const reports = files.map(readReportFile);
  requireOneOwner('--history', reports);
  const history = joinReports(reports);
  if (format === 'html') return renderHistoryPage(history);
  if (format === 'json') return JSON.stringify(history, null, 2);
  if (format === 'text') return renderHistory(history, stdout);
  throw new UsageError(`--history has no format ${format}: give html, json or text.`);
}

// Else the gaps of one fleet would be told as closed by a look at another. The same name in another account or Region is another.
function requireOneOwner(option: string, owners: readonly (Owner & Pick<EarlierReport, 'region'>)[]): void {
  const places = {
    fleets: owners.map(({ fleet }) => fleet),
    accounts: owners.map(({ accountId }) => accountId),
    // A report of before it was told is taken on trust.
    Regions: owners.flatMap(({ region }) => region ?? []),
  };
  for (const [noun, all] of Object.entries(places)) {
    const names = [...new Set(all)];
    if (names.length > 1) throw new UsageError(`${option}: the reports are of several ${noun} (${names.join(', ')}).`);
  }
}

async function deliver(text: string, { out }: ReportOptions): Promise<void> {
  if (out === undefined) {
    stdout.print(text);
    return;
  }
  try {
    await makeFolder(dirname(out));
    await writeFile(out, text.endsWith('\n') ? text : `${text}\n`);
  } catch (error) {
    throw new UsageError(`The file ${out} cannot be written: ${describeFileError(error)}.`);
  }
  process.stderr.write(`Written to ${out}.\n`);
}
