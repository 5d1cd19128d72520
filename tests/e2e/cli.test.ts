import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { type EmulatedAws, startEmulatedAws } from '../../lib/cli/emulated-aws.ts';
import { policyText } from '../support/policy.ts';
import { runCli } from '../support/run-cli.ts';

const fleetFile = 'infra/demo/fleet.yml';
const policyFile = 'infra/demo/policy.yml';

let aws: EmulatedAws;
let folder: string;

beforeAll(async () => {
  aws = await startEmulatedAws({ fleetFile });
  folder = await mkdtemp(join(tmpdir(), 'fleetmirror-cli-'));
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

/** The help of each command that does something: what has commands of its own stands for them. */
async function readHelps(command: readonly string[]): Promise<{ readonly command: string; readonly text: string }[]> {
  const { exitCode, stdout } = await runCli([...command, '--help']);
  expect([command, exitCode]).toEqual([command, 0]);
  const [, list] = stdout.split('\nCommands:\n');
  if (list === undefined) return [{ command: command.join(' '), text: stdout }];
  const names = [...list.matchAll(/^ {2}([a-z]+)/gm)].flatMap(([, name]) => name ?? []);
  const commands = names.filter((name) => name !== 'help').map((name) => [...command, name]);
  return (await Promise.all(commands.map(readHelps))).flat();
}

/** The tests below tell one story on one account, in order. */
describe('from an empty account to a mirrored fleet and back', () => {
  test('without a policy anywhere, plan says how to name the fleet and exits with 64', async () => {
    const { exitCode, stderr } = await cli('plan');
    expect(exitCode).toBe(64);
    expect(stderr).toContain('no fleet has a policy here');
  });

  test('with a fleet but no policy, plan says where it looked and what to run', async () => {
    const { exitCode, stderr } = await cli('plan', '--fleet', 'demo');
    expect(exitCode).toBe(64);
    expect(stderr).toContain('There is no policy at /fleetmirror/demo/policy');
    expect(stderr).toContain('fleetmirror policy push');
  });

  test('policy push writes the parameter, minified', async () => {
    const { exitCode, stdout } = await cli('policy', 'push', policyFile);
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('/fleetmirror/demo/policy')]);
  });

  test('plan lists every change with its reason, writes nothing and exits with 2', async () => {
    const { exitCode, stdout } = await cli('plan');
    expect(exitCode).toBe(2);
    for (const because of ['opted-in', 'covered', 'interface-detached', 'bare-metal-unsupported', 'is-mirror-target']) {
      expect(stdout).toContain(because);
    }
    expect([...aws.emulator.account.sessions.rows()]).toHaveLength(2);
  });

  test('a plan in a pipe holds no colour and no borders', async () => {
    const { stdout } = await cli('plan');
    expect(stdout).not.toContain('\u001b');
    expect(stdout).not.toMatch(/[│┌]/);
  });

  test('plan --json tells what is doubtful about a source, by its interface', async () => {
    const told = JSON.parse((await cli('plan', '--json')).stdout).sourceWarnings as { networkInterfaceId: string }[];
    const payments = ['payment-0', 'payment-1'].map((name) => aws.ids.get(name) ?? '');
    const interfaceIds = payments.flatMap((id) => aws.emulator.account.instances.get(id)?.interfaceIds ?? []);
    const warnings = ['The opt-in tag says off, but coverage of this interface is mandatory.'];
    expect(told).toHaveLength(2);
    expect(told).toEqual(
      expect.arrayContaining(interfaceIds.map((networkInterfaceId) => ({ networkInterfaceId, warnings }))),
    );
  });

  test('apply on one interface changes that interface only', async () => {
    const { stdout } = await cli('plan', '--json');
    const { actions } = JSON.parse(stdout) as { actions: { action: string; networkInterfaceId: string }[] };
    const networkInterfaceId = actions.find(({ action }) => action === 'create')?.networkInterfaceId ?? '';
    expect((await cli('apply', networkInterfaceId)).exitCode).toBe(0);
    const touched = new Set(
      [...aws.emulator.account.sessions.rows()].slice(2).map((session) => session.networkInterfaceId),
    );
    expect([...touched]).toEqual([networkInterfaceId]);
  });

  test('sweep mirrors the fleet and removes the orphan; the next plan exits with 0', async () => {
    const swept = await cli('sweep', '--json');
    expect(swept.exitCode).toBe(0);
    const { coverage } = JSON.parse(swept.stdout);
    expect(coverage.mirrored).toBe(coverage.eligible);
    expect((await cli('plan')).exitCode).toBe(0);
  });

  test('explain tells facts, selection and decisions of an instance by its id', async () => {
    const { exitCode, stdout } = await cli('explain', aws.ids.get('legacy-0') ?? '');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('t2.micro');
    expect(stdout).toContain('type-unsupported');
  });

  test('explain finds the interface behind a session id', async () => {
    const session = [...aws.emulator.account.sessions.rows()].at(-1);
    const { stdout } = await cli('explain', session?.sessionId ?? '');
    expect(stdout).toContain(session?.networkInterfaceId);
  });

  test('explain --packet names the session that mirrors it and the rules that were tried', async () => {
    const networkInterfaceId = aws.emulator.account.instances.get(aws.ids.get('web-0') ?? '')?.interfaceIds[0] ?? '';
    const http = await cli('explain', networkInterfaceId, '--packet', 'tcp 192.0.2.7:40000 > 172.31.0.4:80');
    expect(http.stdout).toContain('mirrored by session 10 (http)');
    const tls = await cli('explain', networkInterfaceId, '--packet', 'tcp 192.0.2.7:40000 > 172.31.0.4:443');
    expect(tls.stdout).toContain('mirrored by session 20 (tcp)');
  });

  test('amazon-dns: explain --packet knows the resolver of the VPC by its network', async () => {
    const networkInterfaceId = aws.emulator.account.instances.get(aws.ids.get('web-0') ?? '')?.interfaceIds[0] ?? '';
    const own = aws.emulator.account.interfaces.get(networkInterfaceId)?.privateIpAddress;
    const query = await cli('explain', networkInterfaceId, '--packet', `tcp ${own}:40000 > 172.31.0.2:53`);
    expect(query.stdout).toContain('not mirrored: amazon-dns');
    const other = await cli('explain', networkInterfaceId, '--packet', `tcp ${own}:40000 > 172.31.0.3:53`);
    expect(other.stdout).toContain('mirrored by session 20 (tcp)');
  });

  test('explain --packet without permission to see the VPC says what it assumes, and the permission', async () => {
    const networkInterfaceId = aws.emulator.account.instances.get(aws.ids.get('web-0') ?? '')?.interfaceIds[0] ?? '';
    aws.emulator.faults.add({
      when: 'before',
      action: 'DescribeVpcs',
      times: 1,
      error: { code: 'UnauthorizedOperation' },
    });
    const { exitCode, stdout } = await cli(
      'explain',
      networkInterfaceId,
      '--packet',
      'tcp 192.0.2.7:40000 > 172.31.0.4:80',
    );
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('allow ec2:DescribeVpcs')]);
    expect(stdout).toContain('mirrored by session 10 (http)');
  });

  test('explain refuses a packet that it cannot read, with an example of one that it can', async () => {
    const { exitCode, stderr } = await cli('explain', 'eni-00000000000000000', '--packet', 'tcp nonsense');
    expect(exitCode).toBe(64);
    expect(stderr).not.toContain('    at ');
  });

  test('vni maps a number to its session and back, as JSON and as CSV', async () => {
    const csv = (await cli('vni', '--csv')).stdout.trim().split('\n');
    expect(csv[0]).toBe('virtualNetworkId,networkInterfaceId,instanceId,tier,sessionNumber,sessionId');
    const [number = '', networkInterfaceId] = (csv.find((line) => line.includes(',tcp,')) ?? '').split(',');
    expect(JSON.parse((await cli('vni', number, '--json')).stdout)).toMatchObject([
      { networkInterfaceId, tier: 'tcp' },
    ]);
    expect((await cli('vni', networkInterfaceId ?? '')).stdout).toContain(number);
    expect((await cli('vni', '1')).exitCode).toBe(1);
  });

  test('a policy that withdraws most sessions is held by the guard until --allow-deletes; until then the exit code is 2 (held-by-guard)', async () => {
    const narrow = await aFile('narrow.yml', (await readDemoPolicy()).replace('tagKey: Mirror', 'tagKey: Nobody'));
    const before = [...aws.emulator.account.sessions.rows()].length;
    const observing = await aFile('observing.yml', `${await readFile(narrow, 'utf8')}\nmode: observe\n`);
    for (const args of [['plan'], ['apply'], ['sweep'], ['apply', '--policy', observing]]) {
      const held = await cli(...args, ...(args.includes('--policy') ? [] : ['--policy', narrow]));
      expect([args, held.exitCode]).toEqual([args, 2]);
      expect(held.stdout).toMatch(/Held: 19 deletions of \d+ sessions.*`apply --allow-deletes 19`/);
    }
    expect([...aws.emulator.account.sessions.rows()]).toHaveLength(before);
    expect((await cli('apply', '--policy', narrow, '--allow-deletes', '19')).exitCode).toBe(0);
    expect([...aws.emulator.account.sessions.rows()]).toHaveLength(before - 19);
  });
});

