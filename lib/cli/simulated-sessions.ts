import type { Policy, Tier } from '../core/model.ts';
import type { SimulatedSession } from './simulation.ts';
import { UsageError } from './usage.ts';

/**
 * The sessions that a profile gives to a source, without any account. A filter given by id is wrong usage: its rules
 * stand in the account. A tier without a fixed VNI gets its session number in place of what EC2 or the fleet assigns.
 */
export function sessionsFromPolicy(policy: Policy, profile: string): SimulatedSession[] {
  const names = Object.hasOwn(policy.profiles, profile) ? policy.profiles[profile] : undefined;
  if (names === undefined) {
    throw new UsageError(`No profile is called "${profile}". Profiles: ${Object.keys(policy.profiles).join(', ')}.`);
  }
  return policy.tiers.filter(({ name }) => names.includes(name)).map((tier) => sessionFromTier(tier, policy));
}

function sessionFromTier(tier: Tier, policy: Policy): SimulatedSession {
  const filter = policy.filters[tier.filter];
  if (filter?.kind !== 'managed') {
    const id = filter === undefined ? '' : ` (${filter.id})`;
    throw new UsageError(
      `The tier "${tier.name}" uses the filter "${tier.filter}" by id${id}: its rules stand in the account. ` +
        'Name an interface that has the sessions with --eni, or write the rules into the policy.',
    );
  }
  return {
    sessionNumber: tier.sessionNumber,
    name: tier.name,
    filter: { networkServices: filter.networkServices, rules: filter.rules },
    target: tier.target,
    virtualNetworkId: typeof tier.virtualNetworkId === 'number' ? tier.virtualNetworkId : tier.sessionNumber,
    ...(tier.packetLength !== undefined && { packetLength: tier.packetLength }),
  };
}
