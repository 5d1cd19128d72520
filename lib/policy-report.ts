import { announceIdleRun, type Occasion } from './announce.ts';
import type { Policy } from './core/model.ts';
import type { World } from './ports.ts';
import type { Scope } from './read.ts';

/**
 * The policy, if it can be used: valid, and of this fleet. If not, says so in the log and in the metric that the alarm
 * watches (`PolicyUnusable`), closes the run with its line, and returns `undefined`: the caller then writes nothing.
 */
export async function reportPolicy(
  world: World,
  scope: Scope['kind'],
  occasion: Occasion,
): Promise<Policy | undefined> {
  const reading = await world.readPolicy();
  switch (reading.kind) {
    case 'valid':
      for (const warning of reading.warnings) world.log.info('policy warning', { ...warning });
      return reading.policy;
    case 'missing':
      world.log.error('There is no policy; nothing is written. Run `fleetmirror policy push`.', {
        where: reading.where,
      });
      break;
    case 'unreadable':
      world.log.error('The policy cannot be read; nothing is written.', { where: reading.where, cause: reading.cause });
      break;
    case 'invalid':
      world.log.error('The policy is invalid; nothing is written.', { where: reading.where, issues: reading.issues });
      break;
  }
  announceIdleRun(world, scope, reading.kind, occasion);
  world.log.count('PolicyUnusable');
  return undefined;
}
