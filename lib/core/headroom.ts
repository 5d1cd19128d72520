/** How much room AWS's quotas leave: what an operator wants to know before the next launch is refused. */
import { sessionsPerAccountMax } from './limits.ts';
import type { Policy, Session, Target, TargetId } from './model.ts';
import { capacityOf, loadOf, openLedger } from './targets.ts';

/** What is left of one quota. */
export interface Room {
  readonly left: number;
  /** 100 × left ÷ all, rounded down to a tenth. */
  readonly percent: number;
}

export interface Headroom {
  /** Sessions that the account may still have in this Region. */
  readonly account: Room;
  /** Sources that the pool with the least room can still take; absent when every pool has a target without a limit. */
  readonly targets?: Room & { readonly pool: string };
}

/**
 * Measures both quotas over all sessions of the account. A pool counts as a whole, since a new session goes to any of its
 * targets that has room; a pool none of whose targets exists has none.
 */
export function measureHeadroom(
  policy: Policy,
  sessions: readonly Session[],
  targets: ReadonlyMap<TargetId, Target>,
  accountId: string,
): Headroom {
  const inAccount = sessions.filter(({ ownerId }) => ownerId === accountId).length;
  const account = roomOf(sessionsPerAccountMax - inAccount, sessionsPerAccountMax);
  const ledger = openLedger(sessions, new Set());
  let least: Headroom['targets'];
  for (const [pool, { ids }] of Object.entries(policy.targets)) {
    let left = 0;
    let capacity = 0;
    for (const target of ids.flatMap((id) => targets.get(id) ?? [])) {
      capacity += capacityOf(target);
      left += Math.max(0, capacityOf(target) - loadOf(target, ledger));
    }
    if (!Number.isFinite(capacity)) continue;
    const room = roomOf(left, capacity);
    if (least === undefined || room.percent < least.percent) least = { ...room, pool };
  }
  return { account, ...(least !== undefined && { targets: least }) };
}

function roomOf(left: number, all: number): Room {
  return { left: Math.max(0, left), percent: all === 0 ? 0 : Math.floor((1000 * Math.max(0, left)) / all) / 10 };
}
