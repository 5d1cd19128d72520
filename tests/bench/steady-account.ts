import { EC2Client } from '@aws-sdk/client-ec2';
import { createEc2 } from '../../lib/aws/ec2.ts';
import { createEmulator, type Emulator } from '../../lib/emulator/emulator.ts';
import type { Ec2, World } from '../../lib/ports.ts';
import { anEmulatedWorld } from '../support/emulated-world.ts';
import { steadyPolicy } from './fleets.ts';
import { threadMs } from './thread-time.ts';

/** An account in which every interface has the three sessions of `steadyPolicy`, and a world whose costs are apart. */
export interface SteadyAccount {
  readonly world: World;
  readonly emulator: Emulator;
  readonly instanceIds: readonly string[];
  /** Processor time since the last `reset`, in milliseconds. */
  readonly costs: { emulatorMs: number; sdkMs: number; calls: number };
  readonly reset: () => void;
}

/** `sessions: false` leaves the interfaces bare; `tag` is what their instances opt in with. `nowMs` measures the costs. */
export function aSteadyAccount(
  interfaces: number,
  { sessions = true, tag = 'true', nowMs = threadMs } = {},
): SteadyAccount {
  const base = anEmulatedWorld({ policy: steadyPolicy });
  const emulator = createEmulator({ seed: 1, clock: base.clock });
  const tags = {
    'fleetmirror:fleet': 'prod',
    'fleetmirror:instance': 'i-0aaa0000000000001',
    'fleetmirror:created-at': '2026-01-01T00:00:00.000Z',
  };
  const tiers = Object.entries({ first: 10, second: 20, third: 30 });
  const ids = emulator.loadFleet({
    loadBalancers: [{ name: 'sensors' }],
    instances: [
      { name: 'web', count: interfaces, perReservation: 10, tags: { Mirror: tag, team: 'payments', env: 'prod' } },
    ],
    targets: [{ id: 'tmt-0aaa1111bbbb2222c', loadBalancer: 'sensors' }],
    filters: [{ id: 'tmf-0aaa1111bbbb2222c' }],
    sessions: Array.from({ length: sessions ? interfaces : 0 }, (_, index) => index).flatMap((index) =>
      tiers.map(([name, number]) => ({
        source: `web-${index}`,
        target: 'tmt-0aaa1111bbbb2222c',
        filter: 'tmf-0aaa1111bbbb2222c',
        number,
        virtualNetworkId: number,
        description: `tier ${name}`,
        tags,
      })),
    ),
  });
  const costs = { emulatorMs: 0, sdkMs: 0, calls: 0 };
  const client = new EC2Client({
    region: 'us-east-1',
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
    maxAttempts: 1,
    requestHandler: {
      ...emulator.requestHandler,
      handle: async (request: Parameters<Emulator['requestHandler']['handle']>[0]) => {
        const startedAt = nowMs();
        const answer = await emulator.requestHandler.handle(request);
        costs.emulatorMs += nowMs() - startedAt;
        return answer;
      },
    },
  });
  const send = client.send.bind(client) as (command: never) => Promise<never>;
  client.send = async (command: never) => {
    const startedAt = nowMs();
    const emulatorBefore = costs.emulatorMs;
    const answer = await send(command);
    costs.sdkMs += nowMs() - startedAt - (costs.emulatorMs - emulatorBefore);
    costs.calls += 1;
    return answer;
  };
  const ec2: Ec2 = createEc2(client, base.clock, () => 0.5);
  return {
    world: { ...base.world, ec2 },
    emulator,
    instanceIds: Array.from({ length: interfaces }, (_, index) => ids.get(`web-${index}`) ?? ''),
    costs,
    reset: () => void Object.assign(costs, { emulatorMs: 0, sdkMs: 0, calls: 0 }),
  };
}
