/**
 * What the functions and the service around them cost, from the processor time and memory that the other benchmarks
 * measure here. Lambda gives a function the share memory ÷ 1769 MB of one processor (lambda/latest/dg/configuration-memory),
 * so that work which waits for a processor costs the same GB-seconds at any size until waiting for EC2 dominates.
 */
import { readFileSync } from 'node:fs';
import { type Metric, metrics } from '../../lib/metrics.ts';
import prices from './aws-prices.json' with { type: 'json' };
import { benchFirst } from './first.ts';
import { type BenchRow, judge } from './row.ts';
import { benchSweep } from './sweep.ts';

const memoriesMb = [128, 256, 512];
const fullProcessorMb = 1769;
/** What Node.js, the bundle and the SDK hold before any work, as a trivial sweep shows it. */
const residentMb = 110;
const tiers = 2;
/** EC2's answer to one call, and its buckets: creates come at five a second whatever the function could do. */
const callSeconds = 0.1;
const createsPerSecond = 5;
const daysAMonth = 30;
/** Every 15 minutes. */
const sweepsAMonth = daysAMonth * 96;
/** CloudWatch bills an alarm for each metric that it looks at: each of ours looks at one. */
const alarms =
  readFileSync(new URL('../../infra/alarms.yml', import.meta.url), 'utf8').split('Type: AWS::CloudWatch::Alarm')
    .length - 1;
/** As if every metric had values in every hour, which CloudWatch bills by; `SessionsRefused` under this many reasons. */
const reasons = 3;
const metricsAStack = Object.values<Metric>(metrics).reduce(
  (count, { by }) => count + 1 + (by === 'tier' ? tiers : by === 'reason' ? reasons : 0),
  0,
);
/** A launch leaves about this much in the log; a sweep of a steady fleet a few lines. */
const logBytesALaunch = 3_000;

/** Assumed: each instance is replaced once a day, as fleets behind Auto Scaling are. */
const fleets = [
  { instances: 100, accounts: 1 },
  { instances: 3_000, accounts: 1 },
  { instances: 100_000, accounts: 34 },
];

/** GB-seconds for 1,000 launches and for one sweep of 3,333 interfaces at three sizes, then the monthly bill. */
export async function benchCost(): Promise<BenchRow[]> {
  const first = await benchFirst();
  const sweep = await benchSweep();
  const figureOf = (rows: readonly BenchRow[], name: string, size: string) =>
    rows.find((row) => row.name === name && row.size.startsWith(size))!.figure;
  const launchMs =
    figureOf(first, 'first, our CPU to the first create', 'among 100 ') +
    figureOf(first, "first, the SDK's CPU until then", 'among 100 ');
  const sweepUs = figureOf(sweep, "sweep, with the SDK's CPU", '3333 ');
  const heapMb = figureOf(sweep, 'sweep, peak heap above the emulator', '3333 ');
  const rows: BenchRow[] = [];
  for (const memoryMb of memoriesMb) {
    const launches = launchGbSeconds(1_000, launchMs, memoryMb);
    rows.push(row('cost, 1,000 launches', `${memoryMb} MB`, launches, 'GB-s'));
    const size = `${memoryMb} MB${residentMb + heapMb > memoryMb ? ', does not fit' : ''}`;
    rows.push(row('cost, one sweep of 3,333 interfaces', size, sweepGbSeconds(3_333, sweepUs, memoryMb), 'GB-s'));
  }
  for (const fleet of fleets) {
    const { service, mirroring } = monthlyBill(fleet, launchMs, sweepUs, 512);
    const size = `${fleet.instances} instances, ${fleet.accounts} account${fleet.accounts > 1 ? 's' : ''}`;
    rows.push(row('cost, the service', size, service, 'USD a month'));
    const bound = mirroring;
    rows.push(
      judge({ name: 'cost, beside the sessions themselves', size, figure: service, unit: 'USD a month', bound }),
    );
  }
  return rows;
}

function row(name: string, size: string, figure: number, unit: string): BenchRow {
  return judge({ name, size, figure, unit });
}

/** A burst waits for EC2's bucket, not for the processor; the function is paid while it waits. */
function launchGbSeconds(launches: number, cpuMs: number, memoryMb: number): number {
  const share = Math.min(1, memoryMb / fullProcessorMb);
  const seconds = Math.max((launches * tiers) / createsPerSecond, (launches * cpuMs) / 1000 / share);
  return (seconds * memoryMb) / 1024;
}

function sweepGbSeconds(interfaces: number, cpuUs: number, memoryMb: number): number {
  const share = Math.min(1, memoryMb / fullProcessorMb);
  const calls = Math.ceil((3 * interfaces) / 1000) + 2 * Math.ceil(interfaces / 1000) + 2;
  return ((calls * callSeconds + (interfaces * cpuUs) / 1e6 / share) * memoryMb) / 1024;
}

function monthlyBill(
  { instances, accounts }: { readonly instances: number; readonly accounts: number },
  launchMs: number,
  sweepUs: number,
  memoryMb: number,
) {
  const launches = instances * daysAMonth;
  const perAccount = Math.ceil(instances / accounts);
  const gbSeconds =
    launchGbSeconds(launches, launchMs, memoryMb) +
    accounts * sweepsAMonth * sweepGbSeconds(perAccount, sweepUs, memoryMb);
  const events = 2 * launches;
  // An idle event source mapping polls each queue with five pollers of 20 seconds.
  const polls = accounts * 2 * 5 * ((daysAMonth * 86_400) / 20);
  const usd =
    gbSeconds * prices.lambdaArmGbSecond.usd +
    (events + accounts * sweepsAMonth) * prices.lambdaRequest.usd +
    (3 * events + polls) * prices.sqsStandardRequest.usd +
    launches * tiers * prices.eventBridgeCustomEvent.usd +
    accounts * sweepsAMonth * prices.schedulerInvocation.usd +
    ((launches * logBytesALaunch) / 1e9) * prices.logsGb.usd +
    accounts * (metricsAStack * prices.metricMonth.usd + alarms * prices.alarmMonth.usd);
  return { service: usd, mirroring: instances * tiers * 24 * daysAMonth * prices.mirrorSessionHour.usd };
}
