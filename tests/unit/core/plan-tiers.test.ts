import { describe, expect, test } from '@jest/globals';
import type { Action, ModifyAction } from '../../../lib/core/actions.ts';
import type { Policy, Session, TargetId } from '../../../lib/core/model.ts';
import { planSources } from '../../../lib/core/plan.ts';
import { anInstance } from '../../support/instance.ts';
import { anInterface } from '../../support/interface.ts';
import { aPolicy, aTier } from '../../support/policy.ts';
import { aForeignSession, aSession } from '../../support/session.ts';
import {
  aCandidate,
  aSituation,
  policyFilters,
  policyTargets,
  type SituationDifferences,
} from '../../support/situation.ts';
import { anNlbTarget, aTarget } from '../../support/target.ts';

const sensors = 'tmt-0ccc1111bbbb2222a';
const tcpSession = aSession({
  sessionId: 'tms-0aaa0000000000002',
  sessionNumber: 20,
  targetId: sensors,
  filterId: 'tmf-0bbb1111bbbb2222c',
  description: 'tier tcp',
});
const fullSession = aSession({
  sessionId: 'tms-0aaa0000000000003',
  sessionNumber: 30,
  targetId: sensors,
  filterId: 'tmf-0ccc1111bbbb2222c',
  description: 'tier full',
});

function plan(profile: string, sessions: readonly Session[], differences: SituationDifferences = {}) {
  const networkInterface = anInterface({ tags: { Mirror: profile } });
  const situation = aSituation({ accountSessions: sessions, ...differences });
  const { decisions, accused } = planSources([aCandidate({ networkInterface, sessions })], situation);
  return { actions: decisions[0]?.actions ?? [], inPlace: decisions[0]?.inPlace ?? [], accused };
}
const brief = (action: Action) => {
  const { kind, sessionNumber, because } = action;
  return [kind, sessionNumber, because, 'session' in action && action.session.sessionId].filter(Boolean).join(' ');
};
const briefly = (...given: Parameters<typeof plan>) => plan(...given).actions.map(brief);
const theModify = (...given: Parameters<typeof plan>): ModifyAction => {
  const found = plan(...given).actions.filter((action): action is ModifyAction => action.kind === 'modify');
  expect(found).toHaveLength(1);
  return found[0] as ModifyAction;
};

describe('drifted: a session on its number is repaired in place', () => {
  test.each([
    ['filterId', { filterId: 'tmf-0other' }, 'tmf-0other', 'tmf-0aaa1111bbbb2222c'],
    ['packetLength', { packetLength: 64 }, 64, undefined],
    ['description', { description: 'mine now' }, 'mine now', 'tier http'],
  ] as const)('drifted: the list of fields says %s, from and to', (field, difference, from, to) => {
    const { because, drift } = theModify('http', [aSession(difference)]);
    expect({ because, drift }).toEqual({ because: 'drifted', drift: [{ field, from, to }] });
  });

  test('drifted: several fields are one modify', () => {
    const { drift } = theModify('http', [aSession({ packetLength: 64, description: '', filterId: 'tmf-0other' })]);
    expect(drift.map(({ field }) => field)).toEqual(['filterId', 'packetLength', 'description']);
  });

  test('drifted: a fixed virtual network id is compared, an open one never', () => {
    const tiers = (virtualNetworkId?: number) => [aTier(virtualNetworkId === undefined ? {} : { virtualNetworkId })];
    expect(briefly('http', [aSession()], { policy: aPolicy({ tiers: tiers() }) })[0]).toMatch(/as-desired/);
    const { drift } = theModify('http', [aSession()], { policy: aPolicy({ tiers: tiers(7001) }) });
    expect(drift).toEqual([{ field: 'virtualNetworkId', from: 7_159_709, to: 7001 }]);
  });
});

