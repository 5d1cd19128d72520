/** How commands print: tables with colour on a terminal, plain columns in a pipe. */
import Table from 'cli-table3';
import pc from 'picocolors';
import { fitColumns, foldRows, wrapCell } from './table-layout.ts';

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
  // Some terminals say that they are 0 wide.
  columns: process.stdout.columns || 80,
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

/** Of a frame: a space on either side of each cell, and a line between and around them. */
const framePadding = (columns: number) => 3 * columns + 1;

/**
 * Rows under a head. On a terminal with borders, text wrapped so that no line is wider than the screen; where the ids
 * alone are too wide for that, without borders and each row in several lines. In a pipe the columns are two spaces apart,
 * nothing is drawn and nothing is wrapped.
 */
export function renderTable(printer: Printer, head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (!printer.isRich) return drawTable([head, ...rows], plainStyle);
  const all = [head.map((text) => pc.bold(text)), ...rows];
  const widths = fitColumns(all, printer.columns, framePadding);
  if (widths === undefined) return foldRows(all, printer.columns).join('\n');
  const wrapped = all.map((row) => row.map((cell, column) => wrapCell(cell, widths[column] ?? 0)));
  return drawTable(wrapped, { chars: noRowLines, style: { head: [], border: pc.isColorSupported ? ['gray'] : [] } });
}

const plainStyle = {
  chars: noBorders,
  style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
} as const;

function drawTable([head = [], ...rows]: readonly (readonly string[])[], style: object): string {
  const table = new Table({ ...style, head: [...head] });
  for (const row of rows) table.push([...row]);
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** `3 interfaces`, `1 interface`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
