import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type EmulatedAws, startEmulatedAws } from '../../lib/cli/emulated-aws.ts';
import { runCli } from '../support/run-cli.ts';

const fleetFile = 'infra/demo/fleet.yml';
const policyFile = 'infra/demo/policy.yml';
const parameter = '/fleetmirror/demo/policy';

let aws: EmulatedAws;
let folder: string;
let longer: string;
let narrow: string;

beforeAll(async () => {
  aws = await startEmulatedAws({ fleetFile });
  folder = await mkdtemp(join(tmpdir(), 'fleetmirror-policy-'));
  const text = await readFile(policyFile, 'utf8');
  longer = await aFile('longer.yml', text.replace('packetLength: 256', 'packetLength: 512'));
  narrow = await aFile('narrow.yml', text.replace('tagKey: Mirror', 'tagKey: Nobody'));
});

afterAll(async () => {
  await aws.close();
  await rm(folder, { recursive: true });
});

const cli = (...args: string[]) => runCli([...args, '--endpoint-url', aws.endpoint]);
const sessions = () => [...aws.emulator.account.sessions.rows()].map(({ sessionId }) => sessionId);

async function aFile(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

/** The parameter's value, as a reader of it gets it. */
function pushed(): string {
  const answer = aws.parameterStore.actions.GetParameter?.({ Name: parameter });
  return JSON.stringify(answer);
}

/** The tests below tell one story on one account, in order. */
describe('the life of a policy', () => {
  test('diff of two files says what changed in the text and in the account, and exits with 2', async () => {
    const { exitCode, stdout } = await cli('policy', 'diff', policyFile, longer);
    expect(exitCode).toBe(2);
    expect(stdout).toContain('~ tiers.http.packetLength: 256 → 512');
    expect(stdout).toContain('bytes 512');
    expect(stdout).toMatch(/9 session numbers on 9 interfaces would be mirrored under both, but differently/);
  });

  test('diff of a policy with itself exits with 0', async () => {
    const { exitCode, stdout } = await cli('policy', 'diff', policyFile, policyFile);
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('The policies say the same.')]);
  });

  test('diff against the pushed policy, before there is one, says so and exits with 64', async () => {
    const { exitCode, stderr } = await cli('policy', 'diff', policyFile);
    expect([exitCode, stderr]).toEqual([64, expect.stringContaining(`There is no policy at ${parameter}`)]);
  });

  test('push tells what it would do before it writes', async () => {
    const { exitCode, stdout } = await cli('policy', 'push', policyFile);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/24 create.*\nWrote/);
    expect(sessions()).toHaveLength(2);
    expect((await cli('sweep')).exitCode).toBe(0);
  });

  test('diff of one file is against the pushed policy, as JSON too, and writes nothing', async () => {
    const before = sessions();
    const { exitCode, stdout } = await cli('policy', 'diff', longer, '--json');
    const { policyChanges, changes, coverage, blastRadius } = JSON.parse(stdout);
    expect(exitCode).toBe(2);
    expect(policyChanges).toEqual([{ path: 'tiers.http.packetLength', kind: 'changed', from: '256', to: '512' }]);
    expect(changes).toHaveLength(9);
    expect(changes[0].after).toMatchObject({ kind: 'mirrored', packetLength: 512 });
    expect(coverage.before).toEqual(coverage.after);
    expect(blastRadius).toMatchObject({ creates: 0, modifies: 9, deletes: 0 });
    expect(sessions()).toEqual(before);
  });

  test('push in a pipe of a policy whose deletions a guard would hold writes nothing and names --yes (held-by-guard)', async () => {
    const before = pushed();
    const { exitCode, stderr } = await cli('policy', 'push', narrow);
    expect([exitCode, stderr]).toEqual([64, expect.stringMatching(/guard would hold 19 deletions.*--yes/)]);
    expect(pushed()).toBe(before);
  });

  test('push with --yes writes it, and without a look at the account with --no-preview', async () => {
    const yes = await cli('policy', 'push', narrow, '--yes', '--json');
    expect([yes.exitCode, JSON.parse(yes.stdout).blastRadius.held]).toEqual([0, 19]);
    expect(pushed()).toContain('Nobody');
    aws.emulator.clearCounts();
    expect((await cli('policy', 'push', policyFile, '--no-preview')).exitCode).toBe(0);
    expect(pushed()).not.toContain('Nobody');
    expect([...aws.emulator.calls.keys()]).toEqual([]);
  });

  test('push of an s3:// name validates the object and makes the parameter name it; plan goes by it', async () => {
    const name = 's3://policies/demo.yml';
    const missing = await cli('policy', 'push', name);
    expect([missing.exitCode, missing.stderr]).toEqual([64, expect.stringContaining(`${name} cannot be read`)]);
    aws.objectStore.createBucket('policies');
    const body = await readFile(longer);
    aws.objectStore.handle({ method: 'PUT', url: '/policies/demo.yml', headers: {}, body });
    expect((await cli('policy', 'diff', name)).stdout).toContain('~ tiers.http.packetLength: 256 → 512');
    expect((await cli('policy', 'push', name)).exitCode).toBe(0);
    expect(pushed()).toContain(`"Value":"${name}"`);
    expect((await cli('plan')).stdout).toContain('packetLength 256 → 512');
    expect((await cli('policy', 'push', policyFile)).exitCode).toBe(0);
  });

  test('while the pushed policy is broken, explain and the report go by the last good version and says so; plan refuses', async () => {
    aws.parameterStore.seed(parameter, 'gzip:damaged');
    aws.parameterStore.seed(parameter, '{"version":1,"fleet":"demo","tiers":7}');
    const web = aws.ids.get('web-0') ?? '';
    const explained = await cli('explain', web, '--fleet', 'demo');
    expect([explained.exitCode, explained.stdout]).toEqual([0, expect.stringContaining('as-desired')]);
    expect(explained.stderr).toContain('is invalid; nothing is written');
    expect(explained.stderr).toContain('rests on version 5');
    const [document] = JSON.parse((await cli('explain', web, '--fleet', 'demo', '--json')).stdout);
    expect(document.lastGoodPolicy).toMatchObject({ version: 5 });
    const reported = await cli('report', '--fleet', 'demo');
    expect(reported.stdout).toContain('The pushed policy is broken; this goes by version 5 of it.');
    const asPage = await cli('report', '--fleet', 'demo', '--format', 'html');
    expect(asPage.stdout).toContain('this goes by version 5 of it');
    const asJson = JSON.parse((await cli('report', '--fleet', 'demo', '--format', 'json')).stdout);
    expect(asJson.lastGoodPolicy).toMatchObject({ version: 5 });
    for (const command of ['plan', 'apply', 'sweep']) {
      expect((await cli(command, '--fleet', 'demo')).exitCode).toBe(64);
    }
  });

  test('with no version that was ever valid, explain refuses as plan does', async () => {
    aws.parameterStore.seed('/fleetmirror/other/policy', 'nonsense');
    const { exitCode, stderr } = await cli('explain', aws.ids.get('web-0') ?? '', '--fleet', 'other');
    expect([exitCode, stderr]).toEqual([64, expect.stringContaining('is invalid')]);
  });
});