describe('the target of an existing session', () => {
  const pools = (ids: readonly TargetId[]): Policy['targets'] => ({
    ...aPolicy().targets,
    waf: { ids, spread: 'same-zone' },
  });
  const second = aTarget({ targetId: 'tmt-0second', availabilityZone: 'us-east-1b' });
  const policy = aPolicy({ targets: pools(['tmt-0aaa1111bbbb2222c', 'tmt-0second']) });
  const targets = [...policyTargets, second];

  test('as-desired: it stays though another target of the pool is nearer and emptier', () => {
    expect(briefly('http', [aSession({ targetId: 'tmt-0second' })], { policy, targets })[0]).toMatch(
      /^retain 10 as-desired/,
    );
  });
  test('as-desired: it stays though the target is full', () => {
    const fullTargets = new Set(['tmt-0second'] as const);
    const sessions = [aSession({ targetId: 'tmt-0second' })];
    expect(briefly('http', sessions, { policy, targets, fullTargets })[0]).toMatch(/^retain 10 as-desired/);
  });
  test('target-gone: it moves to a living target of the pool', () => {
    const { because, desired } = theModify('http', [aSession({ targetId: 'tmt-0dead' })]);
    expect([because, desired.targetId]).toEqual(['target-gone', 'tmt-0aaa1111bbbb2222c']);
  });
  test('target-withdrawn: it moves to the pool although its target lives', () => {
    const { because, desired } = theModify('http', [aSession({ targetId: 'tmt-0second' })], { targets });
    expect([because, desired.targetId]).toEqual(['target-withdrawn', 'tmt-0aaa1111bbbb2222c']);
  });
  test('target-full: a withdrawn target is kept while the pool has no room', () => {
    const fullTargets = new Set(['tmt-0aaa1111bbbb2222c'] as const);
    const sessions = [aSession({ targetId: 'tmt-0second' })];
    expect(briefly('http', sessions, { targets, fullTargets })).toEqual(['refuse 10 target-full']);
  });
  test('drifted, target-full: on a withdrawn target it is repaired while the pool has no room, and stays there', () => {
    const fullTargets = new Set(['tmt-0aaa1111bbbb2222c'] as const);
    const sessions = [aSession({ targetId: 'tmt-0second', filterId: 'tmf-0other' })];
    const { actions } = plan('http', sessions, { targets, fullTargets });
    expect(actions.map(brief)).toEqual([`modify 10 drifted ${aSession().sessionId}`, 'refuse 10 target-full']);
    expect(actions[0]).toMatchObject({
      desired: { targetId: 'tmt-0second' },
      drift: [{ field: 'filterId', from: 'tmf-0other', to: aSession().filterId }],
    });
  });
  test('drifted, target-full: a length is repaired on a withdrawn target, which is not in place for that', () => {
    const fullTargets = new Set(['tmt-0aaa1111bbbb2222c'] as const);
    const sessions = [aSession({ targetId: 'tmt-0second', packetLength: 64 })];
    const decision = plan('http', sessions, { targets, fullTargets });
    expect(decision.actions.map(brief)).toEqual([`modify 10 drifted ${aSession().sessionId}`, 'refuse 10 target-full']);
    expect(decision.inPlace).toEqual([]);
  });
  test('drifted, renumbered: a session cut to 8500 bytes is whole to a load balancer only', () => {
    const there = aSession({ packetLength: 8500 });
    expect(briefly('http', [there])[0]).toMatch(/^modify 10 drifted/);
    expect(briefly('http', [there], { targets: [anNlbTarget({ targetId: there.targetId })] })[0]).toMatch(/^retain 10/);
    const strayed = theModify('http', [{ ...there, sessionNumber: 15 }]);
    expect(strayed.drift.map(({ field }) => field)).toEqual(['sessionNumber', 'packetLength']);
  });

  test('target-full: a session on a dead target waits while the pool is full, and is not past help', () => {
    const fullTargets = new Set(['tmt-0aaa1111bbbb2222c'] as const);
    const { actions, accused } = plan('http', [aSession({ targetId: 'tmt-0dead' })], { fullTargets });
    expect(actions.map(brief)).toEqual(['refuse 10 target-full']);
    expect(accused).toEqual([]);
  });
  test('target-missing: a session on a living, withdrawn target is not past help', () => {
    const sessions = [aSession({ targetId: 'tmt-0second' })];
    const living = { targets: [second, ...policyTargets.slice(1)], accused: new Set([aSession().sessionId]) };
    const { actions, accused } = plan('http', sessions, living);
    expect(actions.map(brief)).toEqual(['refuse 10 target-missing']);
    expect(accused).toEqual([]);
  });
  test.each([
    ['as-desired', {}, /^retain 10 as-desired/],
    ['target-gone', { targetId: 'tmt-0dead' }, /^modify 10 target-gone/],
  ] as const)('%s: an accusation alone condemns no session that can be mirrored', (_, difference, expected) => {
    const accused = new Set([aSession().sessionId]);
    expect(briefly('http', [aSession(difference)], { accused })[0]).toMatch(expected);
  });

  const noTarget = policyTargets.slice(1);
  const dead = aSession();
  test('target-missing: in a batch of changes a session past help is refused, and nobody is accused', () => {
    expect(plan('http', [dead], { targets: noTarget, scope: 'changed' })).toMatchObject({
      actions: [{ kind: 'refuse', because: 'target-missing' }],
      accused: [],
    });
  });
  test('target-missing: the first read of a sweep accuses, and deletes nothing', () => {
    expect(plan('http', [dead], { targets: noTarget })).toMatchObject({
      actions: [{ kind: 'refuse', because: 'target-missing' }],
      accused: [dead.sessionId],
    });
  });
  test('target-gone: a second read that agrees deletes the session and says what is missing', () => {
    const accused = new Set([dead.sessionId]);
    expect(briefly('http', [dead], { targets: noTarget, accused })).toEqual([
      `delete 10 target-gone ${dead.sessionId}`,
      'refuse 10 target-missing',
    ]);
  });
  test('target-gone: a session past help serves another tier of the source before it is deleted', () => {
    const accused = new Set([dead.sessionId]);
    expect(briefly('http,tcp', [dead], { targets: noTarget, accused })).toEqual([
      `modify 20 renumbered ${dead.sessionId}`,
      'refuse 10 target-missing',
    ]);
  });
});

