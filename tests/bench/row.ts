/** One line of a benchmark's answer. */
export interface BenchRow {
  readonly name: string;
  readonly size: string;
  readonly figure: number;
  readonly unit: string;
  /** What the figure is held against: a limit that arithmetic gives, or a rival in the same run; null without one. */
  readonly bound: number | null;
  /** figure ÷ bound */
  readonly ratio: number | null;
  /** In words; empty for a figure that is printed beside others. */
  readonly goal: string;
  /** Null without a goal, or when the goal needs a rival that is not installed. */
  readonly met: boolean | null;
}

/** What a figure has to be: at most or at least a number, as it stands or as a multiple of the bound. */
export interface Goal {
  readonly atMost?: number;
  readonly atLeast?: number;
  readonly ratioMax?: number;
  readonly ratioMin?: number;
}

/** What was measured, before it is judged. */
export type Measured = Pick<BenchRow, 'name' | 'size' | 'figure' | 'unit'> & { readonly bound?: number | undefined };

/** Judges a figure against its goal; all parts of the goal must hold. */
export function judge({ name, size, figure, unit, bound }: Measured, goal: Goal = {}): BenchRow {
  const ratio = bound === undefined ? null : figure / bound;
  const needsRatio = goal.ratioMax !== undefined || goal.ratioMin !== undefined;
  const isMet =
    figure <= (goal.atMost ?? Number.POSITIVE_INFINITY) &&
    figure >= (goal.atLeast ?? Number.NEGATIVE_INFINITY) &&
    (ratio === null || (ratio <= (goal.ratioMax ?? Number.POSITIVE_INFINITY) && ratio >= (goal.ratioMin ?? 0)));
  const isUnknown = Object.keys(goal).length === 0 || (needsRatio && ratio === null);
  return {
    name,
    size,
    figure: rounded(figure),
    unit,
    bound: bound === undefined ? null : rounded(bound),
    ratio: ratio === null ? null : rounded(ratio),
    goal: describe(goal, unit),
    met: isUnknown ? null : isMet,
  };
}

function describe({ atMost, atLeast, ratioMax, ratioMin }: Goal, unit: string): string {
  return [
    ...(atMost === undefined ? [] : [`≤ ${atMost} ${unit}`]),
    ...(atLeast === undefined ? [] : [`≥ ${atLeast} ${unit}`]),
    ...(ratioMax === undefined ? [] : [`≤ ${ratioMax} × bound`]),
    ...(ratioMin === undefined ? [] : [`≥ ${ratioMin} × bound`]),
  ].join(', ');
}

/** Four digits are more than a measurement on a shared machine is worth. */
function rounded(value: number): number {
  return Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(4));
}

/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Half of the distance between the quartiles, in per cent of the median: how much the machine's noise is worth. */
export function spreadPercent(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]!;
  return (50 * (at(0.75) - at(0.25))) / median(values);
}
