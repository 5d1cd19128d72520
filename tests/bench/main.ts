/**
 * `npm run -s bench -- [NAME…] [--json]` measures what the names ask for, all without a name: see README.md beside this
 * file. The exit status is 0 though a goal is missed: a busy machine is no defect.
 */
import { execFileSync } from 'node:child_process';
import Table from 'cli-table3';
import { Argument, Command } from 'commander';
import type { BenchRow } from './row.ts';

/** Each is loaded when it is asked for. */
const benchmarks: Readonly<Record<string, () => Promise<readonly BenchRow[]>>> = {
  burst: async () => (await import('./burst.ts')).benchBurst(),
  cold: async () => (await import('./cold.ts')).benchCold(),
  cost: async () => (await import('./cost.ts')).benchCost(),
  first: async () => (await import('./first.ts')).benchFirst(),
  packets: async () => (await import('./packets.ts')).benchPackets(),
  plan: async () => (await import('./plan.ts')).benchPlan(),
  sweep: async () => (await import('./sweep.ts')).benchSweep(),
};

const known = Object.keys(benchmarks);
const command = new Command('bench')
  .description('Measures each figure against what the limits allow, or against a rival in the same run.')
  .addArgument(new Argument('[names...]', 'what to measure; all when absent').choices(known))
  .option('--json', 'print the rows as JSON')
  .parse();

const names = command.args.length > 0 ? command.args : known;
const rows = names.length === 1 ? await benchmarks[names[0]!]!() : names.flatMap(runApart);
console.log(command.opts<{ json?: true }>().json ? JSON.stringify(rows) : render(rows));

/** In a process of its own: none carries the memory of another, or runs code that V8 compiled for what another did. */
function runApart(name: string): readonly BenchRow[] {
  const args = [...process.execArgv, import.meta.filename, name, '--json'];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }));
}

function render(all: readonly BenchRow[]): string {
  const head = ['name', 'size', 'figure', 'unit', 'bound', 'ratio', 'goal', 'met'];
  const plain = { head: [], border: [] };
  const table = new Table({ head, style: plain, colAligns: ['left', 'left', 'right', 'left', 'right', 'right'] });
  for (const { name, size, figure, unit, bound, ratio, goal, met } of all) {
    const verdict = goal === '' ? '' : met === null ? 'unknown' : met ? 'yes' : 'NO';
    table.push([name, size, figure, unit, bound ?? '', ratio ?? '', goal, verdict]);
  }
  return table.toString();
}
