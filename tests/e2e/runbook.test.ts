import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type EmulatedAws, startEmulatedAws } from '../../lib/cli/emulated-aws.ts';
import { reasons } from '../../lib/core/reasons.ts';

const runbook = await readFile('RUNBOOK.md', 'utf8');

/** Every command of the runbook once, in its order: the lines of shell blocks, and what stands between backquotes. */
const commands = new Set([
  ...[...runbook.matchAll(/```sh\n([\s\S]*?)```/g)]
    .flatMap(([, block = '']) => block.split('\n'))
    .filter((line) => line.startsWith('fleetmirror ')),
  ...[...runbook.matchAll(/`(fleetmirror [^`]+)`/g)].map(([, command = '']) => command),
]);

/** What the runbook's reader runs first: it says what `fleetmirror` is, where, and what to look at. */
const preamble = /```sh\n([\s\S]*?)```/.exec(runbook)?.[1] ?? '';

let aws: EmulatedAws;
let folder: string;

function runShell(script: string): Promise<{ readonly exitCode: number; readonly output: string }> {
  const instance = aws.emulator.account.instances.get(aws.ids.get('web-0') ?? '');
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: folder,
    AWS_ENDPOINT_URL: aws.endpoint,
    AWS_ACCESS_KEY_ID: 'operator',
    AWS_SECRET_ACCESS_KEY: 'operator',
  };
  // Nothing but the placeholders is ours.
  const begin = preamble
    .replace('/path/to/checkout', process.cwd())
    .replace('eni-0123456789abcdef0', instance?.interfaceIds[0] ?? '')
    .replace('=i-0123456789abcdef0', `=${aws.ids.get('web-0')}`);
  return new Promise((resolve) => {
    execFile('sh', ['-c', `${begin}\n${script}`], { cwd: folder, env, maxBuffer: 2 ** 24 }, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ exitCode, output: stdout + stderr });
    });
  });
}

beforeAll(async () => {
  aws = await startEmulatedAws({ fleetFile: 'infra/demo/fleet.yml' });
  folder = await mkdtemp(join(tmpdir(), 'fleetmirror-runbook-'));
  await copyFile('infra/demo/policy.yml', join(folder, 'policy.yml'));
  await runShell('fleetmirror policy push policy.yml --fleet "$FLEET"');
});

afterAll(async () => {
  await aws.close();
  await rm(folder, { recursive: true });
});

describe('the commands of the runbook', () => {
  test('are many', () => {
    expect(commands.size).toBeGreaterThan(15);
  });

  // 2 says that changes are pending; 64 would be a command that the command line does not know.
  test.each([...commands])('%s', async (command) => {
    const { exitCode, output } = await runShell(command);
    const isWell = (exitCode === 0 || exitCode === 2) && output.length > 0;
    expect(isWell ? 'well' : `exit code ${exitCode}: ${output}`).toBe('well');
  });
});

describe('the sections of the runbook', () => {
  test.each(Object.keys(reasons))('the reason code %s says what it means and what to do', (code) => {
    const section = runbook.split(`\n#### ${code}\n`)[1]?.split('\n##')[0] ?? '';
    expect(section).toMatch(/\*\*Means\*\* [\s\S]*\*\*Do\*\* /);
  });

  test('explain no reason that there is not', () => {
    const explained = [...runbook.matchAll(/^#### (.*)$/gm)].map(([, code]) => code);
    expect(explained.sort()).toEqual(Object.keys(reasons).sort());
  });

  test('are where its links lead', () => {
    const anchors = new Set(
      [...runbook.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
        title
          .toLowerCase()
          .replaceAll(/[^\w -]/g, '')
          .replaceAll(' ', '-'),
      ),
    );
    for (const [, anchor] of runbook.matchAll(/\]\(#([\w-]+)\)/g)) expect(anchors).toContain(anchor);
  });
});
