import { createChance } from './chance.ts';
import type { Options, StepKind } from './options.ts';

/** Something that somebody else does. A step finds its objects by its own seed in whatever the account holds then, so that a workload stays a workload when steps are taken out. */
export interface Step {
  readonly index: number;
  readonly atMs: number;
  readonly kind: StepKind;
  readonly seed: number;
}

/** Draws what happens in the account, in order of time: bursts with quiet between them. */
export function drawWorkload(seed: number, { steps, kinds }: Options): readonly Step[] {
  const chance = createChance(seed, 'workload');
  const possible: readonly StepKind[] = kinds.length > 0 ? kinds : ['launch', 'tag'];
  let atMs = 1000;
  return Array.from({ length: steps }, (_, index) => {
    atMs += chance.happens(0.7) ? chance.between(10, 5000) : chance.between(10_000, 400_000);
    return { index, atMs, kind: chance.pick(possible), seed: chance.integer(2 ** 31) };
  });
}
