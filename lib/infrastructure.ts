import { targetCacheMs } from './core/limits.ts';
import type { Instance, NetworkInterface, NetworkInterfaceId, Session, Target } from './core/model.ts';
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
  const targets = await locateTargets(world, bareTargets, listing);
  const infrastructure: Infrastructure = {
    readAtMs,
    targets: new Map(targets.map((target) => [target.targetId, target])),
    targetInterfaceIds: new Set(targets.flatMap((target) => target.networkInterfaceId ?? [])),
    filters: new Map(filters.map((filter) => [filter.filterId, filter])),
    sessions: new Map(sessions.map((session) => [session.sessionId, session])),
  };
  world.memory.infrastructure = infrastructure;
  return infrastructure;
}

async function locateTargets(
  world: World,
  targets: readonly Target[],
  listing: FleetListing | undefined,
): Promise<readonly Target[]> {
  const interfaces = listing?.interfaces ?? (await readTargetInterfaces(world, targets));
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

async function readTargetInterfaces(
  world: World,
  targets: readonly Target[],
): Promise<ReadonlyMap<NetworkInterfaceId, NetworkInterface>> {
  const networkInterfaceIds = targets.flatMap((target) => target.networkInterfaceId ?? []);
  const interfaces = await world.ec2.readInterfaces({ networkInterfaceIds });
  return new Map(interfaces.map((networkInterface) => [networkInterface.networkInterfaceId, networkInterface]));
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
