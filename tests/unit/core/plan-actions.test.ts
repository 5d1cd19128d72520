import { describe, expect, test } from '@jest/globals';
import type { Action, DesiredSession } from '../../../lib/core/actions.ts';
import { create, inOrderOfApplication, modify, refuseTier, remove, retain } from '../../../lib/core/plan-actions.ts';
import { aPolicy } from '../../support/policy.ts';
import { aForeignSession, aSession } from '../../support/session.ts';

const session = aSession();
const { networkInterfaceId } = session;
const desired: DesiredSession = {
  networkInterfaceId,
  sessionNumber: 10,
  tier: 'http',
  targetId: session.targetId,
  filter: { name: 'http', filterId: session.filterId },
  description: 'tier http',
  carrier: 'i-0aaa0000000000001',
};

describe('each action says what it needs and nothing more', () => {
  test('as-desired: a session that is left alone carries its tier', () => {
    expect(retain(session, 'as-desired')).toStrictEqual({
      kind: 'retain',
      networkInterfaceId,
      sessionNumber: 10,
      because: 'as-desired',
      session,
      tier: 'http',
    });
  });
  test('left-to-sweep: with a detail it says it', () => {
    expect(retain(session, 'left-to-sweep', 'it is young')).toHaveProperty('detail', 'it is young');
  });
  test('not-ours: a session without our tags has no tier', () => {
    const foreign = aForeignSession();
    expect(retain(foreign, 'not-ours')).toStrictEqual({
      kind: 'retain',
      networkInterfaceId: foreign.networkInterfaceId,
      sessionNumber: foreign.sessionNumber,
      because: 'not-ours',
      session: foreign,
    });
  });
  test('opted-out: a deletion', () => {
    expect(remove(session, 'opted-out')).toStrictEqual({
      kind: 'delete',
      networkInterfaceId,
      sessionNumber: 10,
      because: 'opted-out',
      session,
    });
  });
  test('opted-in: a creation, with the type that it tries or without', () => {
    const plain = { kind: 'create', networkInterfaceId, sessionNumber: 10, because: 'opted-in', desired };
    expect(create(desired, 'opted-in')).toStrictEqual(plain);
    expect(create(desired, 'opted-in', 'zz9.large')).toStrictEqual({ ...plain, triedType: 'zz9.large' });
  });
  test('drifted: a change lists the fields, from and to', () => {
    const drifted = { ...session, packetLength: 64 };
    expect(modify(drifted, desired, 'drifted')).toStrictEqual({
      kind: 'modify',
      networkInterfaceId,
      sessionNumber: 10,
      because: 'drifted',
      session: drifted,
      desired,
      drift: [{ field: 'packetLength', from: 64, to: undefined }],
    });
  });
  test('target-full: a refused tier, with a detail or without', () => {
    const tier = aPolicy().tiers[0]!;
    const plain = { kind: 'refuse', networkInterfaceId, sessionNumber: 10, tier: 'http', because: 'target-full' };
    expect(refuseTier(networkInterfaceId, tier, 'target-full')).toStrictEqual(plain);
    expect(refuseTier(networkInterfaceId, tier, 'target-full', 'pool waf')).toStrictEqual({
      ...plain,
      detail: 'pool waf',
    });
  });
});

test('deletions come first, then changes, then creations, each by number; what needs no call follows', () => {
  const numbered = (sessionNumber: number) => ({ ...session, sessionNumber });
  const made = (sessionNumber: number) => ({ ...desired, sessionNumber });
  const refused = { kind: 'refuse', networkInterfaceId, because: 'type-unsupported' } as const;
  const actions: Action[] = [
    retain(numbered(5), 'as-desired'),
    { ...refused, sessionNumber: 4 },
    refused,
    create(made(2), 'opted-in'),
    create(made(1), 'opted-in'),
    modify(numbered(6), made(6), 'drifted'),
    remove(numbered(9), 'duplicate'),
  ];
  expect(actions.sort(inOrderOfApplication).map(({ kind, sessionNumber }) => `${kind} ${sessionNumber}`)).toEqual([
    'delete 9',
    'modify 6',
    'create 1',
    'create 2',
    'retain 5',
    'refuse undefined',
    'refuse 4',
  ]);
});
