import { describe, expect, test } from '@jest/globals';
import type { Action, Candidate } from '../../../lib/core/actions.ts';
import type { Session } from '../../../lib/core/model.ts';
import { planSources } from '../../../lib/core/plan.ts';
import { anInstance } from '../../support/instance.ts';
import { aDetachedInterface, anInterface, anRdsInterface } from '../../support/interface.ts';
import { aPolicy, aTier } from '../../support/policy.ts';
import { aForeignSession, aSession } from '../../support/session.ts';
import { aCandidate, aSituation, type SituationDifferences } from '../../support/situation.ts';

const tcpSession = aSession({
  sessionId: 'tms-0aaa0000000000002',
  sessionNumber: 20,
  targetId: 'tmt-0ccc1111bbbb2222a',
  filterId: 'tmf-0bbb1111bbbb2222c',
  description: 'tier tcp',
});
const tagged = (value: string) => anInterface({ tags: { Mirror: value } });
const covered = aPolicy({ coverage: [{ match: {}, profile: 'default', mandatory: false }] });

function decide(candidate: Partial<Candidate> = {}, differences: SituationDifferences = {}) {
  const sessions = candidate.sessions ?? [];
  const { decisions } = planSources([aCandidate(candidate)], aSituation({ accountSessions: sessions, ...differences }));
  return decisions[0];
}
const brief = ({ kind, sessionNumber, because }: Action) => [kind, sessionNumber, because].filter(Boolean).join(' ');
const briefly = (candidate?: Partial<Candidate>, differences?: SituationDifferences) =>
  (decide(candidate, differences)?.actions ?? []).map(brief);

test('opted-in: each tier of the profile becomes a session, the lowest number first', () => {
  expect(briefly()).toEqual(['create 10 opted-in', 'create 20 opted-in']);
});

test('opted-in: a new session carries all that EC2 and the owner tags need', () => {
  expect(decide()?.actions[0]).toEqual({
    kind: 'create',
    networkInterfaceId: 'eni-0aaa0000000000001',
    instanceId: 'i-0aaa0000000000001',
    sessionNumber: 10,
    because: 'opted-in',
    desired: {
      networkInterfaceId: 'eni-0aaa0000000000001',
      sessionNumber: 10,
      tier: 'http',
      targetId: 'tmt-0aaa1111bbbb2222c',
      filter: { name: 'http', filterId: 'tmf-0aaa1111bbbb2222c' },
      description: 'tier http',
      carrier: 'i-0aaa0000000000001',
    },
  });
});

test('covered: coverage needs no tag', () => {
  const candidate = { networkInterface: anInterface() };
  expect(briefly(candidate, { policy: covered })).toEqual(['create 10 covered', 'create 20 covered']);
});

test('as-desired: sessions that are as the policy wants them are left alone', () => {
  expect(briefly({ sessions: [tcpSession, aSession()] })).toEqual(['retain 10 as-desired', 'retain 20 as-desired']);
});

describe('sessions of ours that the policy no longer wants', () => {
  const sessions = [aSession()];
  test.each([
    ['opted-out', { networkInterface: tagged('off') }, {}],
    ['not-covered', { networkInterface: anInterface() }, {}],
    ['excluded', {}, { policy: aPolicy({ exclude: [{}] }) }],
    [
      'not-primary',
      {
        networkInterface: anInterface({
          tags: { Mirror: 'true' },
          attachment: { status: 'attached', instanceId: 'i-0aaa0000000000001', deviceIndex: 1, networkCardIndex: 0 },
        }),
      },
      { policy: aPolicy({ interfaces: 'primary' }) },
    ],
  ] as const)('%s: they are deleted, and nothing is refused', (because, candidate, differences) => {
    expect(briefly({ ...candidate, sessions }, differences)).toEqual([`delete 10 ${because}`]);
  });

  test('tier-withdrawn: only the session of that tier is deleted', () => {
    expect(briefly({ networkInterface: tagged('tcp'), sessions: [aSession(), tcpSession] })).toEqual([
      'delete 10 tier-withdrawn',
      'retain 20 as-desired',
    ]);
  });
});

