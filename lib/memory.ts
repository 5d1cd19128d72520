import type { Filter, FilterId, NetworkInterfaceId, Session, SessionId, Target, TargetId } from './core/model.ts';

/** What sessions are made of, and how much of it is used. Read at most once a minute by a warm function. */
export interface Infrastructure {
  readonly readAtMs: number;
  /** Targets that can take packets: one of ours whose interface is gone is not among them. */
  readonly targets: ReadonlyMap<TargetId, Target>;
  /** Targets of ours that exist and whose interface does not, with that interface. */
  readonly lostInterfaces: ReadonlyMap<TargetId, NetworkInterfaceId>;
  /** Of all targets, those whose interface is gone included. */
  readonly targetInterfaceIds: ReadonlySet<NetworkInterfaceId>;
  readonly filters: ReadonlyMap<FilterId, Filter>;
  /** Every session of the account, kept up with our own writes. */
  readonly sessions: Map<SessionId, Session>;
}

/** What a warm function remembers. Losing it costs reads, never correctness. */
export interface Memory {
  infrastructure: Infrastructure | undefined;
  /** `interface number` or filter id → when this function last repaired that session or filter. */
  readonly repairedAtMs: Map<string, number>;
  /** What this function created within the last minute; see `own-writes.ts`. */
  readonly ownSessions: Map<SessionId, { readonly session: Session; readonly writtenAtMs: number }>;
  /** Managed filters that this function created within the last minute, by name. */
  readonly ownFilters: Map<string, { readonly filterId: FilterId; readonly writtenAtMs: number }>;
  /** When this function last asked for a sweep because of tampering that it could not locate. */
  tamperingSweepAtMs: number | undefined;
}

export function createMemory(): Memory {
  return {
    infrastructure: undefined,
    repairedAtMs: new Map(),
    ownSessions: new Map(),
    ownFilters: new Map(),
    tamperingSweepAtMs: undefined,
  };
}
