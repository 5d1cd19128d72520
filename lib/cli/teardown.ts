/** `teardown`: shows what the fleet owns, and with `--yes` removes it. */
import type { Command } from 'commander';
import { startRun } from '../call.ts';
import { planTeardown, tearDown } from '../teardown.ts';
import { addGlobalOptions, type GlobalOptions, openContext } from './context.ts';
import { showProgress } from './progress.ts';
import { count, stdout } from './render.ts';
import { exitCodes } from './usage.ts';

interface TeardownOptions extends GlobalOptions {
  readonly yes?: boolean;
}

export function registerTeardown(program: Command): void {
  addGlobalOptions(program.command('teardown'))
    .description('remove every session and managed filter of the fleet; shows the plan unless --yes is given')
    .option('--yes', 'do it')
    .addHelpText(
      'after',
      '\nExample:\n  $ fleetmirror teardown --fleet prod --yes\n  $ npx serverless remove --param fleet=prod',
    )
    .action(runTeardown);
}

async function runTeardown(options: TeardownOptions): Promise<void> {
  const { world } = await openContext(options);
  const plan = await showProgress('Reading sessions', () => planTeardown(world));
  const sessions = plan.decisions.reduce((sum, { actions }) => sum + actions.length, 0);
  const filters = plan.filterActions.length;
  const what = `${count(sessions, 'session')} and ${count(filters, 'managed filter')} of fleet ${world.fleet}`;
  if (!options.yes) {
    const document = { fleet: world.fleet, sessions, filters, isDone: false };
    stdout.print(options.json ? JSON.stringify(document) : `Teardown would remove ${what}. Run it again with --yes.`);
    process.exitCode = sessions + filters > 0 ? exitCodes.pending : exitCodes.ok;
    return;
  }
  const run = startRun(world, Number.POSITIVE_INFINITY);
  const applied = await showProgress('Removing', () => tearDown(plan, run));
  const failures = [
    ...applied.outcomes
      .filter(({ outcome, because }) => outcome === 'failed' || because === 'denied')
      .map(describeFailure),
    ...applied.filterFailures.map(({ action, code }) => `filter ${action.name}: ${code}`),
  ];
  if (options.json)
    stdout.print(JSON.stringify({ fleet: world.fleet, sessions, filters, isDone: failures.length === 0, failures }));
  else stdout.print([`Removed ${what}.`, ...failures.map((failure) => `Failed: ${failure}`)].join('\n'));
  process.exitCode = failures.length > 0 ? exitCodes.failed : exitCodes.ok;
}

function describeFailure({ action, code }: Awaited<ReturnType<typeof tearDown>>['outcomes'][number]): string {
  return `${action.networkInterfaceId} ${action.sessionNumber ?? ''}: ${code ?? action.because}`;
}
