import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type EmulatedAws, startEmulatedAws } from '../../lib/cli/emulated-aws.ts';
import type { Check, CheckName } from '../../lib/core/preflight-facts.ts';
import { anAuditor } from '../support/auditor.ts';
import { runCli } from '../support/run-cli.ts';

/** One target of each trouble; sources in zones a and b. */
const fleet = `
securityGroups:
  - { id: sg-00000000000000001, ingress: [{ protocol: udp, from: 4789, to: 4789, cidrs: [172.31.0.0/20] }] }
  - { id: sg-00000000000000002, ingress: [{ protocol: '-1', prefixLists: [pl-00000001] }] }
  - { id: sg-00000000000000003 }
networkAcls:
  - id: acl-00000000000000001
    zones: [us-east-1c]
    entries: [{ number: 10, direction: ingress, action: allow, protocol: '6' }]
loadBalancers:
  - name: good
    crossZone: true
    listeners: [{ targets: [{ id: sensor-a }, { id: sensor-b, state: unhealthy }] }]
  - { name: deaf, listeners: [{ protocol: TCP, port: 443 }] }
  - { name: ill, securityGroupIds: [sg-00000000000000003], listeners: [{ targets: [{ id: sensor-a, state: unhealthy }] }] }
instances:
  - { name: sensor-a, zone: us-east-1a, interfaces: [{ groupIds: [sg-00000000000000001] }, {}], tags: { role: sensor } }
  - { name: sensor-b, zone: us-east-1b, interfaces: [{ groupIds: [sg-00000000000000002] }], tags: { role: sensor } }
  - { name: sensor-c, zone: us-east-1c, interfaces: [{ groupIds: [sg-00000000000000003] }], tags: { role: sensor } }
  - { name: web, count: 4, zones: [us-east-1a, us-east-1b], tags: { Mirror: 'true' } }
targets:
  - { id: tmt-0000000000000000a, instance: sensor-a }
  - { id: tmt-0000000000000000b, instance: sensor-b }
  - { id: tmt-0000000000000000c, instance: sensor-c }
  - { id: tmt-0000000000000000d, loadBalancer: good }
  - { id: tmt-0000000000000000e, loadBalancer: deaf }
  - { id: tmt-0000000000000000f, loadBalancer: ill }
  - { id: tmt-00000000000000010, loadBalancer: good, ownerId: '999988887777' }
filters: [{ id: tmf-0000000000000000a, rules: [{ direction: ingress, number: 1 }] }]
`;

const policyOver = (ids: readonly string[], more = '') => `
version: 1
fleet: prod
targets: { sensors: { ids: [${ids.join(', ')}], spread: least-sources } }
filters: { all: { id: tmf-0000000000000000a } }
tiers: [{ name: all, sessionNumber: 10, target: sensors, filter: all }]
profiles: { default: [all] }
${more}
`;

const target = (letter: string) => `tmt-0000000000000000${letter}`;

let aws: EmulatedAws;
let folder: string;
let environment: Readonly<Record<string, string>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetmirror-preflight-'));
  const auditor = await anAuditor([
    'ec2:DescribeTrafficMirror*',
    'ec2:DescribeN*Interfaces',
    'ec2:DescribeInstances',
    'sts:*',
  ]);
  environment = auditor.environment;
  aws = await startEmulatedAws({ fleetFile: await aFile('fleet.yml', fleet), ...auditor.options });
});

afterAll(async () => {
  await aws.close();
  await rm(folder, { recursive: true });
});

