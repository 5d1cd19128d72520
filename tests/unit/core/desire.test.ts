import { describe, expect, test } from '@jest/globals';
import type { DesiredSession } from '../../../lib/core/actions.ts';
import { describeTier, findDrift, findFilter, keepsTarget, tierOf, tierSession } from '../../../lib/core/desire.ts';
import type { Tier } from '../../../lib/core/model.ts';
import { aFilter } from '../../support/filter.ts';
import { anInterface } from '../../support/interface.ts';
import { aPolicy, aTier } from '../../support/policy.ts';
import { aSession } from '../../support/session.ts';
import { aTarget } from '../../support/target.ts';

const desired = (differences: Partial<DesiredSession> = {}): DesiredSession => ({
  networkInterfaceId: 'eni-0aaa0000000000001',
  sessionNumber: 10,
  tier: 'http',
  targetId: 'tmt-0aaa1111bbbb2222c',
  filter: { name: 'http', filterId: 'tmf-0aaa1111bbbb2222c' },
  description: 'tier http',
  carrier: 'i-0aaa0000000000001',
  ...differences,
});

describe('the tier stands in the description', () => {
  test.each([
    ['tier http', aTier()],
    ['tier http: all: of it', aTier({ description: 'all: of it' })],
    ['tier http: ', aTier({ description: '' })],
  ])('%p is written and read back', (text, tier) => {
    expect(describeTier(tier)).toBe(text);
    expect(tierOf(aSession({ description: text }))).toBe('http');
  });
  test.each([
    '',
    'http',
    'tier',
    'tier ',
    'tier HTTP',
    'tier 1http',
    'tier http2 x',
    'Tier http',
    'a tier http',
    'tier http\n',
    `tier ${'x'.repeat(32)}`,
    undefined,
  ])('%p names no tier', (description) => {
    const { description: _, ...bare } = aSession();
    expect(tierOf(description === undefined ? bare : { ...bare, description })).toBeUndefined();
  });
});

test.each(['h', 'h2-x', 'x'.repeat(31)])('the tier %s is read back from the text of its session', (name) => {
  expect(tierOf(aSession({ description: `tier ${name}` }))).toBe(name);
  expect(tierOf(aSession({ description: `tier ${name}: of 2026` }))).toBe(name);
});

describe('drift', () => {
  test('each field that the policy fixes is compared, with what is there and what is wanted', () => {
    const wanted = desired({
      sessionNumber: 11,
      targetId: 'tmt-0other',
      filter: { name: 'http', filterId: 'tmf-0other' },
      packetLength: 64,
      virtualNetworkId: 7001,
      description: 'tier http: all',
    });
    expect(findDrift(wanted, aSession({ packetLength: 256 }))).toEqual([
      { field: 'sessionNumber', from: 10, to: 11 },
      { field: 'targetId', from: 'tmt-0aaa1111bbbb2222c', to: 'tmt-0other' },
      { field: 'filterId', from: 'tmf-0aaa1111bbbb2222c', to: 'tmf-0other' },
      { field: 'packetLength', from: 256, to: 64 },
      { field: 'virtualNetworkId', from: 7_159_709, to: 7001 },
      { field: 'description', from: 'tier http', to: 'tier http: all' },
    ]);
  });
  test('a fixed VXLAN number that is there is none', () => {
    expect(findDrift(desired({ virtualNetworkId: 7_159_709 }), aSession())).toEqual([]);
  });
  test('a session as desired does not differ', () => {
    expect(findDrift(desired(), aSession())).toEqual([]);
  });
  test.each([
    [undefined, 8500],
    [8500, undefined],
    [8500, 8500],
  ])('the whole packet: %p wanted and %p there are the same', (wanted, there) => {
    const want = desired(wanted === undefined ? {} : { packetLength: wanted });
    expect(findDrift(want, aSession(there === undefined ? {} : { packetLength: there }))).toEqual([]);
  });
  test('8500 bytes are not the whole packet of an interface target, which takes 8947', () => {
    const there = aSession({ packetLength: 8500 });
    for (const kind of ['network-load-balancer', 'gateway-load-balancer-endpoint'] as const) {
      expect(findDrift(desired(), there, kind)).toEqual([]);
    }
    expect(findDrift(desired(), there, 'network-interface')).toEqual([
      { field: 'packetLength', from: 8500, to: undefined },
    ]);
    expect(findDrift(desired({ packetLength: 8500 }), there, 'network-interface')).toEqual([]);
    expect(findDrift(desired(), aSession(), 'network-interface')).toEqual([]);
  });
  test('a length that the policy no longer cuts to is drift to the whole packet', () => {
    expect(findDrift(desired(), aSession({ packetLength: 100 }))).toEqual([
      { field: 'packetLength', from: 100, to: undefined },
    ]);
  });
  test('a managed filter that is yet to be made is drift', () => {
    expect(findDrift(desired({ filter: { name: 'http' } }), aSession())).toEqual([
      { field: 'filterId', from: 'tmf-0aaa1111bbbb2222c', to: undefined },
    ]);
  });
  test('who carries the session and its tags are not compared: they never change', () => {
    expect(findDrift(desired({ carrier: 'i-0other' }), aSession({ tags: {} }))).toEqual([]);
  });
});

test('filter-missing: a filter given by id must exist; a managed one is found by its name or made', () => {
  const given = aPolicy();
  expect(findFilter(given, aTier(), new Map(), new Map())).toEqual({ kind: 'missing', id: 'tmf-0aaa1111bbbb2222c' });
  expect(findFilter(given, aTier(), new Map([[aFilter().filterId, aFilter()]]), new Map())).toEqual({
    kind: 'found',
    filter: { name: 'http', filterId: 'tmf-0aaa1111bbbb2222c' },
  });
  const managed = aPolicy({ filters: { http: { kind: 'managed', networkServices: [], rules: [] } } });
  expect(findFilter(managed, aTier(), new Map(), new Map())).toStrictEqual({ kind: 'found', filter: { name: 'http' } });
  expect(findFilter(managed, aTier(), new Map(), new Map([['http', 'tmf-0m']]))).toEqual({
    kind: 'found',
    filter: { name: 'http', filterId: 'tmf-0m' },
  });
});

test('a session stays on its target as long as the target exists and is in the pool', () => {
  const { targetId } = aTarget();
  const there = new Map([[targetId, aTarget()]]);
  expect(keepsTarget(aSession(), { ids: ['tmt-0other', targetId] }, there)).toBe(true);
  expect(keepsTarget(aSession(), { ids: ['tmt-0other'] }, there)).toBe(false);
  expect(keepsTarget(aSession(), { ids: [targetId] }, new Map())).toBe(false);
});

test('the session that a tier wants has what the tier fixes and leaves the rest to EC2', () => {
  const { targetId } = aTarget();
  const filter = { name: 'http', filterId: 'tmf-0aaa1111bbbb2222c' } as const;
  const bare = {
    networkInterfaceId: 'eni-0aaa0000000000001',
    sessionNumber: 10,
    tier: 'http',
    targetId,
    filter,
    description: 'tier http',
    carrier: 'i-0aaa0000000000001',
  };
  const want = (tier: Tier, virtualNetworkId?: number) =>
    tierSession(tier, filter, anInterface(), { targetId, virtualNetworkId });
  expect(want(aTier())).toStrictEqual(bare);
  expect(want(aTier({ packetLength: 256 }), 7001)).toStrictEqual({
    ...bare,
    packetLength: 256,
    virtualNetworkId: 7001,
  });
});
