import type { Applied } from './apply.ts';
import type { Plan } from './core/actions.ts';
import type { NetworkInterfaceId } from './core/model.ts';
import type { Prepared } from './prepare.ts';
import type { Reading } from './read.ts';

/** How a run stands: what it has read, planned and done. */
export interface Stand {
  readonly prepared: Prepared;
  readonly applied: Applied;
  /** How long the last reading took. */
  readonly readMs: number;
}

/**
 * How a run stands after it has looked again at some of its sources: of these, what was read and decided last, and of what
 * was done before only what is done for good; of the others, everything as it was.
 */
export function mergeStands(before: Stand, later: Stand, lookedAt: ReadonlySet<NetworkInterfaceId>): Stand {
  const retried = new Set(later.prepared.plan.filterActions.map(({ name }) => name));
  // A filter that was tried again is told by its last try.
  const isMoot = ({ action }: Applied['filterFailures'][number]) =>
    action.kind !== 'delete-filter' && retried.has(action.name);
  const moot = new Set(before.applied.filterFailures.filter(isMoot).map(({ action }) => action));
  const plan = mergePlans(before.prepared.plan, later.prepared.plan, lookedAt);
  return {
    prepared: {
      ...later.prepared,
      reading: mergeReadings(before.prepared.reading, later.prepared.reading),
      plan: { ...plan, filterActions: plan.filterActions.filter((action) => !moot.has(action)) },
    },
    applied: {
      outcomes: [
        ...before.applied.outcomes.filter(
          ({ action, outcome }) => outcome === 'done' || !lookedAt.has(action.networkInterfaceId),
        ),
        ...later.applied.outcomes,
      ],
      filterFailures: [
        ...before.applied.filterFailures.filter((failure) => !isMoot(failure)),
        ...later.applied.filterFailures,
      ],
      fullTargets: before.applied.fullTargets.union(later.applied.fullTargets),
    },
    readMs: later.readMs,
  };
}

/** One plan for the report, the metrics and the events: whoever reads only the first would miss a guard that held later. */
function mergePlans(before: Plan, later: Plan, lookedAt: ReadonlySet<NetworkInterfaceId>): Plan {
  const decisions = [
    ...before.decisions.filter(({ networkInterfaceId }) => !lookedAt.has(networkInterfaceId)),
    ...later.decisions,
  ];
  const halted = later.halted ?? before.halted;
  return {
    decisions: decisions.sort((one, other) => (one.networkInterfaceId < other.networkInterfaceId ? -1 : 1)),
    filterActions: [...before.filterActions, ...later.filterActions],
    accused: before.accused,
    ...(halted !== undefined && { halted }),
  };
}

function mergeReadings(before: Reading, later: Reading): Reading {
  return {
    ...before,
    interfaces: new Map([...before.interfaces, ...later.interfaces]),
    instances: new Map([...before.instances, ...later.instances]),
  };
}
