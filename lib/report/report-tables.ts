/** The rows behind the tables of the report page. */
import type { CoverageReport } from '../core/report-schema.ts';
import type { PageTable } from './page.ts';

export function tabulateGaps({ gaps }: CoverageReport): PageTable {
  return {
    id: 'gaps',
    title: 'Gaps',
    columns: [
      { label: 'Interface', kind: 'find' },
      { label: 'Name', kind: 'name' },
      { label: 'Tier', kind: 'text' },
      { label: 'Kind', kind: 'status', isFilter: true },
      { label: 'Because', kind: 'reason', isFilter: true },
      { label: 'Since', kind: 'time' },
      { label: 'Remedy', kind: 'prose' },
    ],
    rows: gaps.map((gap) => [
      gap.networkInterfaceId,
      gap.name ?? null,
      gap.tier ?? 'all',
      gap.kind,
      gap.because,
      gap.since,
      gap.detail === undefined ? gap.remedy : `${gap.remedy} (${gap.detail})`,
    ]),
  };
}

export function tabulateInterfaces({ interfaces, health }: CoverageReport): PageTable {
  // Where health was not read the column is absent: an empty cell would look like "nothing to say".
  const isRead = health.state === 'read';
  return {
    id: 'interfaces',
    title: 'Interfaces',
    columns: [
      { label: 'Interface', kind: 'code' },
      { label: 'Name', kind: 'name' },
      { label: 'Status', kind: 'status', isFilter: true },
      ...(isRead ? [{ label: 'Health', kind: 'status', isFilter: true } as const] : []),
      { label: 'Because', kind: 'reason' },
      { label: 'Since', kind: 'time' },
      { label: 'Desired tiers', kind: 'text' },
      { label: 'Sessions', kind: 'text' },
      { label: 'Instance', kind: 'code' },
      { label: 'Type', kind: 'text' },
      { label: 'Zone', kind: 'text', isFilter: true },
      { label: 'VPC', kind: 'code' },
    ],
    rows: interfaces.map((row) => [
      row.networkInterfaceId,
      row.name ?? row.requesterId ?? null,
      row.status,
      ...(isRead ? [row.health ?? null] : []),
      row.because ?? null,
      row.since ?? null,
      row.desired.map(({ sessionNumber, tier }) => `${sessionNumber} ${tier}`).join(', '),
      row.sessions
        .map(({ sessionNumber, isOurs }) => (isOurs ? `${sessionNumber}` : `${sessionNumber} foreign`))
        .join(', '),
      row.instanceId ?? null,
      row.instanceType ?? null,
      row.availabilityZone ?? null,
      row.vpcId ?? null,
    ]),
  };
}

/** Mirrors that do not carry, or that nobody can judge; those that are well stand in the table of interfaces. */
export function tabulateMirrors({ health }: CoverageReport): PageTable {
  const mirrors = health.state === 'read' ? health.instances.filter(({ verdict }) => verdict !== 'carrying') : [];
  return {
    id: 'health',
    title: 'Health of mirrors',
    columns: [
      { label: 'Instance', kind: 'code' },
      { label: 'Interface', kind: 'find' },
      { label: 'Verdict', kind: 'reason', isFilter: true },
      { label: 'Since', kind: 'time' },
      { label: 'Sessions', kind: 'number' },
      { label: 'Mirrored MB', kind: 'number' },
      { label: 'Dropped %', kind: 'number' },
    ],
    rows: mirrors.flatMap((mirror) =>
      mirror.networkInterfaceIds.map((networkInterfaceId) => [
        mirror.instanceId ?? null,
        networkInterfaceId,
        mirror.verdict,
        mirror.since ?? null,
        mirror.sessions,
        mirror.hasData ? Math.round(mirror.mirroredBytes / 100_000) / 10 : null,
        mirror.hasData ? mirror.skippedPercent : null,
      ]),
    ),
  };
}

export function tabulateTargets({ quotas }: CoverageReport): PageTable {
  return {
    id: 'targets',
    title: 'Targets and their room',
    columns: [
      { label: 'Target', kind: 'code' },
      { label: 'Kind', kind: 'text' },
      { label: 'Account', kind: 'code' },
      { label: 'Sources', kind: 'number' },
      { label: 'Allowed', kind: 'number' },
      { label: 'Room', kind: 'number' },
      { label: 'Taken by others', kind: 'number' },
    ],
    rows: quotas.targets.map(({ targetId, kind, ownerId, sources, limit, strangers }) => [
      targetId,
      kind,
      ownerId,
      sources,
      limit,
      limit === null ? null : limit - sources,
      strangers,
    ]),
  };
}

export function tabulateForeign({ foreign, crossAccount }: CoverageReport): PageTable {
  return {
    id: 'foreign',
    title: 'Sessions of others, and ours into other accounts',
    columns: [
      { label: 'Session', kind: 'code' },
      { label: 'Interface', kind: 'find' },
      { label: 'Number', kind: 'number' },
      { label: 'Target', kind: 'code' },
      { label: 'Whose', kind: 'text', isFilter: true },
      { label: 'Account', kind: 'code' },
      { label: 'Description', kind: 'name' },
    ],
    rows: [
      ...foreign.map((row) => [
        row.sessionId,
        row.networkInterfaceId,
        row.sessionNumber,
        row.targetId,
        'session of others',
        row.ownerId,
        row.description ?? null,
      ]),
      ...crossAccount.map((row) => [
        row.sessionId,
        row.networkInterfaceId,
        null,
        row.targetId,
        'target of another account',
        row.targetOwnerId,
        null,
      ]),
    ],
  };
}
