/** Whether the sessions of the fleet carry anything, by CloudWatch. Needs no policy and writes nothing. */
import { type HealthLine, type HealthWindow, judgeHealth, type MirroredSource } from './core/health.ts';
import type { NetworkInterfaceId, Session } from './core/model.ts';
import { isOurs } from './core/ownership.ts';
import type { World } from './ports.ts';
import type { Metrics } from './probes.ts';

export interface HealthReading {
  readonly window: HealthWindow;
  readonly lines: readonly HealthLine[];
}

/** Reads the sessions of ours, the instances behind them and what CloudWatch counted of these in the last `windowMs`. */
export async function readHealth(world: World, metrics: Metrics, windowMs: number): Promise<HealthReading> {
  const sources = await readSources(world);
  const toMs = world.clock.now();
  const window = { fromMs: toMs - windowMs, toMs };
  const instanceIds = [...new Set(sources.flatMap(({ instanceId }) => instanceId ?? []))].sort();
  const traffic = await metrics.readMirrorTraffic(instanceIds, window);
  return { window, lines: judgeHealth(sources, traffic, window) };
}

async function readSources(world: World): Promise<readonly MirroredSource[]> {
  const owner = { fleet: world.fleet, accountId: world.accountId };
  const sessionsOf = new Map<NetworkInterfaceId, Session[]>();
  for (const session of await world.ec2.readSessions('all')) {
    if (!isOurs(session, owner)) continue;
    const known = sessionsOf.get(session.networkInterfaceId);
    if (known === undefined) sessionsOf.set(session.networkInterfaceId, [session]);
    else known.push(session);
  }
  const interfaces = await world.ec2.readInterfaces({ networkInterfaceIds: [...sessionsOf.keys()] });
  const carriers = new Map(interfaces.map((each) => [each.networkInterfaceId, each.attachment?.instanceId]));
  return [...sessionsOf].map(([networkInterfaceId, sessions]) => {
    const instanceId = carriers.get(networkInterfaceId);
    return { networkInterfaceId, ...(instanceId && { instanceId }), sessions };
  });
}
