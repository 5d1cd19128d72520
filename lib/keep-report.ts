import { leaveOpen } from './core/report-open.ts';
import { reportCoverage } from './coverage-report.ts';
import { readReportHealth } from './health.ts';
import type { World } from './ports.ts';
import type { Report } from './reconcile.ts';
import { renderReportPage } from './report/report-page.ts';

/**
 * Keeps the coverage report of a sweep for the auditor. A bucket that refuses it is logged and counted (`ReportsLost`)
 * and stops nothing: the fleet is mirrored whether or not somebody can read about it.
 */
export async function keepReport(world: World, report: Report): Promise<void> {
  const { reports, log } = world;
  if (reports === undefined) return;
  try {
    const before = await reports.recallOpen();
    const health = world.health && (await readReportHealth(world, report, world.health));
    const coverage = reportCoverage(world, report, { ...(before && { before }), ...(health && { health }) });
    const open = leaveOpen(coverage, before);
    await reports.keep(coverage, renderReportPage(coverage), open);
  } catch (error) {
    log.error('The coverage report could not be kept.', { cause: String(error) });
    log.count('ReportsLost');
  }
}
