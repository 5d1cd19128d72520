/** Where the columns of a table stand, so that no line is wider than the screen. Pure: widths in, widths out. */
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

/** Text is not wrapped into less than this, and an id not at all. */
const proseMin = 24;
/** Between columns without borders. */
const gap = '  ';
/** What continues a row stands under it. */
const indent = '    ';

type Row = readonly string[];

/**
 * The width of each column, so that all of them and what stands between fit: as wide as the content, then the widest
 * narrower, but never narrower than an id or 24 characters of text. `undefined` when they do not fit.
 */
export function fitColumns(
  rows: readonly Row[],
  widthMax: number,
  paddingOf: (columns: number) => number,
): readonly number[] | undefined {
  const widths = columnsOf(rows).map((cells) => maxOf(cells.map((cell) => stringWidth(cell))));
  const narrowest = columnsOf(rows).map((cells) => maxOf(cells.map(narrowestOf)));
  const room = widthMax - paddingOf(widths.length);
  if (sumOf(narrowest) > room) return undefined;
  while (sumOf(widths) > room) {
    const slack = widths.map((width, column) => (width > (narrowest[column] ?? 0) ? width : 0));
    const widest = slack.indexOf(maxOf(slack));
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

/**
 * The rows as lines without borders: of each row as many columns beside each other as fit, the next ones below, a little
 * to the right. Only a cell whose one word is wider than the screen is broken within the word. The columns of all rows
 * stand under each other.
 */
export function foldRows(rows: readonly Row[], widthMax: number): readonly string[] {
  const bands = bandsOf(rows, widthMax).map((columns, index) => {
    const before = index === 0 ? '' : indent;
    const cells = rows.map((row) => columns.map((column) => row[column] ?? ''));
    const room = Math.max(1, widthMax - before.length);
    const widths = fitColumns(cells, room, gapPadding) ?? columns.map(() => room);
    return { before, cells, widths };
  });
  return rows.flatMap((_, row) =>
    bands.flatMap(({ before, cells, widths }) => {
      const lines = linesOf(cells[row] ?? [], widths).map((line) => `${before}${line}`.trimEnd());
      // The first line of a row stands even when it is empty: it says that a row begins.
      return before === '' ? lines : lines.filter((line) => line !== '');
    }),
  );
}

/** Cells beside each other, each in lines of its width. */
function linesOf(cells: Row, widths: readonly number[]): readonly string[] {
  const wrapped = cells.map((cell, column) => wrapCell(cell, widths[column] ?? 0).split('\n'));
  const height = maxOf(wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) =>
    wrapped.map((lines, column) => padEnd(lines[line] ?? '', widths[column] ?? 0)).join(gap),
  );
}

/** A cell in lines of at most this width: broken at spaces, within a word only where the word is wider. */
export function wrapCell(text: string, width: number): string {
  return stringWidth(text) <= width ? text : wrapAnsi(text, width, { hard: true });
}

/** Which columns stand beside each other, in their order. */
function bandsOf(rows: readonly Row[], widthMax: number): readonly (readonly number[])[] {
  const bands: number[][] = [];
  let used = Number.POSITIVE_INFINITY;
  for (const [column, cells] of columnsOf(rows).entries()) {
    const width = maxOf(cells.map(narrowestOf));
    used += gap.length + width;
    if (used <= widthMax) {
      bands.at(-1)?.push(column);
    } else {
      used = (bands.length === 0 ? 0 : indent.length) + width;
      bands.push([column]);
    }
  }
  return bands;
}

function gapPadding(columns: number): number {
  return gap.length * (columns - 1);
}

function narrowestOf(text: string): number {
  const longestWord = maxOf(text.split(/\s/).map((word) => stringWidth(word)));
  return Math.max(longestWord, Math.min(proseMin, stringWidth(text)));
}

function columnsOf(rows: readonly Row[]): readonly Row[] {
  return (rows[0] ?? []).map((_, column) => rows.map((row) => row[column] ?? ''));
}

function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - stringWidth(text)));
}

// Not by spreading: a table may have more rows than a call takes arguments.
function maxOf(numbers: readonly number[]): number {
  return numbers.reduce((max, number) => Math.max(max, number), 0);
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
