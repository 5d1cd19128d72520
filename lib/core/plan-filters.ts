import type { FilterAction, Plan } from './actions.ts';
import { orphanAgeMinMs } from './limits.ts';
import type { Filter, FilterId, FilterRule, ManagedFilter, Policy, RuleSpec, Session, SessionId } from './model.ts';
import { ageMsOf, isOurFilter, ownerTagKeys } from './ownership.ts';
import type { Situation } from './situation.ts';

/**
 * Which existing filter serves each managed filter of the policy: of several the one with the lowest id. One that the
 * policy gives by its id serves nothing else, though it may carry our tags: it is used, never changed.
 */
export function findManagedFilters(policy: Policy, filters: Iterable<Filter>): ReadonlyMap<string, FilterId> {
  const found = new Map<string, FilterId>();
  const givenIds = findGivenFilters(policy);
  for (const filter of filters) {
    const name = filter.tags[ownerTagKeys.filter];
    if (
      name === undefined ||
      givenIds.has(filter.filterId) ||
      !isOurFilter(filter, policy.fleet) ||
      policy.filters[name]?.kind !== 'managed'
    )
      continue;
    const known = found.get(name);
    if (known === undefined || filter.filterId < known) found.set(name, filter.filterId);
  }
  return found;
}

/** Creates each managed filter that a planned session needs and that does not exist yet. */
export function planFilterCreations(policy: Policy, decisions: Plan['decisions']): readonly FilterAction[] {
  const needed = new Set<string>();
  for (const { actions } of decisions) {
    for (const action of actions) {
      if (action.kind !== 'create' && action.kind !== 'modify') continue;
      if (action.desired.filter.filterId === undefined) needed.add(action.desired.filter.name);
    }
  }
  return [...needed].sort().map((name) => {
    const { rules, networkServices } = managedFilter(policy, name);
    return { kind: 'create-filter', name, rules, networkServices };
  });
}

/**
 * Puts the rules of existing managed filters right, one by one and in place: modify before delete before create, so
 * that no rule that should accept is missing for longer than one call.
 */
export function planFilterRepairs(
  policy: Policy,
  filters: ReadonlyMap<FilterId, Filter>,
  managed: ReadonlyMap<string, FilterId>,
): readonly FilterAction[] {
  const tierFilters = new Set(policy.tiers.map((tier) => tier.filter));
  return [...managed].sort(byName).flatMap(([name, filterId]) => {
    const filter = filters.get(filterId);
    // Repairing what the sweep deletes next, and then its spare that a stranger's session uses, would never end.
    return filter === undefined || !tierFilters.has(name)
      ? []
      : repairFilter(name, managedFilter(policy, name), filter);
  });
}

