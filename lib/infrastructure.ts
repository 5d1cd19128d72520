import { targetCacheMs } from './core/limits.ts';
import type { Instance, NetworkInterface, NetworkInterfaceId, Session, Target, TargetId } from './core/model.ts';
import type { Infrastructure } from './memory.ts';
import { addOwnSessions } from './own-writes.ts';
import type { World } from './ports.ts';

/** What a sweep has read anyway and need not read again. */
export interface FleetListing {
  readonly interfaces: ReadonlyMap<NetworkInterfaceId, NetworkInterface>;
  readonly instances: ReadonlyMap<string, Instance>;
  readonly sessions: readonly Session[];
}

/** The remembered infrastructure while it is younger than a minute, else a fresh read of it. */
export async function recallInfrastructure(world: World): Promise<Infrastructure> {
  const known = world.memory.infrastructure;
  if (known !== undefined && world.clock.now() - known.readAtMs < targetCacheMs) return known;
  return readInfrastructure(world);
}

/** Makes the next run read afresh: something is not as it should be, and must not be forgotten over what was read before. */
export function outdateInfrastructure({ memory }: World): void {
  const known = memory.infrastructure;
  if (known !== undefined) memory.infrastructure = { ...known, readAtMs: Number.NEGATIVE_INFINITY };
}

/** Reads targets, filters and all sessions, with the zone and instance type of each interface target that we can see. */
export async function readInfrastructure(world: World, listing?: FleetListing): Promise<Infrastructure> {
  const readAtMs = world.clock.now();
  const bareTargets = await world.ec2.readTargets();
  const filters = await world.ec2.readFilters();
  const sessions = addOwnSessions(world, listing?.sessions ?? (await world.ec2.readSessions('all')));
  const interfaces = await findTargetInterfaces(world, bareTargets, listing);
  const lostInterfaces = findLostInterfaces(bareTargets, interfaces, world.accountId);
  const living = bareTargets.filter(({ targetId }) => !lostInterfaces.has(targetId));
  const targets = await locateTargets(world, living, interfaces, listing);
  const infrastructure: Infrastructure = {
    readAtMs,
    targets: new Map(targets.map((target) => [target.targetId, target])),
    lostInterfaces,
    targetInterfaceIds: new Set(bareTargets.flatMap((target) => target.networkInterfaceId ?? [])),
    filters: new Map(filters.map((filter) => [filter.filterId, filter])),
    sessions: new Map(sessions.map((session) => [session.sessionId, session])),
  };
  world.memory.infrastructure = infrastructure;
  return infrastructure;
}

/**
 * The interface of each target of ours that has lost it: AWS stops mirroring to such a target and leaves target and
 * sessions standing [D: Traffic Mirror targets]. An interface of another account is never visible, so never lost.
 */
function findLostInterfaces(
  targets: readonly Target[],
  interfaces: ReadonlyMap<NetworkInterfaceId, NetworkInterface>,
  accountId: string,
): ReadonlyMap<TargetId, NetworkInterfaceId> {
  const lost = new Map<TargetId, NetworkInterfaceId>();
  for (const { targetId, ownerId, networkInterfaceId } of targets) {
    if (networkInterfaceId === undefined || ownerId !== accountId) continue;
    if (!interfaces.has(networkInterfaceId)) lost.set(targetId, networkInterfaceId);
  }
  return lost;
}

async function locateTargets(
  world: World,
  targets: readonly Target[],
  interfaces: ReadonlyMap<NetworkInterfaceId, NetworkInterface>,
  listing: FleetListing | undefined,
): Promise<readonly Target[]> {
  const instances = listing?.instances ?? (await readCarriers(world, interfaces.values()));
  return targets.map((target) => {
    const networkInterface = target.networkInterfaceId && interfaces.get(target.networkInterfaceId);
    if (!networkInterface) return target;
    const instanceId = networkInterface.attachment?.instanceId;
    const instanceType = instanceId && instances.get(instanceId)?.instanceType;
    return {
      ...target,
      availabilityZone: networkInterface.availabilityZone,
      ...(instanceType && { instanceType }),
    };
  });
}

/**
 * The interfaces behind the targets. One that the listing lacks is asked for by its id: it may have been made, target
 * and all, since the listing, and no session is moved for an interface that only one read did not show.
 */
async function findTargetInterfaces(
  world: World,
  targets: readonly Target[],
  listing: FleetListing | undefined,
): Promise<ReadonlyMap<NetworkInterfaceId, NetworkInterface>> {
  const found = new Map<NetworkInterfaceId, NetworkInterface>();
  const unseen: NetworkInterfaceId[] = [];
  for (const { networkInterfaceId, ownerId } of targets) {
    if (networkInterfaceId === undefined) continue;
    const listed = listing?.interfaces.get(networkInterfaceId);
    if (listed !== undefined) found.set(networkInterfaceId, listed);
    // Another account's that the listing lacks is not visible here: no sweep asks for it.
    else if (listing === undefined || ownerId === world.accountId) unseen.push(networkInterfaceId);
  }
  for (const networkInterface of await world.ec2.readInterfaces({ networkInterfaceIds: unseen })) {
    found.set(networkInterface.networkInterfaceId, networkInterface);
  }
  return found;
}

async function readCarriers(
  world: World,
  interfaces: Iterable<NetworkInterface>,
): Promise<ReadonlyMap<string, Instance>> {
  const instanceIds = new Set(
    [...interfaces].flatMap((networkInterface) => networkInterface.attachment?.instanceId ?? []),
  );
  const instances = await world.ec2.readInstances({ instanceIds: [...instanceIds] });
  return new Map(instances.map((instance) => [instance.instanceId, instance]));
}
