/** How commands print: tables with colour on a terminal, plain columns in a pipe. */
import Table from 'cli-table3';
import pc from 'picocolors';

export interface Printer {
  /** True on a terminal: borders and colours. */
  readonly isRich: boolean;
  print(text: string): void;
}

/** Prints to stdout. */
export const stdout: Printer = {
  isRich: process.stdout.isTTY === true,
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

const noBorders = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
} as const;

/** Rows under a head. In a pipe the columns are two spaces apart and nothing is drawn. */
export function renderTable(printer: Printer, head: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = printer.isRich
    ? new Table({ head: head.map((text) => pc.bold(text)), style: { head: [], border: ['gray'] } })
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

/** `3 interfaces`, `1 interface`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
