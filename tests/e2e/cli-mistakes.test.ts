import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EC2Client, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type EmulatedAws, startEmulatedAws } from '../../lib/cli/emulated-aws.ts';
import { eventually } from '../support/eventually.ts';
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
    ['Region', { region: 'eu-central-1' }, 'several Regions (eu-central-1, us-east-1)'],
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

  test('--since and --history take a report of before the Region was told', async () => {
    const { region: _, ...old } = JSON.parse(await readFile(own, 'utf8'));
    const file = await aFile('old.json', JSON.stringify(old));
    expect(await cli('report', ...policy, '--format', 'asff', '--since', file)).toMatchObject({ exitCode: 0 });
    const { stdout } = await cli('report', '--history', file, own);
    expect(stdout).toMatch(/^Fleet demo, account 123456789012, us-east-1, 2 reports\n/);
  });
});

describe('an id, a packet or a profile that is another than was meant', () => {
  test('explain names every kind of id that it takes', async () => {
    const { exitCode, stderr } = await cli('explain', 'foo', ...policy);
    expect([exitCode, stderr]).toEqual([
      64,
      '"foo" is no id of an interface (eni-…), an instance (i-…) or a session (tms-…).\n',
    ]);
  });

  test('explain --packet says that neither address is the interface, and says nothing where one is', async () => {
    const networkInterfaceId = aws.emulator.account.instances.get(aws.ids.get('web-0') ?? '')?.interfaceIds[0] ?? '';
    const own = aws.emulator.account.interfaces.get(networkInterfaceId)?.privateIpAddress;
    const told = `neither address is one of this interface (${own}), so it counts as ingress`;
    const explain = async (packet: string) =>
      (await cli('explain', networkInterfaceId, ...policy, '--packet', packet)).stdout;
    expect(await explain('tcp 192.0.2.7:40000 > 192.0.2.8:80')).toContain(told);
    expect(await explain(`tcp 192.0.2.7:40000 > ${own}:80`)).not.toContain('neither address');
  });

  test('explain says of an instance that is terminated what EC2 still shows of it, and of an unknown one that it shows nothing', async () => {
    const id = aws.ids.get('web-1') ?? '';
    const credentials = { accessKeyId: 'operator', secretAccessKey: 'operator' };
    const operator = new EC2Client({ region: 'us-east-1', endpoint: aws.endpoint, credentials });
    await operator.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    operator.destroy();
    const { account } = aws.emulator;
    await eventually('the end', () => account.instances.get(id)?.state === 'terminated' || undefined);
    const text = `${id} is terminated and has no network interface, so there is nothing to mirror.\n`;
    expect(await cli('explain', id, ...policy)).toEqual({ exitCode: 0, stdout: text, stderr: '' });
    expect(await cli('explain', id, ...policy, '--json')).toEqual({ exitCode: 0, stdout: '[]\n', stderr: text });
    expect(await cli('explain', 'i-00000000000000000', ...policy)).toMatchObject({
      exitCode: 64,
      stderr: expect.stringContaining('EC2 shows nothing by the id i-00000000000000000'),
    });
  });

  test.each([
    [['--aws-profile', 'nope'], {}],
    [[], { AWS_PROFILE: 'nope' }],
  ])('a profile without credentials is named, by %j or %j', async (options, environment) => {
    const { exitCode, stderr } = await runCli(['plan', '--fleet', 'demo', '--region', 'us-east-1', ...options], {
      AWS_EC2_METADATA_DISABLED: 'true',
      ...environment,
    });
    expect([exitCode, stderr]).toEqual([64, expect.stringContaining('The profile nope has no credentials')]);
  });

  test('emulator with a fleet in a zone that is not there is one line for it and exit code 64', async () => {
    const fleet = await aFile('fleet.yml', 'instances:\n  - { name: web, zone: eu-west-1a }\n');
    const { exitCode, stderr } = await runCli(['emulator', '--fleet', fleet]);
    expect([exitCode, stderr.split('\n')]).toEqual([
      64,
      [
        `The fleet document ${fleet} is invalid.`,
        '  line 2, instances.0.zone: the account has no zone eu-west-1a, only us-east-1a, us-east-1b, us-east-1c',
        '',
      ],
    ]);
  });
});
