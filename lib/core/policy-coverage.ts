import type { Match, Policy, TargetId, TargetKind } from './model.ts';
import { doubt, type PolicyIssue, type PolicyPath, type Problem } from './policy-problem.ts';
import type { PolicyFile } from './policy-schema.ts';
import type { Draft } from './policy-shape.ts';

/** Coverage and exclusion that can never take effect, or take more than anyone means. All of it is doubt, not error. */
export function checkCoverage(draft: Draft<PolicyFile>): Problem[] {
  const coverage = draft.coverage ?? [];
  const exclude = draft.exclude ?? [];
  const problems: Problem[] = [];
  for (const [i, match] of exclude.entries()) {
    problems.push(...checkEmptyLists(match, ['exclude', i]));
    if (match && Object.keys(match).length === 0) {
      problems.push(doubt(['exclude', i], 'an empty match excludes every interface', 'Name what to exclude.'));
    }
  }
  for (const [i, rule] of coverage.entries()) {
    problems.push(...checkEmptyLists(rule?.match, ['coverage', i, 'match']));
    const excluder = exclude.findIndex((match) => isWithin(rule?.match, match));
    if (excluder >= 0) {
      const message = `this rule never applies: exclude[${excluder}] excludes all that it matches`;
      problems.push(doubt(['coverage', i], message, 'Remove it, or narrow the exclusion.'));
    }
    const winner = coverage.findIndex((other, j) => isAsked(other, j, rule, i) && isWithin(rule?.match, other?.match));
    if (winner >= 0) {
      const message = `this rule never applies: coverage[${winner}] matches all that it matches, and comes first`;
      problems.push(doubt(['coverage', i], message, 'Put the narrower rule first, or remove this one.'));
    }
  }
  return problems;
}

/**
 * What only the kinds of the targets tell: behind a load balancer or an endpoint stand appliances whose interfaces are
 * no mirror targets themselves, so that coverage without an exclusion may mirror the sensors to themselves.
 */
export function checkPolicyAgainstTargets(policy: Policy, kinds: ReadonlyMap<TargetId, TargetKind>): PolicyIssue[] {
  if (policy.coverage.length === 0 || policy.exclude.length > 0) return [];
  return Object.entries(policy.targets).flatMap(([pool, { ids }]) => {
    const hiding = ids.filter((id) => (kinds.get(id) ?? 'network-interface') !== 'network-interface');
    if (hiding.length === 0) return [];
    const message = `coverage without \`exclude\`: the appliances behind ${hiding.join(', ')} could be mirrored to themselves`;
    const hint = 'Exclude them, for example by a tag: `exclude: [{ tags: { role: [sensor] } }]`.';
    return [{ path: `targets.${pool}`, line: 0, message, hint, severity: 'warning' as const }];
  });
}

type DraftMatch = Draft<Match> | undefined;
type DraftRule = Draft<PolicyFile['coverage'][number]> | undefined;

/** Whether `other` is asked before `rule`: mandatory rules come before the others, else the order of the policy counts. */
function isAsked(other: DraftRule, j: number, rule: DraftRule, i: number): boolean {
  const [otherFirst, ruleFirst] = [other?.mandatory === true, rule?.mandatory === true];
  return otherFirst === ruleFirst ? j < i : otherFirst;
}

/**
 * Whether `wide` provably matches all that `narrow` matches: each key of `wide` lists all values that `narrow` lists.
 * Wildcards are compared as text, so that some such pairs are not seen; none is claimed wrongly.
 */
function isWithin(narrow: DraftMatch, wide: DraftMatch): boolean {
  if (narrow === undefined || wide === undefined) return false;
  return Object.entries(wide).every(([key, values]) => {
    const own = narrow[key as keyof Match];
    if (values === undefined) return false;
    if (Array.isArray(values)) return Array.isArray(own) && isListWithin(own, values);
    return Object.entries(values as Readonly<Record<string, unknown>>).every(([tag, wanted]) => {
      const ownTag = Object.entries(own ?? {}).find(([name]) => name === tag)?.[1];
      return Array.isArray(wanted) && Array.isArray(ownTag) && isListWithin(ownTag, wanted);
    });
  });
}

function isListWithin(narrow: readonly unknown[], wide: readonly unknown[]): boolean {
  return narrow.every((value) => value !== undefined && wide.includes(value));
}

function checkEmptyLists(match: DraftMatch, path: PolicyPath): Problem[] {
  const lists = Object.entries(match ?? {}).flatMap(([key, values]): [PolicyPath, unknown][] =>
    key === 'tags'
      ? Object.entries(values ?? {}).map(([tag, list]) => [[...path, key, tag], list])
      : [[[...path, key], values]],
  );
  return lists.flatMap(([at, list]) =>
    Array.isArray(list) && list.length === 0
      ? [doubt(at, 'an empty list matches nothing, so that this rule never applies', 'List values, or remove the key.')]
      : [],
  );
}
