/** What the rest of the organisation and the metrics hear of a run. */
import type { Outcome } from './apply.ts';
import type { FleetEvent, World } from './ports.ts';
import type { Report } from './reconcile.ts';

/** Logs one line per action that did something, counts, and publishes events. Never fails the run. */
export async function announce(world: World, report: Report): Promise<void> {
  const events: FleetEvent[] = [];
  for (const outcome of report.outcomes) {
    logOutcome(world, outcome);
    const event = eventOf(outcome, report);
    if (event !== undefined) events.push(event);
  }
  for (const { action, code } of report.filterFailures) {
    world.log.error('A managed filter could not be changed.', { action: action.kind, filter: action.name, code });
  }
  if (report.plan.halted !== undefined) world.log.count('DeletesHeld', report.plan.halted.guarded);
  await publish(world, events);
}

/** Publishes events; a bus that refuses them is logged and counted, and stops nothing. */
export async function publish(world: World, events: readonly FleetEvent[]): Promise<void> {
  if (events.length === 0) return;
  try {
    await world.bus.publish(events);
  } catch (error) {
    world.log.error('Events could not be published.', { events: events.length, cause: String(error) });
    world.log.count('EventsLost', events.length);
  }
}

const metricOf = { create: 'SessionsCreated', modify: 'SessionsModified', delete: 'SessionsDeleted' } as const;

function logOutcome(world: World, { action, outcome, because, code, sessionId }: Outcome): void {
  if (action.kind === 'retain' && action.held === undefined) return;
  const fields = {
    action: action.kind,
    outcome,
    because: because ?? action.because,
    networkInterfaceId: action.networkInterfaceId,
    ...(action.instanceId && { instanceId: action.instanceId }),
    ...(action.sessionNumber !== undefined && { sessionNumber: action.sessionNumber }),
    ...(sessionIdOf(action, sessionId) && { sessionId: sessionIdOf(action, sessionId) }),
    ...(code && { code }),
    ...(action.detail && { detail: action.detail }),
  };
  if (outcome === 'failed') world.log.error('An action failed.', fields);
  else world.log.info('action', fields);
  if (outcome === 'done' && action.kind in metricOf) world.log.count(metricOf[action.kind as keyof typeof metricOf]);
  if (outcome === 'failed') world.log.count('ActionsFailed');
  if (isRefusal({ action, outcome, ...(because && { because }) })) world.log.count('SessionsRefused');
}

function sessionIdOf(action: Outcome['action'], created: string | undefined): string | undefined {
  return 'session' in action ? action.session.sessionId : created;
}

/** Refused by the plan, or by EC2 when it was tried: a change that EC2 denies must be heard of like one never planned. */
function isRefusal({ action, outcome, because }: Outcome): boolean {
  return action.kind === 'refuse' || (action.kind in metricOf && outcome === 'settled' && because !== undefined);
}

/** The event for an outcome, if it has one. Refusals are announced where an event led to them, not by every sweep. */
function eventOf(outcome: Outcome, report: Report): FleetEvent | undefined {
  const { action } = outcome;
  const detail = {
    fleet: report.policy.fleet,
    networkInterfaceId: action.networkInterfaceId,
    ...(action.instanceId && { instanceId: action.instanceId }),
    ...(action.sessionNumber !== undefined && { sessionNumber: action.sessionNumber }),
    ...(sessionIdOf(action, outcome.sessionId) && { sessionId: sessionIdOf(action, outcome.sessionId) }),
    because: outcome.because ?? action.because,
  };
  if (isRefusal(outcome) && report.scope.kind === 'changed' && !report.isObserved) {
    return { detailType: 'Mirror Refused', detail: { ...detail, ...('tier' in action && { tier: action.tier }) } };
  }
  if (outcome.outcome !== 'done') return undefined;
  switch (action.kind) {
    case 'create': {
      const { tier, targetId } = action.desired;
      return { detailType: 'Mirror Attached', detail: { ...detail, tier, targetId } };
    }
    case 'modify': {
      const changed = action.drift.map(({ field }) => field);
      return { detailType: 'Mirror Drift Repaired', detail: { ...detail, tier: action.desired.tier, changed } };
    }
    case 'delete':
      return { detailType: 'Mirror Detached', detail };
    default:
      return undefined;
  }
}
