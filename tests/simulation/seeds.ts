import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';

const seedsFile = new URL('seeds.json', import.meta.url);

const keptSeeds = z.array(
  z.strictObject({
    seed: z.int().min(0),
    /** The rule that it broke when it was found. */
    rule: z.string().min(1),
  }),
);

/** A seed that has failed once; it is run again for ever. */
export type KeptSeed = z.infer<typeof keptSeeds>[number];

/** Reads a list of kept seeds. Throws when it is damaged: nothing kept must not pass for nothing failed. */
export function readSeeds(text: string): readonly KeptSeed[] {
  try {
    return keptSeeds.parse(JSON.parse(text));
  } catch (error) {
    throw new Error(`seeds.json is damaged: ${(error as Error).message}`, { cause: error });
  }
}

/** Every seed that ever failed. */
export async function recallSeeds(): Promise<readonly KeptSeed[]> {
  return readSeeds(await readFile(seedsFile, 'utf8'));
}

/** Adds a seed that has just failed, unless it is there already. */
export async function keepSeed(kept: KeptSeed): Promise<void> {
  const known = await recallSeeds();
  if (known.some(({ seed }) => seed === kept.seed)) return;
  const lines = [...known, kept]
    .sort((one, other) => one.seed - other.seed)
    .map(({ seed, rule }) => `  { "seed": ${seed}, "rule": ${JSON.stringify(rule)} }`);
  await writeFile(seedsFile, `[\n${lines.join(',\n')}\n]\n`);
}
