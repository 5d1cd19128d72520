/**
 * Proves that the simulation can see: plants each bug of `mutants/` in a copy of the project and lets the simulation
 * look for it in at most 200 seeds. A bug that does not break its rule, or that no longer applies, is a failure. First
 * the program as it is must pass the same seeds: what a mutant breaks there is the mutant's doing.
 */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { applyEdit, type Mutant, readMutant } from './mutant.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = fileURLToPath(new URL('mutants', import.meta.url));
const seedsMax = 200;
const copied = ['lib', 'tests/simulation', 'infra', 'package.json', 'package-lock.json', 'serverless.yml'];

const chosen = process.argv.slice(2);
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.slice(0, -'.json'.length))
  .filter((name) => chosen.length === 0 || chosen.includes(name));
const unbroken = inCopy(({ simulate }) => simulate(['--bail']));
const told = unbroken.status === 0 ? `passed (${seedsMax} seeds)` : `FAILED: ${unbroken.stdout}${unbroken.stderr}`;
console.log(`the program as it is: ${told}`);
let caught = 0;
for (const name of names) {
  const beganMs = performance.now();
  const verdict = judge(name);
  if (verdict.isCaught) caught += 1;
  const seconds = ((performance.now() - beganMs) / 1000).toFixed(1);
  console.log(`${verdict.isCaught ? 'caught' : 'MISSED'} ${name} (${seconds} s): ${verdict.text}`);
}
const failed = names.length - caught + (unbroken.status === 0 ? 0 : 1);
console.log(`${caught} mutants passed, ${failed} failed`);
process.exitCode = failed === 0 && caught > 0 ? 0 : 1;

function judge(name: string): { readonly isCaught: boolean; readonly text: string } {
  try {
    const { rule, edits } = readMutant(readFileSync(join(folder, `${name}.json`), 'utf8'));
    const { stdout, stderr } = inCopy(({ copy, simulate }) => {
      for (const edit of edits) plant(edit, copy);
      return simulate(['--bail', rule]);
    });
    const found = [...stdout.matchAll(/^Seed (\d+) breaks the rule "([^"]+)"/gm)];
    const own = found.find((match) => match[2] === rule);
    if (own !== undefined) return { isCaught: true, text: `seed ${own[1]} breaks "${rule}"` };
    const others = [...new Set(found.map((match) => match[2]))].join(', ');
    if (others !== '') return { isCaught: false, text: `it breaks ${others}, not "${rule}"` };
    return { isCaught: false, text: stdout.trim().split('\n').at(-1) || `it does not run: ${stderr}` };
  } catch (error) {
    return { isCaught: false, text: (error as Error).message };
  }
}

interface Copy {
  readonly copy: string;
  /** Runs the seeds in the copy. */
  readonly simulate: (args: readonly string[]) => SpawnSyncReturns<string>;
}

/** Does something in a copy of the project, which is removed afterwards. */
function inCopy<Result>(run: (copy: Copy) => Result): Result {
  const copy = mkdtempSync(join(tmpdir(), 'fleetmirror-mutant-'));
  try {
    for (const part of copied) cpSync(join(root, part), join(copy, part), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    const seeds = ['tests/simulation/main.ts', '--seed', '1', '--runs', String(seedsMax), '--no-keep'];
    const simulate = (args: readonly string[]) =>
      spawnSync(process.execPath, [...seeds, ...args], { cwd: copy, encoding: 'utf8' });
    return run({ copy, simulate });
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function plant(edit: Mutant['edits'][number], copy: string): void {
  const path = join(copy, edit.file);
  writeFileSync(path, applyEdit(readFileSync(path, 'utf8'), edit));
}
