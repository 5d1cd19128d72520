/** The form that a report is asked for in. */
import { extname } from 'node:path';
import { UsageError } from './usage.ts';

export const reportFormats = ['text', 'html', 'json', 'csv', 'asff', 'ocsf'] as const;
export type ReportFormat = (typeof reportFormats)[number];

export interface FormatOptions {
  readonly format?: ReportFormat;
  readonly json?: boolean;
  readonly out?: string;
}

const formatOfEnding: Readonly<Record<string, ReportFormat>> = { '.html': 'html', '.json': 'json', '.csv': 'csv' };

/** The format of that name; another is wrong usage. */
export function parseReportFormat(text: string): ReportFormat {
  const format = reportFormats.find((known) => known === text);
  if (format === undefined) throw new UsageError(`--format ${text}: give one of ${reportFormats.join(', ')}.`);
  return format;
}

/**
 * What is written: as told by `--format` or `--json`, else as the ending of the file says, else text. Two that contradict
 * each other are wrong usage; `--format` beats an ending, since findings are JSON as well.
 */
export function chooseReportFormat({ format, json = false, out = '' }: FormatOptions): ReportFormat {
  if (json && format !== undefined && format !== 'json') {
    throw new UsageError(`--json and --format ${format} contradict each other: give one of them.`);
  }
  return format ?? (json ? 'json' : (formatOfEnding[extname(out).toLowerCase()] ?? 'text'));
}
