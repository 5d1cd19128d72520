/** Doubts about policies, differences between them, and what putting one to work would do, as text and as JSON. */
import type { BlastRadius } from '../core/blast-radius.ts';
import type { Coverage } from '../core/coverage.ts';
import type { PlanDiff } from '../core/plan-diff.ts';
import { describeAfter, describeFate, summariseChanges } from '../core/plan-diff-text.ts';
import type { PolicyIssue } from '../core/policy.ts';
import { describePolicyChange, type PolicyChange } from '../core/policy-diff.ts';
import type { ShadowReport } from '../core/policy-summary.ts';
import { printable } from '../core/quote.ts';
import { renderIssue } from './context.ts';
import { count, type Printer, paint, renderTable } from './render.ts';
import { describeCoverage, describeFilterAction } from './render-plan.ts';

/** What is wrong with a policy or to be doubted, one line each, as `policy check` and `policy push` tell it. */
export function renderIssues(issues: readonly PolicyIssue[], { warnings }: ShadowReport, printer: Printer): string[] {
  return [
    ...issues.map((issue) => paint(printer, issue.severity === 'error' ? 'red' : 'yellow', renderIssue(issue))),
    ...warnings.map((warning) => paint(printer, 'yellow', `  warning: ${warning}`)),
  ];
}

export interface PolicyComparison {
  readonly policyChanges: readonly PolicyChange[];
  readonly planDiff: PlanDiff;
  /** What the second policy would do now. */
  readonly blast: BlastRadius;
  readonly coverage: { readonly before: Coverage; readonly after: Coverage };
}

const colours = { added: 'green', removed: 'red', changed: 'yellow' } as const;

/** What differs in the text, then in the account: a table, the sentences, and the coverage on either side. */
export function renderComparison(comparison: PolicyComparison, printer: Printer): string {
  const { policyChanges, planDiff, coverage } = comparison;
  const lines =
    policyChanges.length === 0
      ? ['The policies say the same.']
      : policyChanges.map((change) => paint(printer, colours[change.kind], printable(describePolicyChange(change))));
  lines.push('');
  const rows = planDiff.changes.map((change) => [
    change.networkInterfaceId,
    change.instanceId ?? '',
    change.sessionNumber === undefined ? '' : String(change.sessionNumber),
    describeFate(change.before),
    describeAfter(change),
  ]);
  if (rows.length > 0) {
    lines.push(renderTable(printer, ['interface', 'instance', 'number', 'before', 'after'], rows), '');
  }
  for (const action of planDiff.filterActions) {
    lines.push(paint(printer, 'yellow', `~ ${describeFilterAction(action)}`));
  }
  const isSame = rows.length === 0 && planDiff.filterActions.length === 0;
  lines.push(...summariseChanges(planDiff.changes));
  if (isSame) lines.push('Nothing in the account would be treated differently.');
  lines.push(`Before: ${describeCoverage(coverage.before)}`, `After:  ${describeCoverage(coverage.after)}`);
  lines.push(describeBlast(comparison.blast));
  return lines.join('\n');
}

/** What applying a policy now would do, in one or two sentences. */
export function describeBlast(blast: BlastRadius): string {
  const { creates, modifies, deletes, held, refusals, refusedBecause, filterChanges, sources, halted } = blast;
  const why = Object.entries(refusedBecause).map(([because, number]) => `${because} ${number}`);
  const parts = [
    `${creates} create`,
    `${modifies} modify`,
    `${deletes} delete`,
    refusals === 0 ? '0 refuse' : `${refusals} refuse (${why.join(', ')})`,
    `${count(filterChanges, 'change')} to filters`,
  ];
  const text = `The next sweep would change ${count(sources, 'interface')}: ${parts.join(', ')}.`;
  if (halted === undefined) return text;
  return `${text} A guard would hold ${count(held, 'deletion')} (${halted.limit}).`;
}

/** The document of `policy diff --json`. */
export function comparisonDocument({ policyChanges, planDiff, blast, coverage }: PolicyComparison): object {
  return {
    policyChanges,
    changes: planDiff.changes,
    filterActions: planDiff.filterActions.map((action) => ({ action: action.kind, filter: action.name })),
    sentences: summariseChanges(planDiff.changes),
    coverage,
    blastRadius: blast,
  };
}