describe('sources that the facts rule out', () => {
  const sessions = [aSession()];
  const stopped = anInstance({ state: 'stopped' });
  test.each([
    ['instance-stopped', { instance: stopped }, ['delete 10 instance-stopped', 'refuse instance-stopped']],
    ['instance-terminated', { instance: anInstance({ state: 'terminated' }) }, ['delete 10 instance-terminated']],
    ['instance-terminated', { instance: anInstance({ state: 'shutting-down' }) }, ['delete 10 instance-terminated']],
    [
      'interface-detached',
      { networkInterface: aDetachedInterface({ tags: { Mirror: 'true' } }) },
      ['delete 10 interface-detached', 'refuse interface-detached'],
    ],
    [
      'type-unsupported',
      { instance: anInstance({ instanceType: 'm3.large' }) },
      ['delete 10 type-unsupported', 'refuse type-unsupported'],
    ],
    [
      'bare-metal-unsupported',
      { instance: anInstance({ instanceType: 'c5n.metal' }) },
      ['delete 10 type-unsupported', 'refuse bare-metal-unsupported'],
    ],
  ] as const)('%s: the sessions go', (_because, candidate, expected) => {
    expect(briefly({ ...candidate, sessions })).toEqual(expected);
  });

  test('facts come before the policy: a terminated, opted-out instance is terminated', () => {
    const candidate = { networkInterface: tagged('off'), instance: anInstance({ state: 'terminated' }), sessions };
    expect(briefly(candidate)).toEqual(['delete 10 instance-terminated']);
  });

  test('whileStopped keep: a stopped instance keeps and gets its sessions', () => {
    const policy = aPolicy({ whileStopped: 'keep' });
    expect(briefly({ instance: stopped, sessions }, { policy })).toEqual([
      'create 20 opted-in',
      'retain 10 as-desired',
    ]);
  });

  test('read-incomplete: an instance that was not read is no reason to delete or create anything', () => {
    const decision = decide({ instance: undefined as never, networkInterface: anInterface(), sessions });
    expect(decision?.actions.map(brief)).toEqual(['retain 10 read-incomplete']);
    expect(decision?.isUnreadable).toBe(true);
  });
  test('read-incomplete: a source that would be mirrored, could it be read, is not refused', () => {
    const decision = decide({ instance: undefined as never });
    expect(decision).toMatchObject({ actions: [], wanted: [10, 20], isUnreadable: true });
  });
  test('instance-terminated: without sessions there is nothing to do or to say, and the policy still wants it', () => {
    const decision = decide({ instance: anInstance({ state: 'terminated' }) });
    expect(decision).toMatchObject({ actions: [], wanted: [10, 20], isEligible: false, isUnreadable: false });
  });

  test.each([
    ['interface-type', { networkInterface: anInterface({ tags: { Mirror: 'true' }, interfaceType: 'efa' }) }, {}],
    [
      'requester-managed',
      { networkInterface: anRdsInterface({ tags: { Mirror: 'true' }, requesterId: 'amazon-elb' }) },
      {},
    ],
    ['is-mirror-target', {}, { targetInterfaceIds: new Set(['eni-0aaa0000000000001'] as const) }],
    ['type-unknown', { instance: anInstance({ instanceType: 'zz9.large' }) }, {}],
  ] as const)('%s: the source is refused once, and existing sessions stay', (because, candidate, differences) => {
    expect(briefly(candidate, differences)).toEqual([`refuse ${because}`]);
    expect(briefly({ ...candidate, sessions }, differences)).toEqual(['retain 10 as-desired', `refuse ${because}`]);
  });

  test('an unselected source that AWS could not mirror anyway is not worth a word', () => {
    expect(decide({ networkInterface: anInterface({ interfaceType: 'efa' }) })).toBeUndefined();
  });

  test('an RDS interface is mirrored without its instance and carries its requester', () => {
    const decision = decide({ networkInterface: anRdsInterface(), instance: undefined as never }, { policy: covered });
    expect(decision?.actions.map(brief)).toEqual(['create 10 covered', 'create 20 covered']);
    expect(decision?.actions[0]).toHaveProperty('desired.carrier', 'amazon-rds');
    expect([decision, ...(decision?.actions ?? [])].filter((each) => each && 'instanceId' in each)).toEqual([]);
  });

  test('type-unknown under unknown: try: the creates say which type they try', () => {
    const policy = aPolicy({ instanceTypes: { edition: '2025-08', unknown: 'try', allow: [], deny: [] } });
    const actions = decide({ instance: anInstance({ instanceType: 'zz9.large' }) }, { policy })?.actions;
    expect(actions?.map((action) => [brief(action), 'triedType' in action && action.triedType])).toEqual([
      ['create 10 opted-in', 'zz9.large'],
      ['create 20 opted-in', 'zz9.large'],
    ]);
  });
});

