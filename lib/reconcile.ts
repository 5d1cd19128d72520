/**
 * Start here. One run, level-triggered: read what EC2 has, decide what the policy wants, guard the deletions, apply the
 * difference, report. It reads afresh each time and may run twice, late, out of order or beside another run. The event
 * handlers, the sweep and the command line all enter here; `plan` is this with nothing applied.
 */
import { type Applied, type Outcome, observePlan } from './apply.ts';
import type { Run } from './call.ts';
import type { Plan } from './core/actions.ts';
import { type Coverage, decideAfter, measureCoverage } from './core/coverage.ts';
import type { Policy } from './core/model.ts';
import { lookAgain, perform } from './look-again.ts';
import type { Infrastructure } from './memory.ts';
import { judgeFilters, type Prepared, prepare } from './prepare.ts';
import type { Reading, Scope } from './read.ts';
import { noteRepairs } from './repairs.ts';
import { restrain } from './restrain.ts';
import type { ReconcileOptions, Task } from './task.ts';

/** What a run did and why. Where it looked again, each source is told as it was decided last. */
export interface Report {
  readonly scope: Scope;
  readonly policy: Policy;
  readonly plan: Plan;
  readonly outcomes: readonly Outcome[];
  readonly filterFailures: Applied['filterFailures'];
  /** Of the sources that this run looked at, after it. */
  readonly coverage: Coverage;
  readonly reading: Reading;
  readonly infrastructure: Infrastructure;
  /** True when nothing was written by intent: `observe` mode, or `plan`. */
  readonly isObserved: boolean;
}

/** Makes the sessions of the scope equal to the policy and says what it did and why. Throws when its first read fails. */
export async function reconcile(run: Run, policy: Policy, scope: Scope, options: ReconcileOptions): Promise<Report> {
  const { world } = run;
  const task: Task = { run, policy, scope, options };
  const isObserved = !options.writes || policy.mode === 'observe';
  const startedAtMs = world.clock.now();
  const prepared = await prepare(world, policy, scope, options);
  const readMs = world.clock.now() - startedAtMs;
  const restrained = restrain(task, prepared, []);
  const plan = scope.kind === 'fleet' ? clearFilters(task, prepared, restrained) : restrained;
  if (isObserved) {
    const { reading, infrastructure } = prepared;
    const outcomes = observePlan(plan);
    const coverage = measureAfter(plan, outcomes);
    return { scope, policy, plan, outcomes, filterFailures: [], coverage, reading, infrastructure, isObserved };
  }
  const applied = await perform(plan, run);
  const end = await lookAgain(task, { prepared: { ...prepared, plan }, applied, readMs });
  const { plan: whole, reading, infrastructure } = end.prepared;
  const { outcomes, filterFailures } = end.applied;
  noteRepairs(world, end.applied, whole.filterActions, options.tampered);
  const coverage = measureAfter(whole, outcomes);
  return { scope, policy, plan: whole, outcomes, filterFailures, coverage, reading, infrastructure, isObserved };
}

/** Adds the deletion of filters that nothing uses once the plan is performed; a deletion that a guard holds keeps its filter. */
function clearFilters({ run, policy }: Task, prepared: Prepared, plan: Plan): Plan {
  const { deletions } = judgeFilters(run.world, policy, prepared, plan.decisions);
  return { ...plan, filterActions: [...plan.filterActions, ...deletions] };
}

/** The coverage of the plan's sources as they are after the run. */
function measureAfter(plan: Plan, outcomes: readonly Outcome[]): Coverage {
  const outcomesOf = Map.groupBy(outcomes, ({ action }) => action.networkInterfaceId);
  return measureCoverage(
    plan.decisions.map((decision) => decideAfter(decision, outcomesOf.get(decision.networkInterfaceId) ?? [])),
  );
}
