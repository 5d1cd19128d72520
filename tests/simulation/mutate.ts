/**
 * Proves that the simulation can see: plants each bug of `mutants/` in a copy of the project and lets the simulation
 * look for it in at most 200 seeds. A bug that it does not find, or that no longer applies, is a failure.
 */
import { spawnSync } from 'node:child_process';
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
let caught = 0;
for (const name of names) {
  const beganMs = performance.now();
  const verdict = judge(name);
  if (verdict.isCaught) caught += 1;
  const seconds = ((performance.now() - beganMs) / 1000).toFixed(1);
  console.log(`${verdict.isCaught ? 'caught' : 'MISSED'} ${name} (${seconds} s): ${verdict.text}`);
}
console.log(`${caught} mutants passed, ${names.length - caught} failed`);
process.exitCode = caught === names.length && caught > 0 ? 0 : 1;

function judge(name: string): { readonly isCaught: boolean; readonly text: string } {
  const copy = mkdtempSync(join(tmpdir(), 'fleetmirror-mutant-'));
  try {
    const mutant = readMutant(readFileSync(join(folder, `${name}.json`), 'utf8'));
    for (const part of copied) cpSync(join(root, part), join(copy, part), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    plant(mutant, copy);
    const args = ['tests/simulation/main.ts', '--seed', '1', '--runs', String(seedsMax), '--bail', '--no-keep'];
    const { stdout } = spawnSync(process.execPath, args, { cwd: copy, encoding: 'utf8' });
    const found = /^Seed (\d+) breaks the rule "([^"]+)"/m.exec(stdout);
    if (found === null) return { isCaught: false, text: stdout.trim().split('\n').at(-1) ?? 'it does not run' };
    const other = found[2] === mutant.rule ? '' : `, not "${mutant.rule}"`;
    return { isCaught: true, text: `seed ${found[1]} breaks "${found[2]}"${other}` };
  } catch (error) {
    return { isCaught: false, text: (error as Error).message };
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function plant({ edits }: Mutant, copy: string): void {
  for (const edit of edits) {
    const path = join(copy, edit.file);
    writeFileSync(path, applyEdit(readFileSync(path, 'utf8'), edit));
  }
}
