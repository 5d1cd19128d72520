/** The metrics of a run: what it did, how fast, and, after a sweep, how the fleet stands. */
import type { Outcome } from './apply.ts';
import type { Cause } from './causes.ts';
import type { Action, Plan } from './core/actions.ts';
import { tierOf } from './core/desire.ts';
import { heldBy } from './core/guard.ts';
import { measureHeadroom } from './core/headroom.ts';
import { isOurs } from './core/ownership.ts';
import type { World } from './ports.ts';
import type { Report } from './reconcile.ts';

/** What a run came to, in numbers. */
export interface Summary {
  readonly actions: Readonly<Record<'create' | 'modify' | 'delete' | 'refuse' | 'failed', number>>;
  /** Actions for which time or EC2's patience ran out. */
  readonly remaining: number;
  readonly durationMs: number;
}

const metricOf = { create: 'SessionsCreated', modify: 'SessionsModified', delete: 'SessionsDeleted' } as const;

/** Counts what a run did; `causes` says since when the outside world waited for it. */
export function measure(
  world: World,
  report: Report,
  summary: Summary,
  causes: ReadonlyMap<Outcome, Cause> = new Map(),
): void {
  const { log } = world;
  const tiers = new Set(report.policy.tiers.map(({ name }) => name));
  for (const one of report.outcomes) {
    const { action, outcome, because, createdAtMs } = one;
    if (isRefusal(one)) log.count('SessionsRefused', 1, { reason: because ?? action.because });
    else if (outcome === 'done' && isChange(action)) {
      const tier = tierOfAction(action);
      // Anybody may write anything into a session's description; only the policy's own tiers become dimensions.
      log.count(metricOf[action.kind], 1, tier !== undefined && tiers.has(tier) ? { tier } : undefined);
    }
    const cause = causes.get(one);
    if (createdAtMs !== undefined && cause !== undefined) {
      log.count('TimeToMirrorMs', Math.max(0, createdAtMs - cause.eventAtMs));
    }
  }
  // A sweep says zero as well: its alarm asks for sweep after sweep with failures.
  const failed = summary.actions.failed + report.outcomes.filter(isStuck).length;
  if (failed > 0 || report.scope.kind === 'fleet') log.count('ActionsFailed', failed);
  if (report.plan.halted !== undefined) log.count('DeletesHeld', countHeld(report.plan));
  if (report.scope.kind === 'fleet') measureFleet(world, report, summary);
}

function measureFleet(world: World, report: Report, { remaining, durationMs }: Summary): void {
  const { log, fleet, accountId } = world;
  const { coverage, plan, policy, infrastructure } = report;
  log.count('SweepDurationMs', durationMs);
  log.count('SweepRemaining', remaining);
  if (plan.halted !== undefined) log.count('SweepsHalted');
  log.count('EligibleSources', coverage.eligible);
  log.count('MirroredSources', coverage.mirrored);
  log.count('CoveragePercent', coverage.percent);
  // A second look replaces what is remembered; our own writes are in it.
  const sessions = [...(world.memory.infrastructure ?? infrastructure).sessions.values()];
  const owner = { fleet, accountId };
  log.count('ForeignSessions', sessions.filter((session) => !isOurs(session, owner)).length);
  const { account, targets } = measureHeadroom(policy, sessions, infrastructure.targets, accountId);
  log.count('AccountSessionHeadroom', account.left);
  log.count('AccountSessionHeadroomPercent', account.percent);
  if (targets === undefined) return;
  log.count('TargetHeadroom', targets.left);
  log.count('TargetHeadroomPercent', targets.percent);
}

/**
 * Refused by the plan, or by EC2 when it was tried: a change that EC2 denies must be heard of like one never planned. What
 * only waits for the sweep is no refusal.
 */
export function isRefusal({ action, outcome, because }: Outcome): boolean {
  if (action.kind === 'refuse') return action.because !== 'left-to-sweep';
  return isChange(action) && outcome === 'settled' && because !== undefined;
}

/** A session of ours that EC2 lets us neither put right nor delete. No source is short of it, so coverage would not tell. */
function isStuck({ action, because }: Outcome): boolean {
  return because === 'denied' && (action.kind === 'modify' || action.kind === 'delete');
}

/** Fewer than the guard has counted where the run had deleted some before it looked again. */
function countHeld({ decisions }: Plan): number {
  let count = 0;
  for (const { actions } of decisions) count += actions.filter((action) => heldBy(action) === 'held-by-guard').length;
  return count;
}

function isChange(action: Action): action is Extract<Action, { kind: keyof typeof metricOf }> {
  return action.kind in metricOf;
}

/** The tier that an action is about: of a deletion, what the session says of itself. */
export function tierOfAction(action: Action): string | undefined {
  if ('desired' in action) return action.desired.tier;
  if ('tier' in action && action.tier !== undefined) return action.tier;
  return 'session' in action ? tierOf(action.session) : undefined;
}
