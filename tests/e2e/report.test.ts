import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { buildBundles } from '../../build.ts';
import { demoFleet, type Stage, setStage } from '../../lib/cli/demo-stage.ts';
import { eventually } from '../support/eventually.ts';
import { runCli } from '../support/run-cli.ts';

let stage: Stage;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetmirror-report-'));
  await buildBundles({ outFolder: join(folder, 'dist') });
  stage = await setStage(folder);
  await stage.deployment.fire('SweepSchedule');
  await eventually('the report of the first sweep', () => keyOf('gaps.json'), 60_000);
}, 120_000);

afterAll(async () => {
  await stage?.close(false);
  await rm(folder, { recursive: true, force: true });
});

function keyOf(ending: string): string | undefined {
  return [...stage.aws.objectStore.objects.keys()].find((key) => key.endsWith(ending));
}

function kept(ending: string): string {
  const object = stage.aws.objectStore.objects.get(keyOf(ending) ?? '')?.at(-1);
  return gunzipSync(object?.body ?? Buffer.alloc(0)).toString();
}

const cli = (...args: string[]) => runCli(['report', '--endpoint-url', stage.aws.endpoint, ...args]);

interface Finding {
  readonly GeneratorId: string;
  readonly RecordState: string;
}

async function validator() {
  const schema = JSON.parse(await readFile(new URL('../../infra/report.schema.json', import.meta.url), 'utf8'));
  const ajv = new Ajv2020({ strictTypes: false });
  addFormats.default(ajv);
  return ajv.compile(schema);
}

describe('the packaged sweep', () => {
  test('leaves its report in the bucket under fleet and date, by the rights of its own role', async () => {
    const today = new Date().toISOString().slice(0, 7);
    expect(keyOf('Z.json')).toMatch(new RegExp(`/reports/${demoFleet}/${today}-\\d\\d/\\d{6}Z\\.json$`));
    expect(kept('Z.html')).toContain(`Mirror coverage of fleet ${demoFleet}`);
    const report = JSON.parse(kept('Z.json'));
    expect(report).toMatchObject({ fleet: demoFleet, isObserved: false, coverage: { percent: 100 } });
    const validate = await validator();
    expect([validate(report), validate.errors]).toEqual([true, null]);
  });
});

describe('the health of mirrors', () => {
  test('is in the report of a sweep that was deployed to read it, by the right of its own role', () => {
    const { health, interfaces } = JSON.parse(kept('Z.json'));
    expect(health).toMatchObject({ state: 'read', totals: { carrying: 6, congested: 2, silent: 0 } });
    expect(interfaces.find(({ name }: { name: string }) => name === 'db').health).toBe('congested');
    expect(kept('Z.html')).toContain('of the bytes dropped');
  });

  test('is in `fleetmirror report --health`, in each format', async () => {
    expect((await cli('--health')).stdout).toMatch(
      /Health: 8 of \d+ mirrored instances carried traffic in the last 60 minutes: 2 congested, 0 silent/,
    );
    const [json, csv, asff] = await Promise.all(
      ['json', 'csv', 'asff'].map(async (format) => (await cli('--health', '30', '--format', format)).stdout),
    );
    const { health } = JSON.parse(json ?? '');
    expect(Date.parse(health.to) - Date.parse(health.from)).toBe(30 * 60_000);
    expect(csv).toMatch(/,congested,4\.1,current/);
    const congested = JSON.parse(asff ?? '').filter(
      ({ GeneratorId }: Finding) => GeneratorId === 'fleetmirror/congested',
    );
    expect(congested).toHaveLength(2);
  });

  test('not-asked: is told as not read without the option', async () => {
    const { health } = JSON.parse((await cli('--format', 'json')).stdout);
    expect(health).toEqual({ state: 'not-read', because: 'not-asked' });
    expect((await cli()).stdout).toContain('Health: Not read');
  });

  test('--health 5 is wrong usage, exit code 64: CloudWatch counts every five minutes', async () => {
    expect(await cli('--health', '5')).toMatchObject({
      exitCode: 64,
      stderr: expect.stringContaining('from 10 to 1440'),
    });
  });
});

describe('fleetmirror report', () => {
  test('--format json holds to the published schema and agrees with the sweep', async () => {
    const { exitCode, stdout } = await cli('--format', 'json');
    const report = JSON.parse(stdout);
    const validate = await validator();
    expect([exitCode, validate(report), validate.errors]).toEqual([0, true, null]);
    expect(report.coverage).toEqual(JSON.parse(kept('Z.json')).coverage);
  });

  test('in a pipe says coverage, gaps, remedies, room and cost as plain text', async () => {
    const { stdout, stderr } = await cli();
    for (const part of ['Coverage: ', 'number-held-by-another-owner', 'Remove theirs', 'of 10000', 'an estimate']) {
      expect(stdout).toContain(part);
    }
    expect([stdout.includes('\u001b'), stderr]).toEqual([false, '']);
  });

  test('--fail-on-gap: exit code 2 while somebody here could close a gap', async () => {
    expect((await cli('--fail-on-gap')).exitCode).toBe(2);
    expect((await cli()).exitCode).toBe(0);
  });

  test('--out writes the file, --since and --history read it', async () => {
    const file = join(folder, 'deep/first.json');
    expect(await cli('--format', 'json', '--out', file)).toMatchObject({ exitCode: 0, stdout: '' });
    const first = JSON.parse(await readFile(file, 'utf8'));
    const later = JSON.parse((await cli('--format', 'json', '--since', file)).stdout);
    expect(later.gaps.map(({ since }: { since: string }) => since)).toEqual(
      first.gaps.map(({ since }: { since: string }) => since),
    );
    const findings = JSON.parse((await cli('--format', 'asff', '--since', file)).stdout);
    expect(findings.filter(({ RecordState }: Finding) => RecordState === 'ARCHIVED')).toEqual([]);
    const page = await runCli(['report', '--history', file, file, '--format', 'html']);
    expect(page.stdout).toContain('History of mirror coverage of fleet demo');
  });

  test('--out gives the format by its ending', async () => {
    const file = join(folder, 'page.html');
    expect(await cli('--out', file)).toMatchObject({ exitCode: 0 });
    expect(await readFile(file, 'utf8')).toMatch(/^<!doctype html>/i);
  });

  test.each([
    ['a format that there is not', ['--format', 'pdf'], '--format pdf: give one of text, html, json, csv, asff, ocsf.'],
    ['a format beside --json', ['--json', '--format', 'csv'], '--json and --format csv contradict each other'],
    ['a file that is not there', ['--history', '/nonexistent.json'], 'cannot be read: there is no such file'],
    ['a file that is no report', ['--history', 'package.json'], 'package.json is no coverage report'],
    ['a history without reports', ['--history'], "option '--history <file...>' argument missing"],
  ])('%s is wrong usage, exit code 64', async (_, args, text) => {
    const { exitCode, stderr } = await runCli(['report', ...args]);
    expect([exitCode, stderr]).toEqual([64, expect.stringContaining(text)]);
  });
});
