/**
 * `npm run mutate`: Stryker, and afterwards its incremental report without what only this machine knows. More arguments
 * go to Stryker: `npm run mutate -- --mutate lib/core/guard.ts`, `npm run mutate -- --force` for everything anew.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

interface Mutant {
  statusReason?: string;
}
interface IncrementalReport {
  readonly schemaVersion: string;
  readonly thresholds: object;
  readonly files: Readonly<Record<string, { readonly mutants: readonly Mutant[] }>>;
  readonly testFiles?: object;
}

const reportFile = new URL('./incremental.json', import.meta.url);
// A damaged report must stop the run: Stryker would take it for none and mutate everything.
if (existsSync(reportFile)) JSON.parse(readFileSync(reportFile, 'utf8'));

const stryker = fileURLToPath(new URL('../../node_modules/@stryker-mutator/core/bin/stryker.js', import.meta.url));
const { status } = spawnSync(process.execPath, [stryker, 'run', ...process.argv.slice(2)], { stdio: 'inherit' });

if (existsSync(reportFile)) {
  const { schemaVersion, thresholds, files, testFiles }: IncrementalReport = JSON.parse(
    readFileSync(reportFile, 'utf8'),
  );
  // The message of the test that killed a mutant: half of the report, and full of this machine's paths.
  for (const mutant of Object.values(files).flatMap(({ mutants }) => mutants)) delete mutant.statusReason;
  writeFileSync(reportFile, `${JSON.stringify({ schemaVersion, thresholds, files, testFiles })}\n`);
}
process.exitCode = status ?? 1;
