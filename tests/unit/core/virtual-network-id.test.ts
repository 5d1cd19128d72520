import { describe, expect, test } from '@jest/globals';
import type { SessionId } from '../../../lib/core/model.ts';
import { planSources } from '../../../lib/core/plan.ts';
import {
  assignVirtualNetworkId,
  candidateVirtualNetworkIds,
  probedNumbers,
  probedPerSession,
} from '../../../lib/core/virtual-network-id.ts';
import { anInterface } from '../../support/interface.ts';
import { aPolicy, aTier } from '../../support/policy.ts';
import { aForeignSession, aSession } from '../../support/session.ts';
import { aCandidate, aSituation } from '../../support/situation.ts';

const tier = { networkInterfaceId: 'eni-0aaa0000000000001', tier: 'http' } as const;
const range = { from: 100, to: 109 };
const used = (entries: Record<number, SessionId | 'planned'> = {}) =>
  new Map(Object.entries(entries).map(([number, session]) => [Number(number), session]));
const candidates = [...candidateVirtualNetworkIds(tier.networkInterfaceId, tier.tier, range)];

describe('candidates', () => {
  test('they try every number of the range once, upward from a hash, wrapping at the end', () => {
    expect([...candidates].sort()).toEqual([100, 101, 102, 103, 104, 105, 106, 107, 108, 109]);
    for (const [index, number] of candidates.slice(1).entries()) {
      expect(number).toBe(candidates[index] === range.to ? range.from : (candidates[index] ?? 0) + 1);
    }
  });
  test('the hash is the same in every release, so that a source starts at the same number again', () => {
    const first = (id: `eni-${string}`) => candidateVirtualNetworkIds(id, 'http', range).next().value;
    expect((['eni-0', 'eni-1', 'eni-2'] as const).map(first)).toEqual([108, 106, 100]);
  });
  test('a range of one number has one candidate', () => {
    expect([...candidateVirtualNetworkIds('eni-0', 'http', { from: 7, to: 7 })]).toEqual([7]);
  });
  test('tiers of one source start at different numbers', () => {
    const wide = { from: 1, to: 16_777_215 };
    const first = (name: string) => candidateVirtualNetworkIds('eni-0', name, wide).next().value;
    expect(first('http')).not.toBe(first('tcp'));
  });
});

describe('assignment', () => {
  const own = { sessionId: 'tms-0b', virtualNetworkId: 105 } as const;
  const [first = 0, second = 0] = candidates;

  test('a new session takes its first candidate, and nobody else gets that', () => {
    const ledger = used();
    expect(assignVirtualNetworkId(tier, undefined, range, ledger)).toBe(first);
    expect(assignVirtualNetworkId(tier, undefined, range, ledger)).toBe(second);
    expect([...ledger]).toEqual([
      [first, 'planned'],
      [second, 'planned'],
    ]);
  });
  test('a number in use is passed over', () => {
    expect(assignVirtualNetworkId(tier, undefined, range, used({ [first]: 'tms-0a' }))).toBe(second);
  });
  test('an existing session keeps its own number', () => {
    expect(assignVirtualNetworkId(tier, own, range, used({ 105: 'tms-0b' }))).toBe(105);
    for (const virtualNetworkId of [range.from, range.to]) {
      const atTheEdge = { ...own, virtualNetworkId };
      expect(assignVirtualNetworkId(tier, atTheEdge, range, used({ [virtualNetworkId]: 'tms-0b' }))).toBe(
        virtualNetworkId,
      );
    }
  });
  test('a collision: the session with the lowest id keeps the number, the other moves', () => {
    const ledger = used({ 105: 'tms-0a' });
    expect(assignVirtualNetworkId(tier, own, range, ledger)).not.toBe(105);
    expect(assignVirtualNetworkId(tier, { ...own, sessionId: 'tms-0a' }, range, ledger)).toBe(105);
  });
  test.each([99, 110, undefined])('a session on %p, outside of the range, moves into it', (virtualNetworkId) => {
    const outside = virtualNetworkId === undefined ? { sessionId: own.sessionId } : { ...own, virtualNetworkId };
    expect(candidates).toContain(assignVirtualNetworkId(tier, outside, range, used({ 99: 'tms-0b', 110: 'tms-0b' })));
  });
  test('a range that is used up leaves the number to EC2', () => {
    const all = Object.fromEntries(candidates.map((number) => [number, 'planned' as const]));
    expect(assignVirtualNetworkId(tier, undefined, range, used(all))).toBeUndefined();
  });
});

