/** A sweep of a fleet on which nothing is to be done: what it reads, what it costs us and the SDK, what it keeps. */
import { startRun } from '../../lib/call.ts';
import { reconcile } from '../../lib/reconcile.ts';
import { policyOf } from '../support/emulated-world.ts';
import { steadyPolicy } from './fleets.ts';
import { type BenchRow, judge, median } from './row.ts';
import { aSteadyAccount, type SteadyAccount } from './steady-account.ts';
import { threadMs } from './thread-time.ts';

/** The last is ten accounts, one sweep each: a fleet that no account could hold. */
const fleets = [
  { accounts: 1, interfaces: 1_000 },
  { accounts: 1, interfaces: 3_333 },
  { accounts: 10, interfaces: 3_333 },
];
const rounds = 5;
/** The first sweeps are slower: nothing is compiled yet. A small fleet needs more of them, or its own figures hold that. */
const warmUp = { roundsMin: 3, interfacesMin: 20_000 };

/** Medians of five sweeps of each size; the emulator's own time is taken out of every figure. */
export async function benchSweep(): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  const ownUs: number[] = [];
  for (const { accounts, interfaces } of fleets) {
    const account = aSteadyAccount(interfaces);
    const size = `${accounts * interfaces} interfaces${accounts > 1 ? `, ${accounts} accounts` : ''}`;
    const samples: Sample[] = [];
    const early = Math.max(warmUp.roundsMin, Math.ceil(warmUp.interfacesMin / (accounts * interfaces)));
    for (let round = -early; round < rounds; round++) {
      const sample = await measureSweeps(account, accounts);
      if (round >= 0) samples.push(sample);
    }
    const of = (pick: (sample: Sample) => number) => median(samples.map(pick));
    const perInterface = 1000 / (accounts * interfaces);
    const own = of(({ ownMs }) => ownMs) * perInterface;
    ownUs.push(own);
    const all = of(({ ownMs, sdkMs }) => ownMs + sdkMs) * perInterface;
    const pages = Math.ceil((3 * interfaces) / 1000) + 2 * Math.ceil(interfaces / 1000);
    const calls = { figure: of((sample) => sample.calls), unit: 'calls', bound: accounts * (pages + 2) };
    rows.push(judge({ name: 'sweep, EC2 calls', size, ...calls }, { ratioMax: 1 }));
    rows.push(judge({ name: 'sweep, our CPU', size, figure: own, unit: 'µs an interface' }, { atMost: 30 }));
    rows.push(
      judge({ name: "sweep, with the SDK's CPU", size, figure: all, unit: 'µs an interface' }, { atMost: 600 }),
    );
    const heap = { figure: of(({ heapMb }) => heapMb), unit: 'MB' };
    rows.push(judge({ name: 'sweep, peak heap above the emulator', size, ...heap }, { atMost: 200 }));
    rows.push(
      judge({ name: 'sweep, resident with the emulator', size, figure: process.memoryUsage().rss / 1e6, unit: 'MB' }),
    );
  }
  return [...rows, ...judgeGrowth(ownUs)];
}

/** Linear means that an interface costs no more in the next larger fleet; a tenth is left to the machine. */
function judgeGrowth(ownUs: readonly number[]): BenchRow[] {
  return fleets.slice(1).map((fleet, index) => {
    const smaller = fleets[index]!;
    const size = `${fleet.accounts * fleet.interfaces} ÷ ${smaller.accounts * smaller.interfaces} interfaces`;
    const growth = { name: 'sweep, our CPU an interface, growth', size, figure: ownUs[index + 1]! / ownUs[index]! };
    return judge({ ...growth, unit: '×' }, { atMost: 1.1 });
  });
}

interface Sample {
  readonly ownMs: number;
  readonly sdkMs: number;
  readonly calls: number;
  readonly heapMb: number;
}

async function measureSweeps(account: SteadyAccount, accounts: number): Promise<Sample> {
  const { world, costs, reset } = account;
  const policy = policyOf(steadyPolicy);
  let heapBefore = 0;
  let heapMax = 0;
  const ec2 = watchHeap(world.ec2, () => {
    heapMax = Math.max(heapMax, process.memoryUsage().heapUsed - heapBefore);
  });
  reset();
  let ownMs = 0;
  for (let done = 0; done < accounts; done++) {
    // Each account has a function of its own.
    globalThis.gc?.();
    heapBefore = process.memoryUsage().heapUsed;
    const startedAt = threadMs();
    const run = startRun({ ...world, ec2 }, Number.POSITIVE_INFINITY);
    const report = await reconcile(run, policy, { kind: 'fleet' }, { writes: true });
    if (report.coverage.percent < 100) throw new Error(`${report.coverage.percent} % are mirrored`);
    heapMax = Math.max(heapMax, process.memoryUsage().heapUsed - heapBefore);
    ownMs += threadMs() - startedAt;
  }
  const { emulatorMs, sdkMs, calls } = costs;
  return { ownMs: ownMs - emulatorMs - sdkMs, sdkMs, calls, heapMb: heapMax / 1e6 };
}

/** Looks after each read, which is when what the SDK has parsed and what we made of it are both there. */
function watchHeap<T extends object>(port: T, look: () => void): T {
  const watched = Object.entries(port).map(([name, method]) => {
    const call = async (...input: unknown[]) => {
      const answer = await method(...input);
      look();
      return answer;
    };
    return [name, call];
  });
  return Object.fromEntries(watched) as T;
}
