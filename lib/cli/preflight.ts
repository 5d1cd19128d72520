/** `preflight`: whether mirrored packets can reach the targets of the policy. */
import type { Command } from 'commander';
import type { Check, CheckVerdict } from '../core/preflight-facts.ts';
import { preflight } from '../preflight.ts';
import { addGlobalOptions, type GlobalOptions, openContext, openPolicy } from './context.ts';
import { parseNumber } from './emulator.ts';
import { showProgress } from './progress.ts';
import { type Printer, paint, renderTable, stdout } from './render.ts';
import { endHelp, exitCodes, UsageError } from './usage.ts';

interface PreflightOptions extends GlobalOptions {
  readonly samples: number;
  readonly all?: boolean;
}

export function registerPreflight(program: Command): void {
  addGlobalOptions(program.command('preflight'))
    .description('check whether mirrored packets can reach the targets; reads only')
    .option('--samples <n>', 'sources to check for each pair of subnet and target', parseNumber('--samples', 100), 2)
    .option('--all', 'also show the checks that pass')
    .addHelpText(
      'after',
      [
        '',
        'Needs ec2:DescribeSecurityGroups, ec2:DescribeNetworkAcls, ec2:DescribeSubnets, and of elasticloadbalancing:',
        'DescribeLoadBalancers, DescribeLoadBalancerAttributes, DescribeListeners, DescribeTargetHealth. A check whose',
        'permission is missing is a warning that names it.',
        endHelp({ pending: 'a check fails' }, 'fleetmirror preflight --fleet prod --policy policy.yml --all'),
      ].join('\n'),
    )
    .action(runPreflight);
}

async function runPreflight(options: PreflightOptions): Promise<void> {
  if (options.samples < 1) throw new UsageError('--samples 0: give at least 1.');
  const context = await openContext(options);
  const policy = await openPolicy(context, options);
  const surroundings = await context.account.openSurroundings();
  const checks = await showProgress('Checking', () => preflight(context.world, surroundings, policy, options.samples));
  stdout.print(
    options.json
      ? JSON.stringify({ fleet: policy.fleet, counts: countVerdicts(checks), checks }, null, 2)
      : renderChecks(checks, stdout, options.all ?? false),
  );
  process.exitCode = checks.some(({ verdict }) => verdict === 'fail') ? exitCodes.pending : exitCodes.ok;
}

const colours = { pass: 'green', warn: 'yellow', fail: 'red' } as const;
const order: readonly CheckVerdict[] = ['fail', 'warn', 'pass'];

/** What fails first, each with its remedy, and the counts. */
function renderChecks(checks: readonly Check[], printer: Printer, showsAll: boolean): string {
  const shown = checks
    .filter(({ verdict }) => showsAll || verdict !== 'pass')
    .toSorted((one, other) => order.indexOf(one.verdict) - order.indexOf(other.verdict));
  const rows = shown.map(({ verdict, check, subject, detail, remedy }) => [
    paint(printer, colours[verdict], verdict),
    check,
    subject,
    remedy === undefined ? detail : `${detail} ${remedy}`,
  ]);
  const { pass, warn, fail } = countVerdicts(checks);
  const summary = `${pass} passed, ${warn} to look at, ${fail} failed.`;
  if (rows.length === 0) return summary;
  return [renderTable(printer, ['', 'check', 'subject', 'found, and what to do'], rows), '', summary].join('\n');
}

function countVerdicts(checks: readonly Check[]): Record<CheckVerdict, number> {
  const counts = { pass: 0, warn: 0, fail: 0 };
  for (const { verdict } of checks) counts[verdict] += 1;
  return counts;
}
