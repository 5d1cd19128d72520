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
