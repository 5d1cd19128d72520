import { type CallResult, type Run, tryCall } from './call.ts';
import type { FilterAction } from './core/actions.ts';
import type { FilterId, RuleSpec } from './core/model.ts';
import { filterTags } from './core/ownership.ts';

/** EC2's answers that mean: what we were about to do has been done, by a run beside us. */
const settledCodes: ReadonlySet<string> = new Set(['TrafficMirrorFilterRuleAlreadyExists', 'TrafficMirrorFilterInUse']);

/** A filter action that did not succeed. */
export interface FilterFailure {
  readonly action: FilterAction;
  /** EC2's error code, or `Deadline`. */
  readonly code: string;
  /** Time or EC2's patience ran out: nothing is wrong, and the next run does it. */
  readonly isDeferred: boolean;
}

/**
 * Performs one action on a managed filter and notes the filter's id. Returns how it failed; `undefined` means done, or
 * settled by someone else.
 */
export async function applyFilterAction(
  action: FilterAction,
  run: Run,
  filterIds: Map<string, FilterId>,
): Promise<FilterFailure | undefined> {
  const result = await (action.kind === 'create-filter' ? createFilter(action, run, filterIds) : perform(action, run));
  if (result.kind === 'ok') return undefined;
  if (result.kind === 'no-time') return { action, code: 'Deadline', isDeferred: true };
  const { code, kind } = result.failure;
  // What was to be repaired or deleted may be gone; what was to be made must be there.
  const isGone = kind === 'vanished' && action.kind !== 'create-filter';
  return isGone || settledCodes.has(code) ? undefined : { action, code, isDeferred: result.verdict === 'retry-now' };
}

/**
 * Whether a filter is unfit for new sessions when this action on it has failed.
 *
 * | failed | without it the filter | unfit |
 * |---|---|---|
 * | `create-filter`, `create-rule`, `modify-rule` | may mirror nothing, or the mirrors themselves | yes |
 * | `delete-rule` of a reject, `set-network-services` that adds | may mirror less than the policy wants | yes |
 * | `delete-rule` of an accept, `set-network-services` that only removes | may mirror more, and hides nothing | no |
 * | `delete-filter` | is used by no session of the plan | no |
 */
export function isNeededBySessions(action: FilterAction): boolean {
  switch (action.kind) {
    case 'create-filter':
    case 'create-rule':
    case 'modify-rule':
      return true;
    case 'delete-rule':
      return action.from.action === 'reject';
    case 'set-network-services':
      return action.add.length > 0;
    case 'delete-filter':
      return false;
  }
}

type Repair = Exclude<FilterAction, { kind: 'create-filter' }>;

function perform(action: Repair, run: Run): Promise<CallResult<unknown>> {
  const { ec2 } = run.world;
  switch (action.kind) {
    case 'modify-rule':
      return tryCall(run, 'ModifyTrafficMirrorFilterRule', () => ec2.modifyRule(action.ruleId, action.from, action.to));
    case 'delete-rule':
      return tryCall(run, 'DeleteTrafficMirrorFilterRule', () => ec2.deleteRule(action.ruleId));
    case 'create-rule':
      return createRule(action.filterId, action.to, run);
    case 'set-network-services':
      return tryCall(run, 'ModifyTrafficMirrorFilterNetworkServices', () =>
        ec2.changeNetworkServices(action.filterId, action.add, action.remove),
      );
    case 'delete-filter':
      return tryCall(run, 'DeleteTrafficMirrorFilter', () => ec2.deleteFilter(action.filter.filterId));
  }
}

function createRule(filterId: FilterId, rule: RuleSpec, run: Run): Promise<CallResult<void>> {
  const clientToken = `fm-${filterId}-${rule.direction}-${rule.ruleNumber}-${run.nonce}`;
  return tryCall(run, 'CreateTrafficMirrorFilterRule', () => run.world.ec2.createRule(filterId, rule, clientToken));
}

/** A new filter with all its rules. The filter counts as existing only when the last rule stands. */
async function createFilter(
  action: Extract<FilterAction, { kind: 'create-filter' }>,
  run: Run,
  filterIds: Map<string, FilterId>,
): Promise<CallResult<unknown>> {
  const { world } = run;
  const createdAt = new Date(world.clock.now()).toISOString();
  const result = await tryCall(run, 'CreateTrafficMirrorFilter', () =>
    world.ec2.createFilter({
      tags: filterTags(world.fleet, action.name, createdAt),
      description: `fleetmirror ${world.fleet} ${action.name}`,
      // A name has 31 characters at most: with the nonce, fewer than the 64 that EC2 takes.
      clientToken: `fm-${action.name}-${run.nonce}`,
    }),
  );
  if (result.kind !== 'ok') return result;
  const filterId = result.value;
  for (const rule of action.rules) {
    const created = await createRule(filterId, rule, run);
    if (created.kind === 'no-time') return created;
    if (created.kind === 'failure' && !settledCodes.has(created.failure.code)) return created;
  }
  if (action.networkServices.length > 0) {
    const changed = await tryCall(run, 'ModifyTrafficMirrorFilterNetworkServices', () =>
      world.ec2.changeNetworkServices(filterId, action.networkServices, []),
    );
    if (changed.kind !== 'ok') return changed;
  }
  filterIds.set(action.name, filterId);
  world.memory.ownFilters.set(action.name, { filterId, writtenAtMs: world.clock.now() });
  return result;
}
