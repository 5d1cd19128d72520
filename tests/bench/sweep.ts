/** A sweep of a fleet on which nothing is to be done: what it reads, what it costs us and the SDK, what it keeps. */
import { getHeapStatistics } from 'node:v8';
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
/** The first rounds are slower: nothing is compiled yet. */
const warmUpRounds = 4;
/** A round sweeps a small fleet several times: processor time comes in steps of milliseconds, which one sweep would be made of. */
const interfacesMin = 10_000;

/** Medians of five rounds, in each of which every size has its turn; the emulator's own time is taken out of every figure. */
export async function benchSweep(): Promise<BenchRow[]> {
  const accountOf = new Map<number, SteadyAccount>();
  for (const { interfaces } of fleets) {
    if (!accountOf.has(interfaces)) accountOf.set(interfaces, aSteadyAccount(interfaces));
  }
  const measured = fleets.map((fleet) => ({ ...fleet, samples: [] as Sample[] }));
  for (let round = -warmUpRounds; round < rounds; round++) {
    for (const { accounts, interfaces, samples } of measured) {
      const sweeps = accounts * Math.ceil(interfacesMin / (accounts * interfaces));
      const sample = await measureSweeps(accountOf.get(interfaces)!, sweeps, interfaces);
      if (round >= 0) samples.push(sample);
    }
  }
  return [...measured.flatMap(judgeFleet), ...judgeGrowth(measured)];
}

interface Measured {
  readonly accounts: number;
  /** Of each account. */
  readonly interfaces: number;
  readonly samples: readonly Sample[];
}

function judgeFleet({ accounts, interfaces, samples }: Measured): BenchRow[] {
  const size = `${accounts * interfaces} interfaces${accounts > 1 ? `, ${accounts} accounts` : ''}`;
  const of = (pick: (sample: Sample) => number) => median(samples.map(pick));
  const pages = Math.ceil((3 * interfaces) / 1000) + 2 * Math.ceil(interfaces / 1000);
  const calls = { figure: accounts * of((sample) => sample.calls), unit: 'calls', bound: accounts * (pages + 2) };
  const own = { figure: of(({ ownUs }) => ownUs), unit: 'µs an interface' };
  const all = { figure: of(({ ownUs, sdkUs }) => ownUs + sdkUs), unit: 'µs an interface' };
  const heap = { figure: of(({ heapMb }) => heapMb), unit: 'MB' };
  const resident = { figure: of(({ residentMb }) => residentMb), unit: 'MB' };
  return [
    judge({ name: 'sweep, EC2 calls', size, ...calls }, { ratioMax: 1 }),
    judge({ name: 'sweep, our CPU', size, ...own }, { atMost: 30 }),
    judge({ name: "sweep, with the SDK's CPU", size, ...all }, { atMost: 600 }),
    judge({ name: 'sweep, peak heap above the emulator', size, ...heap }, { atMost: 200 }),
    judge({ name: 'sweep, resident with the emulator', size, ...resident }),
  ];
}

/** Linear means that an interface costs no more in the next larger fleet; a tenth is left to the machine. */
function judgeGrowth(measured: readonly Measured[]): BenchRow[] {
  return measured.slice(1).map((fleet, index) => {
    const smaller = measured[index]!;
    const size = `${fleet.accounts * fleet.interfaces} ÷ ${smaller.accounts * smaller.interfaces} interfaces`;
    const figure = median(fleet.samples.map(({ ownUs }, round) => ownUs / smaller.samples[round]!.ownUs));
    return judge({ name: 'sweep, our CPU an interface, growth', size, figure, unit: '×' }, { atMost: 1.1 });
  });
}

interface Sample {
  /** Processor time in microseconds an interface. */
  readonly ownUs: number;
  readonly sdkUs: number;
  /** Of one sweep. */
  readonly calls: number;
  readonly heapMb: number;
  readonly residentMb: number;
}

async function measureSweeps(account: SteadyAccount, sweeps: number, interfaces: number): Promise<Sample> {
  const { world, costs, reset } = account;
  const policy = policyOf(steadyPolicy);
  let heapBefore = 0;
  let heapMax = 0;
  const ec2 = watchHeap(world.ec2, () => {
    heapMax = Math.max(heapMax, heapUsed() - heapBefore);
  });
  reset();
  let wholeMs = 0;
  for (let done = 0; done < sweeps; done++) {
    // Each sweep is of another account, which has a function of its own.
    globalThis.gc?.();
    heapBefore = heapUsed();
    const startedAt = threadMs();
    const run = startRun({ ...world, ec2 }, Number.POSITIVE_INFINITY);
    const report = await reconcile(run, policy, { kind: 'fleet' }, { writes: true });
    wholeMs += threadMs() - startedAt;
    if (report.coverage.percent < 100) throw new Error(`${report.coverage.percent} % are mirrored`);
    heapMax = Math.max(heapMax, heapUsed() - heapBefore);
  }
  const { emulatorMs, sdkMs, calls } = costs;
  const usPerInterface = 1000 / (sweeps * interfaces);
  return {
    ownUs: (wholeMs - emulatorMs - sdkMs) * usPerInterface,
    sdkUs: sdkMs * usPerInterface,
    calls: calls / sweeps,
    heapMb: heapMax / 1e6,
    residentMb: process.memoryUsage().rss / 1e6,
  };
}

/** Asks V8 alone: `process.memoryUsage()` asks the system too, which takes a millisecond of what is measured here. */
function heapUsed(): number {
  return getHeapStatistics().used_heap_size;
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
