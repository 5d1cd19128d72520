/** Removes every session and managed filter of a fleet: what to run before the stack is deleted. */
import { type Applied, applyPlan } from './apply.ts';
import type { Run } from './call.ts';
import type { Action, FilterAction, Plan } from './core/actions.ts';
import { assembleCandidates } from './core/candidates.ts';
import { isOurFilter, isOurs, ownerTagKeys } from './core/ownership.ts';
import { inOrderOfApplication, remove } from './core/plan-actions.ts';
import type { World } from './ports.ts';

/** Everything that this fleet created, as deletions. It needs no policy, and guards do not apply: it is what was asked. */
export async function planTeardown(world: World): Promise<Plan> {
  const sessions = (await world.ec2.readSessions('all')).filter((session) => isOurs(session, world));
  const filters = (await world.ec2.readFilters()).filter((filter) => isOurFilter(filter, world.fleet));
  const decisions = assembleCandidates([], new Map(), sessions).map(({ networkInterfaceId, sessions: ours }) => {
    const actions: Action[] = ours.map((session) => remove(session, 'not-covered')).sort(inOrderOfApplication);
    return {
      networkInterfaceId,
      actions,
      wanted: [],
      isEligible: false,
      inPlace: [],
      isUnreadable: false,
      warnings: [],
    };
  });
  const filterActions = filters.map((filter): FilterAction => {
    return { kind: 'delete-filter', name: filter.tags[ownerTagKeys.filter] ?? '', filter, because: 'unused' };
  });
  return { decisions, filterActions, accused: [] };
}

/** Performs the teardown; sessions first, since a filter in use cannot be deleted. */
export function tearDown(plan: Plan, run: Run): Promise<Applied> {
  return applyPlan(plan, run);
}