function readDemoPolicy(): Promise<string> {
  return readFile(policyFile, 'utf8');
}

describe('ids that EC2 does not show', () => {
  const nobody = 'i-0fff0000000000009';

  test.each(['plan', 'apply'])(
    '%s tells them and exits with 64: nothing to do is no answer to a slip',
    async (command) => {
      const { exitCode, stdout, stderr } = await cli(command, nobody, '--fleet', 'demo', '--policy', policyFile);
      expect([exitCode, stdout, stderr]).toEqual([
        64,
        '',
        expect.stringContaining(`shows nothing by the id ${nobody}`),
      ]);
    },
  );

  test('beside ids that it shows, plan tells them and goes on', async () => {
    const known = aws.ids.get('web-0') ?? '';
    const { exitCode, stdout, stderr } = await cli('plan', known, nobody, '--policy', policyFile);
    expect([0, 2]).toContain(exitCode);
    expect(stdout).toContain('eligible source');
    expect(stderr).toContain(`shows nothing by the id ${nobody} in`);
  });
});

describe('wrong usage exits with 64 and says what to do', () => {
  test.each([
    [[], 'Usage: fleetmirror'],
    [['nonsense'], 'unknown command'],
    [['plan', 'foo'], 'neither an instance (i-…) nor an interface (eni-…)'],
    [['explain', 'eni-ü'], '"eni-ü" is no id of an interface (eni-…), an instance (i-…) or a session (tms-…)'],
    [['explain', 'eni-00000000000000000', '--packet', 'tcp nonsense'], 'Example: tcp'],
    [['vni', 'eni-1'], 'nor an interface (eni-…)'],
    [['plan', '--fleet', 'Ünï'], '--fleet Ünï is no name'],
    [['plan', '--endpoint-url', 'nonsense'], '--endpoint-url nonsense: give an address with http://'],
    [['plan', '--endpoint-url', '127.0.0.1:4566'], 'such as http://127.0.0.1:4566'],
    [['plan', '--nonsense'], 'unknown option'],
    [['apply', '--allow-deletes', 'many'], 'give a whole number'],
    [['policy', 'check', '/nonexistent.yml'], 'cannot be read: there is no such file.'],
    [['policy', 'check', 'lib'], 'cannot be read: it is a folder.'],
    [['emulator', '--fleet', '/nonexistent.yml'], 'cannot be read: there is no such file.'],
    [['types', '--edition', '1999'], 'the editions are'],
    [['vni', 'x'], 'neither a number'],
    [['emulator', '--port', '99999'], '--port 99999'],
  ])('%j', async (args, message) => {
    const { exitCode, stderr } = await runCli(args);
    expect(exitCode).toBe(64);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('    at ');
  });

  // Without this the SDK would look for credentials on the network.
  const nowhere = { AWS_EC2_METADATA_DISABLED: 'true' };

  test('no Region: the answer says how to name one', async () => {
    const { exitCode, stderr } = await runCli(['plan', '--fleet', 'prod'], nowhere);
    expect([exitCode, stderr]).toEqual([64, 'Which Region? Name it with --region, or set AWS_REGION.\n']);
  });

  test('no credentials: the answer says how to give some', async () => {
    const { exitCode, stderr } = await runCli(['plan', '--fleet', 'prod', '--region', 'us-east-1'], nowhere);
    expect([exitCode, stderr]).toEqual([64, expect.stringContaining('--aws-profile')]);
  });

  test('a fleet of the environment that is no name is told before a Region is asked for', async () => {
    const { exitCode, stderr } = await runCli(['plan'], { ...nowhere, FLEETMIRROR_FLEET: 'Prod!' });
    expect([exitCode, stderr]).toEqual([64, expect.stringContaining('FLEETMIRROR_FLEET Prod! is no name')]);
  });

  test.each([
    [['plan'], 'ssm:GetParametersByPath failed: ECONNREFUSED'],
    [['plan', '--fleet', 'prod'], 'sts:GetCallerIdentity failed: ECONNREFUSED'],
    [['policy', 'push', policyFile, '--no-preview'], 'ssm:PutParameter failed: ECONNREFUSED'],
  ])(
    '%j where nobody listens says what to check and exits with 1, since the call was not wrong',
    async (args, call) => {
      // Nothing may listen on port 1 without the rights of an administrator [IANA: tcpmux].
      const { exitCode, stderr } = await runCli([...args, '--endpoint-url', 'http://127.0.0.1:1']);
      expect([exitCode, stderr]).toEqual([1, expect.stringContaining(call)]);
      expect(stderr).toContain('Check --region, --endpoint-url and the network');
    },
  );

  test('every command has help with an example, as the program itself lists them', async () => {
    const helps = await readHelps([]);
    expect(helps.length).toBeGreaterThan(12);
    expect(helps.filter(({ text }) => !text.includes('Example:')).map(({ command }) => command)).toEqual([]);
  });
});