describe('interface-gone: sessions on an interface that the read did not show', () => {
  const aged = (createdAt?: string) => {
    const { 'fleetmirror:created-at': _, ...tags } = aSession().tags;
    return aSession({ tags: createdAt === undefined ? tags : { ...tags, 'fleetmirror:created-at': createdAt } });
  };
  const orphan = (session = aSession()): Candidate => ({
    networkInterfaceId: session.networkInterfaceId,
    sessions: [session],
  });
  const planOrphan = (candidate: Candidate, differences: SituationDifferences = {}) => {
    const { decisions, accused } = planSources([candidate], aSituation(differences));
    return { actions: decisions[0]?.actions.map(brief), accused };
  };

  test('interface-gone: older than 15 minutes, the sweep deletes them', () => {
    expect(planOrphan(orphan(aged('2026-03-01T11:44:59.999Z'))).actions).toEqual(['delete 10 interface-gone']);
  });
  test('left-to-sweep: at exactly 15 minutes they stay', () => {
    expect(planOrphan(orphan(aged('2026-03-01T11:45:00Z'))).actions).toEqual(['retain 10 left-to-sweep']);
  });
  test.each(['2026-03-01T11:59:00Z', '2026-03-01T12:00:01Z', '2026-03-01T12:15:00Z'])(
    'left-to-sweep: young ones, and those of a clock up to 15 minutes ahead, stay and are not accused (%s)',
    (createdAt) => {
      expect(planOrphan(orphan(aged(createdAt)))).toEqual({ actions: ['retain 10 left-to-sweep'], accused: [] });
    },
  );
  test('left-to-sweep, read-incomplete: the plan says why they stay', () => {
    const detailOf = (session: Session) =>
      planSources([orphan(session)], aSituation()).decisions[0]?.actions[0]?.detail;
    expect(detailOf(aged('2026-03-01T11:59:00Z'))).toBe('it is younger than 15 minutes');
    expect(detailOf(aged('yesterday'))).toBe('its age is unreadable');
  });
  test('read-incomplete: several are accused in the order of their numbers', () => {
    const sessions = [30, 10, 20].map((sessionNumber) => {
      return { ...aged('yesterday'), sessionNumber, sessionId: `tms-0${100 - sessionNumber}` as const };
    });
    const { accused } = planSources([{ ...orphan(), sessions }], aSituation());
    expect(accused).toEqual(['tms-090', 'tms-080', 'tms-070']);
  });
  test('left-to-sweep: a batch of changes never deletes them, whatever their age', () => {
    expect(planOrphan(orphan(), { scope: 'changed' })).toEqual({ actions: ['retain 10 left-to-sweep'], accused: [] });
  });
  test.each([undefined, '', 'yesterday', '1772366400', '2026-03-01', '2999-01-01T00:00:00Z'])(
    'read-incomplete: with the unreadable created-at %p they are accused first',
    (createdAt) => {
      expect(planOrphan(orphan(aged(createdAt)))).toEqual({
        actions: ['retain 10 read-incomplete'],
        accused: ['tms-0aaa0000000000001'],
      });
    },
  );
  test('interface-gone: a second complete read that agrees condemns an unreadable age', () => {
    const accused = new Set(['tms-0aaa0000000000001'] as const);
    expect(planOrphan(orphan(aged('yesterday')), { accused })).toEqual({
      actions: ['delete 10 interface-gone'],
      accused: [],
    });
  });
  test('not-ours: a foreign session on a missing interface is left alone', () => {
    expect(planOrphan(orphan(aForeignSession())).actions).toEqual(['retain 10 not-ours']);
  });
});

describe('not-ours: what belongs to another', () => {
  test.each([
    ['without our tag', aForeignSession()],
    ['of another fleet', aForeignSession({ tags: { 'fleetmirror:fleet': 'test' } })],
    ['with our tag, but of another account', aSession({ ownerId: '999999999999' })],
  ])('not-ours: a session %s is never deleted, though nobody wants it here', (_what, session) => {
    expect(briefly({ networkInterface: anInterface(), sessions: [session] })).toEqual(['retain 10 not-ours']);
  });
});

