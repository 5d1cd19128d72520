import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { listTrials } from '../../lib/cli/demo-ending.ts';
import { type EmulatedAws, startEmulatedAws } from '../../lib/cli/emulated-aws.ts';
import { runCli } from '../support/run-cli.ts';

const policyFile = 'infra/demo/policy.yml';
const parameter = '/fleetmirror/demo/policy';

let aws: EmulatedAws;

/** The demo's fleet, mirrored, with the policy in the Parameter Store. */
beforeEach(async () => {
  aws = await startEmulatedAws({ fleetFile: 'infra/demo/fleet.yml' });
  aws.parameterStore.seed(parameter, await readFile(policyFile, 'utf8'));
  await cli('sweep');
});

afterEach(() => aws.close());

const cli = (...args: string[]) => runCli([...args, '--endpoint-url', aws.endpoint]);
const teardown = (...args: string[]) => cli('teardown', '--fleet', 'demo', ...args);
const sessions = () => [...aws.emulator.account.sessions.rows()];
const ours = () => sessions().filter(({ description }) => description !== "another tool's");

/** What stands in the parameter once an operator has pushed the policy with `mode: observe`. */
async function pushObserving(): Promise<void> {
  aws.parameterStore.seed(parameter, `${await readFile(policyFile, 'utf8')}\nmode: observe\n`);
}

describe('before anything is removed', () => {
  test('teardown lists every session and filter, and exits with 2', async () => {
    const before = ours();
    const { exitCode, stdout } = await teardown();
    expect(exitCode).toBe(2);
    for (const { sessionId, networkInterfaceId } of before) {
      expect(stdout).toMatch(new RegExp(`- +${sessionId} +${networkInterfaceId} +session \\d+ (http|tcp)\n`));
    }
    expect(stdout).toMatch(/- +tmf-\w+ +filter all-tcp\n/);
    expect(stdout).toContain(`Teardown would remove ${before.length} sessions and 2 managed filters of fleet demo.`);
    expect(ours()).toEqual(before);
  });

  test('as JSON too, with what stands in the way', async () => {
    const document = JSON.parse((await teardown('--json')).stdout);
    expect(document).toMatchObject({ fleet: 'demo', isDone: false, objection: expect.stringContaining('enforce') });
    const ids = document.sessions.map(({ sessionId }: { sessionId: string }) => sessionId);
    expect(ids.sort()).toEqual(
      ours()
        .map(({ sessionId }) => sessionId)
        .sort(),
    );
    expect(document.filters.map(({ filter }: { filter: string }) => filter).sort()).toEqual(['all-tcp', 'http']);
  });
});

describe('while the pushed policy says `mode: enforce`', () => {
  test('--yes is refused with 64, since a stack would make everything again; the remedies are named', async () => {
    const before = ours();
    const shown = await teardown();
    const { exitCode, stderr } = await teardown('--yes');
    expect(exitCode).toBe(64);
    for (const text of [shown.stdout, stderr]) {
      expect(text).toContain(`${parameter} says \`mode: enforce\``);
      expect(text).toContain('Push it with `mode: observe` first');
      expect(text).toContain('--force');
    }
    expect(ours()).toEqual(before);
  });

  test('--yes --force removes everything all the same; only foreign sessions stay', async () => {
    expect(await teardown('--yes', '--force')).toMatchObject({ exitCode: 0 });
    expect(sessions().map(({ description }) => description)).toEqual(["another tool's"]);
  });

  test('what `demo --keep` tells to try works as it stands', async () => {
    const exitCodes: number[] = [];
    for (const command of listTrials(aws.endpoint)) exitCodes.push((await runCli(command)).exitCode);
    expect(exitCodes).toEqual([0, 0]);
    expect(sessions().map(({ description }) => description)).toEqual(["another tool's"]);
  });
});

test('--yes is refused with 64 while nobody can tell what the policy says', async () => {
  aws.parameterStore.seed(parameter, 's3://policies/gone.yml');
  const { exitCode, stderr } = await teardown('--yes');
  expect([exitCode, stderr]).toEqual([64, expect.stringContaining('cannot be read')]);
  expect(ours()).not.toEqual([]);
});

test.each([
  ['observes', pushObserving],
  ['is invalid', async () => aws.parameterStore.seed(parameter, 'version: 7')],
  ['is missing', async () => void aws.parameterStore.actions.DeleteParameter?.({ Name: parameter })],
])('when the pushed policy %s, --yes removes everything, and the next teardown exits with 0', async (_, turnOff) => {
  const before = ours().length;
  await turnOff();
  expect((await teardown()).stdout).toContain('Run it again with --yes.');
  const { exitCode, stdout } = await teardown('--yes');
  expect([exitCode, stdout]).toEqual([0, `Removed ${before} sessions and 2 managed filters of fleet demo.\n`]);
  expect(ours()).toEqual([]);
  expect(await teardown()).toMatchObject({ exitCode: 0 });
});

describe('what EC2 does not delete (IncorrectState)', () => {
  let stubborn: string | undefined;
  beforeEach(async () => {
    await pushObserving();
    stubborn = ours()[0]?.sessionId;
    aws.emulator.faults.add({
      when: 'before',
      action: 'DeleteTrafficMirrorSession',
      matches: ({ TrafficMirrorSessionId }) => TrafficMirrorSessionId === stubborn,
      error: { code: 'IncorrectState' },
    });
  });

  test('is told with its code beside what was removed; the exit code is 1, and 0 once it goes', async () => {
    const before = ours().length;
    const { exitCode, stdout } = await teardown('--yes');
    expect(exitCode).toBe(1);
    expect(stdout).toContain(`Removed ${before - 1} sessions and 1 managed filter of fleet demo.`);
    expect(stdout).toMatch(new RegExp(`- +${stubborn} .* IncorrectState\n`));
    expect(stdout).toMatch(/- +tmf-\w+ +filter \S+ +TrafficMirrorFilterInUse\n/);
    expect(stdout).toContain('Left: 1 session and 1 managed filter of fleet demo.');
    expect(ours().map(({ sessionId }) => sessionId)).toEqual([stubborn]);
    expect(await teardown('--yes')).toMatchObject({ exitCode: 0 });
  });

  test('is told as JSON too', async () => {
    const { exitCode, stdout } = await teardown('--yes', '--json');
    const { isDone, sessions: told } = JSON.parse(stdout);
    expect([exitCode, isDone]).toEqual([1, false]);
    expect(told.filter(({ fate }: { fate: string }) => fate === 'left')).toEqual([
      expect.objectContaining({ sessionId: stubborn, code: 'IncorrectState' }),
    ]);
  });
});