describe('a policy file', () => {
  test.each(['plan', 'apply', 'preflight'])(
    'that is wrong stops %s before anything is asked of AWS',
    async (command) => {
      const file = await aFile('half.yml', 'version: 1\nfleet: demo\n');
      const { exitCode, stderr } = await runCli([command, '--policy', file, '--endpoint-url', 'http://127.0.0.1:1']);
      expect([exitCode, stderr]).toEqual([64, expect.stringContaining('is invalid')]);
    },
  );

  test('as JSON names its fleet as one as YAML does', async () => {
    const file = await aFile('policy.json', JSON.stringify({ ...parse(await readDemoPolicy()), fleet: 'other' }));
    const { exitCode, stderr } = await cli('plan', '--policy', file);
    expect([0, 2]).toContain(exitCode);
    expect(stderr).toBe('');
  });

  test('with five problems has all five reported with their lines, and nothing is pushed', async () => {
    const file = await aFile(
      'wrong.yml',
      [
        'version: 1',
        'fleet: Prod!',
        'mode: maybe',
        'targets: { sensors: { ids: [tmt-0ccc1111bbbb2222a] } }',
        'filters: { all: { id: tmf-0aaa1111bbbb2222c } }',
        'tiers:',
        '  - { name: one, sessionNumber: 10, target: sensors, filter: all }',
        '  - { name: two, sessionNumber: 10, target: nowhere, filter: all }',
        'profiles: { default: [one, three] }',
        'colour: blue',
      ].join('\n'),
    );
    const checked = await runCli(['policy', 'check', file]);
    expect(checked.exitCode).toBe(64);
    for (const line of [2, 3, 8, 9, 10]) expect(checked.stdout).toContain(`line ${line}`);
    const pushed = await cli('policy', 'push', file);
    expect([pushed.exitCode, pushed.stderr]).toEqual([64, expect.stringContaining('nothing was written')]);
  });

  test('of another fleet is refused by plan', async () => {
    const file = await aFile('other.yml', policyText({ fleet: 'other' }));
    const { exitCode, stderr } = await cli('plan', '--fleet', 'demo', '--policy', file);
    expect(exitCode).toBe(64);
    expect(stderr).toContain('not of `demo`');
  });

  test('that is empty is refused', async () => {
    const { exitCode, stdout } = await runCli(['policy', 'check', await aFile('empty.yml', '')]);
    expect([exitCode, stdout]).toEqual([64, expect.stringContaining('the policy is empty. Begin with `version: 1`')]);
  });

  test('with a mapping as a key, by itself or by its alias, leaves stderr empty: the problem is on stdout', async () => {
    const file = await aFile('keys.yml', 'fleet: &fleet {{ name }}\n? *fleet\n: 1');
    const { exitCode, stdout, stderr } = await runCli(['policy', 'check', file]);
    expect([exitCode, stderr]).toEqual([64, '']);
    expect(stdout).toContain('the key { name } is a mapping');
    const alias = await aFile('alias.yml', 'fleet: &fleet { name: 1 }\n? *fleet\n: 1');
    expect(await runCli(['policy', 'check', alias])).toMatchObject({ exitCode: 64, stderr: '' });
  });

  test('with a shadowed tier is valid, with a warning that names the tier in its way', async () => {
    const rule = '{ rule: 10, action: accept, protocol: tcp, sourceCidr: 0.0.0.0/0, destinationCidr: 0.0.0.0/0 }';
    const text = (await readDemoPolicy()).replace(
      /^ {2}http:\n[\s\S]*?\n {2}all-tcp:/m,
      `  http:\n    ingress: [${rule}]\n    egress: [${rule}]\n  all-tcp:`,
    );
    const { exitCode, stdout } = await runCli(['policy', 'check', await aFile('shadowed.yml', text)]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('tier tcp can never mirror a packet: http take');
  });
});

describe('types', () => {
  test('prints the documented JSON: type, verdict, edition and the sentence with the source', async () => {
    const { stdout } = await runCli(['types', 'm6i.large', 't2.micro', 'm99.large', '--edition', '2023-06', '--json']);
    expect(JSON.parse(stdout)).toEqual([
      { instanceType: 'm6i.large', verdict: 'unsupported', edition: '2023-06', because: expect.any(String) },
      { instanceType: 't2.micro', verdict: 'unsupported', edition: '2023-06', because: expect.any(String) },
      { instanceType: 'm99.large', verdict: 'unknown', edition: '2023-06', because: expect.any(String) },
    ]);
  });

  test('--differences lists the families on which the editions disagree', async () => {
    const { exitCode, stdout } = await runCli(['types', '--differences']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/m6i\.large +unsupported +supported/);
    expect(stdout).not.toMatch(/m5\.large/);
  });
});