describe('unknown-profile', () => {
  test('unknown-profile: existing sessions are retained, and nothing is refused beside them', () => {
    const candidate = { networkInterface: tagged('gold'), sessions: [aSession()] };
    expect(briefly(candidate)).toEqual(['retain 10 unknown-profile']);
  });
  test('unknown-profile: without sessions the user is told what the tag says', () => {
    const actions = decide({ networkInterface: tagged('') })?.actions;
    expect(actions).toMatchObject([{ kind: 'refuse', because: 'unknown-profile', detail: 'the tag says ""' }]);
  });
  test('unknown-profile: coverage still applies, and sessions beyond it are retained', () => {
    const policy = aPolicy({ coverage: [{ match: {}, profile: 'default', mandatory: false }] });
    const extra = aSession({ sessionId: 'tms-0aaa0000000000003', sessionNumber: 30 });
    expect(briefly({ networkInterface: tagged('gold'), sessions: [aSession(), extra] }, { policy })).toEqual([
      'create 20 covered',
      'retain 10 as-desired',
      'retain 30 unknown-profile',
    ]);
  });
  test('unknown-profile: a new tier does not displace a session that is there', () => {
    const sessions = [
      tcpSession,
      { ...tcpSession, sessionId: 'tms-0b' as const, sessionNumber: 40 },
      aForeignSession({ sessionNumber: 50 }),
    ];
    expect(briefly({ networkInterface: tagged('gold'), sessions }, { policy: covered })).toEqual([
      'retain 20 as-desired',
      'retain 40 unknown-profile',
      'retain 50 not-ours',
      'refuse 10 source-full',
    ]);
  });
});

describe('the figures of a decision', () => {
  test('a session that is only repaired counts as in place; one on a dead target does not', () => {
    const drifted = { ...tcpSession, packetLength: 64 };
    const dead = aSession({ targetId: 'tmt-0dead' });
    const decision = decide({ sessions: [dead, drifted] });
    expect(decision).toMatchObject({ wanted: [10, 20], inPlace: [20], isEligible: true, isUnreadable: false });
  });
  test.each<[string, Partial<Session>, readonly number[]]>([
    ['drifted: of another length is in place before it is repaired', { packetLength: 64 }, [10]],
    ['drifted: of another network id is in place before it is repaired', { virtualNetworkId: 9 }, [10]],
    ['drifted: of another description is in place before it is repaired', { description: 'tier tcp' }, [10]],
    ['drifted: by another filter is in place only once it is repaired', { filterId: 'tmf-0ccc1111bbbb2222c' }, []],
    ['drifted: of another length and filter is not', { packetLength: 64, filterId: 'tmf-0ccc1111bbbb2222c' }, []],
    ['target-withdrawn: to another target is in place only once it moves', { targetId: 'tmt-0ccc1111bbbb2222a' }, []],
    ['renumbered: on another number is in place only once it moves', { sessionNumber: 15 }, []],
  ])('a session %s', (_, difference, inPlace) => {
    const policy = aPolicy({ tiers: [aTier({ virtualNetworkId: 7001 })], profiles: { default: ['http'] } });
    const sessions = [aSession({ virtualNetworkId: 7001, ...difference })];
    const decision = decide({ sessions }, { policy });
    expect(decision?.actions.map(({ kind }) => kind)).toEqual(['modify']);
    expect(decision).toMatchObject({ wanted: [10], inPlace });
  });
  test('a session that is as desired is in place, one that is still to be made is not', () => {
    expect(decide({ sessions: [aSession(), tcpSession] })).toMatchObject({ inPlace: [10, 20] });
    expect(decide()).toMatchObject({ wanted: [10, 20], inPlace: [] });
  });
  test('a source that is refused for its type is wanted and not eligible', () => {
    const decision = decide({ instance: anInstance({ instanceType: 'm3.large' }) });
    expect(decision).toMatchObject({ wanted: [10, 20], inPlace: [], isEligible: false });
  });
  test('a source that the policy does not select wants nothing', () => {
    expect(decide({ networkInterface: tagged('off'), sessions: [aSession()] })).toMatchObject({
      wanted: [],
      isEligible: false,
      warnings: [],
    });
  });
});

test('decisions stand in ascending interface id, whatever the order of the candidates', () => {
  const ids = ['eni-0c', 'eni-0a', 'eni-0b'] as const;
  const candidates = ids.map((networkInterfaceId) =>
    aCandidate({ networkInterface: anInterface({ networkInterfaceId, tags: { Mirror: 'true' } }) }),
  );
  const plan = planSources(candidates, aSituation());
  expect(plan.decisions.map(({ networkInterfaceId }) => networkInterfaceId)).toEqual(['eni-0a', 'eni-0b', 'eni-0c']);
  expect(JSON.stringify(planSources(candidates.reverse(), aSituation()))).toBe(JSON.stringify(plan));
});
