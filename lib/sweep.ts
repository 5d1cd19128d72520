/** The whole fleet: repairs what events missed, removes orphans, proves coverage. Never runs beside another sweep. */
import { z } from 'zod';
import { announce, publish } from './announce.ts';
import { type Run, startRun } from './call.ts';
import { hopsMax } from './core/limits.ts';
import { Ec2Failure } from './failure.ts';
import { reportPolicy } from './policy-report.ts';
import type { FleetEvent, World } from './ports.ts';
import { type Report, reconcile } from './reconcile.ts';

/**
 * Sweeps until the deadline; what is left goes on in a following message while there is progress. Every hop reads
 * afresh, so there is no position to keep. Returns nothing when the policy is unusable: then nothing was written.
 */
export async function sweep(run: Run, hop: number): Promise<Report | undefined> {
  const { world } = run;
  const policy = await reportPolicy(world);
  if (policy === undefined) return undefined;
  const startedAtMs = world.clock.now();
  const report = await reconcile(run, policy, { kind: 'fleet' }, { writes: true });
  await announce(world, report);
  const remaining = report.outcomes.filter(({ outcome }) => outcome === 'deferred').length;
  await publish(world, summarise(report, remaining, world.clock.now() - startedAtMs));
  measure(world, report, remaining, world.clock.now() - startedAtMs);
  if (remaining > 0) await continueLater(world, report, hop);
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
  const hop = Math.max(0, ...messages.map(({ body }) => readHop(body)));
  try {
    await sweep(startRun(world, deadlineAtMs), hop);
  } catch (error) {
    if (!(error instanceof Ec2Failure)) throw error;
    world.log.error('The sweep could not read EC2.', {
      code: error.code,
      operation: error.operation,
      kind: error.kind,
    });
    world.log.count('SweepsFailed');
  }
}

const sweepRequest = z.object({
  source: z.literal('fleetmirror'),
  detail: z.object({ hop: z.int().min(0).default(0) }),
});

/** How often this sweep was continued; any other message (a changed parameter, a schedule) starts a new one. */
function readHop(body: string): number {
  try {
    const parsed = sweepRequest.safeParse(JSON.parse(body));
    return parsed.success ? parsed.data.detail.hop : 0;
  } catch {
    return 0;
  }
}

function summarise(report: Report, remaining: number, durationMs: number): readonly FleetEvent[] {
  const { fleet } = report.policy;
  const counts = { create: 0, modify: 0, delete: 0, failed: 0 };
  for (const { action, outcome } of report.outcomes) {
    if (outcome === 'done' && action.kind in counts) counts[action.kind as 'create' | 'modify' | 'delete'] += 1;
    if (outcome === 'failed') counts.failed += 1;
  }
  const { halted } = report.plan;
  const completed: FleetEvent = {
    detailType: 'Sweep Completed',
    detail: { fleet, because: 'scheduled', coverage: report.coverage, actions: counts, remaining, durationMs },
  };
  if (halted === undefined) return [completed];
  return [completed, { detailType: 'Sweep Halted', detail: { fleet, because: 'held-by-guard', ...halted } }];
}

function measure(world: World, { coverage, plan }: Report, remaining: number, durationMs: number): void {
  world.log.count('SweepDurationMs', durationMs);
  world.log.count('SweepRemaining', remaining);
  world.log.count('EligibleSources', coverage.eligible);
  world.log.count('MirroredSources', coverage.mirrored);
  world.log.count('CoveragePercent', coverage.percent);
  if (plan.halted !== undefined) {
    world.log.count('SweepsHalted');
    world.log.error('A guard held all guarded deletions of this sweep.', { ...plan.halted });
  }
  world.log.info('sweep', { coverage, remaining, durationMs });
}

async function continueLater(world: World, report: Report, hop: number): Promise<void> {
  const hasProgress = report.outcomes.some(({ outcome }) => outcome === 'done');
  if (hasProgress && hop < hopsMax) {
    await world.queues.requestSweep({ because: 'continue', hop: hop + 1 });
    return;
  }
  world.log.warn('The rest is left to the next scheduled sweep.', { hop, hasProgress });
  world.log.count('LeftToSweep');
}
