/**
 * Performs a plan: one lane per source, so that the order within a source holds and one bad source never stops
 * another; few lanes at a time; one outcome per action. It decides nothing: what EC2 refuses is told, not argued with.
 */

import { applyFilterAction, type FilterFailure, isNeededBySessions } from './apply-filters.ts';
import { type CallResult, type Run, tryCall } from './call.ts';
import type {
  Action,
  CreateAction,
  DesiredSession,
  FilterAction,
  ModifyAction,
  Plan,
  SourceDecision,
} from './core/actions.ts';
import { planAgeMaxMs } from './core/limits.ts';
import type { FilterId, NetworkInterfaceId, SessionId, TargetId } from './core/model.ts';
import { sessionTags } from './core/ownership.ts';
import type { Because } from './core/reasons.ts';
import { outdateInfrastructure } from './infrastructure.ts';
import { forgetOwnSession, rememberOwnSession } from './own-writes.ts';
import type { SessionChanges } from './ports.ts';

/** How an action ended. `deferred`: time or EC2's patience ran out. `look-again`: what we had read is no longer true. */
export type OutcomeKind = 'done' | 'settled' | 'deferred' | 'look-again' | 'failed' | 'observed';

export interface Outcome {
  readonly action: Action;
  readonly outcome: OutcomeKind;
  /** True when it was not tried, since what it rests on was read too long ago. */
  readonly isOutdated?: boolean;
  /** What EC2's answer made of the action, where that differs from the plan's reason. */
  readonly because?: Because;
  /** EC2's error code; of a session that waits for its filter, the code of the filter's failure. */
  readonly code?: string;
  /** Of a session that was created. */
  readonly sessionId?: SessionId;
  /** When EC2 had created it, milliseconds since 1970. */
  readonly createdAtMs?: number;
}

export interface Applied {
  readonly outcomes: readonly Outcome[];
  readonly filterFailures: readonly FilterFailure[];
  /** Targets that EC2 called full. */
  readonly fullTargets: ReadonlySet<TargetId>;
}

/** Sources that are worked on at the same time. EC2's token bucket, not this number, bounds the speed. */
const lanesMax = 10;

/** What EC2's lawful refusals mean for a create or modify (exact codes [D: EC2 error codes]). */
const refusals: Readonly<Record<string, Because>> = {
  NetworkInterfaceNotSupported: 'type-refused-by-ec2',
  InterfaceInUseByTrafficMirrorTarget: 'is-mirror-target',
  TrafficMirrorSessionsPerInterfaceLimitExceeded: 'source-full',
  TrafficMirrorSourcesPerTargetLimitExceeded: 'target-full',
  TrafficMirrorSessionsPerTargetLimitExceeded: 'target-full',
  TrafficMirrorSessionLimitExceeded: 'account-full',
};

interface Progress {
  readonly run: Run;
  /** When the plan is too old to be acted on, milliseconds since 1970. */
  readonly outdatedAtMs: number;
  /** Managed filters by name, as they exist or were created by this plan. */
  readonly filterIds: Map<string, FilterId>;
  /** Managed filters by name that fall short of the policy, since this plan could not make or repair them. */
  readonly unfitFilters: Map<string, FilterFailure>;
  readonly fullTargets: Set<TargetId>;
  /** Unknown instance types that EC2 refused in this run. */
  readonly refusedTypes: Set<string>;
}

/**
 * Performs every action of the plan that needs a call; `retain` and `refuse` are outcomes already. After `ageMaxMs`
 * milliseconds the rest of it is to be looked at again.
 */
export async function applyPlan(plan: Plan, run: Run, ageMaxMs = planAgeMaxMs): Promise<Applied> {
  const progress: Progress = {
    run,
    outdatedAtMs: run.world.clock.now() + ageMaxMs,
    filterIds: new Map(),
    unfitFilters: new Map(),
    fullTargets: new Set(),
    refusedTypes: new Set(),
  };
  const filterFailures: FilterFailure[] = [];
  const applyFilters = async (actions: readonly FilterAction[]) => {
    for (const action of actions) {
      const failure = await applyFilterAction(action, run, progress.filterIds);
      if (failure === undefined) continue;
      filterFailures.push(failure);
      if (isNeededBySessions(action)) progress.unfitFilters.set(action.name, failure);
    }
  };
  await applyFilters(plan.filterActions.filter((action) => action.kind !== 'delete-filter'));
  const outcomes = await runLanes(plan.decisions, (decision) => applyDecision(decision, progress));
  const used = usedFilters(outcomes.flat());
  await applyFilters(
    plan.filterActions.filter((action) => action.kind === 'delete-filter' && !used.has(action.filter.filterId)),
  );
  // Only who reads the filters repairs them: from memory the next run would take an unfit one for whole.
  if (progress.unfitFilters.size > 0) outdateInfrastructure(run.world);
  return { outcomes: outcomes.flat(), filterFailures, fullTargets: progress.fullTargets };
}

