import type { Candidate, SourceDecision } from './actions.ts';
import { isMatch } from './match.ts';
import type { Policy, Target, TargetId } from './model.ts';
import { checkPolicyAgainstTargets } from './policy-coverage.ts';

/**
 * What is doubtful about a policy in the light of the whole fleet: rules that match nothing, targets that do not exist,
 * a range of numbers that is too small, appliances that could be mirrored. One sentence each, in the policy's order.
 */
export function findFleetWarnings(
  policy: Policy,
  candidates: readonly Candidate[],
  decisions: readonly SourceDecision[],
  targets: ReadonlyMap<TargetId, Target>,
): readonly string[] {
  return [
    ...findMissingTargets(policy, targets),
    ...findIdleRules(policy, candidates),
    ...findNarrowRange(policy, decisions),
    ...checkPolicyAgainstTargets(policy, new Map([...targets].map(([id, { kind }]) => [id, kind]))).map(
      ({ message, hint }) => `${message}. ${hint}`,
    ),
  ];
}

function findMissingTargets(policy: Policy, targets: ReadonlyMap<TargetId, Target>): string[] {
  return Object.entries(policy.targets).flatMap(([pool, { ids }]) =>
    ids.flatMap((id) => (targets.has(id) ? [] : `Pool ${pool}: EC2 shows no target ${id}. Create it or remove it.`)),
  );
}

function findIdleRules({ coverage, exclude }: Policy, candidates: readonly Candidate[]): string[] {
  const matches = [
    ...coverage.map(({ match }, index) => ({ name: `Coverage rule ${index + 1}`, match })),
    ...exclude.map((match, index) => ({ name: `Exclude rule ${index + 1}`, match })),
  ];
  return matches.flatMap(({ name, match }) => {
    const hits = candidates.some(
      ({ networkInterface, instance }) =>
        networkInterface !== undefined && isMatch(match, { networkInterface, instance }),
    );
    return hits ? [] : `${name} matches no interface of the fleet.`;
  });
}

function findNarrowRange(
  { tiers, virtualNetworkIdRange: { from, to } }: Policy,
  decisions: readonly SourceDecision[],
): string[] {
  const perSource = new Set(
    tiers.filter((tier) => tier.virtualNetworkId === 'per-source').map((tier) => tier.sessionNumber),
  );
  let needed = 0;
  for (const { wanted, isEligible } of decisions) {
    if (isEligible) needed += wanted.filter((sessionNumber) => perSource.has(sessionNumber)).length;
  }
  const size = to - from + 1;
  if (needed <= size) return [];
  return [
    `virtualNetworkIdRange holds ${size} numbers, the fleet needs ${needed}; the rest get numbers from EC2. Widen it.`,
  ];
}