describe('renumbered: a delete and a create on one source are one modify', () => {
  test('renumbered: the tier moved to another number', () => {
    const tiers = [aTier({ sessionNumber: 15 })];
    const { session, desired, drift } = theModify('http', [aSession()], { policy: aPolicy({ tiers }) });
    expect(session.sessionId).toBe(aSession().sessionId);
    expect(desired.sessionNumber).toBe(15);
    expect(drift).toEqual([{ field: 'sessionNumber', from: 10, to: 15 }]);
  });
  test('renumbered: exchanging one tier for another reuses the session', () => {
    const { drift } = theModify('tcp', [aSession()]);
    expect(drift.map(({ field }) => field)).toEqual(['sessionNumber', 'targetId', 'filterId', 'description']);
  });
  test('renumbered: the moved tier takes its own session, and the new tier is created', () => {
    const tiers = [aTier(), aTier({ name: 'tcp', sessionNumber: 25, target: 'sensors', filter: 'all-tcp' })];
    expect(briefly('http,tcp', [tcpSession], { policy: aPolicy({ tiers }) })).toEqual([
      `modify 25 renumbered ${tcpSession.sessionId}`,
      'create 10 opted-in',
    ]);
  });
  test('renumbered: two tiers that moved each take their own session, whatever the order of their numbers', () => {
    const tiers = [
      aTier({ name: 'full', sessionNumber: 1, target: 'sensors', filter: 'everything' }),
      aTier({ name: 'tcp', sessionNumber: 2, target: 'sensors', filter: 'all-tcp' }),
    ];
    expect(briefly('full+tcp', [tcpSession, fullSession], { policy: aPolicy({ tiers }) })).toEqual([
      `modify 1 renumbered ${fullSession.sessionId}`,
      `modify 2 renumbered ${tcpSession.sessionId}`,
    ]);
  });
  test('duplicate: of two of ours on one number the lowest id stays', () => {
    const twin = aSession({ sessionId: 'tms-0aaa0000000000000' });
    expect(briefly('http', [aSession(), twin])).toEqual([
      'delete 10 duplicate tms-0aaa0000000000001',
      'retain 10 as-desired tms-0aaa0000000000000',
    ]);
  });
  test('renumbered: a duplicate becomes the session that is missing', () => {
    const twin = aSession({ sessionId: 'tms-0aaa0000000000009' });
    expect(briefly('true', [aSession(), twin])).toEqual([
      'modify 20 renumbered tms-0aaa0000000000009',
      'retain 10 as-desired tms-0aaa0000000000001',
    ]);
  });
});

