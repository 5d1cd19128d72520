import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Command, CommanderError } from 'commander';
import fc from 'fast-check';
import { registerDemo } from '../../lib/cli/demo.ts';
import { registerEmulator } from '../../lib/cli/emulator.ts';
import { registerExplain } from '../../lib/cli/explain.ts';
import { registerPolicy } from '../../lib/cli/policy.ts';
import { registerReconcile } from '../../lib/cli/reconcile-commands.ts';
import { registerSimulate } from '../../lib/cli/simulate.ts';
import { registerTeardown } from '../../lib/cli/teardown.ts';
import { registerTypes } from '../../lib/cli/types.ts';
import { UsageError } from '../../lib/cli/usage.ts';
import { registerVni } from '../../lib/cli/vni.ts';
import { policyText } from '../support/policy.ts';

const files = { valid: '', damaged: '', capture: '' };
let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'fuzz-cli-'));
  for (const name of ['valid', 'damaged', 'capture'] as const) files[name] = join(directory, name);
  writeFileSync(files.valid, policyText());
  writeFileSync(files.damaged, policyText().slice(0, 300));
  writeFileSync(files.capture, Buffer.from('d4c3b2a102000400', 'hex'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const write = process.stdout.write;
const writeError = process.stderr.write;
beforeEach(() => {
  process.stdout.write = () => true;
  process.stderr.write = () => true;
});
afterEach(() => {
  process.stdout.write = write;
  process.stderr.write = writeError;
  process.exitCode = 0;
});

const registers = {
  all: [
    ...[registerReconcile, registerExplain, registerPolicy, registerSimulate, registerTypes, registerVni],
    ...[registerTeardown, registerEmulator, registerDemo],
  ],
  /** Those that need no account. */
  offline: [registerPolicy, registerSimulate, registerTypes],
};

/** The program, whose commands do nothing when `isInert`. */
function aProgram(parts: readonly ((program: Command) => void)[], isInert: boolean): Command {
  const program = new Command('fleetmirror');
  for (const register of parts) register(program);
  const visit = (command: Command): void => {
    command.exitOverride().configureOutput({ writeOut: () => {}, writeErr: () => {} });
    if (isInert && command.commands.length === 0) command.action(() => {});
    for (const child of command.commands) visit(child);
  };
  visit(program);
  return program;
}

/** How a call ended; what is neither success nor told wrong usage is a crash. */
async function endOf(program: Command, args: readonly string[]): Promise<string> {
  try {
    await program.parseAsync([...args], { from: 'user' });
    return 'done';
  } catch (error) {
    if (error instanceof CommanderError || error instanceof UsageError) return error.message;
    throw new Error(`fleetmirror ${args.join(' ')} crashes`, { cause: error });
  }
}

const inert = aProgram(registers.all, true);
const optionsOf = (command: Command): string[] => [
  ...command.options.flatMap(({ long, short }) => [long ?? '', short ?? '']),
  ...command.commands.flatMap(optionsOf),
];
const flags = [...new Set(optionsOf(inert))].filter(Boolean);
const commands = inert.commands.flatMap((each) => [
  [each.name()],
  ...each.commands.map((inner) => [each.name(), inner.name()]),
]);
const strange = fc.oneof(
  fc.constantFrom(...['', '-', '--', '-1', '0', '1e9', 'NaN', '__proto__', '--json=', '--fleet', 'tcp 1.2.3.4:5 > x']),
  fc.string(),
);
const argument = fc.oneof(fc.constantFrom(...flags), strange);

test('no arguments make the command line crash; wrong usage is told', async () => {
  const line = fc.tuple(fc.constantFrom(...commands, []), fc.array(argument, { maxLength: 6 }));
  await fc.assert(
    fc.asyncProperty(line, async ([command, rest]) => {
      expect(await endOf(aProgram(registers.all, true), [...command, ...rest])).not.toBe('');
    }),
    { numRuns: 500 },
  );
});

test('the commands that need no account end well or tell what is wrong, whatever they are given', async () => {
  const given = fc.constantFrom(...(['valid', 'damaged', 'capture', 'missing'] as const)).map((name) => ({ name }));
  const part = fc.oneof(given, argument);
  // Not `--out`, which writes to this folder; not `-`, which waits for input; no interface, whose account is asked.
  const offline = [['policy', 'check'], ['simulate'], ['types']];
  const lines = fc.tuple(fc.constantFrom(...offline), fc.array(part, { maxLength: 5 }));
  await fc.assert(
    fc.asyncProperty(lines, async ([command, rest]) => {
      const text = rest.map((each) => (typeof each === 'string' ? each : fileOf(each.name)));
      if (text.some((each) => /^-$|^--out|^--?e|^eni-|^i-/.test(each))) return;
      expect(await endOf(aProgram(registers.offline, false), [...command, ...text])).not.toBe('');
    }),
    { numRuns: 300 },
  );
});

function fileOf(name: string): string {
  return name in files ? files[name as keyof typeof files] : join(directory, name);
}
