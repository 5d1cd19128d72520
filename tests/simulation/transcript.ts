import Table from 'cli-table3';

/** What happened, in order: one line each, the same for the same seed to the last byte. */
export interface Transcript {
  readonly lines: readonly Line[];
  readonly write: (who: string, what: string) => void;
}

interface Line {
  readonly atMs: number;
  readonly who: string;
  readonly what: string;
}

export function createTranscript(now: () => number): Transcript {
  const startMs = now();
  const lines: Line[] = [];
  return { lines, write: (who, what) => lines.push({ atMs: now() - startMs, who, what }) };
}

/** The whole transcript as text. */
export function printTranscript({ lines }: Transcript): string {
  return lines.map(({ atMs, who, what }) => `${(atMs / 1000).toFixed(3)} ${who} ${what}\n`).join('');
}

/** The last steps before a failure, for a person. */
export function tabulateEnd({ lines }: Transcript, count: number): string {
  const table = new Table({
    head: ['seconds', 'who', 'what'],
    colWidths: [12, 16, 100],
    wordWrap: true,
    style: { head: [], border: [], compact: true },
  });
  for (const { atMs, who, what } of lines.slice(-count)) table.push([(atMs / 1000).toFixed(3), who, what]);
  return table.toString();
}
