/**
 * The smallest part of the steps that still fails, as far as single and joint removal finds it (delta debugging), in
 * at most `triesMax` tries.
 */
export async function shrink(
  steps: readonly number[],
  fails: (steps: ReadonlySet<number>) => Promise<boolean>,
  triesMax: number,
): Promise<readonly number[]> {
  let left = steps;
  let tries = 0;
  for (let size = Math.ceil(left.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = 0; start < left.length && tries < triesMax; ) {
      const rest = [...left.slice(0, start), ...left.slice(start + size)];
      tries += 1;
      if (await fails(new Set(rest))) left = rest;
      else start += size;
    }
  }
  return left;
}
