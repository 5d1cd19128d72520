import { announceIdleRun, type Occasion } from './announce.ts';
import type { Policy } from './core/model.ts';
import type { PolicyReading, World } from './ports.ts';
import type { Scope } from './read.ts';

/**
 * Reads the policy. When it cannot be used, says so in the log and, where somebody must repair it, in the metric that the
 * alarm watches (`PolicyUnusable`), and closes the run with its line: the caller then writes nothing.
 */
export async function reportPolicy(world: World, scope: Scope['kind'], occasion: Occasion): Promise<PolicyReading> {
  const reading = await world.readPolicy();
  switch (reading.kind) {
    case 'valid':
      for (const warning of reading.warnings) world.log.info('policy warning', { ...warning });
      return reading;
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
  // Where it does not pass after all, no sweep comes to its end, which has an alarm of its own.
  if (!passesByItself(reading)) world.log.count('PolicyUnusable');
  return reading;
}

/** True when AWS only did not answer for now: the policy may be as good as ever, and nobody need repair anything. */
export function passesByItself(reading: PolicyReading): boolean {
  return reading.kind === 'unreadable' && reading.isPassing === true;
}

/** Whether a run that works by this policy may go on: false when another one is there by now, or none that can be used. */
export async function isInForce(world: World, policy: Policy): Promise<boolean> {
  const reading = await world.readPolicy();
  // Both were read by the same reader, so that equal policies are equal texts.
  if (reading.kind === 'valid' && JSON.stringify(reading.policy) === JSON.stringify(policy)) return true;
  world.log.warn('The policy is another by now, or cannot be used; what is left of this run goes to the next.', {
    policy: reading.kind,
  });
  return false;
}
