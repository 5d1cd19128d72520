import type { Candidate } from '../../lib/core/actions.ts';
import type { Filter, Target } from '../../lib/core/model.ts';
import type { Situation } from '../../lib/core/situation.ts';
import { aFilter } from './filter.ts';
import { anInstance } from './instance.ts';
import { anInterface } from './interface.ts';
import { aPolicy } from './policy.ts';
import { anNlbTarget, aTarget } from './target.ts';

/** What differs from `aSituation()`; targets and filters as lists. */
export interface SituationDifferences extends Partial<Omit<Situation, 'targets' | 'filters'>> {
  readonly targets?: readonly Target[];
  readonly filters?: readonly Filter[];
}

/** The target of pool `waf` and the load balancer of pool `sensors` of `aPolicy()`. */
export const policyTargets: readonly Target[] = [aTarget(), anNlbTarget({ targetId: 'tmt-0ccc1111bbbb2222a' })];
/** The three filters that `aPolicy()` names. */
export const policyFilters: readonly Filter[] = [
  aFilter(),
  aFilter({ filterId: 'tmf-0bbb1111bbbb2222c' }),
  aFilter({ filterId: 'tmf-0ccc1111bbbb2222c' }),
];

/** A complete read of the fleet under `aPolicy()` on 1 March 2026, every target and filter there, no other session. */
export function aSituation({ targets, filters, ...differences }: SituationDifferences = {}): Situation {
  return {
    policy: aPolicy(),
    owner: { fleet: 'prod', accountId: '111122223333' },
    scope: 'fleet',
    nowMs: Date.parse('2026-03-01T12:00:00Z'),
    targets: new Map((targets ?? policyTargets).map((target) => [target.targetId, target])),
    lostInterfaces: new Map(),
    targetInterfaceIds: new Set(),
    filters: new Map((filters ?? policyFilters).map((filter) => [filter.filterId, filter])),
    managedFilters: new Map(),
    accountSessions: [],
    guestSessions: [],
    fullTargets: new Set(),
    accused: new Set(),
    ...differences,
  };
}

/** The running instance's interface with the tag `Mirror=true`, without sessions. */
export function aCandidate(differences: Partial<Candidate> = {}): Candidate {
  const networkInterface = differences.networkInterface ?? anInterface({ tags: { Mirror: 'true' } });
  const { networkInterfaceId } = networkInterface;
  return { networkInterfaceId, networkInterface, instance: anInstance(), sessions: [], ...differences };
}
