import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type CoverageReport, reportSchema } from '../core/report-schema.ts';
import { describeFileError } from './read-file.ts';
import { UsageError } from './usage.ts';

/** A JSON report of a file, also one that is compressed as the sweep keeps it. What is no report is wrong usage. */
export function readReportFile(file: string): CoverageReport {
  let text: string;
  try {
    const bytes = readFileSync(file);
    text = (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString();
  } catch (error) {
    throw new UsageError(`The report ${file} cannot be read: ${describeFileError(error)}.`);
  }
  const parsed = reportSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UsageError(`${file} is no coverage report: ${issue?.path.join('.') || 'the document'}: ${issue?.message}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
