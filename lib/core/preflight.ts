/**
 * Before anything is mirrored: can packets reach the targets? Facts in, checks out; nothing is called here. What cannot be
 * seen (a permission that is missing, a target of another account) is a warning that says so, never a pass.
 */

import type { Check, PreflightFacts } from './preflight-facts.ts';
import { checkLoops } from './preflight-loop.ts';
import { checkMtu } from './preflight-mtu.ts';
import { checkPaths } from './preflight-path.ts';
import { checkTarget } from './preflight-target.ts';

/** Every check there is to make, by target in the order of the policy's pools, then by path. */
export function runChecks(facts: PreflightFacts): readonly Check[] {
  const targetIds = [...new Set(Object.values(facts.policy.targets).flatMap(({ ids }) => ids))];
  return [
    ...targetIds.flatMap((targetId) => checkTarget(targetId, facts)),
    ...targetIds.flatMap((targetId) => checkMtu(targetId, facts)),
    ...targetIds.flatMap((targetId) => checkLoops(targetId, facts)),
    ...checkPaths(facts),
  ];
}
