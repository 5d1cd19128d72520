/** `policy check` and `policy push`. */
import type { Command } from 'commander';
import { connect } from '../aws/connect.ts';
import { policyParameter } from '../aws/policy-source.ts';
import { type ParsedPolicy, type PolicyIssue, parsePolicy } from '../core/policy.ts';
import { reportShadows, summarisePolicy } from '../core/policy-summary.ts';
import { encodePolicy, parameterCharactersMax } from '../policy-code.ts';
import { addGlobalOptions, type GlobalOptions, readTextFile, renderIssue } from './context.ts';
import { paint, stdout } from './render.ts';
import { exitCodes, UsageError } from './usage.ts';

export function registerPolicy(program: Command): void {
  const policy = program.command('policy').description('check a policy file, or put it to work');
  addGlobalOptions(policy.command('check'))
    .argument('[file]', 'the policy file (default: --policy, else policy.yml)')
    .description('report every problem of a policy file at once, and say what it would do; needs no account')
    .addHelpText('after', '\nExample:\n  $ fleetmirror policy check policy.yml')
    .action(runCheck);
  addGlobalOptions(policy.command('push'))
    .argument('[file]', 'the policy file (default: --policy, else policy.yml)')
    .description('validate a policy and write it to the Parameter Store; a sweep follows at once')
    .addHelpText('after', '\nExample:\n  $ fleetmirror policy push policy.yml --fleet prod')
    .action(runPush);
}

function readPolicyFile(
  file: string | undefined,
  options: GlobalOptions,
): { readonly file: string; readonly text: string } {
  const chosen = file ?? options.policy ?? 'policy.yml';
  return { file: chosen, text: readTextFile(chosen) };
}

function runCheck(argument: string | undefined, options: GlobalOptions): void {
  const { file, text } = readPolicyFile(argument, options);
  const parsed = parsePolicy(text, { fleet: options.fleet });
  const shadows = parsed.ok ? reportShadows(parsed.policy) : { warnings: [], notes: [] };
  if (options.json) {
    stdout.print(JSON.stringify({ file, ok: parsed.ok, issues: issuesOf(parsed), shadows }, null, 2));
  } else {
    for (const issue of issuesOf(parsed))
      stdout.print(paint(stdout, issue.severity === 'error' ? 'red' : 'yellow', renderIssue(issue)));
    for (const warning of shadows.warnings) stdout.print(paint(stdout, 'yellow', `  warning: ${warning}`));
    if (parsed.ok) for (const line of [...summarisePolicy(parsed.policy), ...shadows.notes]) stdout.print(line);
    const errors = issuesOf(parsed).filter(({ severity }) => severity === 'error').length;
    stdout.print(parsed.ok ? `${file} is valid.` : `${file} is invalid: ${errors} to correct.`);
  }
  process.exitCode = parsed.ok ? exitCodes.ok : exitCodes.usage;
}

function issuesOf(parsed: ParsedPolicy): readonly PolicyIssue[] {
  return parsed.ok ? parsed.warnings : parsed.issues;
}

async function runPush(argument: string | undefined, options: GlobalOptions): Promise<void> {
  const { file, text } = readPolicyFile(argument, options);
  const parsed = parsePolicy(text, { fleet: options.fleet });
  if (!parsed.ok) {
    throw new UsageError([`${file} is invalid; nothing was written.`, ...parsed.issues.map(renderIssue)].join('\n'));
  }
  const encoded = encodePolicy(text);
  if (encoded === undefined) {
    throw new UsageError(
      `${file} is larger than a parameter can hold even compressed (${parameterCharactersMax.advanced} characters).`,
    );
  }
  const { fleet } = parsed.policy;
  await connect(options).writePolicy(fleet, encoded);
  const where = policyParameter(fleet);
  const document = { file, parameter: where, characters: encoded.value.length, tier: encoded.tier };
  stdout.print(
    options.json
      ? JSON.stringify(document)
      : `Wrote ${file} to ${where} (${encoded.value.length} characters, ${encoded.tier} tier).`,
  );
}
