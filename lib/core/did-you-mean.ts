/**
 * The word that was probably meant: the nearest of the known ones, if at most a third of its letters (and at least one)
 * are wrong. Case does not count, so that `Sessionnumber` finds `sessionNumber`. Undefined when nothing is near.
 */
export function didYouMean(word: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance && distance <= Math.max(1, Math.floor(candidate.length / 3))) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Letters to insert, remove, replace or exchange with their neighbour (optimal string alignment). */
function editDistance(a: string, b: string): number {
  // Much longer words are nobody's typing slip, and hostile text must not cost time.
  if (Math.abs(a.length - b.length) > 10) return Number.POSITIVE_INFINITY;
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  let beforePrevious = previous;
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = at(previous, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      // What stands before the first letter is undefined, and equal to no letter.
      const isExchange = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const exchanged = isExchange ? at(beforePrevious, j - 2) + 1 : Number.POSITIVE_INFINITY;
      current.push(Math.min(replaced, exchanged, at(previous, j) + 1, at(current, j - 1) + 1));
    }
    [beforePrevious, previous] = [previous, current];
  }
  return at(previous, b.length);
}

function at(row: readonly number[], i: number): number {
  return row[i] ?? Number.POSITIVE_INFINITY;
}
