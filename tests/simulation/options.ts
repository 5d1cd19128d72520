import type { Rules } from '../../lib/emulator/rules.ts';
import { createChance } from './chance.ts';

/** How one seed's world is: which unknowns of AWS hold, and which weather it may have. Swarm testing: most is off. */
export interface Options {
  readonly rules: Partial<Rules>;
  readonly isThrottling: boolean;
  /** Of all EC2 calls. */
  readonly errorRate: number;
  readonly lostAnswerRate: number;
  readonly resetRate: number;
  readonly timeoutRate: number;
  readonly emptyPageRate: number;
  readonly isDenying: boolean;
  /** How late reads run behind writes. */
  readonly staleMs: {
    readonly instances: number;
    readonly interfaces: number;
    readonly mirroring: number;
    readonly tags: number;
  };
  /** Of all events. */
  readonly lostEventRate: number;
  readonly doubleEventRate: number;
  readonly lateEventRate: number;
  /** Of all deliveries. */
  readonly doubleMessageRate: number;
  /** Of the events that we publish; now and then EventBridge refuses the whole call. */
  readonly refusedEntryRate: number;
  /** Of the messages that we send to ourselves. */
  readonly refusedSendRate: number;
  /** Of all invocations: ends at some await. */
  readonly deathRate: number;
  /** Of all invocations: begins without a memory. */
  readonly coldRate: number;
  readonly callMs: readonly [number, number];
  /** How far the clock of a process may be from EC2's. */
  readonly skewMs: number;
  readonly batchMax: number;
  /** How often the operators do something, and what kinds of steps they take. */
  readonly steps: number;
  readonly kinds: readonly StepKind[];
}

export type StepKind =
  | 'launch'
  | 'lifecycle'
  | 'retype'
  | 'tag'
  | 'interface'
  | 'stranger'
  | 'tamper'
  | 'filter'
  | 'vanish'
  | 'policy'
  | 'policy-trouble'
  | 'jump'
  | 'service';

const allKinds: readonly StepKind[] = [
  'launch',
  'lifecycle',
  'retype',
  'tag',
  'interface',
  'stranger',
  'tamper',
  'filter',
  'vanish',
  'policy',
  'policy-trouble',
  'jump',
  'service',
];

/** Draws a world for the seed. */
export function drawOptions(seed: number): Options {
  const chance = createChance(seed, 'options');
  // What came later draws apart, so that a seed of before keeps the rest of its world.
  const later = createChance(seed, 'more options');
  const maybe = (probability: number, rate: number) => (chance.happens(probability) ? chance.next() * rate : 0);
  const lateMs = (probability: number, mostMs: number) =>
    chance.happens(probability) ? chance.between(mostMs / 10, mostMs) : 0;
  return {
    rules: {
      duplicateSessionNumber: chance.pick(['refused', 'accepted']),
      sourceCountsOncePerTarget: chance.happens(0.8),
      unattachedSource: chance.pick(['accepted', 'refused']),
      notFoundSpelling: chance.pick(['documented', 'observed']),
      transitionMs: chance.pick([0, 5000, 40_000]),
      clientTokenKeptMs: later.pick([60_000, 3_600_000, Number.POSITIVE_INFINITY]),
      mirroringIdsWithPage: later.pick(['accepted', 'refused']),
      reservedTagKeyCode: later.pick(['documented', 'observed']),
      idsNarrowReads: later.happens(0.5),
      missingResource: later.pick(['not-found', 'unauthorized']),
      sessionsPerTargetMax: later.pick([6, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]),
      ...(later.happens(0.3) && { isUnsupportedType: () => false }),
    },
    isThrottling: chance.happens(0.4),
    errorRate: maybe(0.4, 0.2),
    lostAnswerRate: maybe(0.4, 0.2),
    resetRate: maybe(0.3, 0.1),
    timeoutRate: maybe(0.25, 0.05),
    emptyPageRate: maybe(0.3, 0.3),
    isDenying: chance.happens(0.08),
    staleMs: {
      instances: lateMs(0.5, 60_000),
      interfaces: lateMs(0.25, 30_000),
      mirroring: lateMs(0.3, 20_000),
      tags: lateMs(0.3, 90_000),
    },
    lostEventRate: maybe(0.4, 0.5),
    doubleEventRate: maybe(0.3, 0.4),
    lateEventRate: maybe(0.4, 0.4),
    doubleMessageRate: maybe(0.3, 0.2),
    refusedEntryRate: later.happens(0.3) ? later.next() * 0.5 : 0,
    refusedSendRate: later.happens(0.4) ? later.next() * 0.6 : 0,
    deathRate: maybe(0.5, 0.3),
    coldRate: chance.pick([0, 0.1, 0.5]),
    callMs: chance.pick([
      [1, 5],
      [10, 100],
      [50, 2000],
    ] as const),
    skewMs: chance.happens(0.2) ? chance.between(0, 60_000) : 0,
    batchMax: chance.pick([1, 3, 100]),
    steps: chance.between(8, 30),
    kinds: allKinds.filter(() => chance.happens(0.6)),
  };
}