/** The filters of sessions that were to leave them, or to go, and are still there: EC2 would not delete them. */
function usedFilters(outcomes: readonly Outcome[]): ReadonlySet<FilterId> {
  const used = new Set<FilterId>();
  for (const { action, outcome, because } of outcomes) {
    const isGone = action.kind === 'delete' && outcome === 'settled' && because === undefined;
    const isMoot = action.kind !== 'modify' && action.kind !== 'delete';
    if (!isMoot && !isGone && outcome !== 'done') used.add(action.session.filterId);
  }
  return used;
}

/** The plan as outcomes, nothing done: `observe` mode and `plan`. What is only to be tried, nobody knows to be possible. */
export function observePlan(plan: Plan): readonly Outcome[] {
  return plan.decisions.flatMap(({ actions }) => actions.map(observe));
}

function observe(action: Action): Outcome {
  const isTrial = action.kind === 'create' && action.triedType !== undefined;
  return { action, outcome: 'observed', ...(isTrial && { because: 'type-unknown' }) };
}

async function runLanes<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = new Array(items.length);
  let next = 0;
  const lane = async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index] as Item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanesMax, items.length) }, lane));
  return results;
}

async function applyDecision(decision: SourceDecision, progress: Progress): Promise<Outcome[]> {
  const isOutdated = progress.run.world.clock.now() >= progress.outdatedAtMs;
  const outcomes: Outcome[] = [];
  for (const action of decision.actions) {
    if (isOutdated && mayHaveChanged(action)) outcomes.push({ action, outcome: 'look-again', isOutdated });
    else outcomes.push(await applyAction(action, progress));
  }
  return outcomes;
}

/** True for a write that the world may have made needless or wrong by now. An interface that is gone never comes back. */
function mayHaveChanged({ kind, because }: Action): boolean {
  return kind === 'create' || kind === 'modify' || (kind === 'delete' && because !== 'interface-gone');
}

async function applyAction(action: Action, progress: Progress): Promise<Outcome> {
  switch (action.kind) {
    case 'create':
      return createSession(action, progress);
    case 'modify':
      return modifySession(action, progress);
    case 'delete':
      return deleteSession(action, progress);
    case 'retain':
    case 'refuse':
      return { action, outcome: 'settled' };
  }
}

async function createSession(action: CreateAction, progress: Progress): Promise<Outcome> {
  const { run } = progress;
  const { desired } = action;
  if (action.triedType !== undefined && progress.refusedTypes.has(action.triedType)) {
    return { action, outcome: 'settled', because: 'type-refused-by-ec2' };
  }
  const filterId = findFitFilter(desired, progress);
  if (filterId === undefined) return awaitFilter(action, progress);
  const { world } = run;
  const createdAt = new Date(world.clock.now()).toISOString();
  const result = await tryCall(run, 'CreateTrafficMirrorSession', () =>
    world.ec2.createSession({
      networkInterfaceId: desired.networkInterfaceId,
      targetId: desired.targetId,
      filterId,
      sessionNumber: desired.sessionNumber,
      ...(desired.packetLength !== undefined && { packetLength: desired.packetLength }),
      ...(desired.virtualNetworkId !== undefined && { virtualNetworkId: desired.virtualNetworkId }),
      description: desired.description,
      tags: sessionTags(world.fleet, desired.carrier, desired.tier, createdAt),
      clientToken: tokenFor(run, desired.networkInterfaceId, desired.sessionNumber),
    }),
  );
  if (result.kind === 'ok') {
    world.memory.infrastructure?.sessions.set(result.value.sessionId, result.value);
    rememberOwnSession(world, result.value);
    return { action, outcome: 'done', sessionId: result.value.sessionId, createdAtMs: world.clock.now() };
  }
  if (result.kind === 'failure' && result.failure.code === 'NetworkInterfaceNotSupported' && action.triedType) {
    progress.refusedTypes.add(action.triedType);
  }
  return judgeFailure(action, result, desired.targetId, progress);
}

/** The filter for a session that does not have it yet; `undefined` while it does not exist or falls short of the policy. */
function findFitFilter({ filter }: DesiredSession, { filterIds, unfitFilters }: Progress): FilterId | undefined {
  return unfitFilters.has(filter.name) ? undefined : (filter.filterId ?? filterIds.get(filter.name));
}

