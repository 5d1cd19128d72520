import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it; one that exists is fine. Throws what the file system throws. Not by `recursive` of
 * Node.js, which tries for ever where a file system makes no folders, as in /proc.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && dirname(path) !== path) {
      await makeFolder(dirname(path));
      await mkdir(path);
      return;
    }
    if (code !== 'EEXIST' || !(await stat(path)).isDirectory()) throw error;
  }
}