async function aFile(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

async function preflight(policy: string, env: Readonly<Record<string, string>> = {}, ...args: readonly string[]) {
  const file = await aFile('policy.yml', policy);
  const ran = await runCli(['preflight', '--policy', file, '--json', ...args, '--endpoint-url', aws.endpoint], env);
  const { checks, counts } = JSON.parse(ran.stdout) as { checks: Check[]; counts: Record<string, number> };
  const of = (check: CheckName) => [
    ...new Set(checks.filter((each) => each.check === check).map(({ verdict }) => verdict)),
  ];
  return { ...ran, checks, counts, of };
}

describe('preflight', () => {
  test('of a load balancer: listener and zones pass, an unhealthy appliance is a warning, and it exits with 0', async () => {
    const { exitCode, of } = await preflight(policyOver([target('d')]));
    expect([of('listener'), of('cross-zone'), of('health')]).toEqual([['pass'], ['pass'], ['warn']]);
    expect(exitCode).toBe(0);
  });

  test('of load balancers that listen to something else, or have nobody healthy, fails and exits with 2', async () => {
    const deaf = await preflight(policyOver([target('e')]));
    expect([deaf.exitCode, deaf.of('listener'), deaf.of('cross-zone')]).toEqual([2, ['fail'], ['warn']]);
    const ill = await preflight(policyOver([target('f')]));
    expect([ill.of('health'), ill.of('security-group')]).toEqual([['fail'], ['fail']]);
  });

  test('of an interface target: its security group lets zone a in and zone b not', async () => {
    const { checks } = await preflight(policyOver([target('a')]), {}, '--samples', '1');
    const groups = checks.filter(({ check }) => check === 'security-group').map(({ verdict }) => verdict);
    expect(groups.sort()).toEqual(['fail', 'pass']);
    expect(checks.find(({ verdict }) => verdict === 'fail')?.remedy).toContain('Allow UDP 4789 from 172.31.');
  });

  test('of a security group with a prefix list only is a warning', async () => {
    expect((await preflight(policyOver([target('b')]))).of('security-group')).toEqual(['warn']);
  });

  test("of a target behind a network ACL without UDP fails, with that ACL's id", async () => {
    const { of, checks } = await preflight(policyOver([target('c')]));
    expect(of('network-acl')).toEqual(['fail']);
    expect(JSON.stringify(checks)).toContain('acl-00000000000000001');
  });

  test('tells a target that is missing, and one of another account', async () => {
    const { of } = await preflight(policyOver(['tmt-0123456789abcdef0', 'tmt-00000000000000010']));
    expect([of('target-exists'), of('target-owner')]).toEqual([['fail', 'pass'], ['warn']]);
  });

  test('finds the appliance whose second interface the policy covers: a mirror loop', async () => {
    const everything = 'coverage: [{ match: { tags: { role: [sensor] } }, profile: default }]';
    expect((await preflight(policyOver([target('a')], everything))).of('mirror-loop')).toContain('fail');
    const excluded = 'exclude: [{ tags: { role: [sensor] } }]';
    expect((await preflight(policyOver([target('a')], excluded))).of('mirror-loop')).toEqual(['pass']);
  });

  test('without permissions warns with each of them, and still checks the rest', async () => {
    const { exitCode, of, checks } = await preflight(policyOver([target('a'), target('d')]), environment);
    const text = JSON.stringify(checks);
    for (const permission of ['ec2:DescribeSecurityGroups', 'ec2:DescribeNetworkAcls', 'ec2:DescribeSubnets']) {
      expect(text).toContain(`${permission} is missing`);
    }
    expect(text).toContain('elasticloadbalancing:DescribeLoadBalancers is missing');
    expect([exitCode, of('target-exists'), of('security-group')]).toEqual([0, ['pass'], ['warn']]);
  });

  test('changes nothing', () => {
    const written = [...aws.emulator.calls.keys()].filter((action) => !/^(Describe|Get)/.test(action));
    expect(written).toEqual([]);
  });

  test('as text shows what does not pass, what to do, and the counts', async () => {
    const file = await aFile('policy.yml', policyOver([target('e')]));
    const { stdout } = await runCli(['preflight', '--policy', file, '--endpoint-url', aws.endpoint]);
    expect(stdout).toMatch(/^ +check +subject +found, and what to do\nfail +listener/);
    expect(stdout).toContain('Add a UDP listener on port 4789');
    expect(stdout).toMatch(/\d+ passed, \d+ to look at, 1 failed\.\n$/);
  });

  test('has help with an example; no sample is wrong usage', async () => {
    expect((await runCli(['preflight', '--help'])).stdout).toContain('Example:');
    expect((await runCli(['preflight', '--samples', '0'])).exitCode).toBe(64);
  });
});
