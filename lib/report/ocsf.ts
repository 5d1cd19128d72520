import type { CoverageReport, ReportGap } from '../core/report-schema.ts';
import { describeGap, type Findings, interfaceArn, partitionOf } from './finding.ts';

/** Class "Compliance Finding" of OCSF 1.5, and what its numbers mean [schema.ocsf.io: compliance_finding]. */
const compliance = { categoryUid: 2, classUid: 2003, create: 1, version: '1.5.0' } as const;
const severities = {
  missing: { severity: 'Medium', severity_id: 3 },
  unclear: { severity: 'Low', severity_id: 2 },
  impossible: { severity: 'Informational', severity_id: 1 },
} as const;
const statuses = {
  missing: { status: 'Fail', status_id: 3 },
  unclear: { status: 'Warning', status_id: 2 },
  impossible: { status: 'Other', status_id: 99 },
} as const;

/** The gaps of a report as OCSF Compliance Findings, for Security Lake and SIEMs. */
export function renderOcsf(report: CoverageReport, place: Findings): readonly object[] {
  return report.gaps.map((gap) => findingOf(gap, report, place));
}

function findingOf(gap: ReportGap, { accountId, fleet, takenAt }: CoverageReport, { region }: Findings): object {
  const { title, description, uid } = describeGap(gap, fleet);
  return {
    activity_id: compliance.create,
    activity_name: 'Create',
    category_uid: compliance.categoryUid,
    category_name: 'Findings',
    class_uid: compliance.classUid,
    class_name: 'Compliance Finding',
    type_uid: compliance.classUid * 100 + compliance.create,
    type_name: 'Compliance Finding: Create',
    time: Date.parse(takenAt),
    message: title,
    ...severities[gap.kind],
    status: 'New',
    status_id: 1,
    metadata: {
      version: compliance.version,
      product: { name: 'Fleetmirror', vendor_name: 'Fleetmirror' },
      profiles: ['cloud'],
    },
    cloud: { provider: 'AWS', region, account: { uid: accountId, type: 'AWS Account', type_id: 10 } },
    finding_info: {
      uid: `${uid}/${accountId}/${region}`,
      title,
      desc: description,
      created_time: Date.parse(gap.since),
      first_seen_time: Date.parse(gap.since),
      last_seen_time: Date.parse(takenAt),
      types: ['Traffic Mirroring coverage'],
    },
    compliance: {
      control: gap.because,
      standards: [`Fleetmirror policy of fleet ${fleet}`],
      ...statuses[gap.kind],
      status_detail: gap.detail ?? gap.remedy,
    },
    remediation: { desc: gap.remedy },
    resources: [
      {
        uid: interfaceArn(gap.networkInterfaceId, accountId, region),
        ...(gap.name && { name: gap.name }),
        type: 'AwsEc2NetworkInterface',
        region,
        cloud_partition: partitionOf(region),
      },
    ],
  };
}
