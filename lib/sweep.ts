/** The whole fleet: repairs what events missed, removes orphans, proves coverage. Never runs beside another sweep. */
import { announce, announceBrokenRun } from './announce.ts';
import { type Run, startRun } from './call.ts';
import { hopsMax } from './core/limits.ts';
import { isEc2Failure } from './failure.ts';
import { keepReport } from './keep-report.ts';
import { isInForce, reportPolicy } from './policy-report.ts';
import type { World } from './ports.ts';
import { type Report, reconcile } from './reconcile.ts';
import { readSweepRequest, type SweepRequestReading } from './sweep-cause.ts';

/**
 * Sweeps until the deadline; what is left goes on in a following message while there is progress. Every hop reads
 * afresh, so there is no position to keep. Returns nothing when the policy is unusable: then nothing was written.
 */
export async function sweep(run: Run, request: SweepRequestReading): Promise<Report | undefined> {
  const { world } = run;
  const occasion = { startedAtMs: world.clock.now(), ...request };
  const reading = await reportPolicy(world, 'fleet', occasion);
  if (reading.kind !== 'valid') return undefined;
  const { policy } = reading;
  const options = { writes: true, isInForce: () => isInForce(world, policy) };
  const report = await reconcile(run, policy, { kind: 'fleet' }, options).catch((error: unknown) => {
    announceBrokenRun(world, 'fleet', error, occasion);
    throw error;
  });
  // First, since time may be short: what is not published is counted, what is not asked for is not done.
  if (report.outcomes.some(({ outcome }) => outcome === 'deferred')) await continueLater(world, report, request.hop);
  await announce(run, report, occasion);
  // Last, so that a slow bucket delays nothing.
  await keepReport(world, report);
  return report;
}

/**
 * Answers messages that ask for a sweep (a schedule, a changed policy, a continuation) with one sweep. EC2 that cannot
 * be read is reported and settled: the next schedule looks again, and a queue that waits would only keep it from that.
 */
export async function handleSweepRequests(
  world: World,
  deadlineAtMs: number,
  messages: readonly { readonly body: string }[],
): Promise<void> {
  const run = startRun(world, deadlineAtMs);
  const requests = messages.map(({ body }) => readSweepRequest(body));
  const latest = requests.reduce((one, other) => (other.hop > one.hop ? other : one), requests[0] ?? unasked);
  try {
    await sweep(run, latest);
  } catch (error) {
    if (!isEc2Failure(error)) throw error;
    run.world.log.error('The sweep could not read EC2.', {
      code: error.code,
      operation: error.operation,
      kind: error.kind,
    });
    world.log.count('SweepsFailed');
  }
}

const unasked: SweepRequestReading = { because: 'asked', hop: 0 };

async function continueLater(world: World, report: Report, hop: number): Promise<void> {
  const hasProgress = report.outcomes.some(({ outcome }) => outcome === 'done');
  if (hasProgress && hop < hopsMax) {
    await world.queues.requestSweep({ because: 'continue', hop: hop + 1 });
    return;
  }
  world.log.warn('The rest is left to the next scheduled sweep.', { hop, hasProgress });
  world.log.count('LeftToSweep');
}
