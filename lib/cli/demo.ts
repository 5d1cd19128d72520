/** `demo`: the main job on this machine, live: real bundles, AWS's runtime client, an emulated account. */
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { connect } from '../aws/connect.ts';
import { startRun } from '../call.ts';
import type { CoverageReport } from '../core/report-schema.ts';
import { reportCoverage } from '../coverage-report.ts';
import { readReportHealth } from '../health.ts';
import type { Log } from '../ports.ts';
import { type Report, reconcile } from '../reconcile.ts';
import { renderReportPage } from '../report/report-page.ts';
import { openPolicyOf } from './context.ts';
import { demoDocument, listTrials, renderEnding } from './demo-ending.ts';
import { type Latencies, listScenes } from './demo-scenes.ts';
import { demoFleet, type Stage, setStage } from './demo-stage.ts';
import { healthMinutes } from './health.ts';
import { projectFolder } from './project.ts';
import { paint, stdout } from './render.ts';
import { endHelp } from './usage.ts';

interface DemoOptions {
  readonly json?: boolean;
  readonly keep?: boolean;
}

export function registerDemo(program: Command): void {
  program
    .command('demo')
    .description('show the main job at work on an emulated account, with the packaged functions; takes seconds')
    .option('--json', 'print one JSON document at the end instead of the timeline')
    .option('--keep', 'leave the emulated account running and print its endpoint')
    .addHelpText('after', endHelp({}, 'fleetmirror demo --keep'))
    .action(runDemo);
}

async function runDemo(options: DemoOptions): Promise<void> {
  const startedAtMs = Date.now();
  const tell = (text: string) => {
    if (!options.json) stdout.print(text);
  };
  const stamp = () => paint(stdout, 'dim', `${((Date.now() - startedAtMs) / 1000).toFixed(1).padStart(5)} s`);
  tell(`${stamp()}  Packaging the functions and opening an emulated account …`);
  const stage = await setStage();
  let isOver = false;
  const leave = async (keepsAccount: boolean) => {
    if (!isOver) await stage.close(keepsAccount);
    isOver = true;
  };
  try {
    tell(
      `${stamp()}  ${stage.aws.emulator.account.instances.size} instances, three zones, one policy. The functions run under AWS's runtime client.`,
    );
    const foreignBefore = foreignSessions(stage);
    const latencies: Latencies = [];
    for (const scene of listScenes(latencies)) {
      tell(`${stamp()}  ${paint(stdout, 'bold', scene.title)}`);
      for (const line of await scene.play(stage)) tell(`${stamp()}    ${line}`);
    }
    // The functions stop first: what follows only looks.
    const calls = Object.fromEntries(stage.aws.emulator.calls);
    await leave(true);
    const { report, coverage } = await lookAtFleet(stage.aws.endpoint);
    const reportFile = await writeReport(coverage);
    const foreignSessionsTouched = foreignBefore.filter((text) => !foreignSessions(stage).includes(text)).length;
    const facts = { report, stage, latencies, calls, foreignSessionsTouched };
    if (options.json) {
      const kept = options.keep === true && { endpoint: stage.aws.endpoint };
      stdout.print(JSON.stringify({ ...demoDocument(facts), reportFile, ...kept }, null, 2));
    } else {
      tell(`\n${renderEnding(facts)}\nThe coverage report, for a browser: ${reportFile}\n${stamp()}  Done.`);
    }
    if (options.keep) await keep(stage, options);
  } catch (error) {
    // A scene that waits in vain has its cause in the functions' logs.
    for (const { functionName, line } of stage.deployment.logs.filter(isError).slice(-5)) {
      process.stderr.write(`${functionName}: ${line}\n`);
    }
    throw error;
  } finally {
    await leave(false);
    await stage.aws.close();
  }
}

function isError({ line }: { readonly line: string }): boolean {
  return line.includes('"level":"ERROR"') || line.includes('Error:');
}

function foreignSessions(stage: Stage): readonly string[] {
  return stage.sessions().flatMap((session) => (session.isOurs ? [] : JSON.stringify(session)));
}

const silent: Log = { info: () => {}, warn: () => {}, error: () => {}, count: () => {} };

/** A plan of the whole fleet through the ordinary door: what is mirrored, and why the rest is not. */
async function lookAtFleet(endpointUrl: string): Promise<{ report: Report; coverage: CoverageReport }> {
  const account = connect({ endpointUrl });
  const world = await account.openWorld(demoFleet, silent);
  const policy = await openPolicyOf(world);
  const report = await reconcile(
    startRun(world, Number.POSITIVE_INFINITY),
    policy,
    { kind: 'fleet' },
    { writes: false },
  );
  const windowMs = healthMinutes.byDefault * 60_000;
  const health = await readReportHealth(world, report, { metrics: await account.openMetrics(), windowMs });
  return { report, coverage: reportCoverage(world, report, { health }) };
}

/** Writes the report as a page and as data, and returns the page's path. */
async function writeReport(coverage: CoverageReport): Promise<string> {
  const folder = join(projectFolder, 'dist/demo');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'report.json'), JSON.stringify(coverage));
  await writeFile(join(folder, 'report.html'), renderReportPage(coverage));
  return join(folder, 'report.html');
}

async function keep(stage: Stage, { json }: DemoOptions): Promise<void> {
  const { endpoint } = stage.aws;
  if (!json) {
    stdout.print(`\nThe account stays at ${endpoint} until you press Ctrl-C. Try:`);
    for (const command of listTrials(endpoint)) stdout.print(`  npm run -s fleetmirror -- ${command.join(' ')}`);
  }
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
}
