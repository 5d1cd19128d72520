/** A plan and its outcomes as text and as JSON: the same for `plan`, `apply`, `sweep` and `teardown`. */
import type { Outcome } from '../apply.ts';
import type { Action, Drift, FilterAction } from '../core/actions.ts';
import type { Coverage } from '../core/coverage.ts';
import { findFleetWarnings } from '../core/fleet-warnings.ts';
import { printable } from '../core/quote.ts';
import { reasons } from '../core/reasons.ts';
import type { Report } from '../reconcile.ts';
import { count, type Printer, paint, renderTable } from './render.ts';

const symbols = { create: '+', modify: '~', delete: '-', retain: '=', refuse: '!' } as const;
const colours = { create: 'green', modify: 'yellow', delete: 'red', retain: 'dim', refuse: 'cyan' } as const;

/** True for what `plan` calls a pending change. A create that only EC2 can settle (`unknown: try`) is none. */
function isPending(action: Action): boolean {
  if (action.kind === 'create') return action.triedType === undefined;
  return action.kind === 'modify' || action.kind === 'delete' || isHeld(action);
}

function isHeld({ kind, because }: Action): boolean {
  return kind === 'retain' && because === 'held-by-guard';
}

/** True when there is something left to do: all of what was only planned, and of what was applied what a guard held. */
export function hasPendingChanges({ plan, outcomes, isObserved }: Report): boolean {
  if (!isObserved) return outcomes.some(({ action }) => isHeld(action));
  return plan.filterActions.length > 0 || outcomes.some(({ action }) => isPending(action));
}

export function hasFailures({ outcomes, filterFailures }: Report): boolean {
  if (filterFailures.length > 0) return true;
  return outcomes.some(
    ({ outcome, because }) => outcome === 'failed' || outcome === 'deferred' || because === 'denied',
  );
}

export interface RenderOptions {
  readonly printer: Printer;
  /** Also what stays as it is. */
  readonly showsAll?: boolean;
}

/** What will be (or was) done, why, and how much of the fleet is mirrored then. */
export function renderReport(report: Report, { printer, showsAll = false }: RenderOptions): string {
  const shown = report.outcomes.filter(({ action }) => showsAll || isWorthShowing(action));
  const lines: string[] = [];
  if (shown.length > 0) {
    const head = ['', 'interface', 'instance', 'session', 'because', report.isObserved ? 'detail' : 'outcome'];
    lines.push(
      renderTable(
        printer,
        head,
        shown.map((outcome) => rowOf(outcome, report.isObserved, printer)),
      ),
      '',
    );
  }
  for (const action of report.plan.filterActions)
    lines.push(paint(printer, 'yellow', `~ ${describeFilterAction(action)}`));
  if (report.plan.filterActions.length > 0) lines.push('');
  for (const because of distinctReasons(shown)) lines.push(`  ${because}: ${reasons[because]}`);
  if (shown.length > 0) lines.push('');
  for (const { networkInterfaceId, warnings } of report.plan.decisions) {
    for (const warning of warnings) lines.push(paint(printer, 'yellow', `warning: ${networkInterfaceId}: ${warning}`));
  }
  for (const warning of warningsOf(report)) lines.push(paint(printer, 'yellow', `warning: ${warning}`));
  if (report.plan.halted !== undefined) lines.push(paint(printer, 'red', describeHalt(report)));
  lines.push(summarise(report), describeCoverage(report.coverage));
  if (report.policy.mode === 'observe') lines.push('The policy says `mode: observe`: nothing is written.');
  return lines.join('\n');
}

/** Doubts about the policy that only the whole fleet shows. */
export function warningsOf({ scope, policy, plan, reading, infrastructure }: Report): readonly string[] {
  if (scope.kind !== 'fleet') return [];
  return findFleetWarnings(policy, reading.candidates, plan.decisions, infrastructure.targets);
}

function isWorthShowing(action: Action): boolean {
  return action.kind !== 'retain' || (action.because !== 'as-desired' && action.because !== 'not-ours');
}

function rowOf({ action, outcome, because, code }: Outcome, isObserved: boolean, printer: Printer): string[] {
  const detail = isObserved ? describeDetail(action) : [outcome, code].filter(Boolean).join(' ');
  const tier = 'tier' in action ? action.tier : 'desired' in action ? action.desired.tier : undefined;
  return [
    paint(printer, colours[action.kind], `${symbols[action.kind]} ${action.kind}`),
    action.networkInterfaceId,
    action.instanceId ?? '',
    [action.sessionNumber, tier].filter((part) => part !== undefined).join(' '),
    because ?? action.because,
    detail,
  ];
}

