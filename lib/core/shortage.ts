import type { Action, SourceDecision } from './actions.ts';
import { sourcesPerTargetDefault } from './limits.ts';
import type { Policy } from './model.ts';

/**
 * Completes each `target-full` refusal with how many more targets its pool needs for everyone who is waiting, counted
 * in interface targets of the smaller kind (10 sources each), which any instance type gives.
 */
export function tellShortage(decisions: readonly SourceDecision[], policy: Policy): readonly SourceDecision[] {
  const poolOf = new Map<string | undefined, string>(policy.tiers.map(({ name, target }) => [name, target]));
  const waiting = new Map<string, Set<string>>();
  for (const { networkInterfaceId, actions } of decisions) {
    for (const action of actions) {
      const pool = fullPool(action, poolOf);
      if (pool === undefined) continue;
      waiting.set(pool, (waiting.get(pool) ?? new Set()).add(networkInterfaceId));
    }
  }
  if (waiting.size === 0) return decisions;
  const complete = (action: Action): Action => {
    const pool = fullPool(action, poolOf);
    if (pool === undefined) return action;
    const sources = waiting.get(pool)?.size ?? 0;
    const targets = Math.ceil(sources / sourcesPerTargetDefault);
    const detail = `pool ${pool}: ${sources} waiting; ${targets} more with room for ${sourcesPerTargetDefault} sources each would suffice`;
    return { ...action, detail };
  };
  return decisions.map((decision) => ({ ...decision, actions: decision.actions.map(complete) }));
}

function fullPool(action: Action, poolOf: ReadonlyMap<string | undefined, string>): string | undefined {
  return action.kind === 'refuse' && action.because === 'target-full' ? poolOf.get(action.tier) : undefined;
}
