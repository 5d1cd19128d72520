/**
 * `npm run -s bench -- [NAME…] [--json]` measures what the names ask for, all without a name: see README.md beside this
 * file. The exit status is 0 though a goal is missed: a busy machine is no defect.
 */
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import type { BenchRow } from './row.ts';

/** Each is loaded when it is asked for, so that none carries the memory of another. */
const benchmarks: Readonly<Record<string, () => Promise<readonly BenchRow[]>>> = {
  burst: async () => (await import('./burst.ts')).benchBurst(),
  cold: async () => (await import('./cold.ts')).benchCold(),
  cost: async () => (await import('./cost.ts')).benchCost(),
  first: async () => (await import('./first.ts')).benchFirst(),
  packets: async () => (await import('./packets.ts')).benchPackets(),
  plan: async () => (await import('./plan.ts')).benchPlan(),
  sweep: async () => (await import('./sweep.ts')).benchSweep(),
};

const { values, positionals } = parseArgs({ options: { json: { type: 'boolean' } }, allowPositionals: true });
const unknown = positionals.filter((name) => !Object.hasOwn(benchmarks, name));
if (unknown.length > 0) {
  console.error(`Unknown: ${unknown.join(', ')}. The benchmarks are ${Object.keys(benchmarks).join(', ')}.`);
  process.exit(2);
}

const rows: BenchRow[] = [];
for (const name of positionals.length > 0 ? positionals : Object.keys(benchmarks)) {
  rows.push(...(await benchmarks[name]!()));
}
console.log(values.json ? JSON.stringify(rows) : render(rows));

function render(all: readonly BenchRow[]): string {
  const head = ['name', 'size', 'figure', 'unit', 'bound', 'ratio', 'goal', 'met'];
  const plain = { head: [], border: [] };
  const table = new Table({ head, style: plain, colAligns: ['left', 'left', 'right', 'left', 'right', 'right'] });
  for (const { name, size, figure, unit, bound, ratio, goal, met } of all) {
    const verdict = met === null ? '' : met ? 'yes' : 'NO';
    table.push([name, size, figure, unit, bound ?? '', ratio ?? '', goal, verdict]);
  }
  return table.toString();
}