function describeDetail(action: Action): string {
  switch (action.kind) {
    case 'create':
      return action.desired.targetId;
    case 'modify':
      return action.drift.map(describeDrift).join(', ');
    case 'delete':
      return action.session.sessionId;
    case 'retain':
      return [action.session.sessionId, action.held && `would be deleted: ${action.held}`, action.detail]
        .filter(Boolean)
        .join(', ');
    case 'refuse':
      return action.detail ?? '';
  }
}

function describeDrift({ field, from, to }: Drift): string {
  return printable(`${field} ${from ?? 'none'} → ${to ?? 'default'}`);
}

/** One line for an action on a managed filter. */
export function describeFilterAction(action: FilterAction): string {
  switch (action.kind) {
    case 'create-filter':
      return `create filter ${action.name} with ${count(action.rules.length, 'rule')}`;
    case 'modify-rule':
      return `repair rule ${action.to.direction} ${action.to.ruleNumber} of filter ${action.name}`;
    case 'delete-rule':
      return `delete rule ${action.from.direction} ${action.from.ruleNumber} of filter ${action.name}`;
    case 'create-rule':
      return `create rule ${action.to.direction} ${action.to.ruleNumber} of filter ${action.name}`;
    case 'set-network-services':
      return `set the network services of filter ${action.name}`;
    case 'delete-filter':
      return `delete filter ${printable(action.name)} (${action.filter.filterId}): ${action.because}`;
  }
}

function distinctReasons(outcomes: readonly Outcome[]) {
  return [...new Set(outcomes.map(({ action, because }) => because ?? action.because))].sort();
}

function describeHalt({ plan: { halted } }: Report): string {
  if (halted === undefined) return '';
  return `Held: ${halted.guarded} deletions of ${halted.ourSessions} sessions exceed ${halted.limit}. Review them, then \`apply --allow-deletes ${halted.guarded}\`.`;
}

/** How many actions of each kind; retained sessions are counted, not listed. */
export function countActions(outcomes: readonly Outcome[]): Record<Action['kind'], number> {
  const counts = { create: 0, modify: 0, delete: 0, retain: 0, refuse: 0 };
  for (const { action } of outcomes) counts[action.kind] += 1;
  return counts;
}

function summarise(report: Report): string {
  const counts = countActions(report.outcomes);
  const parts = Object.entries(counts).map(([kind, number]) => `${number} ${kind}`);
  return `${report.isObserved ? 'Plan' : 'Done'} for fleet ${report.policy.fleet}: ${parts.join(', ')}.`;
}

/** The coverage figures in one sentence. */
export function describeCoverage({ wanted, eligible, mirrored, complete, percent }: Coverage): string {
  return `Coverage: ${mirrored} of ${count(eligible, 'eligible source')} mirrored (${percent} %); ${complete} of ${wanted} wanted complete.`;
}

/** The document of `--json`. */
export function reportDocument(report: Report): object {
  const { policy, plan, coverage, filterFailures } = report;
  return {
    fleet: policy.fleet,
    mode: policy.mode,
    isObserved: report.isObserved,
    counts: countActions(report.outcomes),
    actions: report.outcomes.map(outcomeDocument),
    filterActions: plan.filterActions.map((action) => ({ action: action.kind, filter: action.name })),
    filterFailures: filterFailures.map(({ action, code }) => ({ action: action.kind, filter: action.name, code })),
    coverage,
    warnings: warningsOf(report),
    sourceWarnings: plan.decisions.flatMap(({ networkInterfaceId, warnings }) =>
      warnings.length === 0 ? [] : { networkInterfaceId, warnings },
    ),
    ...(plan.halted && { halted: plan.halted }),
  };
}

function outcomeDocument({ action, outcome, because, code, sessionId }: Outcome): object {
  const { kind, networkInterfaceId, instanceId, sessionNumber, detail } = action;
  const known = 'session' in action ? action.session.sessionId : sessionId;
  return {
    action: kind,
    because: because ?? action.because,
    outcome,
    networkInterfaceId,
    ...(instanceId && { instanceId }),
    ...(sessionNumber !== undefined && { sessionNumber }),
    ...('desired' in action && { tier: action.desired.tier, targetId: action.desired.targetId }),
    ...('tier' in action && { tier: action.tier }),
    ...(known && { sessionId: known }),
    ...('drift' in action && { drift: action.drift }),
    ...('held' in action && { held: action.held }),
    ...(detail && { detail }),
    ...(code && { code }),
  };
}
