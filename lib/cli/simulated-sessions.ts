import type { Filter, Policy, Tier } from '../core/model.ts';
import type { PacketFilter } from '../core/packet.ts';
import type { SimulatedSession } from './simulation.ts';
import { UsageError } from './usage.ts';

/**
 * The sessions that a profile gives to a source. A filter given by id has its rules in the account: without those
 * filters it is wrong usage. A tier without a fixed VNI gets its session number in place of what EC2 would assign.
 */
export function sessionsFromPolicy(
  policy: Policy,
  profile: string,
  accountFilters: readonly Filter[] = [],
): SimulatedSession[] {
  const names = Object.hasOwn(policy.profiles, profile) ? policy.profiles[profile] : undefined;
  if (names === undefined) {
    throw new UsageError(`No profile is called "${profile}". Profiles: ${Object.keys(policy.profiles).join(', ')}.`);
  }
  return policy.tiers
    .filter(({ name }) => names.includes(name))
    .map((tier) => sessionFromTier(tier, policy, accountFilters));
}

function sessionFromTier(tier: Tier, policy: Policy, accountFilters: readonly Filter[]): SimulatedSession {
  const { networkServices, rules } = filterOfTier(tier, policy, accountFilters);
  return {
    sessionNumber: tier.sessionNumber,
    name: tier.name,
    filter: { networkServices, rules },
    target: tier.target,
    virtualNetworkId: typeof tier.virtualNetworkId === 'number' ? tier.virtualNetworkId : tier.sessionNumber,
    ...(tier.packetLength !== undefined && { packetLength: tier.packetLength }),
  };
}

function filterOfTier(tier: Tier, policy: Policy, accountFilters: readonly Filter[]): PacketFilter {
  const filter = policy.filters[tier.filter];
  if (filter?.kind === 'managed') return filter;
  const found = accountFilters.find(({ filterId }) => filterId === filter?.id);
  if (found !== undefined) return found;
  throw new UsageError(
    `The tier "${tier.name}" uses the filter "${tier.filter}" by id (${filter?.id}): its rules stand in the account. ` +
      'Name an interface of the account with --eni, or write the rules into the policy.',
  );
}
