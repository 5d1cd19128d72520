/**
 * What is heard of a run: one log line for it and one for each action that did something or could not, metrics, and
 * events for the rest of the organisation. The keys of the lines are stable; RUNBOOK.md names them.
 */
import type { Outcome } from './apply.ts';
import type { Run } from './call.ts';
import type { Cause } from './causes.ts';
import type { FleetEvent } from './event-schemas.ts';
import { EventsLost } from './events-lost.ts';
import { isEc2Failure } from './failure.ts';
import { isRefusal, measure, type Summary, tierOfAction } from './measure.ts';
import type { World } from './ports.ts';
import type { Scope } from './read.ts';
import type { Report } from './reconcile.ts';
import type { SweepCause } from './sweep-cause.ts';

/** What a run came from. */
export interface Occasion {
  readonly startedAtMs: number;
  readonly because: SweepCause | 'changes' | 'apply';
  /** How often a sweep was continued. */
  readonly hop?: number;
  /** EventBridge's ids of the events that the run answers. */
  readonly eventIds?: readonly string[];
  readonly causes?: ReadonlyMap<Outcome, Cause>;
}

/** Logs, measures and publishes what a run did. Never fails it. */
export async function announce(run: Run, report: Report, occasion: Occasion): Promise<void> {
  const { world } = run;
  for (const outcome of report.outcomes) logOutcome(world, outcome, occasion);
  for (const { action, code } of report.filterFailures) {
    world.log.error('A managed filter could not be changed.', { action: action.kind, filter: action.name, code });
  }
  if (report.plan.halted !== undefined) {
    world.log.error('A guard held all guarded deletions of this run.', { ...report.plan.halted });
  }
  const summary = summarise(report, world.clock.now() - occasion.startedAtMs);
  const { scope, isObserved, coverage, plan } = report;
  const facts = { scope: scope.kind, sources: plan.decisions.length, isObserved };
  logRun(world, { ...facts, ...(scope.kind === 'fleet' && { coverage }) }, summary, occasion);
  measure(world, report, summary, occasion.causes);
  await publish(world, [...actionEvents(run, report, occasion), ...sweepEvents(run, report, summary, occasion)]);
}

/** Logs the run that did nothing since the policy cannot be used, so that every run has its line. */
export function announceIdleRun(world: World, scope: Scope['kind'], policy: string, occasion: Occasion): void {
  const summary = { actions: noActions, remaining: 0, durationMs: world.clock.now() - occasion.startedAtMs };
  logRun(world, { scope, policy, sources: 0, isObserved: false }, summary, occasion);
}

/** Logs the run that an error has ended. What it had done by then is not known here, so the line has no numbers. */
export function announceBrokenRun(world: World, scope: Scope['kind'], error: unknown, occasion: Occasion): void {
  const code = isEc2Failure(error) ? error.code : 'unexpected';
  const durationMs = world.clock.now() - occasion.startedAtMs;
  world.log.error('run', { ...tellOccasion(occasion), scope, code, durationMs });
}

const noActions: Summary['actions'] = { create: 0, modify: 0, delete: 0, refuse: 0, failed: 0 };

function summarise({ outcomes, filterFailures }: Report, durationMs: number): Summary {
  const actions = { ...noActions, failed: filterFailures.filter(({ isDeferred }) => !isDeferred).length };
  let remaining = 0;
  for (const one of outcomes) {
    const { action, outcome } = one;
    if (isRefusal(one)) actions.refuse += 1;
    else if (outcome === 'failed') actions.failed += 1;
    else if (outcome === 'done' && action.kind !== 'retain') actions[action.kind] += 1;
    if (outcome === 'deferred') remaining += 1;
  }
  return { actions, remaining, durationMs };
}

/** What the line of a run says besides its occasion and its numbers. */
interface RunFacts {
  readonly scope: Scope['kind'];
  readonly sources: number;
  readonly isObserved: boolean;
  /** After a sweep. */
  readonly coverage?: Report['coverage'];
  /** Why the policy cannot be used; absent where it was. */
  readonly policy?: string;
}

function logRun(world: World, facts: RunFacts, summary: Summary, occasion: Occasion): void {
  world.log.info('run', { ...tellOccasion(occasion), ...facts, ...summary });
}

function tellOccasion({ because, hop, eventIds = [] }: Occasion): Pick<Occasion, 'because' | 'hop' | 'eventIds'> {
  return { because, ...(hop !== undefined && { hop }), ...(eventIds.length > 0 && { eventIds }) };
}

