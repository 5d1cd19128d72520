/** What one run looks at, and the reads it takes. Every read is complete or throws; nothing is decided here. */
import type { Candidate } from './core/actions.ts';
import { assembleCandidates } from './core/candidates.ts';
import type { Instance, InstanceId, NetworkInterface, NetworkInterfaceId, Session, SessionId } from './core/model.ts';
import { ownerTagKeys } from './core/ownership.ts';
import type { FleetListing } from './infrastructure.ts';
import { addOwnSessions } from './own-writes.ts';
import type { World } from './ports.ts';

export type Scope = { readonly kind: 'fleet' } | ChangedScope;

export interface ChangedScope {
  readonly kind: 'changed';
  readonly instanceIds: readonly InstanceId[];
  readonly networkInterfaceIds: readonly NetworkInterfaceId[];
  /** Instances that may have lost their interfaces: their sessions are found by tag. */
  readonly departedInstanceIds: readonly InstanceId[];
  readonly sessionIds: readonly SessionId[];
}

export interface Reading {
  readonly candidates: readonly Candidate[];
  readonly interfaces: ReadonlyMap<NetworkInterfaceId, NetworkInterface>;
  readonly instances: ReadonlyMap<InstanceId, Instance>;
  readonly sessions: readonly Session[];
  /** Sources of which our memory knows a session that EC2 does not show. */
  readonly remembered: ReadonlySet<NetworkInterfaceId>;
}

/**
 * Reads a few sources: interfaces (by instance and by id), then the instances that carry them, then the sessions on
 * them. Three calls for launches; departures cost two more, to find sessions by the tag that names the instance.
 */
export async function readChanged(world: World, scope: ChangedScope): Promise<Reading> {
  const found = await findSessions(world, scope);
  const networkInterfaceIds = distinct([
    ...scope.networkInterfaceIds,
    ...found.map((session) => session.networkInterfaceId),
  ]);
  const byInstance = await world.ec2.readInterfaces({ instanceIds: distinct(scope.instanceIds) });
  const byId = await world.ec2.readInterfaces({ networkInterfaceIds });
  const interfaces = indexInterfaces([...byInstance, ...byId]);
  const carriers = [...interfaces.values()].flatMap(({ attachment }) => attachment?.instanceId ?? []);
  const instances = indexInstances(
    await world.ec2.readInstances({ instanceIds: distinct([...scope.instanceIds, ...carriers]) }),
  );
  const sources = distinct([...interfaces.keys(), ...networkInterfaceIds]);
  const shown = await world.ec2.readSessions({ networkInterfaceIds: sources });
  const sessions = addOwnSessions(world, shown, new Set(sources));
  const candidates = assembleCandidates(interfaces.values(), instances, sessions);
  return { candidates, interfaces, instances, sessions, remembered: findRemembered(shown, sessions) };
}

function findRemembered(shown: readonly Session[], known: readonly Session[]): ReadonlySet<NetworkInterfaceId> {
  const shownIds = new Set(shown.map(({ sessionId }) => sessionId));
  const hidden = known.filter(({ sessionId }) => !shownIds.has(sessionId));
  return new Set(hidden.map(({ networkInterfaceId }) => networkInterfaceId));
}

async function findSessions(world: World, scope: ChangedScope): Promise<readonly Session[]> {
  const tagged = await world.ec2.findSessionIdsByTag(ownerTagKeys.instance, distinct(scope.departedInstanceIds));
  return world.ec2.readSessions({ sessionIds: distinct([...scope.sessionIds, ...tagged]) });
}

/**
 * Reads the whole Region: sessions first, then interfaces and instances, so that a session which a run beside us
 * creates meanwhile cannot look like one without an interface.
 */
export async function readFleet(world: World): Promise<Reading & FleetListing> {
  const sessions = await world.ec2.readSessions('all');
  const interfaces = indexInterfaces(await world.ec2.readInterfaces('all'));
  const instances = indexInstances(await world.ec2.readInstances('all'));
  const candidates = assembleCandidates(interfaces.values(), instances, sessions);
  return { candidates, interfaces, instances, sessions, remembered: new Set() };
}

function distinct<T extends string>(values: readonly T[]): readonly T[] {
  return [...new Set(values)];
}

function indexInterfaces(interfaces: readonly NetworkInterface[]): ReadonlyMap<NetworkInterfaceId, NetworkInterface> {
  return new Map(interfaces.map((networkInterface) => [networkInterface.networkInterfaceId, networkInterface]));
}

function indexInstances(instances: readonly Instance[]): ReadonlyMap<InstanceId, Instance> {
  return new Map(instances.map((instance) => [instance.instanceId, instance]));
}