/** Better no session than one that seems to mirror: an empty filter passes nothing. */
function awaitFilter(action: CreateAction | ModifyAction, { unfitFilters }: Progress): Outcome {
  const code = unfitFilters.get(action.desired.filter.name)?.code;
  return { action, outcome: 'deferred', ...(code !== undefined && { code }) };
}

/**
 * One token for all tries of one creation. The run's nonce makes it new for the next run: EC2 would answer a replayed
 * token with the old success even when someone has deleted that session since [I].
 */
function tokenFor(run: Run, networkInterfaceId: NetworkInterfaceId, sessionNumber: number): string {
  return `fm-${networkInterfaceId}-${sessionNumber}-${run.nonce}`;
}

async function modifySession(action: ModifyAction, progress: Progress): Promise<Outcome> {
  const { run } = progress;
  const { desired, session } = action;
  const isMoved = action.drift.some(({ field }) => field === 'filterId');
  const filterId = isMoved ? findFitFilter(desired, progress) : session.filterId;
  if (filterId === undefined) return awaitFilter(action, progress);
  const changes = changesOf(action, filterId);
  const result = await tryCall(run, 'ModifyTrafficMirrorSession', () =>
    run.world.ec2.modifySession(session.sessionId, changes),
  );
  if (result.kind !== 'ok') {
    forgetOwnSession(run.world.memory, session.sessionId);
    return judgeFailure(action, result, desired.targetId, progress);
  }
  // ModifyTrafficMirrorSession returns no tags that we could rely on; they never change after creation.
  const modified = { ...result.value, tags: session.tags };
  run.world.memory.infrastructure?.sessions.set(session.sessionId, modified);
  if (run.world.memory.ownSessions.has(session.sessionId)) rememberOwnSession(run.world, modified);
  return { action, outcome: 'done' };
}

function changesOf({ drift, desired }: ModifyAction, filterId: FilterId): SessionChanges {
  const fields = new Set(drift.map(({ field }) => field));
  return {
    ...(fields.has('targetId') && { targetId: desired.targetId }),
    ...(fields.has('filterId') && { filterId }),
    ...(fields.has('sessionNumber') && { sessionNumber: desired.sessionNumber }),
    ...(fields.has('packetLength') && { packetLength: desired.packetLength ?? 'whole' }),
    ...(fields.has('virtualNetworkId') &&
      desired.virtualNetworkId !== undefined && { virtualNetworkId: desired.virtualNetworkId }),
    ...(fields.has('description') && { description: desired.description }),
  };
}

async function deleteSession(action: Extract<Action, { kind: 'delete' }>, progress: Progress): Promise<Outcome> {
  const { run } = progress;
  const { sessionId } = action.session;
  let tries = 0;
  const result = await tryCall(run, 'DeleteTrafficMirrorSession', () => {
    tries += 1;
    return run.world.ec2.deleteSession(sessionId);
  });
  const isGone = result.kind === 'ok' || (result.kind === 'failure' && result.failure.kind === 'vanished');
  if (!isGone) return judgeFailure(action, result, action.session.targetId, progress);
  run.world.memory.infrastructure?.sessions.delete(sessionId);
  forgetOwnSession(run.world.memory, sessionId);
  // Gone at the first try: AWS deletes the sessions of a deleted interface itself, or a run beside us was faster. Gone
  // at a later try: the first one did it and its answer was lost.
  return { action, outcome: result.kind === 'ok' || tries > 1 ? 'done' : 'settled' };
}

function judgeFailure(
  action: Action,
  result: Exclude<CallResult<unknown>, { kind: 'ok' }>,
  targetId: TargetId,
  progress: Progress,
): Outcome {
  if (result.kind === 'no-time') return { action, outcome: 'deferred' };
  const { failure, verdict } = result;
  const refusal = refusals[failure.code];
  if (refusal === 'target-full') progress.fullTargets.add(targetId);
  const code = failure.code;
  if (refusal !== undefined && refusal !== 'target-full' && refusal !== 'source-full') {
    return { action, outcome: 'settled', because: refusal, code };
  }
  switch (verdict) {
    case 'retry-now':
      return { action, outcome: 'deferred', code };
    case 'look-again':
      return { action, outcome: 'look-again', code, ...(refusal !== undefined && { because: refusal }) };
    case 'refuse':
      return { action, outcome: 'settled', because: 'denied', code };
    case 'report':
      // EC2's code for a number that is taken is unknown [U], so whatever it says of taking one is looked at once more.
      return { action, outcome: takesNumber(action) ? 'look-again' : 'failed', code };
  }
}

/** True for an action that puts a session on a number, which a run beside us may have taken since the read. */
function takesNumber(action: Action): boolean {
  return (
    action.kind === 'create' ||
    (action.kind === 'modify' && action.drift.some(({ field }) => field === 'sessionNumber'))
  );
}
