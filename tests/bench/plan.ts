/** How fast the pure planner decides a fleet in steady state, a chunk of accounts at a time so that memory stays flat. */
import type { Candidate } from '../../lib/core/actions.ts';
import type { InstanceId, NetworkInterfaceId, SessionId } from '../../lib/core/model.ts';
import { planSources } from '../../lib/core/plan.ts';
import type { Situation } from '../../lib/core/situation.ts';
import { policyOf } from '../support/emulated-world.ts';
import { steadyPolicy } from './fleets.ts';
import { type BenchRow, judge, median } from './row.ts';
import { threadMs } from './thread-time.ts';

/** As many as one page of EC2 brings: what is decided of them dies young. */
const chunk = 1_000;
const sizes = [100_000, 300_000, 1_000_000];
/** A chunk takes two milliseconds, and processor time comes in steps of four: only whole sizes can be measured. */
const rounds = 5;
const accountId = '123456789012';

/** Medians of five rounds, in each of which every size has its turn, so that a pause of the machine does not count. */
export async function benchPlan(): Promise<BenchRow[]> {
  const situation = aSituation();
  const candidates = Array.from({ length: chunk }, (_, index) => aSteadySource(index));
  // Compiled, and its types settled, before anything counts.
  planAll(50 * chunk, candidates, situation);
  const measured = sizes.map((size) => ({ size, perInterfaceUs: [] as number[] }));
  for (let round = 0; round < rounds; round++) {
    for (const { size, perInterfaceUs } of measured) perInterfaceUs.push(planAll(size, candidates, situation));
  }
  const rows = measured.map(({ size, perInterfaceUs }) => {
    const figure = 1_000_000 / median(perInterfaceUs);
    return judge({ name: 'plan', size: `${size} interfaces`, figure, unit: 'interfaces/s' }, { atLeast: 500_000 });
  });
  const smallest = measured[0]!.perInterfaceUs;
  const growth = median(measured.at(-1)!.perInterfaceUs.map((time, round) => time / smallest[round]!));
  const linear = { name: 'plan, time an interface, largest ÷ smallest', size: '10 times as many', figure: growth };
  return [...rows, judge({ ...linear, unit: '×' }, { atMost: 1.1 })];
}

/** Plans so many interfaces, a chunk at a time; returns microseconds of processor time an interface. */
function planAll(interfaces: number, candidates: readonly Candidate[], situation: Situation): number {
  const startedAt = threadMs();
  for (let done = 0; done < interfaces; done += chunk) {
    const { decisions } = planSources(candidates, situation);
    if (decisions.length !== candidates.length) throw new Error(`${decisions.length} of ${candidates.length} decided`);
  }
  return (1000 * (threadMs() - startedAt)) / interfaces;
}

function aSteadySource(index: number): Candidate {
  const networkInterfaceId: NetworkInterfaceId = `eni-0${index.toString(16).padStart(16, '0')}`;
  const instanceId: InstanceId = `i-0${index.toString(16).padStart(16, '0')}`;
  const tags = { 'fleetmirror:fleet': 'prod', 'fleetmirror:instance': instanceId };
  const session = (sessionNumber: number, tier: string) => ({
    sessionId: `tms-0${index.toString(16).padStart(14, '0')}${sessionNumber}` as SessionId,
    networkInterfaceId,
    targetId: 'tmt-0aaa1111bbbb2222c' as const,
    filterId: 'tmf-0aaa1111bbbb2222c' as const,
    sessionNumber,
    virtualNetworkId: sessionNumber,
    description: `tier ${tier}`,
    ownerId: accountId,
    tags: { ...tags, 'fleetmirror:created-at': '2026-01-01T00:00:00.000Z' },
  });
  return {
    networkInterfaceId,
    networkInterface: {
      networkInterfaceId,
      interfaceType: 'interface',
      status: 'in-use',
      ownerId: accountId,
      vpcId: 'vpc-1',
      subnetId: 'subnet-1',
      availabilityZone: 'us-east-1a',
      securityGroupIds: ['sg-1'],
      privateIpAddress: '10.0.0.1',
      addresses: ['10.0.0.1'],
      requesterManaged: false,
      attachment: { status: 'attached', instanceId, deviceIndex: 0, networkCardIndex: 0 },
      tags: {},
    },
    instance: { instanceId, instanceType: 'm5.large', state: 'running', tags: { Mirror: 'true', team: 'a' } },
    sessions: [session(10, 'first'), session(20, 'second'), session(30, 'third')],
  };
}

function aSituation(): Situation {
  const targetId = 'tmt-0aaa1111bbbb2222c';
  const filterId = 'tmf-0aaa1111bbbb2222c';
  return {
    policy: policyOf(steadyPolicy),
    owner: { fleet: 'prod', accountId },
    scope: 'fleet',
    nowMs: Date.parse('2026-03-01T12:00:00Z'),
    targets: new Map([[targetId, { targetId, kind: 'network-load-balancer', ownerId: accountId }]]),
    lostInterfaces: new Map(),
    targetInterfaceIds: new Set(),
    filters: new Map([[filterId, { filterId, networkServices: [], rules: [], tags: {} }]]),
    managedFilters: new Map(),
    accountSessions: [],
    guestSessions: [],
    fullTargets: new Set(),
    accused: new Set(),
  };
}
