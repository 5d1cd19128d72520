/** One launch in a warm function: how many calls, and how much processor time passes before the first create is sent. */
import { startRun } from '../../lib/call.ts';
import { handleChanges } from '../../lib/change.ts';
import { aStateChange } from '../support/event.ts';
import { type BenchRow, judge, median } from './row.ts';
import { aSteadyAccount } from './steady-account.ts';

const fleetSizes = [10, 100, 1_000];
const rounds = 21;
/** A thread's processor time comes in steps of some milliseconds, too coarse for one launch. */
const nowMs = () => performance.now();

/** Medians of 21 launches, each an instance that the function has not seen; two tiers by the instance's tag. */
export async function benchFirst(): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const others of fleetSizes) {
    const size = `among ${others} interfaces`;
    const samples = await measureLaunches(others);
    const of = (pick: (sample: Sample) => number) => median(samples.map(pick));
    rows.push(
      judge(
        { name: 'first, EC2 calls', size, figure: of(({ calls }) => calls), unit: 'calls', bound: 5 },
        { ratioMax: 1 },
      ),
    );
    rows.push(
      judge(
        { name: 'first, our CPU to the first create', size, figure: of(({ ownMs }) => ownMs), unit: 'ms' },
        { atMost: 10 },
      ),
    );
    rows.push(judge({ name: "first, the SDK's CPU until then", size, figure: of(({ sdkMs }) => sdkMs), unit: 'ms' }));
  }
  return rows;
}

interface Sample {
  readonly calls: number;
  readonly ownMs: number;
  readonly sdkMs: number;
}

async function measureLaunches(others: number): Promise<Sample[]> {
  const { world, instanceIds, costs, reset } = aSteadyAccount(others + rounds + 5, {
    sessions: false,
    tag: 'first,second',
    nowMs,
  });
  let atFirst: Omit<Sample, 'calls'> | undefined;
  let startedAt = 0;
  const createSession: typeof world.ec2.createSession = (input) => {
    const { emulatorMs, sdkMs } = costs;
    atFirst ??= { ownMs: nowMs() - startedAt - emulatorMs - sdkMs, sdkMs };
    return world.ec2.createSession(input);
  };
  const watched = { ...world, ec2: { ...world.ec2, createSession } };
  const samples: Sample[] = [];
  for (let round = -5; round < rounds; round++) {
    const body = JSON.stringify(aStateChange(instanceIds[others + 5 + round]!));
    reset();
    atFirst = undefined;
    startedAt = nowMs();
    await handleChanges(startRun(watched, Number.POSITIVE_INFINITY), [{ messageId: '1', body }]);
    if (atFirst === undefined) throw new Error('no session was created');
    if (round >= 0) samples.push({ calls: costs.calls, ...(atFirst as Omit<Sample, 'calls'>) });
  }
  return samples;
}
