/** Whether the sessions of the fleet carry anything, by CloudWatch. Needs no policy and writes nothing. */
import { type HealthLine, type HealthWindow, judgeHealth, listMirrored, type MirroredSource } from './core/health.ts';
import { isOurs } from './core/ownership.ts';
import type { HealthFacts } from './core/report-facts.ts';
import { sessionsAfterRun } from './coverage-report.ts';
import { isEc2Failure } from './failure.ts';
import type { HealthProbe, World } from './ports.ts';
import type { Report } from './reconcile.ts';

export interface HealthReading {
  readonly window: HealthWindow;
  readonly lines: readonly HealthLine[];
}

/** Reads the sessions of ours, the instances behind them and what CloudWatch counted of these in the window of the probe. */
export async function readHealth(world: World, probe: HealthProbe): Promise<HealthReading> {
  return measureMirrors(await readSources(world), world, probe);
}

/** The health of the mirrors that a run over the fleet saw, for its report: a CloudWatch that refuses costs no report. */
export async function readReportHealth(world: World, report: Report, probe: HealthProbe): Promise<HealthFacts> {
  try {
    const sources = listMirrored(sessionsAfterRun(world, report), report.reading.interfaces, world);
    const { window, lines } = await measureMirrors(sources, world, probe);
    const timeOf = (timeMs: number) => new Date(timeMs).toISOString();
    return { kind: 'read', from: timeOf(window.fromMs), to: timeOf(window.toMs), lines };
  } catch (error) {
    if (!isEc2Failure(error)) throw error;
    const { kind, code, operation } = error;
    world.log.warn('The health of the mirrors could not be read.', { operation, code, kind });
    return { kind: 'not-read', because: kind === 'denied' ? 'denied' : 'failed', operation };
  }
}

async function measureMirrors(
  sources: readonly MirroredSource[],
  world: World,
  { metrics, windowMs }: HealthProbe,
): Promise<HealthReading> {
  const toMs = world.clock.now();
  const window = { fromMs: toMs - windowMs, toMs };
  const instanceIds = [...new Set(sources.flatMap(({ instanceId }) => instanceId ?? []))].sort();
  const traffic = await metrics.readMirrorTraffic(instanceIds, window);
  return { window, lines: judgeHealth(sources, traffic, window) };
}

async function readSources(world: World): Promise<readonly MirroredSource[]> {
  const sessions = (await world.ec2.readSessions('all')).filter((session) => isOurs(session, world));
  const networkInterfaceIds = [...new Set(sessions.map(({ networkInterfaceId }) => networkInterfaceId))];
  const interfaces = await world.ec2.readInterfaces({ networkInterfaceIds });
  return listMirrored(sessions, new Map(interfaces.map((each) => [each.networkInterfaceId, each])), world);
}
