import type { CoverageReport } from '../core/report-schema.ts';
import { describeLastGood, type Finding, listFindings, partitionOf } from './finding.ts';

/** Class "Compliance Finding" of OCSF 1.5, and what its numbers mean [schema.ocsf.io: compliance_finding]. */
const findingClass = { categoryUid: 2, classUid: 2003, version: '1.5.0' } as const;
const activities = {
  opened: { activity: { id: 1, name: 'Create' }, status: { status: 'New', status_id: 1 } },
  open: { activity: { id: 2, name: 'Update' }, status: { status: 'New', status_id: 1 } },
  closed: { activity: { id: 3, name: 'Close' }, status: { status: 'Resolved', status_id: 4 } },
} as const;
const medium = { severity: 'Medium', severity_id: 3 } as const;
const low = { severity: 'Low', severity_id: 2 } as const;
const severities = {
  missing: medium,
  silent: medium,
  unclear: low,
  congested: low,
  impossible: { severity: 'Informational', severity_id: 1 },
} as const;
const warning = { status: 'Warning', status_id: 2 } as const;
const other = { status: 'Other', status_id: 99 } as const;
const statuses = {
  missing: { status: 'Fail', status_id: 3 },
  silent: warning,
  unclear: warning,
  congested: warning,
  impossible: other,
} as const;
const closedStatuses = { well: { status: 'Pass', status_id: 1 }, void: other } as const;

/**
 * The gaps and troubled mirrors of a report as OCSF Compliance Findings, for Security Lake and SIEMs: created by the
 * report that shows them first, updated by the following, closed by the first that does not show them any more.
 */
export function renderOcsf(report: CoverageReport): readonly object[] {
  return listFindings(report).map((finding) => writeFinding(finding, report));
}

function writeFinding(finding: Finding, report: CoverageReport): object {
  const { kind, closed, since, title, remedy, resource } = finding;
  const { accountId, region, fleet, takenAt } = report;
  const { activity, status } = activities[closed !== undefined ? 'closed' : since < takenAt ? 'open' : 'opened'];
  const policy = describeLastGood(report);
  return {
    activity_id: activity.id,
    activity_name: activity.name,
    category_uid: findingClass.categoryUid,
    category_name: 'Findings',
    class_uid: findingClass.classUid,
    class_name: 'Compliance Finding',
    type_uid: findingClass.classUid * 100 + activity.id,
    type_name: `Compliance Finding: ${activity.name}`,
    time: Date.parse(takenAt),
    message: title,
    ...severities[kind],
    ...status,
    metadata: {
      version: findingClass.version,
      product: { name: 'Fleetmirror', vendor_name: 'Fleetmirror' },
      profiles: ['cloud'],
      ...(policy && { labels: [policy] }),
    },
    cloud: { provider: 'AWS', region, account: { uid: accountId, type: 'AWS Account', type_id: 10 } },
    finding_info: {
      uid: finding.uid,
      title,
      desc: finding.description,
      created_time: Date.parse(since),
      first_seen_time: Date.parse(since),
      // When a closed one was seen last is known to the report before only.
      ...(closed === undefined && { last_seen_time: Date.parse(takenAt) }),
      types: ['Traffic Mirroring coverage'],
    },
    compliance: {
      control: finding.code,
      standards: [`Fleetmirror policy of fleet ${fleet}`],
      ...(closed === undefined ? statuses[kind] : closedStatuses[closed]),
      status_detail: closed === undefined ? (finding.detail ?? remedy) : finding.description,
    },
    remediation: { desc: remedy },
    resources: [
      {
        uid: resource.arn,
        ...(resource.name && { name: resource.name }),
        type: resource.type,
        region,
        cloud_partition: partitionOf(region),
      },
    ],
  };
}
