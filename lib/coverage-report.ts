/** From a run to its coverage report: gives `core/report.ts` what it needs of the world. */
import { buildReport } from './core/report.ts';
import type { GapLog } from './core/report-gaps.ts';
import type { CoverageReport } from './core/report-schema.ts';
import type { World } from './ports.ts';
import type { Report } from './reconcile.ts';

/** Writes the coverage report of a run over the whole fleet. Reads nothing: it says what the run saw and did. */
export function reportCoverage(world: World, report: Report, knownGaps?: GapLog): CoverageReport {
  const { policy, plan, outcomes, isObserved, reading, infrastructure } = report;
  // A second look replaces what is remembered; our own writes are in it.
  const { sessions } = world.memory.infrastructure ?? infrastructure;
  return buildReport({
    policy,
    owner: { fleet: world.fleet, accountId: world.accountId },
    takenAt: new Date(world.clock.now()).toISOString(),
    isObserved,
    decisions: plan.decisions,
    outcomes,
    interfaces: reading.interfaces,
    instances: reading.instances,
    sessions: [...sessions.values()],
    targets: infrastructure.targets,
    ...(knownGaps !== undefined && { knownGaps }),
  });
}
