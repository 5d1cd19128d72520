import { orphanAgeMinMs } from './limits.ts';
import type { Filter, NetworkInterface, Session, Tags } from './model.ts';

/** Tags that say whose a session or filter is. They never change after creation; a session's tier stands in its description. */
export const ownerTagKeys = {
  fleet: 'fleetmirror:fleet',
  /** The instance that the session was made for, or the interface's requester: a way to find it, never a proof. */
  instance: 'fleetmirror:instance',
  createdAt: 'fleetmirror:created-at',
  /** On a managed filter: its name in the policy. */
  filter: 'fleetmirror:filter',
} as const;

/** Who we are: a session is ours when it carries our fleet tag and our account owns it. */
export interface Owner {
  readonly fleet: string;
  readonly accountId: string;
}

/** True for a session that this fleet created; false for everyone else's, which we never change or delete. */
export function isOurs(session: Session, owner: Owner): boolean {
  return session.ownerId === owner.accountId && session.tags[ownerTagKeys.fleet] === owner.fleet;
}

/** True for a filter that this fleet created. EC2 describes filters of our own account only. */
export function isOurFilter(filter: Filter, fleet: string): boolean {
  return filter.tags[ownerTagKeys.fleet] === fleet && filter.tags[ownerTagKeys.filter] !== undefined;
}

/** The value of the `fleetmirror:instance` tag: what the session was created for. */
export function carrierOf(networkInterface: NetworkInterface): string {
  return networkInterface.attachment?.instanceId ?? networkInterface.requesterId ?? networkInterface.networkInterfaceId;
}

/** Tags of a new session. `createdAt` is ISO 8601 in UTC. */
export function sessionTags(fleet: string, carrier: string, tier: string, createdAt: string): Tags {
  return {
    [ownerTagKeys.fleet]: fleet,
    [ownerTagKeys.instance]: carrier,
    [ownerTagKeys.createdAt]: createdAt,
    Name: `fleetmirror ${fleet} ${tier} ${carrier}`.slice(0, 256),
  };
}

/** Tags of a new managed filter. */
export function filterTags(fleet: string, filterName: string, createdAt: string): Tags {
  return {
    [ownerTagKeys.fleet]: fleet,
    [ownerTagKeys.filter]: filterName,
    [ownerTagKeys.createdAt]: createdAt,
    Name: `fleetmirror ${fleet} ${filterName}`,
  };
}

/** When the resource was created, in milliseconds since 1970, by its own tag; `undefined` when that is unreadable. */
export function createdAtMs(tags: Tags): number | undefined {
  const text = tags[ownerTagKeys.createdAt];
  if (text === undefined || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text)) return undefined;
  // biome-ignore lint/style/noRestrictedGlobals: Date.parse reads no clock.
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

/**
 * How old the resource is by its own tag, in milliseconds; `undefined` when the tag is missing or unreadable (someone
 * edited it), which the caller must treat as old only after a second complete read. A time that has not come yet says
 * as little as none: it must not keep what nobody needs for ever.
 */
export function ageMsOf(tags: Tags, nowMs: number): number | undefined {
  const createdAt = createdAtMs(tags);
  return createdAt === undefined || createdAt > nowMs + orphanAgeMinMs ? undefined : nowMs - createdAt;
}