test('push tells before it writes what policy check warns of, and writes all the same; in JSON under the same keys', async () => {
  const rule = '{ rule: 10, action: accept, protocol: tcp, sourceCidr: 0.0.0.0/0, destinationCidr: 0.0.0.0/0 }';
  const filters = `  http:\n    ingress: [${rule}]\n    egress: [${rule}]\n  spare: { id: tmf-0aaa1111bbbb2222c }\n  all-tcp:`;
  const text = (await readFile(policyFile, 'utf8')).replace(/^ {2}http:\n[\s\S]*?\n {2}all-tcp:/m, filters);
  const doubtful = await aFile('doubtful.yml', text);
  const checked = await cli('policy', 'check', doubtful);
  const warnings = checked.stdout.split('\n').filter((line) => line.includes('warning: '));
  expect(warnings).toEqual([
    expect.stringContaining('no tier uses the filter `spare`'),
    expect.stringContaining('tier tcp can never mirror a packet'),
  ]);
  const { exitCode, stdout } = await cli('policy', 'push', doubtful, '--no-preview');
  expect([exitCode, stdout.split('\n')]).toEqual([0, [...warnings, expect.stringContaining('Wrote'), '']]);
  const { issues, shadows } = JSON.parse((await cli('policy', 'check', doubtful, '--json')).stdout);
  const pushed = JSON.parse((await cli('policy', 'push', doubtful, '--no-preview', '--json')).stdout);
  expect(pushed).toMatchObject({ tier: 'Standard', issues, shadows });
});

test('push warns in the light of the fleet as plan does: of a missing exclude, by which appliances could mirror themselves', async () => {
  const text = (await readFile(policyFile, 'utf8')).replace(/^exclude:[\s\S]*/m, '');
  const open = await aFile('open.yml', text);
  const { warnings } = JSON.parse((await cli('plan', '--policy', open, '--json')).stdout);
  expect(warnings).toContainEqual(expect.stringContaining('coverage without `exclude`'));
  const { exitCode, stdout } = await cli('policy', 'push', open, '--yes');
  const [told] = stdout.split('The next sweep would change');
  expect([exitCode, told]).toEqual([0, warnings.map((warning: string) => `  warning: ${warning}\n`).join('')]);
  expect(JSON.parse((await cli('policy', 'push', open, '--yes', '--json')).stdout)).toMatchObject({ warnings });
});

describe('after a push that needed the advanced tier', () => {
  let own: EmulatedAws;
  beforeAll(async () => {
    own = await startEmulatedAws({ fleetFile });
  });
  afterAll(() => own.close());
  const push = (name: string) => runCli(['policy', 'push', name, '--no-preview', '--endpoint-url', own.endpoint]);

  test('smaller policies and s3:// names can be pushed, and the price is told', async () => {
    // Digests do not compress: so many need more than the 4 KB of the standard tier.
    const digests = Array.from({ length: 130 }, (_, index) => createHash('sha256').update(String(index)).digest('hex'));
    const text = await readFile(policyFile, 'utf8');
    const large = await aFile('large.yml', `${text}  - { tags: { digest: [${digests.join(', ')}] } }\n`);
    expect((await push(policyFile)).stdout).toMatch(/\(\d+ characters, Standard tier\)\.\n/);
    expect((await push(large)).stdout).toMatch(
      /Advanced tier\)\. AWS charges for an advanced parameter by the month\.\n/,
    );
    const again = await push(policyFile);
    expect([again.exitCode, again.stdout]).toEqual([
      0,
      expect.stringMatching(/Advanced tier\)\. AWS charges .* by the month; the standard tier would do/),
    ]);
    own.objectStore.createBucket('policies');
    own.objectStore.handle({ method: 'PUT', url: '/policies/demo.yml', headers: {}, body: await readFile(policyFile) });
    expect(await push('s3://policies/demo.yml')).toMatchObject({ exitCode: 0 });
  });
});
