/** Tags, names and descriptions are other people's text: whoever may tag an instance must not write on the operator's terminal. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTagsCommand, EC2Client, ModifyTrafficMirrorSessionCommand } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { type EmulatedAws, startEmulatedAws } from '../../lib/cli/emulated-aws.ts';
import { smallPolicyText } from '../support/policy.ts';
import { type CliResult, runCli } from '../support/run-cli.ts';

/** Turns the line around, clears the screen (in two spellings) and rings. */
const hostile = '\u202eoff\u001b[2J\u009b2J\u0007';
/** A line feed ends a line; nothing else of this kind belongs into a text. JSON, CSV and HTML carry names as they are. */
const unprintable = /(?!\n)[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

let aws: EmulatedAws;
let folder: string;
let policyFile: string;

const tags = (more: object) => ({ Name: hostile, ...more });
const interfaceOf = (name: string) =>
  aws.emulator.account.instances.get(aws.ids.get(name) ?? '')?.interfaceIds[0] ?? '';
const interfaceIds = () =>
  Object.fromEntries(['mirrored', 'misspelt', 'covered', 'impossible'].map((name) => [name, interfaceOf(name)]));
const everything = {
  rule: 10,
  action: 'accept',
  protocol: 'tcp',
  sourceCidr: '0.0.0.0/0',
  destinationCidr: '0.0.0.0/0',
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetmirror-hostile-'));
  policyFile = join(folder, 'policy.yml');
  const fleetFile = join(folder, 'fleet.yml');
  const fleet = {
    instances: [
      { name: 'sensor', instanceType: 'c5n.18xlarge', zone: 'us-east-1a', tags: { Name: hostile } },
      { name: 'mirrored', instanceType: 'm5.large', zone: 'us-east-1a', tags: tags({ Mirror: 'true' }) },
      {
        name: 'misspelt',
        instanceType: 'm5.large',
        zone: 'us-east-1a',
        tags: tags({ Mirror: hostile, [hostile]: 'x' }),
      },
      { name: 'covered', instanceType: 'm5.large', zone: 'us-east-1a', tags: tags({ Mirror: hostile, env: 'prod' }) },
      { name: 'impossible', instanceType: 't2.micro', zone: 'us-east-1a', tags: tags({ Mirror: 'true' }) },
    ],
    interfaces: [{ name: 'free', zone: 'us-east-1a', description: hostile }],
    targets: [{ name: 'sensor', id: 'tmt-0aaa1111bbbb2222c', instance: 'sensor' }],
  };
  await writeFile(fleetFile, stringify(fleet));
  await writeFile(
    policyFile,
    smallPolicyText({
      filters: { web: { ingress: [everything] } },
      coverage: [{ match: { tags: { env: ['prod'] } }, profile: 'default' }],
    }),
  );
  aws = await startEmulatedAws({ fleetFile });
  await cli('sweep', '--policy', policyFile);
  // What others then did to what is ours.
  const client = new EC2Client({
    endpoint: aws.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  for (const { sessionId } of aws.emulator.account.sessions.rows()) {
    await client.send(
      new ModifyTrafficMirrorSessionCommand({ TrafficMirrorSessionId: sessionId, Description: hostile }),
    );
    await client.send(
      new CreateTagsCommand({ Resources: [sessionId], Tags: [{ Key: 'fleetmirror:instance', Value: hostile }] }),
    );
  }
  for (const { filterId } of aws.emulator.account.filters.rows()) {
    await client.send(
      new CreateTagsCommand({ Resources: [filterId], Tags: [{ Key: 'fleetmirror:filter', Value: hostile }] }),
    );
  }
  client.destroy();
}, 60_000);

afterAll(async () => {
  await aws.close();
  await rm(folder, { recursive: true });
});

const unprintableLines = (...texts: readonly string[]) =>
  texts
    .join('\n')
    .split('\n')
    .filter((line) => unprintable.test(line));
const cli = (...args: string[]): Promise<CliResult> => runCli([...args, '--endpoint-url', aws.endpoint]);

test.each([
  ['plan', ['plan', '--all', '--policy', 'POLICY']],
  ['explain of what is mirrored', ['explain', 'mirrored', '--policy', 'POLICY']],
  ['explain of an unreadable tag', ['explain', 'misspelt', '--policy', 'POLICY']],
  ['explain of an unreadable tag beside coverage', ['explain', 'covered', '--policy', 'POLICY']],
  ['explain of a type that is not supported', ['explain', 'impossible', '--policy', 'POLICY']],
  [
    'explain --packet',
    ['explain', 'mirrored', '--packet', 'tcp 192.0.2.7:40000 > 172.31.0.4:80', '--policy', 'POLICY'],
  ],
  ['report', ['report', '--policy', 'POLICY']],
  ['health', ['health', '--policy', 'POLICY']],
  ['preflight', ['preflight', '--policy', 'POLICY']],
  ['vni', ['vni', '--fleet', 'prod']],
  ['teardown', ['teardown', '--fleet', 'prod']],
])('%s prints no character that moves the cursor or turns the line around', async (_, args) => {
  const ids: Readonly<Record<string, string>> = { POLICY: policyFile, ...interfaceIds() };
  const { stdout, stderr, exitCode } = await cli(...args.map((arg) => ids[arg] ?? arg));
  expect([0, 2]).toContain(exitCode);
  expect(stdout).not.toBe('');
  expect(unprintableLines(stdout, stderr)).toEqual([]);
});

test('policy check quotes keys, names and values of a policy without such a character', async () => {
  const file = join(folder, 'hostile.yml');
  const tiers = [{ name: hostile, sessionNumber: hostile, target: hostile, filter: 'web', [hostile]: 1 }];
  await writeFile(
    file,
    smallPolicyText({ [hostile]: 1, fleet: hostile, tiers, targets: { [hostile]: { ids: [hostile] } } }),
  );
  const { stdout, stderr, exitCode } = await cli('policy', 'check', file);
  expect(exitCode).toBe(64);
  expect(stdout).toContain('unknown key');
  expect(unprintableLines(stdout, stderr)).toEqual([]);
});

test.each([
  ['policy check', 0, ['policy', 'check', 'HOSTILE']],
  ['policy diff', 2, ['policy', 'diff', 'POLICY', 'HOSTILE']],
  ['explain', 0, ['explain', 'mirrored', '--policy', 'HOSTILE']],
  ['explain of an unreadable tag', 0, ['explain', 'misspelt', '--policy', 'HOSTILE']],
  ['plan', 2, ['plan', '--all', '--policy', 'HOSTILE']],
  ['report', 0, ['report', '--policy', 'HOSTILE']],
])('%s prints no such character of a valid policy that a colleague wrote', async (_, status, args) => {
  const file = join(folder, 'valid.yml');
  const match = { tags: { [hostile]: [hostile] } };
  await writeFile(
    file,
    smallPolicyText({
      filters: { web: { ingress: [everything] } },
      optIn: { tagKey: hostile },
      coverage: [
        { match, profile: 'default' },
        { match: { tags: { env: ['prod'] } }, profile: 'default' },
      ],
      exclude: [match],
      cost: { sessionHourUsd: 1, source: hostile },
    }),
  );
  const ids: Readonly<Record<string, string>> = { POLICY: policyFile, HOSTILE: file, ...interfaceIds() };
  const { stdout, stderr, exitCode } = await cli(...args.map((arg) => ids[arg] ?? arg));
  expect([exitCode, unprintableLines(stdout, stderr)]).toEqual([status, []]);
  expect(stdout).not.toBe('');
});
