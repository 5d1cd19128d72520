/** What the formats of security findings have in common: how a gap is named and worded. */
import type { ReportGap } from '../core/report-schema.ts';

export interface Findings {
  /** Of the account that was looked at. */
  readonly region: string;
}

/** The AWS partition of a Region [AWS General Reference: ARNs]. */
export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

export function interfaceArn(networkInterfaceId: string, accountId: string, region: string): string {
  return `arn:${partitionOf(region)}:ec2:${region}:${accountId}:network-interface/${networkInterfaceId}`;
}

/** A gap in words, and the name under which it is the same gap in the next report. */
export function describeGap(gap: ReportGap, fleet: string): { title: string; description: string; uid: string } {
  const { networkInterfaceId, sessionNumber, tier, because, detail, name } = gap;
  const what = tier === undefined ? 'Traffic' : `Tier ${tier}`;
  const whose = name === undefined ? networkInterfaceId : `${networkInterfaceId} (${name})`;
  return {
    title: `${what} of ${networkInterfaceId} is not mirrored: ${because}`,
    description: `${what} of the network interface ${whose} is not mirrored although the policy of fleet ${fleet} asks for it, ${because}: ${gap.remedy}${detail === undefined ? '' : ` ${detail}`}`,
    uid: `fleetmirror/${fleet}/${networkInterfaceId}/${sessionNumber ?? 'all'}`,
  };
}
