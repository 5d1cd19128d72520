import { describe, expect, test } from '@jest/globals';
import { keepLateSources, keepNewSessions, keepSessionsMadeSince } from '../../../lib/core/late-read.ts';
import { tagsLateMsMax } from '../../../lib/core/limits.ts';
import type { NetworkInterfaceId } from '../../../lib/core/model.ts';
import { planSources } from '../../../lib/core/plan.ts';
import { anInterface } from '../../support/interface.ts';
import { aForeignSession, aSession } from '../../support/session.ts';
import { aCandidate, aSituation } from '../../support/situation.ts';

const source = 'eni-0aaa0000000000001';
const decide = (profile: string, sessions = [aSession({ packetLength: 64 })]) => {
  const networkInterface = anInterface({ tags: { Mirror: profile } });
  return planSources([aCandidate({ networkInterface, sessions })], aSituation({ accountSessions: sessions })).decisions;
};

test('read-incomplete: what would be changed on a late source stays, and says what it was to be', () => {
  const detail = 'EC2 does not show the changed tags yet';
  const kept = { kind: 'retain', because: 'read-incomplete', detail, sessionNumber: 10, networkInterfaceId: source };
  const [changed] = keepLateSources(decide('http'), new Set([source]));
  expect(changed?.actions).toEqual([
    { ...kept, held: 'drifted', session: aSession({ packetLength: 64 }), instanceId: 'i-0aaa0000000000001' },
  ]);
  const [deleted] = keepLateSources(decide('off', [aSession()]), new Set([source]));
  expect(deleted?.actions).toEqual([
    { ...kept, held: 'opted-out', session: aSession(), instanceId: 'i-0aaa0000000000001' },
  ]);
});

test('read-incomplete: a session that was to move is told under the number that it has', () => {
  const [decision] = keepLateSources(decide('http', [aSession({ sessionNumber: 40 })]), new Set([source]));
  expect(decision?.actions).toMatchObject([{ kind: 'retain', held: 'renumbered', sessionNumber: 40 }]);
});

test('read-incomplete: an interface without an instance has none to name', () => {
  const sessions = [aSession()];
  const { attachment: _, ...detached } = anInterface({ tags: { Mirror: 'off' }, status: 'available' });
  const candidate = { networkInterfaceId: detached.networkInterfaceId, networkInterface: detached, sessions };
  const { decisions } = planSources([candidate], aSituation({ accountSessions: sessions }));
  const [decision] = keepLateSources(decisions, new Set([source]));
  expect(decision?.actions.map(({ kind, ...action }) => [kind, 'instanceId' in action])).toEqual([['retain', false]]);
});

test('a session that the tags as shown ask for is made on a late source; what is not ours is no matter', () => {
  const decisions = decide('http', [aForeignSession({ sessionNumber: 50 })]);
  expect(keepLateSources(decisions, new Set([source]))).toEqual(decisions);
  expect(decisions[0]?.actions.map(({ kind }) => kind)).toEqual(['create', 'retain']);
});

test('a source that is not late is planned as ever', () => {
  expect(keepLateSources(decide('off'), new Set())).toEqual(decide('off'));
  expect(keepLateSources(decide('off'), new Set(['eni-0aaa0000000000002']))).toEqual(decide('off'));
});

