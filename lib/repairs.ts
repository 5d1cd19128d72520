/** What a warm function remembers of its repairs, so that it and a stranger who undoes them come to rest. */
import type { Applied } from './apply.ts';
import type { FilterAction } from './core/actions.ts';
import { repairIntervalMs } from './core/limits.ts';
import type { NetworkInterfaceId } from './core/model.ts';
import type { World } from './ports.ts';

/** A stranger who undoes our repair of a filter within a minute waits for the sweep, as one who undoes a session does. */
export function isRepairedLately(world: World, repair: FilterAction): boolean {
  const lastMs = 'filterId' in repair ? world.memory.repairedAtMs.get(repair.filterId) : undefined;
  return lastMs !== undefined && world.clock.now() - lastMs < repairIntervalMs;
}

/**
 * Remembers when a stranger's change was undone, not when that was tried in vain, and forgets what is older than the
 * interval that matters.
 */
export function noteRepairs(
  world: World,
  { outcomes, filterFailures }: Pick<Applied, 'outcomes' | 'filterFailures'>,
  filterActions: readonly FilterAction[],
  tampered: ReadonlySet<NetworkInterfaceId> = new Set(),
): void {
  const { repairedAtMs } = world.memory;
  const nowMs = world.clock.now();
  for (const [key, lastMs] of repairedAtMs) if (nowMs - lastMs >= repairIntervalMs) repairedAtMs.delete(key);
  const failed = new Set(filterFailures.map(({ action }) => action));
  for (const action of filterActions) {
    if ('filterId' in action && !failed.has(action)) repairedAtMs.set(action.filterId, nowMs);
  }
  for (const { outcome, action } of outcomes) {
    if (outcome !== 'done' || !tampered.has(action.networkInterfaceId)) continue;
    repairedAtMs.set(`${action.networkInterfaceId} ${action.sessionNumber}`, nowMs);
  }
}
