/** What the demo shows at its end: a table for people, a document for programs. */

import type { SourceDecision } from '../core/actions.ts';
import { reasons } from '../core/reasons.ts';
import type { Report } from '../reconcile.ts';
import type { Latencies } from './demo-scenes.ts';
import type { Stage } from './demo-stage.ts';
import { type Printer, paint, renderTable, stdout } from './render.ts';
import { countActions, describeCoverage } from './render-plan.ts';

export interface DemoFacts {
  /** A plan of the fleet after the last scene. */
  readonly report: Report;
  readonly stage: Stage;
  readonly latencies: Latencies;
  /** EC2 calls of the whole demo, by action. */
  readonly calls: Readonly<Record<string, number>>;
  readonly foreignSessionsTouched: number;
}

/** Reasons of a session that nobody wants any more because its source is gone or no longer qualifies. */
const orphanReasons: ReadonlySet<string> = new Set([
  'interface-gone',
  'interface-detached',
  'instance-terminated',
  'instance-stopped',
  'type-unsupported',
]);

/** The document of `demo --json`. Counts of actions are of the whole demo; retained and refused are of its end. */
export function demoDocument({ report, stage, latencies, calls, foreignSessionsTouched }: DemoFacts): object {
  const { wanted, eligible, mirrored, complete, partial } = report.coverage;
  const { retain, refuse } = countActions(report.outcomes);
  const made = (action: string) => stage.ownCalls.get(`${action}TrafficMirrorSession`) ?? 0;
  return {
    sources: { wanted, eligible, mirrored, complete, partial },
    actions: { create: made('Create'), modify: made('Modify'), delete: made('Delete'), retain, refuse },
    refused: refusalsOf(report).map(({ networkInterfaceId, because }) => ({ networkInterfaceId, because })),
    orphansRemoved: stage.detachedBecause.filter((because) => orphanReasons.has(because)).length,
    foreignSessionsTouched,
    timeToMirrorMs: { p50: percentile(latencies, 50), p95: percentile(latencies, 95), max: percentile(latencies, 100) },
    calls,
  };
}

function refusalsOf({ outcomes }: Report) {
  return outcomes.flatMap(({ action }) => (action.kind === 'refuse' ? action : []));
}

/** The smallest value that at least this share of the values do not exceed; 0 when there are none. */
function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? 0;
}

/** What is mirrored, and why the rest is not. */
export function renderEnding({ report }: DemoFacts, printer: Printer = stdout): string {
  const rows = report.plan.decisions.filter(isInteresting).map((decision) => rowOf(decision, report, printer));
  const head = ['name', 'interface', 'type', 'sessions', 'why not (all of it)'];
  const codes = [...new Set(refusalsOf(report).map(({ because }) => because))].sort();
  return [
    renderTable(printer, head, rows.sort(compareRows)),
    '',
    ...codes.map((because) => `  ${paint(printer, 'cyan', because)}: ${reasons[because]}`),
    '',
    describeCoverage(report.coverage),
  ].join('\n');
}

function isInteresting({ actions, wanted }: SourceDecision): boolean {
  return actions.length > 0 || wanted.length > 0;
}

function rowOf(decision: SourceDecision, { reading }: Report, printer: Printer): string[] {
  const networkInterface = reading.interfaces.get(decision.networkInterfaceId);
  const instance = decision.instanceId && reading.instances.get(decision.instanceId);
  const sessions = decision.actions.flatMap((action) => {
    if (action.kind === 'refuse' || !('session' in action)) return [];
    const owner = action.because === 'not-ours' ? ' (foreign)' : '';
    return `${action.sessionNumber}${owner}`;
  });
  const refusals = decision.actions.flatMap((action) => {
    if (action.kind !== 'refuse') return [];
    return action.sessionNumber === undefined ? action.because : `${action.sessionNumber}: ${action.because}`;
  });
  return [
    (instance ? instance.tags.Name : undefined) ?? networkInterface?.requesterId ?? '',
    decision.networkInterfaceId,
    instance ? instance.instanceType : '',
    paint(printer, 'green', sessions.join(', ')),
    paint(printer, 'cyan', refusals.join(', ')),
  ];
}

function compareRows(one: readonly string[], other: readonly string[]): number {
  return (one[0] ?? '').localeCompare(other[0] ?? '', 'en') || (one[1] ?? '').localeCompare(other[1] ?? '', 'en');
}

/**
 * Commands to try on the account that `demo --keep` leaves. The pushed policy says `mode: enforce`, but the functions that
 * would make everything again have stopped: hence the force.
 */
export function listTrials(endpoint: string): readonly (readonly string[])[] {
  return [
    ['plan', '--endpoint-url', endpoint],
    ['teardown', '--endpoint-url', endpoint, '--yes', '--force'],
  ];
}