describe('A session that the tags as shown do not ask for', () => {
  const createdAtMs = Date.parse('2026-03-01T12:00:00Z');
  const session = aSession({ tags: { ...aSession().tags, 'fleetmirror:created-at': '2026-03-01T12:00:00Z' } });
  const untagged = aCandidate({ networkInterface: anInterface({ tags: {} }), sessions: [session] });
  const plan = (candidate = untagged) =>
    planSources([candidate], aSituation({ accountSessions: [session], nowMs: createdAtMs })).decisions;
  const kindsAfter = (ageMs: number, toldOf: readonly NetworkInterfaceId[] = [], decisions = plan()) =>
    keepNewSessions(decisions, new Set(toldOf), createdAtMs + ageMs).flatMap(({ actions }) =>
      actions.map(({ kind, because }) => [kind, because]),
    );

  test('read-incomplete: is kept while it is new and no event tells of tags', () => {
    expect(kindsAfter(0)).toEqual([['retain', 'read-incomplete']]);
    expect(kindsAfter(tagsLateMsMax - 1)).toEqual([['retain', 'read-incomplete']]);
    expect(keepNewSessions(plan(), new Set(), createdAtMs)[0]?.actions).toMatchObject([
      { detail: 'EC2 does not show the changed tags yet', held: 'not-covered', session },
    ]);
  });

  test('not-covered: is deleted once it is no longer new, or where an event told of the tags', () => {
    expect(kindsAfter(tagsLateMsMax)).toEqual([['delete', 'not-covered']]);
    expect(kindsAfter(0, [source])).toEqual([['delete', 'not-covered']]);
    expect(kindsAfter(0, ['eni-0aaa0000000000002'])).toEqual([['retain', 'read-incomplete']]);
  });

  test('not-covered: is deleted when its age is unreadable', () => {
    const ageless = aSession({ tags: { ...session.tags, 'fleetmirror:created-at': 'today' } });
    const decisions = plan({ ...untagged, sessions: [ageless] });
    expect(kindsAfter(0, [], decisions)).toEqual([['delete', 'not-covered']]);
  });

  test('opted-out: is deleted however new it is, and what is wanted is left alone', () => {
    const off = plan({ ...untagged, networkInterface: anInterface({ tags: { Mirror: 'off' } }) });
    expect(kindsAfter(0, [], off)).toEqual([['delete', 'opted-out']]);
    const wanted = plan({ ...untagged, networkInterface: anInterface({ tags: { Mirror: 'http' } }) });
    expect(keepNewSessions(wanted, new Set(), createdAtMs)).toEqual(wanted);
  });
});

describe('A session that is newer than the read that would delete it', () => {
  const createdAtMs = Date.parse('2026-03-01T12:00:00Z');
  const made = (createdAt: string) =>
    aSession({ tags: { ...aSession().tags, 'fleetmirror:created-at': createdAt }, packetLength: 64 });
  const session = made('2026-03-01T12:00:00Z');
  const actionsAfter = (readAtMs: number, nowMs: number, decisions = decide('off', [session])) =>
    keepSessionsMadeSince(decisions, readAtMs, nowMs).flatMap(({ actions }) => actions);

  test('read-incomplete: is kept, whatever it was to be deleted for', () => {
    expect(actionsAfter(createdAtMs - 1, createdAtMs + 60_000)).toEqual([
      {
        kind: 'retain',
        because: 'read-incomplete',
        detail: 'it was made after this run began to read',
        held: 'opted-out',
        networkInterfaceId: source,
        instanceId: 'i-0aaa0000000000001',
        sessionNumber: 10,
        session,
      },
    ]);
  });

  test.each<[string, number, number]>([
    ['that was made in the moment when the read began', createdAtMs, createdAtMs],
    ['that was made before it', createdAtMs + 1, createdAtMs + 60_000],
    ['whose time has not come yet', createdAtMs - 86_400_000, createdAtMs - 86_400_000],
  ])('one %s goes', (_which, readAtMs, nowMs) => {
    expect(actionsAfter(readAtMs, nowMs)).toMatchObject([{ kind: 'delete', because: 'opted-out' }]);
  });

  test('one of unknown age goes', () => {
    const decisions = decide('off', [made('lately')]);
    const kinds = (all: typeof decisions) => all.flatMap(({ actions }) => actions.map(({ kind }) => kind));
    expect(kinds(keepSessionsMadeSince(decisions, 0, createdAtMs))).toEqual(kinds(decisions));
  });

  test('what is to be changed is changed', () => {
    const decisions = decide('http', [session]);
    expect(actionsAfter(createdAtMs - 1, createdAtMs, decisions)).toMatchObject([{ kind: 'modify' }]);
  });
});