describe('slots with foreign sessions', () => {
  const foreign = (...sessionNumbers: number[]) =>
    sessionNumbers.map((sessionNumber) => aForeignSession({ sessionId: `tms-0f${sessionNumber}`, sessionNumber }));

  test('source-full: three foreign sessions leave no slot', () => {
    expect(briefly('true', foreign(1, 2, 3)).filter((line) => line.startsWith('refuse'))).toEqual([
      'refuse 10 source-full',
      'refuse 20 source-full',
    ]);
  });
  test('source-full: the tiers with the lowest numbers win', () => {
    expect(briefly('forensic', foreign(1)).filter((line) => !line.startsWith('retain'))).toEqual([
      'create 10 opted-in',
      'create 20 opted-in',
      'refuse 30 source-full',
    ]);
  });
  test('source-full: the session of a higher tier gives its slot to a lower one in place', () => {
    expect(briefly('forensic', [tcpSession, ...foreign(1, 2)])).toEqual([
      `modify 10 renumbered ${tcpSession.sessionId}`,
      'retain 1 not-ours tms-0f1',
      'retain 2 not-ours tms-0f2',
      'refuse 20 source-full',
      'refuse 30 source-full',
    ]);
  });
  const fullIsMandatory = aPolicy({
    coverage: [{ match: {}, profile: 'forensic', mandatory: true }],
    profiles: { default: ['http', 'tcp'], forensic: ['full'] },
  });
  test('source-full: what a tag adds takes no slot from a tier of mandatory coverage, whatever its number', () => {
    expect(briefly('http', [fullSession, ...foreign(1, 2)], { policy: fullIsMandatory })).toEqual([
      'retain 1 not-ours tms-0f1',
      'retain 2 not-ours tms-0f2',
      `retain 30 as-desired ${fullSession.sessionId}`,
      'refuse 10 source-full',
    ]);
    expect(briefly('true', foreign(1), { policy: fullIsMandatory })).toEqual([
      'create 10 covered',
      'create 30 covered',
      'retain 1 not-ours tms-0f1',
      'refuse 20 source-full',
    ]);
  });
  test('renumbered: a session that a tag had added is changed into that of a mandatory tier where slots are few', () => {
    expect(briefly('http', [aSession(), ...foreign(1, 2)], { policy: fullIsMandatory })).toEqual([
      `modify 30 renumbered ${aSession().sessionId}`,
      'retain 1 not-ours tms-0f1',
      'retain 2 not-ours tms-0f2',
      'refuse 10 source-full',
    ]);
  });
  test('number-held-by-another-owner: only that tier is refused', () => {
    expect(briefly('true', foreign(10))).toEqual([
      'create 20 opted-in',
      'retain 10 not-ours tms-0f10',
      'refuse 10 number-held-by-another-owner',
    ]);
  });
  test('as-desired: beside a foreign session on the same number ours stays', () => {
    expect(briefly('http', [aSession(), ...foreign(10)])).toEqual([
      'retain 10 as-desired tms-0aaa0000000000001',
      'retain 10 not-ours tms-0f10',
    ]);
  });
  test('source-full: with more sessions than AWS allows the highest tier goes', () => {
    const sessions = [aSession(), tcpSession, fullSession, ...foreign(1)];
    expect(briefly('forensic', sessions)[0]).toBe(`delete 30 tier-withdrawn ${fullSession.sessionId}`);
  });
  test('filter-missing: a session whose filter is missing keeps its slot, a tier without a session takes none', () => {
    const filters = policyFilters.slice(1);
    expect(briefly('forensic', [aSession(), ...foreign(1)], { filters })).toEqual([
      'create 20 opted-in',
      'retain 1 not-ours tms-0f1',
      'refuse 10 filter-missing',
      'refuse 30 source-full',
    ]);
    expect(briefly('forensic', foreign(1), { filters })).toEqual([
      'create 20 opted-in',
      'create 30 opted-in',
      'retain 1 not-ours tms-0f1',
      'refuse 10 filter-missing',
    ]);
  });
  test('source-full: a session whose pool is full keeps its slot', () => {
    const fullTargets = new Set(['tmt-0aaa1111bbbb2222c'] as const);
    expect(briefly('forensic', [aSession(), ...foreign(1)], { fullTargets })).toEqual([
      'create 20 opted-in',
      'retain 1 not-ours tms-0f1',
      'retain 10 as-desired tms-0aaa0000000000001',
      'refuse 30 source-full',
    ]);
  });
  describe('the last slot, when the pool of the lower tier is full', () => {
    const fullTargets = new Set(['tmt-0aaa1111bbbb2222c'] as const);
    test('renumbered: a tier that brings its own session along has it', () => {
      expect(briefly('true', [aSession({ sessionNumber: 15 }), ...foreign(1, 2)], { fullTargets })).toEqual([
        'modify 10 renumbered tms-0aaa0000000000001',
        'retain 1 not-ours tms-0f1',
        'retain 2 not-ours tms-0f2',
        'refuse 20 source-full',
      ]);
    });
    test('renumbered, target-full: the session of another tier is not its own', () => {
      const other = aSession({ sessionNumber: 15, description: 'tier tcp' });
      expect(briefly('true', [other, ...foreign(1, 2)], { fullTargets })).toEqual([
        'modify 20 renumbered tms-0aaa0000000000001',
        'retain 1 not-ours tms-0f1',
        'retain 2 not-ours tms-0f2',
        'refuse 10 target-full',
      ]);
    });
  });
  test('target-missing: a tier without a target takes no slot from one that has a session', () => {
    const differences = { targets: policyTargets.slice(1), scope: 'changed' } as const;
    expect(briefly('true', [tcpSession, ...foreign(1, 2)], differences)).toEqual([
      'retain 1 not-ours tms-0f1',
      'retain 2 not-ours tms-0f2',
      `retain 20 as-desired ${tcpSession.sessionId}`,
      'refuse 10 target-missing',
    ]);
  });
});

