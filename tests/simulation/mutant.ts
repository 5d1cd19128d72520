import { z } from 'zod';

const edit = z.strictObject({ file: z.string().min(1), find: z.string().min(1), replace: z.string() });

const mutant = z.strictObject({
  /** The rule that must break, whatever else breaks before it: so each rule is shown to see. */
  rule: z.string().min(1),
  edits: z.array(edit).min(1),
});

/** A bug to plant: texts of the program and what they become. */
export type Mutant = z.infer<typeof mutant>;

/** Reads one file of `mutants/`. Throws when it is damaged. */
export function readMutant(text: string): Mutant {
  return mutant.parse(JSON.parse(text));
}

/** Plants one edit. Throws when the text to change is not there exactly once: the mutant is out of date. */
export function applyEdit(source: string, { file, find, replace }: Mutant['edits'][number]): string {
  const times = source.split(find).length - 1;
  if (times !== 1) throw new Error(`it does not apply: its text stands ${times} times in ${file}`);
  return source.replace(find, () => replace);
}
