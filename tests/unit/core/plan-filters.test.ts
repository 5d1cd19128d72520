import { describe, expect, test } from '@jest/globals';
import type { Action, DriftField, FilterAction } from '../../../lib/core/actions.ts';
import type { Filter, FilterId, ManagedFilter, Policy, RuleSpec, Session } from '../../../lib/core/model.ts';
import { planSources } from '../../../lib/core/plan.ts';
import {
  findManagedFilters,
  planFilterCreations,
  planFilterDeletions,
  planFilterRepairs,
  sessionsAfter,
} from '../../../lib/core/plan-filters.ts';
import { aFilter, aRule } from '../../support/filter.ts';
import { aPolicy, aTier } from '../../support/policy.ts';
import { aForeignSession, aSession } from '../../support/session.ts';
import { aCandidate, aSituation } from '../../support/situation.ts';

const nowMs = Date.parse('2026-03-01T12:00:00Z');
const aSpec = (differences: Partial<ManagedFilter> = {}): ManagedFilter => ({
  kind: 'managed',
  networkServices: [],
  rules: [],
  ...differences,
});
const policyWith = (spec: ManagedFilter = aSpec()): Policy =>
  aPolicy({ filters: { ...aPolicy().filters, web: spec }, tiers: [aTier({ filter: 'web' })] });
const ours = (filterId: FilterId, differences: Partial<Filter> = {}): Filter =>
  aFilter({
    filterId,
    tags: {
      'fleetmirror:fleet': 'prod',
      'fleetmirror:filter': 'web',
      'fleetmirror:created-at': '2026-01-01T00:00:00.000Z',
    },
    ...differences,
  });
const existing = (rule: RuleSpec) => ({ ...rule, ruleId: `tmfr-${rule.direction}${rule.ruleNumber}` as const });
function repair(
  wanted: readonly RuleSpec[],
  actual: readonly RuleSpec[],
  services: Partial<Record<'wanted' | 'actual', string[]>> = {},
) {
  const policy = policyWith(aSpec({ rules: wanted, networkServices: services.wanted ?? [] }));
  const filter = ours('tmf-0a', { rules: actual.map(existing), networkServices: services.actual ?? [] });
  return planFilterRepairs(policy, new Map([['tmf-0a', filter]]), new Map([['web', 'tmf-0a']]));
}
const brief = (action: FilterAction) => {
  if (action.kind === 'modify-rule' || action.kind === 'create-rule')
    return `${action.kind} ${action.to.direction} ${action.to.ruleNumber}`;
  return action.kind === 'delete-rule'
    ? `${action.kind} ${action.from.direction} ${action.from.ruleNumber}`
    : action.kind;
};

describe('which filter is ours', () => {
  test('of several with the name the lowest id serves, whatever the order of the listing', () => {
    const filters = [ours('tmf-0b'), ours('tmf-0a'), ours('tmf-0c')];
    expect(findManagedFilters(policyWith(), filters)).toEqual(new Map([['web', 'tmf-0a']]));
  });
  test.each([
    ['of another fleet', { 'fleetmirror:fleet': 'test', 'fleetmirror:filter': 'web' }],
    ['without a name', { 'fleetmirror:fleet': 'prod' }],
    ['with a name that the policy does not have', { 'fleetmirror:fleet': 'prod', 'fleetmirror:filter': 'old' }],
    ['with the name of a given filter', { 'fleetmirror:fleet': 'prod', 'fleetmirror:filter': 'http' }],
    [
      'with the name of a property that every object has',
      { 'fleetmirror:fleet': 'prod', 'fleetmirror:filter': 'constructor' },
    ],
  ])('a filter %s serves nothing', (_what, tags) => {
    expect(findManagedFilters(policyWith(), [ours('tmf-0a', { tags })])).toEqual(new Map());
  });
});