describe('what a tier needs', () => {
  test('filter-missing: a filter that the policy names and EC2 does not show', () => {
    const { actions } = plan('true', [], { filters: policyFilters.slice(1) });
    expect(actions.map(brief)).toEqual(['create 20 opted-in', 'refuse 10 filter-missing']);
    expect(actions[1]).toHaveProperty('detail', 'the policy names tmf-0aaa1111bbbb2222c');
  });
  test('filter-missing: an existing session stays as it is', () => {
    expect(briefly('http', [aSession()], { filters: policyFilters.slice(1) })).toEqual(['refuse 10 filter-missing']);
  });
  test('a managed filter that does not exist yet is no obstacle: the plan has no id for it', () => {
    const filters = { ...aPolicy().filters, http: { kind: 'managed', networkServices: [], rules: [] } as const };
    const { actions } = plan('http', [], { policy: aPolicy({ filters }) });
    expect(actions).toMatchObject([{ kind: 'create', desired: { filter: { name: 'http' } } }]);
    expect(actions[0]).not.toHaveProperty('desired.filter.filterId');
  });
  test('target-full: the pool has no room', () => {
    const fullTargets = new Set(['tmt-0aaa1111bbbb2222c'] as const);
    expect(briefly('true', [], { fullTargets })).toEqual(['create 20 opted-in', 'refuse 10 target-full']);
  });
  test('target-full, target-missing: the pool is named, and the targets that it should have', () => {
    const detailOf = (differences: SituationDifferences) =>
      plan('http', [], differences).actions.find(({ kind }) => kind === 'refuse')?.detail;
    expect(detailOf({ fullTargets: new Set(['tmt-0aaa1111bbbb2222c'] as const) })).toMatch(/^pool waf: 1 waiting/);
    const waf = { ids: ['tmt-0one', 'tmt-0two'], spread: 'same-zone' } as const;
    const policy = aPolicy({ targets: { ...aPolicy().targets, waf } });
    expect(detailOf({ policy })).toBe('pool waf: tmt-0one, tmt-0two');
    const lostInterfaces = new Map([['tmt-0two', 'eni-0lost']] as const);
    expect(detailOf({ policy, lostInterfaces })).toBe(
      'pool waf: tmt-0one, tmt-0two (it points at eni-0lost, which does not exist)',
    );
  });
  test('target-gone: a session that moves or goes tells the interface that its target has lost', () => {
    const lostInterfaces = new Map([['tmt-0dead', 'eni-0lost']] as const);
    const sessions = [aSession({ targetId: 'tmt-0dead' })];
    const detail = 'target tmt-0dead: it points at eni-0lost, which does not exist';
    expect(theModify('http', sessions, { lostInterfaces })).toMatchObject({ because: 'target-gone', detail });
    expect(theModify('http', sessions)).not.toHaveProperty('detail');
    const noTarget = { targets: [], accused: new Set([aSession().sessionId]) };
    const [gone] = plan('http', sessions, { ...noTarget, lostInterfaces }).actions;
    expect(gone).toMatchObject({ kind: 'delete', because: 'target-gone', detail });
    expect(plan('http', sessions, noTarget).actions[0]).not.toHaveProperty('detail');
  });
  test('unknown-profile: a session that stays for it says what the tag says', () => {
    const policy = aPolicy({ coverage: [{ match: {}, profile: 'default', mandatory: false }] });
    const { actions } = plan('nonsense', [fullSession], { policy });
    expect(actions.find(({ kind }) => kind === 'retain')).toMatchObject({
      because: 'unknown-profile',
      detail: 'the tag says "nonsense"',
    });
  });
  test('opted-in: a tier with a packet length and a network id has both, one without has neither', () => {
    const [plain, full] = [aTier(), aTier({ packetLength: 128, virtualNetworkId: 7001 })].map((tier) => {
      const [action] = plan('http', [], { policy: aPolicy({ tiers: [tier] }) }).actions;
      return action?.kind === 'create' ? action.desired : undefined;
    });
    expect(full).toMatchObject({ packetLength: 128, virtualNetworkId: 7001 });
    expect(Object.keys(plain ?? {}).filter((key) => ['packetLength', 'virtualNetworkId'].includes(key))).toEqual([]);
  });
  test('opted-in: the network id of a source is its own, whatever other sources there are', () => {
    const policy = aPolicy({ tiers: [aTier({ virtualNetworkId: 'per-source' })] });
    const idsOf = (...ids: `eni-${string}`[]) => {
      const candidates = ids.map((networkInterfaceId) =>
        aCandidate({ networkInterface: anInterface({ networkInterfaceId, tags: { Mirror: 'http' } }) }),
      );
      const { decisions } = planSources(candidates, aSituation({ policy }));
      return decisions.map(({ actions: [action] }) => action?.kind === 'create' && action.desired.virtualNetworkId);
    };
    expect(idsOf('eni-0a', 'eni-0b')[1]).toBe(idsOf('eni-0b')[0]);
  });
  test('type-unknown: a session that a tier still needs is moved, though none could be made anew', () => {
    const networkInterface = anInterface({ tags: { Mirror: 'http' } });
    const sessions = [aSession({ sessionNumber: 15 })];
    const candidate = aCandidate({ networkInterface, sessions, instance: anInstance({ instanceType: 'zz9.large' }) });
    const { decisions } = planSources([candidate], aSituation({ accountSessions: sessions }));
    expect(decisions[0]?.actions.map(brief)).toEqual(['modify 10 renumbered tms-0aaa0000000000001']);
  });
  test('account-full: the last session of the account goes to the lowest number', () => {
    const others = Array.from({ length: 9999 }, (_, index) =>
      aSession({ sessionId: `tms-0${index}`, networkInterfaceId: 'eni-0other', targetId: sensors }),
    );
    expect(briefly('true', [], { accountSessions: others })).toEqual(['create 10 opted-in', 'refuse 20 account-full']);
  });
  test('account-full: a session is still moved in place', () => {
    const accountSessions = Array.from({ length: 10_000 }, () => aSession({ networkInterfaceId: 'eni-0other' }));
    expect(briefly('tcp', [aSession()], { accountSessions })).toEqual(['modify 20 renumbered tms-0aaa0000000000001']);
  });
});
