/** `policy diff`: what would become different in the account under another policy. Reads only. */
import { findObjectPlace } from '../aws/policy-source.ts';
import { startRun } from '../call.ts';
import { measureBlastRadius } from '../core/blast-radius.ts';
import type { Policy } from '../core/model.ts';
import { comparePlans } from '../core/plan-diff.ts';
import { comparePolicies } from '../core/policy-diff.ts';
import { judgePolicy } from '../judge-policy.ts';
import { createMemory } from '../memory.ts';
import type { World } from '../ports.ts';
import { type Report, reconcile } from '../reconcile.ts';
import { type GlobalOptions, openContext, openPolicyOf, readPolicyText, usablePolicy } from './context.ts';
import { showProgress } from './progress.ts';
import { stdout } from './render.ts';
import { comparisonDocument, type PolicyComparison, renderComparison } from './render-policy.ts';
import { exitCodes } from './usage.ts';

/** Compares two files, or the pushed policy with one file; exit code 2 when the account would be treated differently. */
export async function runPolicyDiff(first: string, second: string | undefined, options: GlobalOptions): Promise<void> {
  const newer = second ?? first;
  const { world } = await openContext(findObjectPlace(newer) === undefined ? { policy: newer, ...options } : options);
  const readFile = async (file: string) =>
    usablePolicy(judgePolicy(await readPolicyText(file, options), file, world.fleet));
  const after = await readFile(newer);
  const before = second === undefined ? await openPolicyOf(world) : await readFile(first);
  const comparison = await showProgress('Planning under both policies', () => compareOutcomes(world, before, after));
  stdout.print(
    options.json ? JSON.stringify(comparisonDocument(comparison), null, 2) : renderComparison(comparison, stdout),
  );
  const { changes, filterActions } = comparison.planDiff;
  process.exitCode = changes.length > 0 || filterActions.length > 0 ? exitCodes.pending : exitCodes.ok;
}

async function compareOutcomes(world: World, before: Policy, after: Policy): Promise<PolicyComparison> {
  const one = await planUnder(world, before);
  const other = await planUnder(world, after);
  return {
    policyChanges: comparePolicies(before, after),
    planDiff: comparePlans(one.plan, other.plan),
    blast: measureBlastRadius(other.plan),
    coverage: { before: one.coverage, after: other.coverage },
  };
}

/** What a sweep under this policy would do now; writes nothing and remembers nothing. */
export function planUnder(world: World, policy: Policy): Promise<Report> {
  const run = startRun({ ...world, memory: createMemory() }, Number.POSITIVE_INFINITY);
  return reconcile(run, policy, { kind: 'fleet' }, { writes: false });
}
