import type { CoverageReport, ReportGap } from '../core/report-schema.ts';
import { describeGap, type Findings, interfaceArn, partitionOf } from './finding.ts';

/** Lengths that BatchImportFindings allows [AWS Security Hub API reference: AwsSecurityFinding]. */
const titleMax = 256;
const descriptionMax = 1024;
const remedyMax = 512;

const severities = { missing: 'MEDIUM', unclear: 'LOW', impossible: 'INFORMATIONAL' } as const;
const compliance = { missing: 'FAILED', unclear: 'WARNING', impossible: 'NOT_AVAILABLE' } as const;

/**
 * The gaps of a report as findings of the AWS Security Finding Format, for `aws securityhub batch-import-findings`
 * (at most 100 a call). The id of a finding is its source and session number, so that the next report updates it.
 */
export function renderAsff(report: CoverageReport, place: Findings): readonly object[] {
  return report.gaps.map((gap) => findingOf(gap, report, place));
}

function findingOf(gap: ReportGap, { accountId, fleet, takenAt }: CoverageReport, { region }: Findings): object {
  const { title, description, uid } = describeGap(gap, fleet);
  return {
    SchemaVersion: '2018-10-08',
    Id: `${uid}/${accountId}/${region}`,
    ProductArn: `arn:${partitionOf(region)}:securityhub:${region}:${accountId}:product/${accountId}/default`,
    GeneratorId: `fleetmirror/${gap.because}`,
    AwsAccountId: accountId,
    Types: ['Software and Configuration Checks/AWS Security Best Practices'],
    FirstObservedAt: gap.since,
    CreatedAt: gap.since,
    UpdatedAt: takenAt,
    Severity: { Label: severities[gap.kind] },
    Title: cut(title, titleMax),
    Description: cut(description, descriptionMax),
    Remediation: { Recommendation: { Text: cut(gap.remedy, remedyMax) } },
    ProductFields: {
      'fleetmirror/fleet': fleet,
      'fleetmirror/because': gap.because,
      ...(gap.tier && { 'fleetmirror/tier': gap.tier }),
    },
    Resources: [
      {
        Type: 'AwsEc2NetworkInterface',
        Id: interfaceArn(gap.networkInterfaceId, accountId, region),
        Partition: partitionOf(region),
        Region: region,
        Details: { AwsEc2NetworkInterface: { NetworkInterfaceId: gap.networkInterfaceId } },
      },
    ],
    Compliance: { Status: compliance[gap.kind] },
    RecordState: 'ACTIVE',
  };
}

/** Cut between characters, never inside a surrogate pair. */
function cut(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  return `${text.slice(0, lengthMax - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
