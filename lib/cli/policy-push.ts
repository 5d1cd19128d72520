/** `policy push`: validate, look at what it would do, ask where that is much, and write the parameter. */
import { createInterface } from 'node:readline/promises';
import { connect } from '../aws/connect.ts';
import { findObjectPlace, policyParameter } from '../aws/policy-source.ts';
import { type BlastRadius, findObjection, measureBlastRadius } from '../core/blast-radius.ts';
import type { Policy } from '../core/model.ts';
import { parsePolicy } from '../core/policy.ts';
import { reportShadows } from '../core/policy-summary.ts';
import { type EncodedPolicy, encodePolicy, parameterCharactersMax } from '../policy-code.ts';
import type { Report } from '../reconcile.ts';
import { type GlobalOptions, openContext, readPolicyText, renderIssue } from './context.ts';
import { planUnder } from './policy-diff.ts';
import { showProgress } from './progress.ts';
import { paint, stdout } from './render.ts';
import { warningsOf } from './render-plan.ts';
import { describeBlast, renderIssues } from './render-policy.ts';
import { UsageError } from './usage.ts';

export interface PushOptions extends GlobalOptions {
  readonly yes?: boolean;
  /** False by `--no-preview`: write without a look at the account. */
  readonly preview: boolean;
}

/** Writes a valid policy to the Parameter Store, its doubts told; the change of the parameter triggers a sweep. */
export async function runPush(file: string, options: PushOptions): Promise<void> {
  const place = findObjectPlace(file);
  const text = await readPolicyText(file, options);
  const parsed = parsePolicy(text, { fleet: options.fleet });
  if (!parsed.ok) {
    throw new UsageError([`${file} is invalid; nothing was written.`, ...parsed.issues.map(renderIssue)].join('\n'));
  }
  // An object stays where it is, and the parameter names it.
  const encoded = place === undefined ? encodePolicy(text) : ({ value: file, tier: 'Standard' } as const);
  if (encoded === undefined) {
    throw new UsageError(
      `${file} is larger than a parameter can hold even compressed (${parameterCharactersMax.advanced} characters). Put it into S3 and push s3://BUCKET/KEY.`,
    );
  }
  const { policy } = parsed;
  const shadows = reportShadows(policy);
  if (!options.json) {
    for (const line of renderIssues(parsed.warnings, shadows, stdout)) stdout.print(line);
  }
  const preview = options.preview ? await previewPush(policy, options) : undefined;
  const blast = preview && measureBlastRadius(preview.plan);
  const warnings = preview && warningsOf(preview);
  if (blast !== undefined) {
    if (!options.json) {
      for (const warning of warnings ?? []) stdout.print(paint(stdout, 'yellow', `  warning: ${warning}`));
      stdout.print(describePreview(blast, policy));
    }
    await confirmPush(blast, policy, { isSure: options.yes ?? false, ask: terminalQuestion() });
  }
  const tier = await connect(options).writePolicy(policy.fleet, encoded);
  const parameter = policyParameter(policy.fleet);
  const characters = encoded.value.length;
  const document = {
    file,
    parameter,
    characters,
    tier,
    issues: parsed.warnings,
    shadows,
    warnings,
    blastRadius: blast,
  };
  stdout.print(
    options.json
      ? JSON.stringify(document)
      : `Wrote ${file} to ${parameter} (${characters} characters, ${tier} tier).${describeTier(tier, encoded)}`,
  );
}

/** What the tier of the parameter costs, and how to leave it where the policy could do with less. */
function describeTier(tier: EncodedPolicy['tier'], encoded: EncodedPolicy): string {
  if (tier === 'Standard') return '';
  const isNeeded = encoded.tier === 'Advanced';
  return ` AWS charges for an advanced parameter by the month${isNeeded ? '.' : '; the standard tier would do, but AWS takes a parameter back to it only by deleting it and pushing again.'}`;
}

async function previewPush(policy: Policy, options: GlobalOptions): Promise<Report> {
  const { world } = await openContext({ ...options, fleet: policy.fleet });
  return showProgress('Planning', () => planUnder(world, policy));
}

function describePreview(blast: BlastRadius, policy: Policy): string {
  if (policy.mode === 'enforce') return describeBlast(blast);
  return `${describeBlast(blast)} But the policy says \`mode: observe\`: nothing is written.`;
}

export interface Confirmation {
  /** `--yes`. */
  readonly isSure: boolean;
  /** Asks the person at the terminal; absent in a pipe, where nobody can answer. */
  readonly ask?: ((question: string) => Promise<string>) | undefined;
}

/** Returns when the policy may be written; throws `UsageError` when nobody says yes to what it would do. */
export async function confirmPush(blast: BlastRadius, policy: Policy, { isSure, ask }: Confirmation): Promise<void> {
  const objection = policy.mode === 'observe' ? undefined : findObjection(blast);
  if (objection === undefined || isSure) return;
  if (ask === undefined) {
    throw new UsageError(
      `${objection} Nothing was written. Look at \`fleetmirror policy diff FILE\`, then push with --yes.`,
    );
  }
  const answer = await ask(`${objection} Write it all the same? [y/N] `);
  if (!/^y(es)?$/i.test(answer.trim())) throw new UsageError('Nothing was written.');
}

function terminalQuestion(): Confirmation['ask'] {
  if (process.stdin.isTTY !== true || process.stdout.isTTY !== true) return undefined;
  return async (question) => {
    const terminal = createInterface({ input: process.stdin, output: process.stderr });
    try {
      return await terminal.question(question);
    } finally {
      terminal.close();
    }
  };
}
