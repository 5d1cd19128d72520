import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type EarlierReport, earlierReportSchema } from '../core/report-schema.ts';
import { describeFileError } from './read-file.ts';
import { UsageError } from './usage.ts';

/** A JSON report of a file, also one that is compressed as the sweep keeps it. What is no report is wrong usage. */
export function readReportFile(file: string): EarlierReport {
  const parsed = earlierReportSchema.safeParse(parseJson(unpack(readBytes(file), file), file));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw noReport(file, `${issue?.path.join('.') || 'the document'}: ${issue?.message}`);
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new UsageError(`The report ${file} cannot be read: ${describeFileError(error)}.`);
  }
}

function unpack(bytes: Buffer, file: string): string {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes.toString();
  try {
    return gunzipSync(bytes).toString();
  } catch {
    throw noReport(file, 'it is compressed, and cut off or damaged');
  }
}

function parseJson(text: string, file: string): unknown {
  if (text.trim() === '') throw noReport(file, 'it is empty');
  try {
    return JSON.parse(text);
  } catch {
    throw noReport(file, 'it is not JSON, or cut off');
  }
}

function noReport(file: string, why: string): UsageError {
  return new UsageError(
    `${file} is no coverage report: ${why}. \`fleetmirror report --format json --out FILE\` writes one.`,
  );
}