describe('in a plan', () => {
  const policy = aPolicy({ tiers: [aTier({ virtualNetworkId: 'per-source' })], virtualNetworkIdRange: range });
  const sources = (count: number) =>
    Array.from({ length: count }, (_, index) =>
      aCandidate({
        networkInterface: anInterface({ networkInterfaceId: `eni-0${index}`, tags: { Mirror: 'http' } }),
      }),
    );
  const numbersOf = (plan: ReturnType<typeof planSources>) =>
    plan.decisions.flatMap(({ actions }) =>
      actions.map((action) => (action.kind === 'create' ? action.desired.virtualNetworkId : action.kind)),
    );

  test('as many sources as numbers: each gets its own; the next gets what EC2 gives', () => {
    const plan = planSources(
      sources(11),
      aSituation({
        policy,
        targets: [...aSituation().targets.values()].map((target) => ({
          ...target,
          kind: 'network-load-balancer' as const,
        })),
      }),
    );
    expect(numbersOf(plan).slice(0, 10).sort()).toEqual([100, 101, 102, 103, 104, 105, 106, 107, 108, 109]);
    expect(numbersOf(plan)[10]).toBeUndefined();
  });
  test("numbers of other people's sessions are avoided", () => {
    const [free] = numbersOf(planSources(sources(1), aSituation({ policy })));
    const foreign = aForeignSession({ networkInterfaceId: 'eni-0x', virtualNetworkId: Number(free) });
    const [other] = numbersOf(planSources(sources(1), aSituation({ policy, accountSessions: [foreign] })));
    expect(other).not.toBe(free);
  });
  test('drifted: of two sessions on one number the higher id is given another, and that settles it', () => {
    const sessions = ['eni-0a', 'eni-0b'].map((id, index) =>
      aSession({ sessionId: `tms-0${index}`, networkInterfaceId: id as 'eni-0a', virtualNetworkId: 105 }),
    );
    const planFor = (now: typeof sessions) =>
      planSources(
        now.map((session) =>
          aCandidate({
            networkInterface: anInterface({ networkInterfaceId: session.networkInterfaceId, tags: { Mirror: 'http' } }),
            sessions: [session],
          }),
        ),
        aSituation({ policy, accountSessions: now }),
      ).decisions.flatMap(({ actions }) => actions);
    const actions = planFor(sessions);
    expect(actions.map(({ kind, because }) => [kind, because])).toEqual([
      ['retain', 'as-desired'],
      ['modify', 'drifted'],
    ]);
    const moved = actions.map((action) =>
      action.kind === 'modify'
        ? { ...action.session, virtualNetworkId: action.desired.virtualNetworkId ?? 0 }
        : sessions[0],
    );
    expect(planFor(moved as typeof sessions).map(({ because }) => because)).toEqual(['as-desired', 'as-desired']);
  });
  test('one read is asked about the first few candidates of each new session', () => {
    const { decisions } = planSources(sources(1), aSituation({ policy }));
    const first = candidateVirtualNetworkIds('eni-00', 'http', range).take(probedPerSession).toArray();
    expect(probedNumbers(decisions, policy)).toEqual(first);
  });
  test('nothing is asked for a session that is there already', () => {
    const session = aSession({ networkInterfaceId: 'eni-00', virtualNetworkId: 105 });
    const there = sources(1).map((source) => ({ ...source, sessions: [session] }));
    const { decisions } = planSources(there, aSituation({ policy, accountSessions: [session] }));
    expect(decisions.flatMap(({ actions }) => actions.map(({ because }) => because))).toEqual(['as-desired']);
    expect(probedNumbers(decisions, policy)).toEqual([]);
  });
  test('nothing is asked when the policy fixes the numbers or leaves them to EC2', () => {
    for (const tiers of [[aTier()], [aTier({ virtualNetworkId: 7001 })]]) {
      const fixed = aPolicy({ tiers });
      const { decisions } = planSources(sources(1), aSituation({ policy: fixed }));
      expect(probedNumbers(decisions, fixed)).toEqual([]);
    }
  });
});
