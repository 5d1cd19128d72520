import { execFile } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type EmulatedAws, startEmulatedAws } from '../../lib/cli/emulated-aws.ts';
import { runCli } from '../support/run-cli.ts';

const policyFile = 'infra/demo/policy.yml';

let aws: EmulatedAws;

beforeAll(async () => {
  aws = await startEmulatedAws({ fleetFile: 'infra/demo/fleet.yml' });
});

afterAll(() => aws.close());

/** Runs the command line with its output going where `redirection` says, by the shell; answers what stderr holds, and the exit code. */
function cliInto(redirection: string, ...args: readonly string[]): Promise<{ exitCode: number; stderr: string }> {
  const command = ['lib/cli/main.ts', ...args, '--endpoint-url', aws.endpoint];
  const script = `{ "$0" "$@"; echo "exit $?" >&2; } ${redirection}`;
  return new Promise((resolve) => {
    execFile('sh', ['-c', script, process.execPath, ...command], (_error, _stdout, stderr) => {
      const [, told = '', code = '-1'] = /^([\s\S]*)exit (\d+)\n$/.exec(stderr) ?? [];
      resolve({ exitCode: Number(code), stderr: told });
    });
  });
}

test('policy push writes the parameter though nobody reads its preview (EPIPE)', async () => {
  expect(await cliInto('| true', 'policy', 'push', policyFile)).toEqual({ exitCode: 0, stderr: '' });
  expect((await runCli(['plan', '--fleet', 'demo', '--endpoint-url', aws.endpoint])).exitCode).toBe(2);
});

test('report --fail-on-gap exits with 2 though nobody reads it (EPIPE)', async () => {
  const args = ['report', '--policy', policyFile, '--fail-on-gap'];
  expect(await cliInto('| true', ...args)).toEqual({ exitCode: 2, stderr: '' });
});

test('a pipe that takes neither stdout nor stderr ends no command early (EPIPE)', async () => {
  const script = '( "$0" "$@" 2>&1; echo "exit $?" >&3 ) 3>&2 | true';
  const args = ['lib/cli/main.ts', 'explain', 'nonsense', '--endpoint-url', aws.endpoint];
  const told = await new Promise((resolve) => {
    execFile('sh', ['-c', script, process.execPath, ...args], (_error, _stdout, stderr) => resolve(stderr));
  });
  expect(told).toBe('exit 64\n');
});

test('a report onto a full disk is one sentence and exit code 1 (ENOSPC)', async () => {
  const { exitCode, stderr } = await cliInto('> /dev/full', 'report', '--policy', policyFile);
  expect([exitCode, stderr]).toEqual([1, 'The output cannot be written: the disk is full.\n']);
});
