import { expect, test } from '@jest/globals';
import { Command } from 'commander';
import { registerDemo } from '../../../lib/cli/demo.ts';
import { registerEmulator } from '../../../lib/cli/emulator.ts';
import { registerExplain } from '../../../lib/cli/explain.ts';
import { registerHealth } from '../../../lib/cli/health.ts';
import { registerPolicy } from '../../../lib/cli/policy.ts';
import { registerPreflight } from '../../../lib/cli/preflight.ts';
import { registerReconcile } from '../../../lib/cli/reconcile-commands.ts';
import { registerReport } from '../../../lib/cli/report.ts';
import { registerSimulate } from '../../../lib/cli/simulate.ts';
import { registerTeardown } from '../../../lib/cli/teardown.ts';
import { registerTypes } from '../../../lib/cli/types.ts';
import { registerVni } from '../../../lib/cli/vni.ts';

const program = new Command('fleetmirror');
for (const register of [
  ...[registerReconcile, registerExplain, registerReport, registerPolicy, registerSimulate, registerTypes],
  ...[registerVni, registerPreflight, registerHealth, registerTeardown, registerEmulator, registerDemo],
]) {
  register(program);
}

/** The commands that do something, by their names: of `policy` its own commands. */
const commands = program.commands.flatMap((command) => (command.commands.length === 0 ? [command] : command.commands));

test('every command takes the options that README names, but for emulator and demo, which have their own account', () => {
  const promised = ['--json', '--fleet', '--region', '--aws-profile', '--endpoint-url', '--policy'];
  const short = commands.filter(({ options }) => {
    const taken = new Set(options.map(({ long }) => long));
    return promised.some((option) => !taken.has(option));
  });
  expect(short.map((command) => command.name())).toEqual(['emulator', 'demo']);
  expect(commands).toHaveLength(16);
});

function helpOf(command: Command): string {
  let help = '';
  command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
  return help;
}

test('the help of every command says what its exit codes mean; 2 is told by those that look for something', () => {
  const helps = new Map(commands.map((command) => [command.name(), helpOf(command)] as const));
  for (const help of helps.values()) {
    expect(help).toMatch(
      /\nExit codes:\n {3}0 {2}.+\n {3}1 {2}.+\n( {3}2 {2}.+\n)? {2}64 {2}wrong usage .+\n\nExample:\n {2}\$ /,
    );
  }
  const looking = [...helps].filter(([, help]) => /\n {3}2 {2}/.test(help)).map(([name]) => name);
  expect(looking).toEqual(['plan', 'apply', 'sweep', 'report', 'diff', 'preflight', 'health', 'teardown']);
});
