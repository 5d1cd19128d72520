import type { CoverageReport } from '../core/report-schema.ts';
import { csvField } from './escape.ts';
import { describeLastGood } from './finding.ts';

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
  'health',
  'droppedPercent',
  'policy',
  'fleet',
  'accountId',
  'region',
] as const;

/** The interfaces of a report as CSV, one line each under a head line: for spreadsheets, where no tag becomes a formula. */
export function renderCsv(report: CoverageReport): string {
  const remedies = new Map(report.gaps.map(({ networkInterfaceId, remedy }) => [networkInterfaceId, remedy]));
  const { fleet, accountId, region } = report;
  const policy = describeLastGood(report) ?? 'current';
  const droppedOf = new Map(
    (report.health.state === 'read' ? report.health.instances : []).flatMap(
      ({ networkInterfaceIds, hasData, skippedPercent }) =>
        networkInterfaceIds.map((id) => [id, hasData ? String(skippedPercent) : 'no data'] as const),
    ),
  );
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
      // Unread is not well: whoever filters for trouble must not take an empty cell for none.
      health: row.health ?? (own.length > 0 ? 'not read' : ''),
      droppedPercent: droppedOf.get(row.networkInterfaceId) ?? '',
      policy,
      fleet,
      accountId,
      region,
    };
    return columns.map((column) => csvField(cells[column])).join(',');
  });
  return [columns.join(','), ...lines, ''].join('\r\n');
}
