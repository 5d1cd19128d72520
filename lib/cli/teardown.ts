/** `teardown`: shows what the fleet owns, and with `--yes` removes it. */
import type { Command } from 'commander';
import { policyParameter } from '../aws/policy-source.ts';
import { startRun } from '../call.ts';
import type { PolicyReading, World } from '../ports.ts';
import { findBelongings, tearDown } from '../teardown.ts';
import { addGlobalOptions, type GlobalOptions, openContext } from './context.ts';
import { showProgress } from './progress.ts';
import { paint, stdout } from './render.ts';
import {
  belongingsDocument,
  isComplete,
  renderBelongings,
  renderTornDown,
  tornDownDocument,
} from './render-teardown.ts';
import { describeEmptyFleet, endHelp, exitCodes, UsageError } from './usage.ts';

interface TeardownOptions extends GlobalOptions {
  readonly yes?: boolean;
  readonly force?: boolean;
}

/** The command line has no deadline of its own: an operator waits, or interrupts. */
const deadlineAtMs = Number.POSITIVE_INFINITY;

export function registerTeardown(program: Command): void {
  addGlobalOptions(program.command('teardown'))
    .description('remove every session and managed filter of the fleet; only shows them unless --yes is given')
    .option('--yes', 'do it; refused while the pushed policy says `mode: enforce`, by which a stack would undo it')
    .option('--force', 'with --yes: whatever the pushed policy says, since no stack works by it any more')
    .addHelpText(
      'after',
      [
        endHelp(
          {
            ok: 'nothing is left',
            failed: 'failed, or something is left',
            pending: 'there is something to remove (without --yes)',
          },
          'fleetmirror policy push policy.yml     # with `mode: observe` in it: from now on the stack only looks',
          'fleetmirror teardown --fleet prod      # shows what would go',
          'fleetmirror teardown --fleet prod --yes',
          'npm run remove -- --param fleet=prod --region eu-central-1',
        ),
        '\nFirst the policy, then what it made, then the stack; all in the Region of the stack (--region).',
      ].join('\n'),
    )
    .action(runTeardown);
}

async function runTeardown(options: TeardownOptions): Promise<void> {
  const { world } = await openContext(options);
  const objection = options.force ? undefined : findObjection(await world.readPolicy(), world.fleet);
  if (!options.yes) return showTeardown(world, options, objection);
  if (objection !== undefined) throw new UsageError(`${objection} Nothing was removed.`);
  const belongings = await showProgress('Reading sessions', () => findBelongings(world));
  const tornDown = await showProgress('Removing', () => tearDown(belongings, startRun(world, deadlineAtMs)));
  stdout.print(
    options.json
      ? JSON.stringify(tornDownDocument(tornDown, world.fleet))
      : renderTornDown(tornDown, world.fleet, stdout),
  );
  process.exitCode = isComplete(tornDown) ? exitCodes.ok : exitCodes.failed;
}

async function showTeardown(world: World, { json }: TeardownOptions, objection: string | undefined): Promise<void> {
  const belongings = await showProgress('Reading sessions', () => findBelongings(world));
  const isEmpty = belongings.sessions.length + belongings.filters.length === 0;
  const next = objection === undefined ? 'Run it again with --yes.' : paint(stdout, 'yellow', objection);
  const hint = isEmpty ? describeEmptyFleet(world.fleet) : next;
  stdout.print(
    json
      ? JSON.stringify(belongingsDocument(belongings, world.fleet, objection))
      : [renderBelongings(belongings, world.fleet, stdout), hint].join('\n'),
  );
  process.exitCode = isEmpty ? exitCodes.ok : exitCodes.pending;
}

/**
 * Why a teardown would not last: a stack that works by this policy makes everything again, at the next sweep at the
 * latest. A missing or invalid policy stops every stack; of one that cannot be read here nobody knows.
 */
function findObjection(reading: PolicyReading, fleet: string): string | undefined {
  const remedy = 'or add --force when no stack works by it any more.';
  switch (reading.kind) {
    case 'missing':
    case 'invalid':
      return undefined;
    case 'unreadable':
      return `Whether a stack would make all of this again cannot be told, since the policy at ${reading.where} cannot be read (${reading.cause}). Try again, ${remedy}`;
    case 'valid':
      if (reading.policy.mode === 'observe') return undefined;
      return `The policy at ${policyParameter(fleet)} says \`mode: enforce\`: a stack that works by it would make all of this again. Push it with \`mode: observe\` first, then run this again with --yes, ${remedy}`;
  }
}
