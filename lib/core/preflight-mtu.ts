import { endpointPayloadMax, mirroredMtuMax } from './limits.ts';
import type { TargetId, Tier } from './model.ts';
import type { Check, Destination, PreflightFacts } from './preflight-facts.ts';
import { about } from './preflight-target.ts';

/**
 * Whether packets could be cut on the way to a target. No API tells the MTU that a guest uses, so this looks at what the
 * policy says (`packetLength`) and at the limits of the way, and never claims that a source was measured.
 */
export function checkMtu(targetId: TargetId, facts: PreflightFacts): readonly Check[] {
  const destination = facts.destinations.get(targetId);
  if (destination === undefined) return [];
  const tell = about(targetId);
  if (destination.kind === 'network-load-balancer') {
    return [tell('pass', 'mtu', 'AWS cuts what goes to a load balancer to 8500 bytes unless the policy cuts more.')];
  }
  const limit = destination.kind === 'gateway-load-balancer-endpoint' ? endpointPayloadMax : mirroredMtuMax;
  const tiers = tiersTo(targetId, facts);
  const whole = tiers.filter(({ packetLength = limit + 1 }) => packetLength > limit).map(({ name }) => name);
  if (whole.length === 0) {
    return [tell('pass', 'mtu', `Every tier that comes here cuts packets below ${limit} bytes (packetLength).`)];
  }
  const far = crossesVpcs(destination, facts)
    ? ' Some sources are in another VPC; a transit gateway carries 8500 bytes at most.'
    : '';
  return [
    tell(
      'warn',
      'mtu',
      `Not checked, since no API tells the MTU of a source: packets of tier ${whole.join(', ')} above ${limit} bytes are truncated.${far}`,
      `On the sources \`ip link\` must show an MTU of ${limit} or less; or set packetLength.`,
    ),
  ];
}

function tiersTo(targetId: TargetId, { policy }: PreflightFacts): readonly Tier[] {
  return policy.tiers.filter((tier) => policy.targets[tier.target]?.ids.includes(targetId));
}

function crossesVpcs({ targetId, networkInterfaceId }: Destination, { interfaces, paths }: PreflightFacts): boolean {
  const target = networkInterfaceId && interfaces.get(networkInterfaceId);
  if (!target) return false;
  return paths.some(({ source, destination }) => destination.targetId === targetId && source.vpcId !== target.vpcId);
}
