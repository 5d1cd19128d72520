/** `plan`, `apply` and `sweep`: one reconcile each, with or without writing, of some sources or of the fleet. */
import type { Command } from 'commander';
import { announce } from '../announce.ts';
import { startRun } from '../call.ts';
import { isInstanceId, isNetworkInterfaceId } from '../hints.ts';
import type { Scope } from '../read.ts';
import { type Report, reconcile } from '../reconcile.ts';
import { addGlobalOptions, type GlobalOptions, openContext, openPolicy } from './context.ts';
import { showProgress } from './progress.ts';
import { stdout } from './render.ts';
import { hasFailures, hasPendingChanges, renderReport, reportDocument } from './render-plan.ts';
import { exitCodes, UsageError } from './usage.ts';

interface ReconcileOptions extends GlobalOptions {
  readonly all?: boolean;
  readonly allowDeletes?: number;
}

/** The command line has no deadline of its own: an operator waits, or interrupts. */
const deadlineAtMs = Number.POSITIVE_INFINITY;

export function registerReconcile(program: Command): void {
  addGlobalOptions(program.command('plan'))
    .argument('[id...]', 'instances (i-…) or interfaces (eni-…); default: the whole fleet')
    .description('show what would be done and why; writes nothing; exit code 2 when changes are pending')
    .option('--all', 'also show what stays as it is')
    .addHelpText('after', '\nExample:\n  $ fleetmirror plan --fleet prod i-0123456789abcdef0')
    .action((ids: string[], options: ReconcileOptions) => runPlan(ids, options));
  addGlobalOptions(program.command('apply'))
    .argument('[id...]', 'instances (i-…) or interfaces (eni-…); default: the whole fleet')
    .description('make the sessions equal to the policy; exit code 2 when a guard held deletions')
    .option('--all', 'also show what stays as it is')
    .option('--allow-deletes <n>', 'let up to this many guarded deletions pass the guards', parseCount)
    .addHelpText('after', '\nExample:\n  $ fleetmirror apply --fleet prod --allow-deletes 120')
    .action((ids: string[], options: ReconcileOptions) => runApply(scopeOf(ids), options, 'apply'));
  addGlobalOptions(program.command('sweep'))
    .description('do what the scheduled sweep does, now: repair, remove orphans, measure coverage')
    .option('--all', 'also show what stays as it is')
    .addHelpText('after', '\nExample:\n  $ fleetmirror sweep --fleet prod --json')
    .action((options: ReconcileOptions) => runApply({ kind: 'fleet' }, options, 'command'));
}

function parseCount(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new UsageError(`--allow-deletes ${text}: give a whole number, for example 120.`);
  return Number(text);
}

/** The scope that ids on the command line mean. */
export function scopeOf(ids: readonly string[]): Scope {
  if (ids.length === 0) return { kind: 'fleet' };
  const wrong = ids.find((id) => !isInstanceId(id) && !isNetworkInterfaceId(id));
  if (wrong !== undefined) {
    throw new UsageError(`${wrong} is neither an instance (i-…) nor an interface (eni-…) id.`);
  }
  const instanceIds = ids.filter(isInstanceId);
  return {
    kind: 'changed',
    instanceIds,
    networkInterfaceIds: ids.filter(isNetworkInterfaceId),
    departedInstanceIds: instanceIds,
    sessionIds: [],
  };
}

async function runPlan(ids: readonly string[], options: ReconcileOptions): Promise<void> {
  const report = await reconcileWith(scopeOf(ids), options, undefined);
  printReport(report, options);
  process.exitCode = exitCodeOf(report);
}

async function runApply(scope: Scope, options: ReconcileOptions, because: 'apply' | 'command'): Promise<void> {
  const report = await reconcileWith(scope, options, because);
  printReport(report, options);
  process.exitCode = exitCodeOf(report);
}

function exitCodeOf(report: Report): number {
  if (hasFailures(report)) return exitCodes.failed;
  return hasPendingChanges(report) ? exitCodes.pending : exitCodes.ok;
}

/** Plans, and applies when there is a reason to; the reason is what others hear. */
async function reconcileWith(
  scope: Scope,
  options: ReconcileOptions,
  because: 'apply' | 'command' | undefined,
): Promise<Report> {
  const context = await openContext(options);
  const policy = await openPolicy(context, options);
  const { world } = context;
  const { allowDeletes } = options;
  const writes = because !== undefined;
  return showProgress(writes ? 'Applying' : 'Planning', async () => {
    const run = startRun(world, deadlineAtMs);
    const startedAtMs = world.clock.now();
    const report = await reconcile(run, policy, scope, { writes, ...(allowDeletes !== undefined && { allowDeletes }) });
    if (writes) await announce(run, report, { startedAtMs, because });
    return report;
  });
}

function printReport(report: Report, options: ReconcileOptions): void {
  if (options.json) stdout.print(JSON.stringify(reportDocument(report), null, 2));
  else stdout.print(renderReport(report, { printer: stdout, showsAll: options.all ?? false }));
}
