/** What the formats of security findings have in common: which findings a report holds, how they are named and worded. */
import { healthRemedies, isTroubled } from '../core/health.ts';
import type { ClosedGap, CoverageReport, MirrorReading, ReportGap, ReportMirror } from '../core/report-schema.ts';

/** A gap or a troubled mirror, open or just closed, before it takes the form of one format. */
export interface Finding {
  /** The same in every report, from the one that opens it to the one that closes it. */
  readonly uid: string;
  readonly kind: ReportGap['kind'] | 'silent' | 'congested';
  /** The reason, as a code. */
  readonly code: string;
  readonly title: string;
  readonly description: string;
  readonly remedy: string;
  readonly detail?: string;
  readonly tier?: string;
  readonly since: string;
  /** Set once it is closed: whether all is well now, or nobody asks any more. */
  readonly closed?: 'well' | 'void';
  readonly resource: {
    readonly type: 'AwsEc2NetworkInterface' | 'AwsEc2Instance';
    readonly id: string;
    readonly arn: string;
    readonly name?: string;
  };
}

/** Open findings first: gaps, then mirrors that carry nothing or drop packets; then what the report before left open. */
export function listFindings(report: CoverageReport): readonly Finding[] {
  const { gaps, closed, health } = report;
  const [mirrors, recovered] =
    health.state === 'read' ? [health.instances.filter(isTroubled), health.recovered] : [[], []];
  return [
    ...gaps.map((gap) => findingOfGap(gap, report)),
    ...mirrors.map((mirror) => findingOfMirror(mirror, report)),
    ...closed.map((gap) => closeGap(gap, report)),
    ...recovered.map((mirror) => closeMirror(mirror, report)),
  ];
}

/** The AWS partition of a Region [AWS General Reference: ARNs]. */
export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

function findingOfGap(gap: ReportGap, report: CoverageReport): Finding {
  const { networkInterfaceId: id, sessionNumber, tier, kind, because, remedy, detail, name, since } = gap;
  const { fleet, accountId, region } = report;
  const what = tier === undefined ? 'Traffic' : `Tier ${tier}`;
  const whose = name === undefined ? id : `${id} (${name})`;
  return {
    uid: `fleetmirror/${fleet}/${id}/${sessionNumber ?? 'all'}/${accountId}/${region}`,
    kind,
    code: because,
    title: `${what} of ${id} is not mirrored: ${because}`,
    description: `${tellPolicy(report)}${what} of the network interface ${whose} is not mirrored although the policy of fleet ${fleet} asks for it, ${because}: ${remedy}${detail === undefined ? '' : ` ${detail}`}`,
    remedy,
    ...(detail && { detail }),
    ...(tier && { tier }),
    since,
    resource: {
      type: 'AwsEc2NetworkInterface',
      id,
      arn: `arn:${partitionOf(region)}:ec2:${region}:${accountId}:network-interface/${id}`,
      ...(name && { name }),
    },
  };
}

const closings: Readonly<Record<ClosedGap['now'], string>> = {
  mirrored: 'it is mirrored now.',
  changed: 'other gaps of the interface tell what it lacks now.',
  unwanted: 'the policy does not ask for it any more.',
  gone: 'the network interface is gone.',
};

function closeGap(gap: ClosedGap, report: CoverageReport): Finding {
  const open = findingOfGap(gap, report);
  const description = `Closed, ${closings[gap.now]} Before: ${open.description}`;
  return { ...open, description, closed: gap.now === 'mirrored' ? 'well' : 'void' };
}

function findingOfMirror(mirror: ReportMirror, report: CoverageReport): Finding {
  const { instanceId: id = '', networkInterfaceIds, skippedPercent, since } = mirror;
  const { fleet, accountId, region, takenAt } = report;
  const kind = mirror.verdict === 'congested' ? 'congested' : 'silent';
  const what = kind === 'silent' ? 'carry nothing' : `drop ${skippedPercent} % of the bytes`;
  return {
    uid: `fleetmirror/${fleet}/${id}/health/${accountId}/${region}`,
    kind,
    code: kind,
    title: `The mirrors of ${id} ${what}`,
    description: `The Traffic Mirror sessions of fleet ${fleet} on ${networkInterfaceIds.join(', ')} ${what}. ${healthRemedies[kind]}`,
    remedy: healthRemedies[kind],
    since: since ?? takenAt,
    resource: {
      type: 'AwsEc2Instance',
      id,
      arn: `arn:${partitionOf(region)}:ec2:${region}:${accountId}:instance/${id}`,
    },
  };
}

function closeMirror(mirror: MirrorReading['recovered'][number], report: CoverageReport): Finding {
  const open = findingOfMirror(mirror, report);
  const now =
    mirror.now === 'not-mirrored' ? 'nothing mirrors the instance any more.' : `the verdict is ${mirror.now} now.`;
  const closed = mirror.now === 'carrying' ? 'well' : 'void';
  return { ...open, description: `Closed, ${now} Before: ${open.description}`, closed };
}

/** Which policy a finding goes by, where it is not the one that was pushed last; in front, so that no cut removes it. */
function tellPolicy(report: CoverageReport): string {
  const policy = describeLastGood(report);
  return policy === undefined ? '' : `By the ${policy}: `;
}

/** `last good policy, version 3`, while the pushed one is broken. */
export function describeLastGood({ lastGoodPolicy }: CoverageReport): string | undefined {
  return lastGoodPolicy && `last good policy, version ${lastGoodPolicy.version}`;
}
