#!/usr/bin/env node
/**
 * The command `fleetmirror`, for `npm run fleetmirror` and, where the checkout is linked (`npm link`), for the shell:
 * `lib/cli/main.ts` on Node.js 24, whichever version is installed. Plain JavaScript, because an older Node.js must read it.
 */
import { fileURLToPath } from 'node:url';

// npm runs a script in the project's folder; the files that a command names are the caller's.
const { npm_lifecycle_event: script, INIT_CWD: callersFolder } = process.env;
if (script === 'fleetmirror' && callersFolder !== undefined) process.chdir(callersFolder);

process.argv.splice(2, 0, fileURLToPath(new URL('lib/cli/main.ts', import.meta.url)));
await import('./run.js');
