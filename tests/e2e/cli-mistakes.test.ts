import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type EmulatedAws, startEmulatedAws } from '../../lib/cli/emulated-aws.ts';
import { runCli } from '../support/run-cli.ts';

const policy = ['--policy', 'infra/demo/policy.yml'];

let aws: EmulatedAws;
let folder: string;

beforeAll(async () => {
  aws = await startEmulatedAws({ fleetFile: 'infra/demo/fleet.yml' });
  folder = await mkdtemp(join(tmpdir(), 'fleetmirror-mistakes-'));
});

afterAll(async () => {
  await aws.close();
  await rm(folder, { recursive: true });
});

const cli = (...args: string[]) => runCli([...args, '--endpoint-url', aws.endpoint]);

async function aFile(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

describe('a report against the report of something else', () => {
  let own: string;

  beforeAll(async () => {
    own = join(folder, 'own.json');
    await cli('report', ...policy, '--format', 'json', '--out', own);
  });

  test.each([
    ['fleet', { fleet: 'other' }, 'several fleets (other, demo)'],
    ['account', { accountId: '999988887777' }, 'several accounts (999988887777, 123456789012)'],
  ])('--since with that of another %s is wrong usage, exit code 64, and archives nothing', async (_, change, told) => {
    const foreign = await aFile(
      'foreign.json',
      JSON.stringify({ ...JSON.parse(await readFile(own, 'utf8')), ...change }),
    );
    const { exitCode, stdout, stderr } = await cli('report', ...policy, '--format', 'asff', '--since', foreign);
    expect([exitCode, stdout, stderr]).toEqual([64, '', `--since: the reports are of ${told}.\n`]);
    const history = await cli('report', '--history', foreign, own);
    expect([history.exitCode, history.stderr]).toEqual([64, `--history: the reports are of ${told}.\n`]);
  });
});
