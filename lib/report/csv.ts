import type { CoverageReport } from '../core/report-schema.ts';
import { csvField } from './escape.ts';

const columns = [
  'networkInterfaceId',
  'instanceId',
  'name',
  'instanceType',
  'vpcId',
  'availabilityZone',
  'profile',
  'desired',
  'sessions',
  'foreignSessions',
  'status',
  'because',
  'remedy',
  'since',
] as const;

/** The interfaces of a report as CSV, one line each under a head line: for spreadsheets, where no tag becomes a formula. */
export function renderCsv(report: CoverageReport): string {
  const remedies = new Map(report.gaps.map(({ networkInterfaceId, remedy }) => [networkInterfaceId, remedy]));
  const lines = report.interfaces.map((row) => {
    const own = row.sessions.filter(({ isOurs }) => isOurs);
    const foreign = row.sessions.filter(({ isOurs }) => !isOurs);
    const cells: Readonly<Record<(typeof columns)[number], string>> = {
      networkInterfaceId: row.networkInterfaceId,
      instanceId: row.instanceId ?? '',
      name: row.name ?? '',
      instanceType: row.instanceType ?? '',
      vpcId: row.vpcId ?? '',
      availabilityZone: row.availabilityZone ?? '',
      profile: row.profile ?? '',
      desired: row.desired.map(({ sessionNumber, tier }) => `${sessionNumber} ${tier}`).join(' + '),
      sessions: own.map(({ sessionId }) => sessionId).join(' '),
      foreignSessions: foreign.map(({ sessionId }) => sessionId).join(' '),
      status: row.status,
      because: row.because ?? '',
      remedy: remedies.get(row.networkInterfaceId) ?? '',
      since: row.since ?? '',
    };
    return columns.map((column) => csvField(cells[column])).join(',');
  });
  return [columns.join(','), ...lines, ''].join('\r\n');
}
