/** `plan`, `apply` and `sweep`: one reconcile each, with or without writing, of some sources or of the fleet. */
import type { Command } from 'commander';
import { announce } from '../announce.ts';
import { startRun } from '../call.ts';
import { ownerTagKeys } from '../core/ownership.ts';
import { isInstanceId, isNetworkInterfaceId } from '../hints.ts';
import type { Scope } from '../read.ts';
import { type Report, reconcile } from '../reconcile.ts';
import { addGlobalOptions, type GlobalOptions, openContext, openPolicy } from './context.ts';
import { showProgress } from './progress.ts';
import { stdout } from './render.ts';
import { hasFailures, hasPendingChanges, renderReport, reportDocument } from './render-plan.ts';
import { type ExitMeanings, endHelp, exitCodes, UsageError } from './usage.ts';

interface ReconcileOptions extends GlobalOptions {
  readonly all?: boolean;
  readonly allowDeletes?: number;
}

/** The command line has no deadline of its own: an operator waits, or interrupts. */
const deadlineAtMs = Number.POSITIVE_INFINITY;

const applied: ExitMeanings = {
  failed: 'something failed',
  pending: 'a guard holds deletions, or the policy says `mode: observe` and changes are pending',
};

export function registerReconcile(program: Command): void {
  addGlobalOptions(program.command('plan'))
    .argument('[id...]', 'instances (i-…) or interfaces (eni-…); default: the whole fleet')
    .description('show what would be done and why; writes nothing')
    .option('--all', 'also show what stays as it is')
    .addHelpText(
      'after',
      endHelp(
        { ok: 'nothing to do', pending: 'changes are pending' },
        'fleetmirror plan --fleet prod i-0123456789abcdef0',
      ),
    )
    .action((ids: string[], options: ReconcileOptions) => runReconcile(ids, options));
  addGlobalOptions(program.command('apply'))
    .argument('[id...]', 'instances (i-…) or interfaces (eni-…); default: the whole fleet')
    .description('make the sessions equal to the policy')
    .option('--all', 'also show what stays as it is')
    .option('--allow-deletes <n>', 'let up to this many guarded deletions pass the guards', parseCount)
    .addHelpText('after', endHelp(applied, 'fleetmirror apply --fleet prod --allow-deletes 120'))
    .action((ids: string[], options: ReconcileOptions) => runReconcile(ids, options, 'apply'));
  addGlobalOptions(program.command('sweep'))
    .description('do what the scheduled sweep does, now: repair, remove orphans, measure coverage')
    .option('--all', 'also show what stays as it is')
    .addHelpText('after', endHelp(applied, 'fleetmirror sweep --fleet prod --json'))
    .action((options: ReconcileOptions) => runReconcile([], options, 'command'));
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

/** Plans, and applies when there is a reason to; the reason is what others hear. */
async function runReconcile(
  ids: readonly string[],
  options: ReconcileOptions,
  because?: 'apply' | 'command',
): Promise<void> {
  const scope = scopeOf(ids);
  const context = await openContext(options);
  const policy = await openPolicy(context, options);
  const { world } = context;
  const { allowDeletes } = options;
  const writes = because !== undefined;
  const report = await showProgress(writes ? 'Applying' : 'Planning', async () => {
    const run = startRun(world, deadlineAtMs);
    const startedAtMs = world.clock.now();
    const done = await reconcile(run, policy, scope, { writes, ...(allowDeletes !== undefined && { allowDeletes }) });
    if (writes) await announce(run, done, { startedAtMs, because });
    return done;
  });
  tellUnknown(ids, report);
  printReport(report, options);
  process.exitCode = exitCodeOf(report);
}

/** An id that EC2 does not show is a slip of the keyboard, or one of another Region: nothing to do is no answer to it. */
function tellUnknown(ids: readonly string[], { reading }: Report): void {
  const known = new Set<string | undefined>(reading.instances.keys());
  for (const { networkInterfaceId, sessions } of reading.candidates) {
    known.add(networkInterfaceId);
    for (const { tags } of sessions) known.add(tags[ownerTagKeys.instance]);
  }
  const unknown = ids.filter((id) => !known.has(id));
  if (unknown.length === 0) return;
  const text = `EC2 shows nothing by the id ${unknown.join(', ')} in this account and Region.`;
  if (unknown.length === ids.length) throw new UsageError(text);
  process.stderr.write(`${text}\n`);
}

function exitCodeOf(report: Report): number {
  if (hasFailures(report)) return exitCodes.failed;
  return hasPendingChanges(report) ? exitCodes.pending : exitCodes.ok;
}

function printReport(report: Report, options: ReconcileOptions): void {
  if (options.json) stdout.print(JSON.stringify(reportDocument(report), null, 2));
  else stdout.print(renderReport(report, { printer: stdout, showsAll: options.all ?? false }));
}
