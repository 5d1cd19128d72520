/** How commands print: tables with colour on a terminal, plain columns in a pipe. */
import { stripVTControlCharacters } from 'node:util';
import Table from 'cli-table3';
import pc from 'picocolors';

export interface Printer {
  /** True on a terminal: borders and colours. */
  readonly isRich: boolean;
  /** Characters in a line of the terminal. */
  readonly columns: number;
  print(text: string): void;
}

/** Prints to stdout. */
export const stdout: Printer = {
  isRich: process.stdout.isTTY === true,
  columns: process.stdout.columns ?? 80,
  print: (text) => {
    process.stdout.write(`${text}\n`);
  },
};

type Paint = (text: string) => string;

/** A colour that is only used where colours are read. `NO_COLOR` is honoured by the library. */
export function paint(
  printer: Printer,
  colour: 'red' | 'green' | 'yellow' | 'cyan' | 'dim' | 'bold',
  text: string,
): string {
  const apply: Paint = pc[colour];
  return printer.isRich ? apply(text) : text;
}

/** No line between rows: a plan of fifty actions must fit a screen. */
const noRowLines = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' } as const;
const noBorders = {
  ...noRowLines,
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  right: '',
  middle: '  ',
} as const;

/** The last column is wrapped into what the terminal leaves it, but never narrower than this. */
const lastColumnMin = 24;

/**
 * Rows under a head. On a terminal with borders, the last column wrapped so that no line is wider than the screen; in a
 * pipe the columns are two spaces apart, nothing is drawn and nothing is wrapped.
 */
export function renderTable(printer: Printer, head: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = printer.isRich
    ? new Table({
        head: head.map((text) => pc.bold(text)),
        chars: noRowLines,
        style: { head: [], border: ['gray'] },
        colWidths: columnWidths(printer, head, rows),
        wordWrap: true,
      })
    : new Table({
        head: [...head],
        chars: noBorders,
        style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
      });
  for (const row of rows) table.push([...row]);
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Every column as wide as its content, with a space on either side, the last as wide as the screen still is. */
function columnWidths(printer: Printer, head: readonly string[], rows: readonly (readonly string[])[]): number[] {
  const widths = head.map(
    (title, column) =>
      2 + Math.max(title.length, ...rows.map((row) => stripVTControlCharacters(row[column] ?? '').length)),
  );
  const last = widths.pop() ?? 0;
  const taken = widths.reduce((sum, width) => sum + width + 1, 2);
  return [...widths, Math.min(last, Math.max(lastColumnMin, printer.columns - taken))];
}

/** `3 interfaces`, `1 interface`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
