/** Whether mirrored packets can reach the targets of a policy, before they have to. Reads only. */
import { startRun } from './call.ts';
import type { Action } from './core/actions.ts';
import type { NetworkInterface, Policy, TargetId } from './core/model.ts';
import { runChecks } from './core/preflight.ts';
import type { Check, Destination, MirrorPath, Seen } from './core/preflight-facts.ts';
import type { World } from './ports.ts';
import type { Surroundings } from './probes.ts';
import { type Report, reconcile } from './reconcile.ts';

/**
 * Plans the fleet to learn which source goes to which target, samples up to `samplesPerSubnet` sources for each pair of
 * source subnet and target, reads what stands around them and checks it.
 */
export async function preflight(
  world: World,
  surroundings: Surroundings,
  policy: Policy,
  samplesPerSubnet: number,
): Promise<readonly Check[]> {
  const run = startRun(world, Number.POSITIVE_INFINITY);
  const report = await reconcile(run, policy, { kind: 'fleet' }, { writes: false });
  const { interfaces, instances } = report.reading;
  const destinations = indexBy(await surroundings.readDestinations(), ({ targetId }) => targetId);
  const paths = samplePaths(report, destinations, samplesPerSubnet);
  const used = usedDestinations(policy, destinations);
  const ends = used.flatMap(
    ({ networkInterfaceId }) => (networkInterfaceId && interfaces.get(networkInterfaceId)) || [],
  );
  const sourceSubnets = distinct(paths.map(({ source }) => source.subnetId));
  const loadBalancers = new Map();
  for (const { loadBalancerArn, ownerId } of used) {
    if (loadBalancerArn === undefined || ownerId !== world.accountId) continue;
    const seen = await surroundings.readLoadBalancer(loadBalancerArn);
    if (seen !== undefined) loadBalancers.set(loadBalancerArn, seen);
  }
  const balancerGroups = [...loadBalancers.values()].flatMap((seen) =>
    seen.kind === 'seen' ? seen.value.securityGroupIds : [],
  );
  const groupIds = distinct([...ends.flatMap(({ securityGroupIds }) => securityGroupIds), ...balancerGroups]);
  const aclSubnets = distinct([...sourceSubnets, ...ends.map(({ subnetId }) => subnetId)]);
  return runChecks({
    policy,
    accountId: world.accountId,
    destinations,
    decisions: report.plan.decisions,
    filters: report.infrastructure.filters,
    interfaces,
    instances,
    paths,
    securityGroups: indexSeen(await surroundings.readSecurityGroups(groupIds), ({ groupId }) => [groupId]),
    networkAcls: indexSeen(await surroundings.readNetworkAcls(aclSubnets), ({ subnetIds }) => subnetIds),
    ipv6OnlySubnets: mapSeen(await surroundings.findIpv6OnlySubnets(sourceSubnets), (ids) => new Set(ids)),
    loadBalancers,
  });
}

function usedDestinations(policy: Policy, destinations: ReadonlyMap<TargetId, Destination>): readonly Destination[] {
  const ids = new Set(Object.values(policy.targets).flatMap((pool) => pool.ids));
  return [...ids].flatMap((id) => destinations.get(id) ?? []);
}

/** Sources in the order of their ids, so that the same fleet gives the same sample. */
function samplePaths(
  { plan, reading }: Report,
  destinations: ReadonlyMap<TargetId, Destination>,
  samplesPerSubnet: number,
): readonly MirrorPath[] {
  const paths: MirrorPath[] = [];
  const taken = new Map<string, Set<string>>();
  for (const action of plan.decisions.flatMap(({ actions }) => actions)) {
    const targetId = targetOf(action);
    const destination = targetId && destinations.get(targetId);
    const source: NetworkInterface | undefined = reading.interfaces.get(action.networkInterfaceId);
    if (!destination || source === undefined) continue;
    const key = `${destination.targetId} ${source.subnetId}`;
    const known = taken.get(key) ?? new Set();
    if (known.size >= samplesPerSubnet || known.has(source.networkInterfaceId)) continue;
    taken.set(key, known.add(source.networkInterfaceId));
    paths.push({ source, destination });
  }
  return paths.sort((one, other) => (one.destination.targetId < other.destination.targetId ? -1 : 1));
}

/** Where a source's session goes, or will go. */
function targetOf(action: Action): TargetId | undefined {
  if (action.kind === 'create' || action.kind === 'modify') return action.desired.targetId;
  return action.because === 'as-desired' && 'session' in action ? action.session.targetId : undefined;
}

function distinct(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}

function indexBy<Row, Key>(rows: readonly Row[], keyOf: (row: Row) => Key): ReadonlyMap<Key, Row> {
  return new Map(rows.map((row) => [keyOf(row), row]));
}

function indexSeen<Row>(seen: Seen<readonly Row[]>, keysOf: (row: Row) => readonly string[]) {
  return mapSeen(seen, (rows) => new Map(rows.flatMap((row) => keysOf(row).map((key) => [key, row] as const))));
}

function mapSeen<From, To>(seen: Seen<From>, map: (value: From) => To): Seen<To> {
  return seen.kind === 'denied' ? seen : { kind: 'seen', value: map(seen.value) };
}
