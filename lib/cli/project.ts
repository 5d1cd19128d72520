import { join } from 'node:path';

/** The folder of the project: where `serverless.yml` is, whatever folder a command is called from. */
export const projectFolder = join(import.meta.dirname, '../..');