function logOutcome(world: World, one: Outcome, { causes }: Occasion): void {
  const { action, outcome, because, code } = one;
  if (action.kind === 'retain' && action.held === undefined) return;
  const sessionId = sessionIdOf(one);
  const tier = tierOfAction(action);
  const eventIds = causes?.get(one)?.eventIds ?? [];
  const fields = {
    action: action.kind,
    outcome,
    because: because ?? action.because,
    networkInterfaceId: action.networkInterfaceId,
    ...(action.instanceId && { instanceId: action.instanceId }),
    ...(action.sessionNumber !== undefined && { sessionNumber: action.sessionNumber }),
    ...(tier && { tier }),
    ...(sessionId && { sessionId }),
    ...(action.kind === 'retain' && { held: action.held }),
    ...(code && { code }),
    ...(action.detail && { detail: action.detail }),
    ...(eventIds.length > 0 && { eventIds }),
  };
  if (outcome === 'failed') world.log.error('action', fields);
  else world.log.info('action', fields);
}

function sessionIdOf({ action, sessionId }: Outcome): string | undefined {
  return 'session' in action ? action.session.sessionId : sessionId;
}

/** Publishes events; a bus that refuses them is logged and counted, and stops nothing. */
async function publish(world: World, events: readonly FleetEvent[]): Promise<void> {
  if (events.length === 0) return;
  try {
    await world.bus.publish(events);
  } catch (error) {
    const lost = error instanceof EventsLost ? error.events : events.length;
    world.log.error('Events could not be published.', { events: lost, cause: String(error) });
    world.log.count('EventsLost', lost);
  }
}

/** One event for each session that came, went or was put right; refusals where a change led to them, not by every sweep. */
function actionEvents({ nonce }: Run, report: Report, { because, causes }: Occasion): readonly FleetEvent[] {
  return report.outcomes.flatMap((one): FleetEvent[] => {
    if (isRefusal(one) && because !== 'changes') return [];
    const eventIds = causes?.get(one)?.eventIds ?? [];
    const run = { fleet: report.policy.fleet, runId: nonce, ...(eventIds.length > 0 && { eventIds: [...eventIds] }) };
    const event = eventOf(one, run);
    return event === undefined ? [] : [event];
  });
}

interface RunFields {
  readonly fleet: string;
  readonly runId: string;
  readonly eventIds?: string[];
}

function eventOf(one: Outcome, run: RunFields): FleetEvent | undefined {
  const { action, outcome } = one;
  const { networkInterfaceId, instanceId, sessionNumber, detail } = action;
  const tier = tierOfAction(action);
  const sessionId = sessionIdOf(one);
  const because = one.because ?? action.because;
  const source = { ...run, networkInterfaceId, ...(instanceId && { instanceId }), because };
  if (isRefusal(one)) {
    const known = {
      ...(sessionNumber !== undefined && { sessionNumber }),
      ...(sessionId && { sessionId }),
      ...(tier && { tier }),
      ...(one.code && { code: one.code }),
      ...(detail && { detail }),
    };
    return { detailType: 'Mirror Refused', detail: { ...source, ...known } };
  }
  if (outcome !== 'done' || sessionId === undefined) return undefined;
  switch (action.kind) {
    case 'create': {
      const { desired } = action;
      const session = {
        sessionNumber: action.sessionNumber,
        sessionId,
        tier: desired.tier,
        targetId: desired.targetId,
      };
      return { detailType: 'Mirror Attached', detail: { ...source, ...session } };
    }
    case 'modify': {
      const changed = action.drift.map(({ field }) => field);
      const session = { sessionNumber: action.sessionNumber, sessionId, tier: action.desired.tier, changed };
      return { detailType: 'Mirror Drift Repaired', detail: { ...source, ...session } };
    }
    case 'delete': {
      const session = { sessionNumber: action.sessionNumber, sessionId, ...(tier && { tier }) };
      return { detailType: 'Mirror Detached', detail: { ...source, ...session } };
    }
    default:
      return undefined;
  }
}

/** A sweep, scheduled or commanded, says that it has ended, and that it was halted. */
function sweepEvents({ nonce }: Run, report: Report, summary: Summary, occasion: Occasion): readonly FleetEvent[] {
  const { because, hop = 0, eventIds = [] } = occasion;
  if (because === 'changes' || because === 'apply') return [];
  const run = { fleet: report.policy.fleet, runId: nonce, ...(eventIds.length > 0 && { eventIds: [...eventIds] }) };
  const completed = { ...run, because, hop, coverage: report.coverage, ...summary };
  const { halted } = report.plan;
  return [
    { detailType: 'Sweep Completed', detail: completed },
    ...(halted === undefined
      ? []
      : [{ detailType: 'Sweep Halted' as const, detail: { ...run, because: 'held-by-guard' as const, ...halted } }]),
  ];
}
