/** `policy check`, `policy diff` and `policy push`. */
import type { Command } from 'commander';
import { type ParsedPolicy, type PolicyIssue, parsePolicy } from '../core/policy.ts';
import { reportShadows, summarisePolicy } from '../core/policy-summary.ts';
import { printable } from '../core/quote.ts';
import { addGlobalOptions, type GlobalOptions } from './context.ts';
import { runPolicyDiff } from './policy-diff.ts';
import { type PushOptions, runPush } from './policy-push.ts';
import { readTextFile } from './read-file.ts';
import { stdout } from './render.ts';
import { renderIssues } from './render-policy.ts';
import { endHelp, exitCodes } from './usage.ts';

export function registerPolicy(program: Command): void {
  const policy = program.command('policy').description('check a policy file, see what it would change, put it to work');
  addGlobalOptions(policy.command('check'))
    .argument('[file]', 'the policy file (default: --policy, else policy.yml)')
    .description('report every problem of a policy file at once, and say what it would do; needs no account')
    .addHelpText('after', endHelp({ ok: 'the policy is valid' }, 'fleetmirror policy check policy.yml'))
    .action(runCheck);
  addGlobalOptions(policy.command('diff'))
    .argument('<old>', 'the policy file to compare with; alone, it is the new one and the pushed policy the old one')
    .argument('[new]', 'the new policy file')
    .description('show what would become different in the account; writes nothing')
    .addHelpText(
      'after',
      endHelp(
        { ok: 'nothing would become different', pending: 'something would become different' },
        'fleetmirror policy diff policy.yml',
        'fleetmirror policy diff old.yml new.yml',
      ),
    )
    .action(runPolicyDiff);
  addGlobalOptions(policy.command('push'))
    .argument(
      '[file]',
      'the policy file, or s3://BUCKET/KEY for the parameter to name (default: --policy, else policy.yml)',
    )
    .description(
      'validate a policy, say what it would do, and write it to the Parameter Store; a sweep follows at once',
    )
    .option('--yes', 'write it although a guard would hold its deletions, or it deletes many sessions')
    .option('--no-preview', 'do not look at the account first (needs no permission to read EC2)')
    .addHelpText('after', endHelp({}, 'fleetmirror policy push policy.yml --fleet prod'))
    .action((file: string | undefined, options: PushOptions) => runPush(choosePolicyFile(file, options), options));
}

function choosePolicyFile(file: string | undefined, options: GlobalOptions): string {
  return file ?? options.policy ?? 'policy.yml';
}

function runCheck(argument: string | undefined, options: GlobalOptions): void {
  const file = choosePolicyFile(argument, options);
  const parsed = parsePolicy(readTextFile(file), { fleet: options.fleet });
  const shadows = parsed.ok ? reportShadows(parsed.policy) : { warnings: [], notes: [] };
  if (options.json) {
    stdout.print(JSON.stringify({ file, ok: parsed.ok, issues: issuesOf(parsed), shadows }, null, 2));
  } else {
    for (const line of renderIssues(issuesOf(parsed), shadows, stdout)) stdout.print(line);
    const summary = parsed.ok ? [...summarisePolicy(parsed.policy), ...shadows.notes] : [];
    for (const line of summary) stdout.print(printable(line));
    const errors = issuesOf(parsed).filter(({ severity }) => severity === 'error').length;
    stdout.print(parsed.ok ? `${file} is valid.` : `${file} is invalid: ${errors} to correct.`);
  }
  process.exitCode = parsed.ok ? exitCodes.ok : exitCodes.usage;
}

function issuesOf(parsed: ParsedPolicy): readonly PolicyIssue[] {
  return parsed.ok ? parsed.warnings : parsed.issues;
}
