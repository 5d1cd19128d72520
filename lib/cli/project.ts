import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the project, from its sources and from its bundle alike: where `serverless.yml` is. */
export function findProjectFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'serverless.yml'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('The demo needs the checkout of Fleetmirror: serverless.yml was not found.');
    folder = parent;
  }
  return folder;
}