function byName([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : 1;
}

function managedFilter(policy: Policy, name: string): ManagedFilter {
  const spec = policy.filters[name];
  if (spec?.kind !== 'managed') throw new Error(`Filter ${name} is not a managed filter of the policy.`);
  return spec;
}

function repairFilter(name: string, spec: ManagedFilter, filter: Filter): FilterAction[] {
  const { filterId } = filter;
  const actual = new Map(filter.rules.map((rule) => [rankOf(rule), rule]));
  const wanted = new Map(spec.rules.map((rule) => [rankOf(rule), rule]));
  const modifies: FilterAction[] = [];
  const deletes: FilterAction[] = [];
  const creates: FilterAction[] = [];
  for (const rule of [...filter.rules].sort(byRank)) {
    if (!wanted.has(rankOf(rule)))
      deletes.push({ kind: 'delete-rule', name, filterId, ruleId: rule.ruleId, from: rule });
  }
  for (const rule of [...spec.rules].sort(byRank)) {
    const existing = actual.get(rankOf(rule));
    if (existing === undefined) creates.push({ kind: 'create-rule', name, filterId, to: rule });
    else if (!isSameRule(existing, rule)) {
      modifies.push({ kind: 'modify-rule', name, filterId, ruleId: existing.ruleId, from: existing, to: rule });
    }
  }
  const add = spec.networkServices.filter((service) => !filter.networkServices.includes(service));
  const remove = filter.networkServices.filter((service) => !spec.networkServices.includes(service));
  const services: FilterAction[] =
    add.length + remove.length > 0 ? [{ kind: 'set-network-services', name, filterId, add, remove }] : [];
  return [...modifies, ...deletes, ...creates, ...services];
}

/** Rank is identity among the rules of one filter, as it is among the sessions of one source. */
function rankOf(rule: RuleSpec): string {
  return `${rule.direction} ${rule.ruleNumber}`;
}

function byRank(one: RuleSpec, other: RuleSpec): number {
  if (one.direction !== other.direction) return one.direction < other.direction ? -1 : 1;
  return one.ruleNumber - other.ruleNumber;
}

function isSameRule(rule: FilterRule, wanted: RuleSpec): boolean {
  return (
    rule.action === wanted.action &&
    rule.protocol === wanted.protocol &&
    rule.sourceCidr === wanted.sourceCidr &&
    rule.destinationCidr === wanted.destinationCidr &&
    portsText(rule.sourcePorts) === portsText(wanted.sourcePorts) &&
    portsText(rule.destinationPorts) === portsText(wanted.destinationPorts) &&
    (rule.description ?? '') === (wanted.description ?? '')
  );
}

/** Every port and no port range say the same. */
function portsText(ports: RuleSpec['sourcePorts']): string {
  if (ports === undefined || (ports.from === 0 && ports.to === 65_535)) return '';
  return `${ports.from}-${ports.to}`;
}

/** The sessions that still use the filter they have once a plan is performed: those that it moves or deletes use it no more. */
export function sessionsAfter(sessions: readonly Session[], decisions: Plan['decisions']): readonly Session[] {
  const leaving = new Set<SessionId>();
  for (const action of decisions.flatMap(({ actions }) => actions)) {
    const isMoved = action.kind === 'modify' && action.drift.some(({ field }) => field === 'filterId');
    if (action.kind === 'delete' || isMoved) leaving.add(action.session.sessionId);
  }
  return sessions.filter(({ sessionId }) => !leaving.has(sessionId));
}

/** What a sweep knows of the filters of its account. */
export interface FilterFacts {
  readonly filters: ReadonlyMap<FilterId, Filter>;
  /** The filters that serve, by their name in the policy. */
  readonly managed: ReadonlyMap<string, FilterId>;
  /** Every session of the account. */
  readonly sessions: Iterable<Session>;
  readonly nowMs: number;
  readonly accused: Situation['accused'];
}

export interface FilterDeletions {
  readonly deletions: readonly FilterAction[];
  /** Filters whose age is unreadable: only a second read that agrees may delete them. */
  readonly accused: readonly FilterId[];
}

/**
 * Deletes filters of ours that nothing uses: spares of the same name, and those that the policy no longer names or
 * uses. One that the policy names by its id is its author's, though we may have made it. Only a sweep may ask this, since it must know every session; the age keeps clear of a run beside us.
 */
export function planFilterDeletions(policy: Policy, facts: FilterFacts): FilterDeletions {
  const usedIds = findGivenFilters(policy);
  for (const session of facts.sessions) usedIds.add(session.filterId);
  const tierFilters = new Set(policy.tiers.map((tier) => tier.filter));
  const deletions: DeleteFilterAction[] = [];
  const accused: FilterId[] = [];
  for (const filter of facts.filters.values()) {
    const name = filter.tags[ownerTagKeys.filter];
    if (name === undefined || !isOurFilter(filter, policy.fleet) || usedIds.has(filter.filterId)) continue;
    const serving = facts.managed.get(name);
    if (serving === filter.filterId && tierFilters.has(name)) continue;
    const because = serving === undefined || serving === filter.filterId ? 'unused' : 'spare';
    const ageMs = ageMsOf(filter.tags, facts.nowMs);
    if (ageMs === undefined && !facts.accused.has(filter.filterId)) accused.push(filter.filterId);
    else if (ageMs === undefined || ageMs > orphanAgeMinMs) {
      deletions.push({ kind: 'delete-filter', name, filter, because });
    }
  }
  return { deletions: deletions.sort((one, other) => (one.filter.filterId < other.filter.filterId ? -1 : 1)), accused };
}

function findGivenFilters(policy: Policy): Set<FilterId> {
  return new Set(Object.values(policy.filters).flatMap((spec) => (spec.kind === 'given' ? spec.id : [])));
}

type DeleteFilterAction = Extract<FilterAction, { kind: 'delete-filter' }>;