describe('creation on first need', () => {
  const planFor = (sessions: readonly Session[], policy: Policy) => {
    const situation = aSituation({ policy, accountSessions: sessions });
    return planFilterCreations(policy, planSources([aCandidate({ sessions })], situation).decisions);
  };
  const rules = [aRule()];
  const policy = { ...policyWith(aSpec({ rules, networkServices: ['amazon-dns'] })), profiles: { default: ['http'] } };

  test('a filter that a planned session needs is created, once, with its rules', () => {
    expect(planFor([], policy)).toEqual([
      { kind: 'create-filter', name: 'web', rules, networkServices: ['amazon-dns'] },
    ]);
  });
  test('an existing session that has to change to it needs it as well', () => {
    expect(planFor([aSession()], policy)).toHaveLength(1);
  });
  test('a filter that no session needs is not created', () => {
    expect(planFilterCreations(policy, [])).toEqual([]);
    const foreign = aForeignSession({ sessionNumber: 10 });
    expect(planFor([foreign], policy)).toEqual([]);
  });
  test('a filter that is there is not created again', () => {
    const situation = aSituation({ policy, filters: [ours('tmf-0a')], managedFilters: new Map([['web', 'tmf-0a']]) });
    const { decisions } = planSources([aCandidate()], situation);
    expect(decisions.flatMap(({ actions }) => actions.map(({ kind }) => kind))).toEqual(['create']);
    expect(planFilterCreations(policy, decisions)).toEqual([]);
  });
  test('several filters are created in the order of their names', () => {
    const tiers = ['c', 'a', 'b'].map((name, index) => aTier({ name, filter: name, sessionNumber: index + 1 }));
    const filters = { a: aSpec(), b: aSpec(), c: aSpec() };
    const several = aPolicy({ tiers, filters, profiles: { default: ['c', 'a', 'b'] } });
    expect(planFor([], several).map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  });
});

describe('repair, rule by rule', () => {
  test('rules that are equal are left alone, whatever their order', () => {
    const rules = [aRule({ ruleNumber: 1 }), aRule({ ruleNumber: 2, direction: 'egress' })];
    expect(repair(rules, [...rules].reverse())).toEqual([]);
  });
  test.each([
    ['the whole range of ports and none', { sourcePorts: { from: 0, to: 65_535 } }, {}],
    ['an empty description and none', { description: '' }, {}],
  ])('%s are the same', (_what, wanted, actual) => {
    expect(repair([aRule(wanted)], [aRule(actual)])).toEqual([]);
    expect(repair([aRule(actual)], [aRule(wanted)])).toEqual([]);
  });
  test.each([
    ['action', { action: 'reject' }],
    ['protocol', { protocol: 17 }],
    ['source', { sourceCidr: '10.0.0.0/8' }],
    ['destination', { destinationCidr: '10.0.0.0/8' }],
    ['first source port', { sourcePorts: { from: 1, to: 65_535 } }],
    ['last source port', { sourcePorts: { from: 0, to: 65_534 } }],
    ['destination ports', { destinationPorts: { from: 80, to: 80 } }],
    ['description', { description: 'web' }],
  ] as const)('a rule whose %s differs is modified in place', (_what, difference) => {
    const [from, to] = [aRule({ protocol: 6 }), aRule({ protocol: 6, ...difference })];
    const common = { kind: 'modify-rule', name: 'web', filterId: 'tmf-0a', ruleId: 'tmfr-ingress100' };
    expect(repair([to], [from])).toEqual([{ ...common, from: existing(from), to }]);
    expect(repair([from], [to])).toEqual([{ ...common, from: existing(to), to: from }]);
  });
  test('the order is modify, delete, create, services: ten rules never become eleven, and none that accepts is missing for long', () => {
    const wanted = [
      aRule({ ruleNumber: 1, protocol: 6 }),
      aRule({ ruleNumber: 3 }),
      aRule({ ruleNumber: 3, direction: 'egress' }),
    ];
    const actual = [aRule({ ruleNumber: 2 }), aRule({ ruleNumber: 1 }), aRule({ ruleNumber: 2, direction: 'egress' })];
    expect(repair(wanted, actual, { wanted: ['amazon-dns'] }).map(brief)).toEqual([
      'modify-rule ingress 1',
      'delete-rule egress 2',
      'delete-rule ingress 2',
      'create-rule egress 3',
      'create-rule ingress 3',
      'set-network-services',
    ]);
  });
  test('the rules of a filter come outbound first, in ascending number', () => {
    const rules = (['ingress 3', 'egress 2', 'ingress 1', 'egress 1', 'ingress 2'] as const).map((rank) => {
      const [direction, number] = rank.split(' ');
      return aRule({ direction: direction as 'ingress' | 'egress', ruleNumber: Number(number) });
    });
    const inOrder = ['egress 1', 'egress 2', 'ingress 1', 'ingress 2', 'ingress 3'];
    expect(repair(rules, []).map(brief)).toEqual(inOrder.map((rank) => `create-rule ${rank}`));
    expect(repair([], rules).map(brief)).toEqual(inOrder.map((rank) => `delete-rule ${rank}`));
  });
  test('a rule that someone added is deleted, one that someone removed is made again', () => {
    expect(repair([], [aRule()]).map(brief)).toEqual(['delete-rule ingress 100']);
    expect(repair([aRule()], []).map(brief)).toEqual(['create-rule ingress 100']);
  });
  test('network services are added and removed in one call', () => {
    expect(repair([], [], { wanted: ['amazon-dns', 'new'], actual: ['old', 'amazon-dns'] })).toEqual([
      { kind: 'set-network-services', name: 'web', filterId: 'tmf-0a', add: ['new'], remove: ['old'] },
    ]);
    expect(repair([], [], { wanted: ['amazon-dns'], actual: ['amazon-dns'] })).toEqual([]);
  });
  test('several filters are repaired in the order of their names, and one that has vanished meanwhile is no error', () => {
    const names = ['b', 'c', 'gone', 'a'];
    const filters = Object.fromEntries(names.map((name) => [name, aSpec({ rules: [aRule()] })]));
    const known = new Map((['tmf-0a', 'tmf-0b', 'tmf-0c'] as const).map((filterId) => [filterId, ours(filterId)]));
    const managed = new Map(names.map((name) => [name, `tmf-0${name}` as const]));
    const tiers = names.map((filter) => aTier({ filter }));
    const actions = planFilterRepairs(aPolicy({ filters, tiers }), known, managed);
    expect(actions.map((action) => action.name)).toEqual(['a', 'b', 'c']);
  });
  test('each action says all that its call needs', () => {
    const [changed, extra, missing] = [aRule({ ruleNumber: 1 }), aRule({ ruleNumber: 2 }), aRule({ ruleNumber: 3 })];
    const to = { ...changed, protocol: 6 };
    const common = { name: 'web', filterId: 'tmf-0a' };
    expect(repair([to, missing], [changed, extra])).toEqual([
      { kind: 'modify-rule', ...common, ruleId: 'tmfr-ingress1', from: existing(changed), to },
      { kind: 'delete-rule', ...common, ruleId: 'tmfr-ingress2', from: existing(extra) },
      { kind: 'create-rule', ...common, to: missing },
    ]);
  });
  test('a filter that the policy gives by id is not ours to repair: asking for it crashes', () => {
    const given = new Map([['http', 'tmf-0a']] as const);
    const filters = new Map([['tmf-0a' as const, ours('tmf-0a')]]);
    expect(() => planFilterRepairs(aPolicy(), filters, given)).toThrow('http is not a managed filter of the policy');
    const unnamed = { ...policyWith(), filters: {} };
    expect(() => planFilterRepairs(unnamed, filters, new Map([['web', 'tmf-0a']]))).toThrow('web is not a managed');
  });
  test('a filter that no tier uses is not repaired: it goes, or a stranger uses it', () => {
    const policy = { ...policyWith(aSpec({ rules: [aRule()] })), tiers: [] };
    const filters = new Map([['tmf-0a' as const, ours('tmf-0a')]]);
    expect(planFilterRepairs(policy, filters, new Map([['web', 'tmf-0a']]))).toEqual([]);
  });
});

interface JudgeOptions {
  readonly sessions?: readonly Session[];
  readonly policy?: Policy;
  readonly accused?: readonly FilterId[];
}

describe('the sessions that still use their filters once a plan is performed', () => {
  const session = aSession();
  const place = { networkInterfaceId: session.networkInterfaceId, sessionNumber: 10, session } as const;
  const desired = {
    ...place,
    tier: 'http',
    targetId: session.targetId,
    filter: { name: 'web' },
    description: 'tier http',
    carrier: 'i-0a',
  };
  const modify = (...fields: DriftField[]): Action => ({
    kind: 'modify',
    ...place,
    because: 'drifted',
    desired,
    drift: fields.map((field) => ({ field, from: 1, to: 2 })),
  });
  test.each<[string, Action, boolean]>([
    ['a deleted session', { kind: 'delete', ...place, because: 'opted-out' }, false],
    ['a session that moves to another filter', modify('packetLength', 'filterId'), false],
    ['a session that changes in other ways', modify('packetLength', 'targetId'), true],
    ['a session that is retained', { kind: 'retain', ...place, because: 'as-desired' }, true],
    ['a session beside one that is created', { kind: 'create', ...place, because: 'opted-in', desired }, true],
  ])('%s', (_what, action, stays) => {
    const other = aSession({ sessionId: 'tms-0b' });
    const figures = { wanted: [], isEligible: true, inPlace: [], isUnreadable: false, warnings: [] };
    const decisions = [{ networkInterfaceId: session.networkInterfaceId, actions: [action], ...figures }];
    expect(sessionsAfter([session, other], decisions)).toEqual(stays ? [session, other] : [other]);
  });
});

describe('deletion by the sweep', () => {
  const judge = (
    list: readonly Filter[],
    { sessions = [], policy = policyWith(), accused = [] }: JudgeOptions = {},
  ) => {
    const filters = new Map(list.map((filter) => [filter.filterId, filter]));
    const managed = findManagedFilters(policy, list);
    return planFilterDeletions(policy, { filters, managed, sessions, nowMs, accused: new Set(accused) });
  };
  const plan = (...given: Parameters<typeof judge>) =>
    judge(...given).deletions.map((action) =>
      action.kind === 'delete-filter' ? `${action.because} ${action.filter.filterId}` : action.kind,
    );
  const aged = (filterId: FilterId, createdAt: string) =>
    ours(filterId, { tags: { ...ours(filterId).tags, 'fleetmirror:created-at': createdAt } });

  test('the filter that serves stays though nothing uses it yet; its spares go, in the order of their ids', () => {
    const filters = (['tmf-0c', 'tmf-0a', 'tmf-0d', 'tmf-0b'] as const).map((filterId) => ours(filterId));
    expect(plan(filters)).toEqual(['spare tmf-0b', 'spare tmf-0c', 'spare tmf-0d']);
  });
  test('a filter that the policy no longer names goes', () => {
    expect(plan([ours('tmf-0a')], { policy: aPolicy() })).toEqual(['unused tmf-0a']);
  });
  test('a filter that the policy names and no tier uses goes', () => {
    expect(plan([ours('tmf-0a')], { policy: { ...policyWith(), tiers: [aTier()] } })).toEqual(['unused tmf-0a']);
  });
  test('a filter whose name the policy now gives by id goes', () => {
    const filters = { ...aPolicy().filters, web: { kind: 'given', id: 'tmf-0ddd1111bbbb2222c' } } as const;
    const policy = aPolicy({ filters, tiers: [aTier({ filter: 'web' })] });
    expect(plan([ours('tmf-0a')], { policy })).toEqual(['unused tmf-0a']);
  });
  test('a filter that the policy names by its id stays, though we made it and no session uses it', () => {
    const filters = { ...aPolicy().filters, web: { kind: 'given', id: 'tmf-0a' } } as const;
    const policy = aPolicy({ filters, tiers: [aTier({ filter: 'web' })] });
    expect(plan([ours('tmf-0a'), ours('tmf-0b')], { policy })).toEqual(['unused tmf-0b']);
  });
  test('a filter that the policy names by its id serves no managed filter, whatever its tags say', () => {
    const filters = { ...policyWith().filters, mine: { kind: 'given', id: 'tmf-0a' } } as const;
    const policy = { ...policyWith(), filters };
    expect(findManagedFilters(policy, [ours('tmf-0a'), ours('tmf-0b')])).toEqual(new Map([['web', 'tmf-0b']]));
    expect(plan([ours('tmf-0a'), ours('tmf-0b'), ours('tmf-0c')], { policy })).toEqual(['spare tmf-0c']);
  });
  test('the action holds the filter as it is, so that its rules can be told', () => {
    const spare = ours('tmf-0b', { rules: [existing(aRule())] });
    expect(judge([ours('tmf-0a'), spare]).deletions).toEqual([
      { kind: 'delete-filter', name: 'web', filter: spare, because: 'spare' },
    ]);
  });
  test('a filter that any session uses stays, a foreign one included', () => {
    const sessions = [aSession({ filterId: 'tmf-0b', tags: {}, ownerId: '999999999999' })];
    expect(plan([ours('tmf-0a'), ours('tmf-0b')], { sessions })).toEqual([]);
  });
  test('a filter younger than 15 minutes stays: a run beside us may be about to use it', () => {
    expect(plan([ours('tmf-0a'), aged('tmf-0b', '2026-03-01T11:45:00Z')])).toEqual([]);
    expect(plan([ours('tmf-0a'), aged('tmf-0b', '2026-03-01T11:44:59Z')])).toEqual(['spare tmf-0b']);
  });
  test.each(['', 'yesterday', '2026-03-01T12:15:01Z'])(
    'a spare whose time of creation is %j stays at the first read, and goes when a second one agrees',
    (createdAt) => {
      const filters = [ours('tmf-0a'), aged('tmf-0b', createdAt)];
      expect(judge(filters)).toEqual({ deletions: [], accused: ['tmf-0b'] });
      expect(plan(filters, { accused: ['tmf-0b'] })).toEqual(['spare tmf-0b']);
      expect(judge(filters, { accused: ['tmf-0b'] }).accused).toEqual([]);
    },
  );
  test('a clock that is 15 minutes ahead makes a filter young, not ageless', () => {
    const filters = [ours('tmf-0a'), aged('tmf-0b', '2026-03-01T12:15:00Z')];
    expect(judge(filters, { accused: ['tmf-0b'] })).toEqual({ deletions: [], accused: [] });
  });
  test('nobody asks for the age of a filter that serves, is used or is someone else’s', () => {
    const sessions = [aSession({ filterId: 'tmf-0b' })];
    const foreign = aFilter({ filterId: 'tmf-0d', tags: { 'fleetmirror:created-at': '' } });
    const filters = [aged('tmf-0a', ''), aged('tmf-0b', ''), foreign];
    expect(judge(filters, { sessions })).toEqual({ deletions: [], accused: [] });
  });
  test('filters of others are never deleted', () => {
    const tags = { ...ours('tmf-0a').tags, 'fleetmirror:fleet': 'test' };
    expect(plan([aFilter(), ours('tmf-0a', { tags })], { policy: aPolicy() })).toEqual([]);
  });
});
