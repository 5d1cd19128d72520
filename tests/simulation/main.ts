/**
 * `npm run sim -- --seed N --runs M`: M worlds, from seed N on. Without `--seed` the seed comes from the commit, and every
 * seed that ever failed (`seeds.json`) is run as well.
 */
import { execFileSync } from 'node:child_process';
import { Command, InvalidArgumentError } from 'commander';
import { readPackagedTemplate } from '../../infra/packaged-template.ts';
import { createIam } from '../../lib/emulator/iam.ts';
import { readTemplate } from '../../lib/emulator/template.ts';
import { keepSeed, recallSeeds } from './seeds.ts';
import { shrink } from './shrink.ts';
import { type Simulation, simulate } from './simulate.ts';
import { printTranscript, tabulateEnd } from './transcript.ts';

/** Each so many seeds are run twice: the same seed must write the same transcript, byte for byte. */
const twiceEvery = 25;
const shrinkTriesMax = 60;
const linesShown = 30;

const options = new Command('sim')
  .description('Runs the whole program in simulated worlds: seed → weather → calm → verdict.')
  .option('--seed <n>', 'first seed; from the commit when absent', readNumber)
  .option('--runs <m>', 'how many seeds', readNumber, 300)
  .option('--steps <list>', 'only these steps of the workload, as a failure prints them', readList)
  .option('--transcript', 'print what happens', false)
  .option('--no-keep', 'do not note failing seeds in seeds.json')
  .option('--bail [rule]', 'end at the first failure (of this rule), shrinking none', false)
  .parse()
  .opts<{
    seed?: number;
    runs: number;
    steps?: ReadonlySet<number>;
    transcript: boolean;
    keep: boolean;
    bail: boolean | string;
  }>();

const stack = readTemplate(
  await readPackagedTemplate('prod'),
  {},
  {
    accountId: '123456789012',
    region: 'us-east-1',
    stackName: 'fleetmirror-prod',
    queuesUrl: 'https://sqs.us-east-1.amazonaws.com',
  },
);
const iam = await createIam();
for (const { arn, statements } of stack.roles) iam.putRolePolicy(arn, statements);
const deployed = { stack, iam };
const first = options.seed ?? seedOfCommit();
const kept = options.seed === undefined ? (await recallSeeds()).map(({ seed }) => seed) : [];
const seeds = [...new Set([...kept, ...Array.from({ length: options.runs }, (_, index) => first + index)])];
const beganMs = performance.now();
let passed = 0;
let failed = 0;
for (const [index, seed] of seeds.entries()) {
  const simulation = await simulate(seed, deployed, options.steps);
  if (options.transcript) process.stdout.write(printTranscript(simulation.transcript));
  const broken =
    simulation.violations[0] ?? (index % twiceEvery === 0 ? await compareWithItself(simulation) : undefined);
  if (broken === undefined) {
    passed += 1;
    continue;
  }
  failed += 1;
  console.log(`Seed ${seed} breaks the rule "${broken.rule}": ${broken.what}`);
  if (options.keep) await keepSeed({ seed, rule: broken.rule });
  if (options.bail === true || options.bail === broken.rule) break;
  if (options.bail === false) await explain(simulation);
}
const seconds = (performance.now() - beganMs) / 1000;
console.log(`seeds from ${first}; ${(seconds / Math.max(1, passed + failed)).toFixed(2)} s a seed`);
console.log(`${passed} seeds passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function compareWithItself({ seed, transcript }: Simulation) {
  const again = await simulate(seed, deployed, options.steps);
  if (printTranscript(again.transcript) === printTranscript(transcript)) return undefined;
  return { rule: 'same seed, same run', what: 'the second run of this seed went another way' };
}

/** Says how to see it again, with as few steps as still show it, and what happened last. */
async function explain({ seed, steps, violations }: Simulation): Promise<void> {
  const rule = violations[0]?.rule;
  const all = steps.map(({ index }) => index);
  const fails = async (only: ReadonlySet<number>) =>
    (await simulate(seed, deployed, only)).violations[0]?.rule === rule;
  const least = await shrink(all, fails, shrinkTriesMax);
  const { transcript, violations: shown } = await simulate(seed, deployed, new Set(least));
  console.log(tabulateEnd(transcript, linesShown));
  for (const violation of shown.slice(0, 5)) console.log(`${violation.rule}: ${violation.what}`);
  console.log(`${least.length} of ${all.length} steps are enough. Replay it with:`);
  console.log(`  npm run sim -- --seed ${seed} --runs 1`);
  console.log(`  npm run sim -- --seed ${seed} --runs 1 --steps ${least.join(',') || 'none'} --transcript`);
}

function seedOfCommit(): number {
  const commit = execFileSync('git', ['rev-parse', 'HEAD'], { cwd: import.meta.dirname, encoding: 'utf8' });
  return Number.parseInt(commit.slice(0, 7), 16);
}

function readNumber(text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

function readList(text: string): ReadonlySet<number> {
  return new Set(text === 'none' ? [] : text.split(',').map(readNumber));
}
