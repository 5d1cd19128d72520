import type { Candidate } from '../../lib/core/actions.ts';
import type { Instance, InstanceId, NetworkInterface, NetworkInterfaceId, Session } from '../../lib/core/model.ts';
import { planSources } from '../../lib/core/plan.ts';
import { buildReport } from '../../lib/core/report.ts';
import type { ReportFacts } from '../../lib/core/report-facts.ts';
import type { CoverageReport } from '../../lib/core/report-schema.ts';
import { anInstance } from './instance.ts';
import { anInterface } from './interface.ts';
import { aSession } from './session.ts';
import { aSituation, type SituationDifferences } from './situation.ts';

/** What differs from an empty fleet under `aSituation()`. */
export interface ReportDifferences extends Partial<Omit<ReportFacts, 'decisions' | 'targets'>> {
  readonly situation?: SituationDifferences;
}

/** The report on these sources, nothing written: the plan is made by the planner, every outcome is `observed`. */
export function aReport(candidates: readonly Candidate[], differences: ReportDifferences = {}): CoverageReport {
  return buildReport(reportFacts(candidates, differences));
}

/** What `aReport` is made from. */
export function reportFacts(candidates: readonly Candidate[], differences: ReportDifferences = {}): ReportFacts {
  const { situation: situationDifferences, ...rest } = differences;
  const sessions = candidates.flatMap((candidate) => candidate.sessions);
  const situation = aSituation({ accountSessions: sessions, ...situationDifferences });
  const { decisions } = planSources(candidates, situation);
  const interfaces = new Map<NetworkInterfaceId, NetworkInterface>();
  const instances = new Map<InstanceId, Instance>();
  for (const { networkInterface, instance } of candidates) {
    if (networkInterface) interfaces.set(networkInterface.networkInterfaceId, networkInterface);
    if (instance) instances.set(instance.instanceId, instance);
  }
  return {
    policy: situation.policy,
    owner: situation.owner,
    region: 'us-east-1',
    takenAt: '2026-03-01T12:00:00.000Z',
    isObserved: true,
    decisions,
    outcomes: decisions.flatMap(({ actions }) => actions.map((action) => ({ action, outcome: 'observed' as const }))),
    interfaces,
    instances,
    sessions,
    targets: situation.targets,
    ...rest,
  };
}

export interface SourceDifferences {
  readonly tags?: Readonly<Record<string, string>>;
  readonly instanceType?: string;
  readonly state?: string;
  readonly vpcId?: string;
  readonly availabilityZone?: string;
  /** Session numbers of ours that it carries. */
  readonly mirrored?: readonly (10 | 20)[];
  /** Session numbers of others that it carries. */
  readonly foreign?: readonly number[];
}

const targets = { 10: 'tmt-0aaa1111bbbb2222c', 20: 'tmt-0ccc1111bbbb2222a' } as const;
const filters = { 10: 'tmf-0aaa1111bbbb2222c', 20: 'tmf-0bbb1111bbbb2222c' } as const;
const tiers = { 10: 'tier http', 20: 'tier tcp' } as const;

/** The source number `index` of a fleet: an opted-in instance with one interface and the sessions that are named. */
export function aSource(index: number, differences: SourceDifferences = {}): Candidate {
  const id = index.toString(16).padStart(16, '0');
  const { tags = { Name: `web-${index}`, Mirror: 'true' }, instanceType = 'm5.large', state = 'running' } = differences;
  const { vpcId = 'vpc-0aaa0000000000001', availabilityZone = 'us-east-1a' } = differences;
  const networkInterfaceId: NetworkInterfaceId = `eni-0${id}`;
  const instanceId: InstanceId = `i-0${id}`;
  const own = (differences.mirrored ?? []).map((sessionNumber): Session => {
    return aSession({
      sessionId: `tms-0${sessionNumber}${id}`,
      networkInterfaceId,
      sessionNumber,
      targetId: targets[sessionNumber],
      filterId: filters[sessionNumber],
      description: tiers[sessionNumber],
    });
  });
  const foreign = (differences.foreign ?? []).map((sessionNumber): Session => {
    return aSession({ sessionId: `tms-0f${sessionNumber}${id}`, networkInterfaceId, sessionNumber, tags: {} });
  });
  const attachment = { status: 'attached', instanceId, deviceIndex: 0, networkCardIndex: 0 };
  return {
    networkInterfaceId,
    networkInterface: anInterface({ networkInterfaceId, vpcId, availabilityZone, attachment }),
    instance: anInstance({ instanceId, instanceType, state, tags }),
    sessions: [...own, ...foreign],
  };
}

const families = ['m5.large', 'c6i.xlarge', 'r6i.2xlarge', 'm7g.large', 't2.micro', 'c5n.4xlarge'];

/**
 * A fleet of any size with a little of everything: gaps of several kinds, strangers, names in several scripts. Most
 * sources have one tier, so that 10,000 of them stay within the sessions that AWS allows in an account.
 */
export function aLargeFleet(sources: number): readonly Candidate[] {
  return Array.from({ length: sources }, (_, index) => {
    const instanceType = families[(index + Math.floor(index / 12)) % families.length] ?? 'm5.large';
    const state = index % 41 === 0 ? 'stopped' : 'running';
    const cannot = instanceType === 't2.micro' || state === 'stopped';
    const wantsBoth = index % 23 === 0;
    return aSource(index, {
      tags: {
        Name: index % 97 === 0 ? `שרת <b>${index}</b> 🚀` : `svc-${index % 40}-${index}`,
        Mirror: index % 61 === 1 ? 'yess' : wantsBoth ? 'true' : 'tcp',
      },
      instanceType,
      state,
      vpcId: `vpc-0${(index % 12).toString(16).padStart(16, 'a')}`,
      availabilityZone: `us-east-1${'abc'[Math.floor(index / 5) % 3]}`,
      mirrored: cannot || index % 61 === 1 || index % 31 === 7 ? [] : [20],
      ...(index % 53 === 0 && { foreign: [11] }),
    });
  });
}
