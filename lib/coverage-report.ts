/** From a run to its coverage report: gives `core/report.ts` what it needs of the world. */

import type { Session } from './core/model.ts';
import { buildReport } from './core/report.ts';
import type { ReportFacts } from './core/report-facts.ts';
import type { CoverageReport } from './core/report-schema.ts';
import type { World } from './ports.ts';
import type { Report } from './reconcile.ts';

/** Writes the coverage report of a run over the whole fleet. Reads nothing: it says what the run saw and did. */
export function reportCoverage(
  world: World,
  report: Report,
  more: Pick<ReportFacts, 'before' | 'health'> = {},
): CoverageReport {
  const { policy, plan, outcomes, isObserved, reading, infrastructure } = report;
  return buildReport({
    policy,
    owner: { fleet: world.fleet, accountId: world.accountId },
    region: world.region,
    takenAt: new Date(world.clock.now()).toISOString(),
    isObserved,
    decisions: plan.decisions,
    outcomes,
    interfaces: reading.interfaces,
    instances: reading.instances,
    sessions: sessionsAfterRun(world, report),
    targets: infrastructure.targets,
    ...more,
  });
}

/** All sessions of the account as they are after a run: a second look replaces what is remembered, with our own writes. */
export function sessionsAfterRun({ memory }: World, { infrastructure }: Report): readonly Session[] {
  return [...(memory.infrastructure ?? infrastructure).sessions.values()];
}
