import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { BenchRow } from '../bench/row.ts';
import { runNode } from '../support/run-cli.ts';

/** What `npm run -s bench -- …` starts, by default where no rival is installed. */
function runBench(args: readonly string[], path = '/nonexistent') {
  const flags = ['--expose-gc', '--disable-warning=ExperimentalWarning'];
  return runNode([...flags, 'tests/bench/main.ts', ...args], { PATH: path });
}

const namesOf = (stdout: string) => new Set((JSON.parse(stdout) as BenchRow[]).map(({ name }) => name.split(',')[0]));

test.each(['frist', 'constructor'])('an unknown benchmark (%s) lists the known ones, and none is run', async (name) => {
  const { exitCode, stdout, stderr } = await runBench(['first', name]);
  expect([exitCode, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(new RegExp(`'${name}' is invalid .* are burst, cold, cost, first, packets, plan, sweep\\.`));
});

test('an unknown option is told, with the one that was meant', async () => {
  const { exitCode, stderr } = await runBench(['--jsn', 'first']);
  expect([exitCode, stderr]).toEqual([1, "error: unknown option '--jsn'\n(Did you mean --json?)\n"]);
});

test('without its rivals packets says so, leaves bounds and verdicts open, and prints the rest beside another benchmark', async () => {
  const { exitCode, stdout, stderr } = await runBench(['first', 'packets', '--json']);
  expect(exitCode).toBe(0);
  expect(stderr).toMatch(/^packets: tcpdump is not installed.*\npackets: tshark is not installed.*\n$/);
  expect(namesOf(stdout)).toEqual(new Set(['first', 'packets']));
  const rows: readonly BenchRow[] = JSON.parse(stdout);
  const besideRivals = rows.filter(({ name }) => name.includes('beside'));
  expect(besideRivals).toHaveLength(9);
  for (const { figure, bound, ratio, goal, met } of besideRivals) {
    expect([figure > 0, bound, ratio]).toEqual([true, null, null]);
    expect(met === null).toBe(goal.includes('bound'));
  }
});

test('a benchmark that breaks off fails the command', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    writeFileSync(join(folder, 'tcpdump'), '#!/bin/sh\necho out of order >&2\nexit 3\n', { mode: 0o755 });
    const { exitCode, stdout, stderr } = await runBench(['packets', 'first', '--json'], folder);
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toContain('tcpdump: out of order');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
