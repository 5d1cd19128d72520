import { type CallResult, type Run, tryCall } from './call.ts';
import type { FilterAction } from './core/actions.ts';
import type { FilterId, RuleSpec } from './core/model.ts';
import { filterTags } from './core/ownership.ts';

/** EC2's answers that mean: what we were about to do has been done, by a run beside us. */
const settledCodes: ReadonlySet<string> = new Set(['TrafficMirrorFilterRuleAlreadyExists', 'TrafficMirrorFilterInUse']);

/**
 * Performs one action on a managed filter and notes the filter's id. Returns EC2's error code when it failed, or
 * `Deadline` when no time was left; `undefined` means done, or settled by someone else.
 */
export async function applyFilterAction(
  action: FilterAction,
  run: Run,
  filterIds: Map<string, FilterId>,
): Promise<string | undefined> {
  if (action.kind === 'create-filter') return createFilter(action, run, filterIds);
  const result = await perform(action, run);
  if (result.kind === 'no-time') return 'Deadline';
  if (result.kind === 'ok' || result.failure.kind === 'vanished') return undefined;
  return settledCodes.has(result.failure.code) ? undefined : result.failure.code;
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
  const clientToken = `fm-${filterId}-${rule.direction}-${rule.ruleNumber}-${run.nonce}`.slice(0, 64);
  return tryCall(run, 'CreateTrafficMirrorFilterRule', () => run.world.ec2.createRule(filterId, rule, clientToken));
}

/** A new filter with all its rules. The filter counts as existing only when the last rule stands. */
async function createFilter(
  action: Extract<FilterAction, { kind: 'create-filter' }>,
  run: Run,
  filterIds: Map<string, FilterId>,
): Promise<string | undefined> {
  const { world } = run;
  const createdAt = new Date(world.clock.now()).toISOString();
  const result = await tryCall(run, 'CreateTrafficMirrorFilter', () =>
    world.ec2.createFilter({
      tags: filterTags(world.fleet, action.name, createdAt),
      description: `fleetmirror ${world.fleet} ${action.name}`,
      clientToken: `fm-${action.name}-${run.nonce}`.slice(0, 64),
    }),
  );
  if (result.kind !== 'ok') return result.kind === 'no-time' ? 'Deadline' : result.failure.code;
  const filterId = result.value;
  for (const rule of action.rules) {
    const created = await createRule(filterId, rule, run);
    if (created.kind === 'no-time') return 'Deadline';
    if (created.kind === 'failure' && !settledCodes.has(created.failure.code)) return created.failure.code;
  }
  if (action.networkServices.length > 0) {
    const changed = await tryCall(run, 'ModifyTrafficMirrorFilterNetworkServices', () =>
      world.ec2.changeNetworkServices(filterId, action.networkServices, []),
    );
    if (changed.kind !== 'ok') return changed.kind === 'no-time' ? 'Deadline' : changed.failure.code;
  }
  filterIds.set(action.name, filterId);
  world.memory.ownFilters.set(action.name, { filterId, writtenAtMs: world.clock.now() });
  return undefined;
}
