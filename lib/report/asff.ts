import type { CoverageReport } from '../core/report-schema.ts';
import { describeLastGood, type Finding, listFindings, partitionOf } from './finding.ts';

/** Lengths that BatchImportFindings allows [AWS Security Hub API reference: AwsSecurityFinding]. */
const titleMax = 256;
const descriptionMax = 1024;
const remedyMax = 512;

const severities = {
  missing: 'MEDIUM',
  silent: 'MEDIUM',
  unclear: 'LOW',
  congested: 'LOW',
  impossible: 'INFORMATIONAL',
} as const;
const compliance = {
  missing: 'FAILED',
  silent: 'WARNING',
  unclear: 'WARNING',
  congested: 'WARNING',
  impossible: 'NOT_AVAILABLE',
} as const;
const closedCompliance = { well: 'PASSED', void: 'NOT_AVAILABLE' } as const;

/**
 * The gaps and troubled mirrors of a report as findings of the AWS Security Finding Format, for `aws securityhub
 * batch-import-findings` (at most 100 a call). The id of a finding stays, so that the next report updates it, and the
 * first report that does not show it any more archives it.
 */
export function renderAsff(report: CoverageReport): readonly object[] {
  return listFindings(report).map((finding) => writeFinding(finding, report));
}

function writeFinding(finding: Finding, report: CoverageReport): object {
  const { kind, closed, since, resource, tier } = finding;
  const { accountId, region, fleet, takenAt } = report;
  const policy = describeLastGood(report);
  return {
    SchemaVersion: '2018-10-08',
    Id: finding.uid,
    ProductArn: `arn:${partitionOf(region)}:securityhub:${region}:${accountId}:product/${accountId}/default`,
    GeneratorId: `fleetmirror/${finding.code}`,
    AwsAccountId: accountId,
    Types: ['Software and Configuration Checks/AWS Security Best Practices'],
    FirstObservedAt: since,
    CreatedAt: since,
    UpdatedAt: takenAt,
    Severity: { Label: severities[kind] },
    Title: cut(finding.title, titleMax),
    Description: cut(finding.description, descriptionMax),
    Remediation: { Recommendation: { Text: cut(finding.remedy, remedyMax) } },
    ProductFields: {
      'fleetmirror/fleet': fleet,
      'fleetmirror/because': finding.code,
      ...(tier && { 'fleetmirror/tier': tier }),
      ...(policy && { 'fleetmirror/policy': policy }),
    },
    Resources: [
      {
        Type: resource.type,
        Id: resource.arn,
        Partition: partitionOf(region),
        Region: region,
        ...(resource.type === 'AwsEc2NetworkInterface' && {
          Details: { AwsEc2NetworkInterface: { NetworkInterfaceId: resource.id } },
        }),
      },
    ],
    Compliance: { Status: closed === undefined ? compliance[kind] : closedCompliance[closed] },
    RecordState: closed === undefined ? 'ACTIVE' : 'ARCHIVED',
  };
}

/** Cut between characters, never inside a surrogate pair. */
function cut(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  return `${text.slice(0, lengthMax - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
