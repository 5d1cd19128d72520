import type { FilterSpec, Policy, Tier } from './model.ts';
import { checkPolicy, collectNames } from './policy-checks.ts';
import { checkCoverage } from './policy-coverage.ts';
import type { PolicyDocument } from './policy-document.ts';
import { issuesInOrder, type PolicyIssue, type Problem, problem } from './policy-problem.ts';
import { readRules } from './policy-rules.ts';
import type { PolicyFile, WrittenFilter } from './policy-schema.ts';
import { readShape } from './policy-shape.ts';

/** A valid policy, perhaps with doubts, or all that is wrong with the text. */
export type ParsedPolicy =
  | { readonly ok: true; readonly policy: Policy; readonly warnings: readonly PolicyIssue[] }
  | { readonly ok: false; readonly issues: readonly PolicyIssue[] };

/** What is known about a policy before it is read. */
export interface ExpectedPolicy {
  readonly fleet?: string | undefined;
}

/**
 * Reads what a policy document says: every default filled in, every name resolved to exist, VXLAN guards added to managed
 * filters. Reports all problems of syntax, shape and sense at once, in the order of the text; warnings stand beside
 * errors, and a policy with warnings only is valid. Never throws, whatever the document.
 *
 * With `expected.fleet`, a policy of another fleet is an error: its sessions would not be ours.
 */
export function readMeaning(document: PolicyDocument, expected: ExpectedPolicy = {}): ParsedPolicy {
  const { value, problems: syntax, lineOf } = document;
  if (value === undefined || value === null) {
    const empty = problem([], 'the policy is empty', 'Begin with `version: 1` and `fleet: NAME`.');
    return { ok: false, issues: issuesInOrder(syntax.length > 0 ? syntax : [empty], lineOf) };
  }
  const { file, draft, problems: shape } = readShape(value);
  const isMapping = typeof value === 'object' && !Array.isArray(value);
  const sense = isMapping ? [...checkPolicy(draft, collectNames(value)), ...checkCoverage(draft)] : [];
  const problems = [...syntax, ...shape, ...sense, ...checkFleet(draft.fleet, expected.fleet)];
  const issues = issuesInOrder(problems, lineOf);
  return file === undefined || issues.some(({ severity }) => severity === 'error')
    ? { ok: false, issues }
    : { ok: true, policy: resolve(file), warnings: issues };
}

function checkFleet(fleet: string | undefined, expected: string | undefined): Problem[] {
  if (fleet === undefined || expected === undefined || fleet === expected) return [];
  const hint = `Use the policy of \`${expected}\`, or name \`${fleet}\` in the deployment or by --fleet.`;
  return [problem(['fleet'], `this is the policy of the fleet \`${fleet}\`, not of \`${expected}\``, hint)];
}

function resolve(file: PolicyFile): Policy {
  const tiers: readonly Tier[] = [...file.tiers].sort((a, b) => a.sessionNumber - b.sessionNumber);
  const inOrder = (names: readonly string[]) => tiers.map(({ name }) => name).filter((name) => names.includes(name));
  return {
    ...file,
    targets: mapValues(file.targets, ({ ids, spread }) => ({ ids: ids as `tmt-${string}`[], spread })),
    filters: mapValues(file.filters, (filter, name) => resolveFilter(filter, name)),
    tiers,
    profiles: mapValues(file.profiles, inOrder),
  };
}

function resolveFilter(filter: WrittenFilter, name: string): FilterSpec {
  if (filter.id !== undefined) return { kind: 'given', id: filter.id as `tmf-${string}` };
  const { rules } = readRules(filter, ['filters', name]);
  return { kind: 'managed', networkServices: [...new Set(filter.networkServices)], rules };
}

function mapValues<From, To>(record: Readonly<Record<string, From>>, convert: (value: From, key: string) => To) {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, convert(value, key)]));
}
