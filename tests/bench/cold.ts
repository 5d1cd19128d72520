/** How long a cold start takes: INIT of each bundle under AWS's own runtime client, beside two handlers that do less. */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { buildBundles, functionOptions } from '../../build.ts';
import { type Sandbox, startSandbox } from '../../lib/emulator/sandbox.ts';
import type { FunctionSpec } from '../../lib/emulator/template.ts';
import { type BenchRow, judge, median, spreadPercent } from './row.ts';

const rounds = 20;
const root = join(import.meta.dirname, '../..');

/** The least that a handler can do, and the least that one that talks to EC2 can do, in a bundle pruned like ours. */
const rivals = {
  empty: 'export const handler = async () => {};',
  'ec2-client': `
    import { CreateTrafficMirrorSessionCommand, EC2Client } from '@aws-sdk/client-ec2';
    const client = new EC2Client({ maxAttempts: 1 });
    export const handler = async (event) => event.send && client.send(new CreateTrafficMirrorSessionCommand(event));`,
};
const names = ['empty', 'ec2-client', 'on-schedule', 'on-change'];

/** Medians of twenty starts of each, taken in turns so that the machine's noise falls on all alike. */
export async function benchCold(): Promise<BenchRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-cold-'));
  try {
    await buildBundles({ outFolder: folder });
    for (const [name, contents] of Object.entries(rivals)) {
      const stdin = { contents, resolveDir: root };
      await build({ ...functionOptions, stdin, outfile: join(folder, name, 'index.mjs') });
    }
    const times = new Map(names.map((name) => [name, [] as number[]]));
    for (let round = -1; round < rounds; round++) {
      for (const name of names) {
        const initMs = await measureInit(name, folder);
        // The first round reads the files from the disk.
        if (round >= 0) times.get(name)!.push(initMs);
      }
    }
    return await judgeAll(times, folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function judgeAll(times: ReadonlyMap<string, readonly number[]>, folder: string): Promise<BenchRow[]> {
  const medianOf = (name: string) => median(times.get(name)!);
  const rows: BenchRow[] = [];
  for (const name of names) {
    const kilobytes = (await stat(join(folder, name, 'index.mjs'))).size / 1000;
    const size = `${kilobytes.toFixed(0)} kB, ± ${spreadPercent(times.get(name)!).toFixed(0)} %`;
    rows.push(judge({ name: `cold, init of ${name}`, size, figure: medianOf(name), unit: 'ms' }));
  }
  for (const name of ['on-schedule', 'on-change']) {
    const goals = name === 'on-change' ? [{ atMost: 100 }, { atMost: 30 }] : [{}, {}];
    for (const [index, rival] of ['empty', 'ec2-client'].entries()) {
      const figure = medianOf(name) - medianOf(rival);
      rows.push(judge({ name: `cold, ${name} above ${rival}`, size: 'difference', figure, unit: 'ms' }, goals[index]));
    }
  }
  return rows;
}

async function measureInit(name: string, folder: string): Promise<number> {
  const settings = { taskRoot: folder, region: 'us-east-1', environmentOf: () => ({}), onLog: () => {} };
  let sandbox: Sandbox | undefined;
  try {
    sandbox = await startSandbox(specOf(name), settings);
    const { initMs } = await sandbox.invoke({ Records: [] });
    if (initMs === undefined) throw new Error(`${name} was not initialized`);
    return initMs;
  } finally {
    await sandbox?.close();
  }
}

function specOf(name: string): FunctionSpec {
  return {
    logicalId: name,
    name,
    arn: `arn:aws:lambda:us-east-1:123456789012:function:${name}`,
    handler: `${name}/index.handler`,
    roleArn: 'arn:aws:iam::123456789012:role/bench',
    timeoutSeconds: 30,
    memoryMb: 512,
    environment: {
      AWS_ACCESS_KEY_ID: 'bench',
      AWS_SECRET_ACCESS_KEY: 'bench',
      FLEETMIRROR_FLEET: 'prod',
      FLEETMIRROR_ACCOUNT_ID: '123456789012',
      FLEETMIRROR_CHANGE_QUEUE_URL: 'http://queues.invalid/change',
      FLEETMIRROR_SWEEP_QUEUE_URL: 'http://queues.invalid/sweep',
    },
  };
}
