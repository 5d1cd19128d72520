import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type EmulatedAws, startEmulatedAws } from '../../lib/cli/emulated-aws.ts';
import { anAuditor } from '../support/auditor.ts';
import { runCli } from '../support/run-cli.ts';

const tags = "{ 'fleetmirror:fleet': demo, 'fleetmirror:created-at': '2026-01-01T00:00:00Z' }";
const fleet = `
loadBalancers: [{ name: sensors }]
targets: [{ name: sensors, loadBalancer: sensors }]
filters: [{ name: all }]
instances:
  - { name: busy, metrics: { NetworkMirrorIn: 1000000, NetworkPacketsMirrorIn: 900 } }
  - { name: crowded, metrics: { NetworkMirrorOut: 700, NetworkSkipMirrorOut: 300 } }
  - { name: idle, metrics: { NetworkMirrorIn: 0 } }
  - { name: theirs }
interfaces: [{ name: rds, requesterId: amazon-rds }]
sessions:
  - { source: busy, target: sensors, filter: all, number: 10, tags: ${tags} }
  - { source: crowded, target: sensors, filter: all, number: 10, tags: ${tags} }
  - { source: idle, target: sensors, filter: all, number: 10, tags: ${tags} }
  - { source: rds, target: sensors, filter: all, number: 10, tags: ${tags} }
  - { source: theirs, target: sensors, filter: all, number: 10 }
`;

let aws: EmulatedAws;
let folder: string;
let environment: Readonly<Record<string, string>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetmirror-health-'));
  const fleetFile = join(folder, 'fleet.yml');
  await writeFile(fleetFile, fleet);
  const auditor = await anAuditor(['ec2:Describe*', 'sts:*', 'ssm:*']);
  environment = auditor.environment;
  aws = await startEmulatedAws({ fleetFile, ...auditor.options });
});

afterAll(async () => {
  await aws.close();
  await rm(folder, { recursive: true });
});

const cli = (args: readonly string[], env = {}) =>
  runCli(['health', '--fleet', 'demo', ...args, '--endpoint-url', aws.endpoint], env);

describe('health', () => {
  test('names the mirror that carries nothing and the one that drops packets, and exits with 2', async () => {
    const { exitCode, stdout } = await cli([]);
    expect(exitCode).toBe(2);
    expect(stdout).toMatch(new RegExp(`silent +${aws.ids.get('idle')}`));
    expect(stdout).toMatch(new RegExp(`congested +${aws.ids.get('crowded')}.*30 %`));
    expect(stdout).toMatch(/unmeasured .*no data/);
    expect(stdout).not.toContain(aws.ids.get('busy'));
    expect(stdout).not.toContain(aws.ids.get('theirs'));
    expect(stdout).toContain(
      '2 of 3 mirrored instances carried traffic in the last 60 minutes: 1 congested, 1 silent, 0 young. 1 mirrored interface without an instance of this account is unmeasured.',
    );
  });

  test('as JSON holds every mirrored instance with its sums', async () => {
    const { exitCode, stdout } = await cli(['--json', '--minutes', '10']);
    const { instances, troubled } = JSON.parse(stdout);
    expect([exitCode, instances.length, troubled]).toEqual([2, 4, 2]);
    const busy = instances.find(({ instanceId }: { instanceId: string }) => instanceId === aws.ids.get('busy'));
    expect(busy).toMatchObject({ verdict: 'carrying', skippedPercent: 0, hasData: true });
    expect(busy.mirroredBytes % 1_000_000).toBe(0);
  });

  test('without the permission names it and exits with 1', async () => {
    const { exitCode, stdout, stderr } = await cli([], environment);
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toContain('cloudwatch:GetMetricData');
    expect(stderr).not.toContain('    at ');
  });

  test('without the permission a report is whole all the same, and names it', async () => {
    const policy = ['--policy', 'infra/demo/policy.yml'];
    const args = ['report', '--health', ...policy, '--endpoint-url', aws.endpoint];
    const { exitCode, stdout, stderr } = await runCli(args, environment);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toContain('Health: Not read: the permission cloudwatch:GetMetricData is missing');
    expect(stdout).toContain('Coverage: ');
  });

  test('exits with 0 when nothing of ours is mirrored', async () => {
    const { exitCode, stdout, stderr } = await runCli(['health', '--fleet', 'none', '--endpoint-url', aws.endpoint]);
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('0 of 0 mirrored instances')]);
    expect(stderr).toContain('belongs to the fleet none');
  });

  test.each([
    ['--minutes', '5'],
    ['--minutes', '9999'],
    ['--minutes', 'x'],
  ])('%s %s is wrong usage', async (...args) => {
    const told = `${args.join(' ')}: give a whole number from 10 to 1440.\n`;
    expect(await cli(args)).toMatchObject({ exitCode: 64, stderr: told });
  });
});
