import { createPrng, type Prng } from '../../lib/emulator/prng.ts';

/** A stream of chance with the questions that a simulation asks. */
export interface Chance extends Prng {
  readonly happens: (probability: number) => boolean;
  readonly pick: <T>(values: readonly T[]) => T;
  /** From `least` to `most`, both possible. */
  readonly between: (least: number, most: number) => number;
}

/** A stream of its own for each purpose: taking a step out of the workload must not change the weather. */
export function createChance(seed: number, purpose: string): Chance {
  let mixed = seed | 0;
  for (const character of purpose) mixed = Math.imul(mixed ^ (character.codePointAt(0) ?? 0), 0x01000193);
  const prng = createPrng(mixed);
  return {
    ...prng,
    happens: (probability) => prng.next() < probability,
    pick: (values) => values[prng.integer(values.length)] as (typeof values)[number],
    between: (least, most) => least + prng.integer(most - least + 1),
  };
}
