import { glob, readFile } from 'node:fs/promises';
import { afterAll, describe, expect, test } from '@jest/globals';
import { fileNameOf } from '../../lib/event-schemas.ts';
import { metrics } from '../../lib/metrics.ts';
import { aDeployedFleet, buildFunctions, type DeployedFleet, type Line } from '../support/deployed-fleet.ts';
import { eventually } from '../support/eventually.ts';
import { aPackagedStack } from '../support/stack.ts';
import { type Case, heardOf, patienceMs, sweep } from './causes/case.ts';
import { fullAccount, life } from './causes/life.ts';
import { trouble } from './causes/trouble.ts';

const cases = [...life, ...trouble, fullAccount];

// Not in beforeAll, which concurrent tests do not wait for.
const functions = await buildFunctions();

afterAll(() => functions.remove());

/** Every line that was seen, for what is said of their keys. */
const linesSeen: Line[] = [];

async function withFleet(options: Case['fleet'], use: (fleet: DeployedFleet) => Promise<void>): Promise<void> {
  const fleet = await aDeployedFleet(functions.taskRoot, options);
  try {
    await use(fleet);
    linesSeen.push(...fleet.lines());
  } finally {
    await fleet.close();
  }
}

/** What a case promises and has not been heard yet, and the alarms that are red although it does not say so. */
async function findDifferences(fleet: DeployedFleet, { red, events = [], metrics = [], lines = [] }: Case) {
  const alarms = new Set(await fleet.redAlarms());
  const published = new Set(fleet.events.filter(({ source }) => source === 'fleetmirror').map((e) => e['detail-type']));
  const counted = new Set(fleet.samples().map(({ metric }) => metric));
  const messages = new Set(fleet.lines().map(({ message }) => message));
  return [
    ...red.filter((name) => !alarms.has(name)),
    ...[...alarms].filter((name) => !red.includes(name)).map((name) => `no ${name}`),
    ...events.filter((name) => !published.has(name)),
    ...metrics.filter((name) => !counted.has(name)),
    ...lines.filter((message) => !messages.has(message)),
  ];
}

async function listen(fleet: DeployedFleet, one: Case): Promise<void> {
  let missing: readonly string[] = [];
  const heard = async () => {
    missing = await findDifferences(fleet, one);
    return missing.length === 0 || undefined;
  };
  await eventually('all that the case promises', heard, patienceMs).catch((error: Error) => {
    throw new Error([`${error.message}; still missing: ${missing.join(' · ')}`, ...fleet.failures].join('\n'));
  });
}

describe('From the cause to what is heard of it', () => {
  // They mostly wait: for queues that show a message again, for pauses between tries.
  test.concurrent.each([...life, ...trouble].map((one) => [one.what, one.red.join(', ') || 'no alarm', one] as const))(
    '%s: %s',
    async (_what, _red, one) => {
      await withFleet(one.fleet, async (fleet) => {
        await one.happen(fleet);
        await listen(fleet, one);
      });
    },
    180_000,
  );

  test(`${fullAccount.what}: ${fullAccount.red}`, async () => {
    await withFleet(fullAccount.fleet, async (fleet) => {
      await fullAccount.happen(fleet);
      await listen(fleet, fullAccount);
    });
  }, 180_000);

  test('a schedule that stops after a good sweep: no-sweep, when two periods have passed and not before', async () => {
    await withFleet({}, async (fleet) => {
      await sweep(fleet);
      const sweptAtMs = (await heardOf(fleet, 'SweepDurationMs')).atMs;
      expect(await fleet.redAlarms(sweptAtMs + 28 * 60_000)).toEqual([]);
      expect(await fleet.redAlarms(sweptAtMs + 31 * 60_000)).toEqual(['no-sweep']);
    });
  }, 180_000);
});

describe('Nothing that can be heard is without a cause here', () => {
  test('no event of infra/events', async () => {
    const files = await Array.fromAsync(glob('infra/events/*.schema.json'));
    const heard = cases
      .flatMap(({ events = [] }) => events)
      .map((type) => `infra/events/${fileNameOf(type)}.schema.json`);
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((file) => !heard.includes(file))).toEqual([]);
  });

  test('no metric of the registry', () => {
    const heard = new Set<string>(cases.flatMap(({ metrics = [] }) => metrics));
    expect(Object.keys(metrics).filter((name) => !heard.has(name))).toEqual([]);
  });

  test('no alarm of the packaged template', async () => {
    const { stack, idsOf } = await aPackagedStack();
    const names = idsOf('AWS::CloudWatch::Alarm').map((id) => String(stack.readProperties(id).AlarmName));
    const heard = new Set(cases.flatMap(({ red }) => red.map((name) => `fleetmirror-prod-${name}`)));
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !heard.has(name))).toEqual([]);
  });

  test('no line that the functions log', async () => {
    const heard = new Set(cases.flatMap(({ lines = [] }) => lines));
    const sources = await Promise.all((await Array.fromAsync(glob('lib/*.ts'))).map((file) => readFile(file, 'utf8')));
    const messages = sources.flatMap((text) =>
      [...text.matchAll(/\blog\.(?:info|warn|error)\(\s*'([^']+)'/g)].map(([, message = '']) => message),
    );
    expect(messages.length).toBeGreaterThan(10);
    expect([...new Set(messages)].filter((message) => !heard.has(message))).toEqual([]);
  });
});

/** What Powertools adds to every line, and our nonce. */
const everywhere = ['level', 'message', 'timestamp', 'service', 'runId', 'xray_trace_id', 'sampling_rate'];
const isEverywhere = (key: string) => everywhere.includes(key) || /^(function_|cold_start)/.test(key);

test.each(['run', 'action'])(
  'the keys of the line %s are those that RUNBOOK.md names, each seen here',
  async (message) => {
    const runbook = await readFile('RUNBOOK.md', 'utf8');
    const [, named = ''] = new RegExp(`^\\| \`${message}\` \\|[^|]*\\| \`([^\`]*)\` \\|$`, 'm').exec(runbook) ?? [];
    const seen = linesSeen.filter((line) => line.message === message).flatMap((line) => Object.keys(line));
    expect([...new Set(seen)].filter((key) => !isEverywhere(key)).sort()).toEqual(named.split(' ').sort());
  },
);
