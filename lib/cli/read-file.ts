import { readFileSync } from 'node:fs';
import { UsageError } from './usage.ts';

/** The text of a file the user named; a file that cannot be read is wrong usage. */
export function readTextFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`The file ${file} cannot be read: ${describeFileError(error)}.`);
  }
}

/** The usual troubles with a file [Node.js: Errors, common system errors]. */
const wordsOf: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'there is no such file'],
  ['EISDIR', 'it is a folder'],
  ['ENOTDIR', 'a part of its path is a file, not a folder'],
  ['EEXIST', 'a file of that name is in the way'],
  ['EACCES', 'you have no permission'],
  ['EPERM', 'you have no permission'],
  ['EROFS', 'the disk is read-only'],
  ['ENOSPC', 'the disk is full'],
]);

/** Why a file cannot be read or written, as the end of a sentence; the system's code where there are no words for it. */
export function describeFileError(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : String(error);
  return wordsOf.get(code) ?? code;
}
