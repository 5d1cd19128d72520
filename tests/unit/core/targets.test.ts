import { describe, expect, test } from '@jest/globals';
import type { NetworkInterfaceId, Session, Target, TargetPool } from '../../../lib/core/model.ts';
import { planSources } from '../../../lib/core/plan.ts';
import { capacityOf, chooseTarget, forgetSource, loadOf, openLedger } from '../../../lib/core/targets.ts';
import { anInterface } from '../../support/interface.ts';
import { aPolicy } from '../../support/policy.ts';
import { aSession } from '../../support/session.ts';
import { aCandidate, aSituation } from '../../support/situation.ts';
import { anNlbTarget, aTarget } from '../../support/target.ts';

const inA = aTarget({ targetId: 'tmt-0a', availabilityZone: 'us-east-1a' });
const inB = aTarget({ targetId: 'tmt-0b', availabilityZone: 'us-east-1b' });
const nlb = anNlbTarget({ targetId: 'tmt-0c' });
const source = (networkInterfaceId: NetworkInterfaceId = 'eni-0source') => ({
  networkInterfaceId,
  availabilityZone: 'us-east-1a',
});
/** So many sources on the target, one session each. */
const load = (target: Target, sources: number): Session[] =>
  Array.from({ length: sources }, (_, index) =>
    aSession({
      sessionId: `tms-${target.targetId}${index}`,
      networkInterfaceId: `eni-${target.targetId}${index}`,
      targetId: target.targetId,
    }),
  );

interface Given {
  readonly targets: readonly Target[];
  readonly sessions?: readonly Session[];
  readonly spread?: TargetPool['spread'];
  readonly full?: readonly Target[];
  readonly from?: NetworkInterfaceId;
}
function choose({ targets, sessions = [], spread = 'same-zone', full = [], from = 'eni-0source' }: Given) {
  const ledger = openLedger(sessions, new Set(full.map(({ targetId }) => targetId)));
  const pool = { ids: targets.map(({ targetId }) => targetId), spread };
  return chooseTarget(source(from), pool, new Map(targets.map((target) => [target.targetId, target])), ledger);
}
const chosen = ({ targetId }: Target) => ({ kind: 'chosen', targetId });

describe('nearest first', () => {
  test('a target in the zone of the source wins, though another has fewer sources', () => {
    expect(choose({ targets: [inB, inA], sessions: load(inA, 9) })).toEqual(chosen(inA));
  });
  test('a full target in the zone gives way to one elsewhere', () => {
    expect(choose({ targets: [inA, inB], sessions: load(inA, 10) })).toEqual(chosen(inB));
  });
  test('a load balancer serves every zone: the fewest sources decide', () => {
    expect(choose({ targets: [inA, nlb], sessions: load(inA, 1) })).toEqual(chosen(nlb));
    expect(choose({ targets: [inA, nlb], sessions: load(nlb, 1) })).toEqual(chosen(inA));
  });
  test('a target of which we cannot see the zone is not near', () => {
    const { availabilityZone: _, ...nowhere } = inB;
    expect(choose({ targets: [nowhere, inA], sessions: load(inA, 5) })).toEqual(chosen(inA));
  });
  test('spread least-sources: the zone does not count', () => {
    expect(choose({ targets: [inA, inB], sessions: load(inA, 1), spread: 'least-sources' })).toEqual(chosen(inB));
  });
});

describe('room', () => {
  test.each([
    ['an ordinary interface target takes 10 sources', inA, 10],
    ['an interface target on a listed type takes 100', aTarget({ instanceType: 'm5.24xlarge' }), 100],
    ['an interface target of an unknown type takes 10', aTarget({ instanceType: 'zz9.24xlarge' }), 10],
    ['a load balancer takes any number', nlb, Number.POSITIVE_INFINITY],
    [
      'a gateway endpoint takes any number',
      anNlbTarget({ kind: 'gateway-load-balancer-endpoint' }),
      Number.POSITIVE_INFINITY,
    ],
  ])('%s', (_title, target, capacity) => {
    expect(capacityOf(target)).toBe(capacity);
  });
  test.each([
    [inA, 9, 'chosen'],
    [inA, 10, 'full'],
    [aTarget({ instanceType: 'm5.24xlarge' }), 99, 'chosen'],
    [aTarget({ instanceType: 'm5.24xlarge' }), 100, 'full'],
    [nlb, 5000, 'chosen'],
  ])('target-full: %# the last place is given and no more', (target, sources, kind) => {
    expect(choose({ targets: [target], sessions: load(target, sources) }).kind).toBe(kind);
  });
  test('a source counts once, however many sessions it has there, and always has room for another tier', () => {
    const sessions = load(inA, 9).concat(
      [1, 2].map((index) =>
        aSession({ sessionId: `tms-0${index}`, networkInterfaceId: 'eni-0source', targetId: 'tmt-0a' }),
      ),
    );
    expect(loadOf(inA, openLedger(sessions, new Set()))).toBe(10);
    expect(choose({ targets: [inA], sessions })).toEqual(chosen(inA));
    expect(choose({ targets: [inA], sessions, from: 'eni-0another' })).toEqual({ kind: 'full' });
  });
  test('target-full: what EC2 itself called full is full', () => {
    expect(choose({ targets: [inA], full: [inA] })).toEqual({ kind: 'full' });
    expect(choose({ targets: [inA, inB], full: [inA] })).toEqual(chosen(inB));
  });
  test('target-missing: no target of the pool exists', () => {
    const ledger = openLedger([], new Set());
    expect(chooseTarget(source(), { ids: ['tmt-0gone'], spread: 'same-zone' }, new Map(), ledger)).toEqual({
      kind: 'missing',
    });
  });
  test('target-missing: an interface is no target for itself', () => {
    const own = aTarget({ networkInterfaceId: 'eni-0source' });
    expect(choose({ targets: [own] })).toEqual({ kind: 'missing' });
    expect(choose({ targets: [own, inB] })).toEqual(chosen(inB));
  });
  test('a source is forgotten when its last session leaves the target', () => {
    const two = [1, 2].map((index) => aSession({ sessionId: `tms-0${index}`, targetId: 'tmt-0a' }));
    const ledger = openLedger(two, new Set());
    forgetSource(ledger, 'tmt-0a', two[0]?.networkInterfaceId ?? 'eni-0');
    expect(loadOf(inA, ledger)).toBe(1);
    forgetSource(ledger, 'tmt-0a', two[0]?.networkInterfaceId ?? 'eni-0');
    expect(loadOf(inA, ledger)).toBe(0);
    forgetSource(ledger, 'tmt-0never', 'eni-0never');
  });
});

describe('the network ids in use', () => {
  const numbered = (sessionId: Session['sessionId'], virtualNetworkId: number) =>
    aSession({ sessionId, virtualNetworkId });
  test('of several sessions with one number the lowest id counts, in whatever order they come', () => {
    const sessions = [numbered('tms-02', 7), numbered('tms-01', 7), numbered('tms-03', 7), numbered('tms-04', 8)];
    for (const order of [sessions, [...sessions].reverse()]) {
      expect([...openLedger(order, new Set()).virtualNetworkIds].sort()).toEqual([
        [7, 'tms-01'],
        [8, 'tms-04'],
      ]);
    }
  });
  test('a session of which EC2 shows no number uses none', () => {
    const { virtualNetworkId: _, ...session } = aSession();
    expect(openLedger([session], new Set()).virtualNetworkIds.size).toBe(0);
  });
});

describe('ties', () => {
  const equals = [1, 2, 3, 4].map((index) => anNlbTarget({ targetId: `tmt-0${index}` }));
  test('ties are stable: the order of the pool does not matter', () => {
    for (let index = 0; index < 50; index++) {
      const from = `eni-0${index}` as const;
      expect(choose({ targets: [...equals].reverse(), from })).toEqual(choose({ targets: equals, from }));
    }
  });
  test('ties are settled alike by every release: a new one sends no source elsewhere', () => {
    const choices = ['eni-0a', 'eni-0b', 'eni-0c', 'eni-0d'].map((from) =>
      choose({ targets: equals, from: from as 'eni-0' }),
    );
    expect(choices.map((choice) => 'targetId' in choice && choice.targetId)).toEqual([
      'tmt-04',
      'tmt-04',
      'tmt-01',
      'tmt-04',
    ]);
  });
  test('ties spread the sources over the targets', () => {
    const choices = Array.from({ length: 400 }, (_, index) =>
      JSON.stringify(choose({ targets: equals, from: `eni-0${index}` })),
    );
    const counts = [...new Set(choices)].map((choice) => choices.filter((one) => one === choice).length);
    expect(counts).toHaveLength(4);
    expect(Math.min(...counts)).toBeGreaterThan(60);
  });
});

describe('sessions of other accounts on a target that we share with them', () => {
  const guests = (target: Target, count: number) =>
    load(target, count).map((session) => ({ ...session, ownerId: '999999999999' }));
  const policy = aPolicy({
    targets: { ...aPolicy().targets, waf: { ids: ['tmt-0a', 'tmt-0b'], spread: 'same-zone' } },
  });
  const plan = (guestSessions: readonly Session[]) => {
    const networkInterface = anInterface({ tags: { Mirror: 'http' } });
    const situation = aSituation({ policy, targets: [inA, inB], guestSessions });
    return planSources([aCandidate({ networkInterface })], situation).decisions[0]?.actions[0];
  };

  test('take room there: the next target of the pool is chosen', () => {
    expect(plan([])).toMatchObject({ kind: 'create', desired: { targetId: 'tmt-0a' } });
    expect(plan(guests(inA, 10))).toMatchObject({ kind: 'create', desired: { targetId: 'tmt-0b' } });
  });
  test('target-full: they fill a pool', () => {
    expect(plan([...guests(inA, 10), ...guests(inB, 10)])).toMatchObject({ kind: 'refuse', because: 'target-full' });
  });
  test('take no room in our account', () => {
    const elsewhere = guests(nlb, 10_000);
    expect(openLedger([aSession()], new Set(), elsewhere).accountSessions).toBe(1);
    expect(plan(elsewhere)).toMatchObject({ kind: 'create' });
  });
  test('keep their numbers', () => {
    const [guest] = guests(inA, 1);
    expect(openLedger([], new Set(), guest ? [guest] : []).virtualNetworkIds.get(7_159_709)).toBe(guest?.sessionId);
  });
});

describe('across the sources of one plan', () => {
  const candidates = (count: number) =>
    Array.from({ length: count }, (_, index) => {
      const networkInterfaceId = `eni-0${String(index).padStart(3, '0')}` as const;
      return aCandidate({ networkInterface: anInterface({ networkInterfaceId, tags: { Mirror: 'http' } }) });
    });
  const planFor = (count: number, targets: readonly Target[], accountSessions: readonly Session[] = []) => {
    const ids = targets.map(({ targetId }) => targetId);
    const policy = aPolicy({ targets: { ...aPolicy().targets, waf: { ids, spread: 'same-zone' } } });
    const { decisions } = planSources(candidates(count), aSituation({ policy, targets, accountSessions }));
    const counts = new Map<string, number>();
    for (const action of decisions.flatMap((decision) => decision.actions)) {
      const key = action.kind === 'create' ? action.desired.targetId : action.because;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return Object.fromEntries([...counts].sort());
  };

  test('the fewest sources count what this plan has given away already', () => {
    const twins = [inA, { ...inA, targetId: 'tmt-0a2' } as const];
    expect(planFor(8, twins, load(inA, 2))).toEqual({ 'tmt-0a': 3, 'tmt-0a2': 5 });
  });
  test('target-full: near targets fill up, then far ones, then the rest is refused', () => {
    expect(planFor(23, [inA, inB])).toEqual({ 'target-full': 3, 'tmt-0a': 10, 'tmt-0b': 10 });
  });
  test('target-full: sessions that move off a dead target share the places of the living one', () => {
    const dead = Array.from({ length: 12 }, (_, index) =>
      aSession({
        sessionId: `tms-0${index}`,
        networkInterfaceId: `eni-0${String(index).padStart(3, '0')}`,
        targetId: 'tmt-0dead',
      }),
    );
    const moved = candidates(12).map((candidate, index) => ({ ...candidate, sessions: dead.slice(index, index + 1) }));
    const policy = aPolicy({ targets: { ...aPolicy().targets, waf: { ids: ['tmt-0a'], spread: 'same-zone' } } });
    const { decisions } = planSources(moved, aSituation({ policy, targets: [inA], accountSessions: dead }));
    const codes = decisions.flatMap(({ actions }) => actions.map(({ because }) => because));
    expect(codes.filter((because) => because === 'target-gone')).toHaveLength(10);
    expect(codes.filter((because) => because === 'target-full')).toHaveLength(2);
  });
  test('a session that moves away leaves its place to a later source of the same plan', () => {
    // The one session that the policy withdraws from target b makes room there for the tier of another source.
    const withdrawn = aSession({ networkInterfaceId: 'eni-0000', targetId: 'tmt-0b' });
    const sessions = [withdrawn, ...load(inB, 9)];
    const policy = aPolicy({
      targets: { waf: { ids: ['tmt-0a'], spread: 'same-zone' }, sensors: { ids: ['tmt-0b'], spread: 'same-zone' } },
    });
    const http = { networkInterface: anInterface({ networkInterfaceId: 'eni-0000', tags: { Mirror: 'http' } }) };
    const tcp = { networkInterface: anInterface({ networkInterfaceId: 'eni-0001', tags: { Mirror: 'tcp' } }) };
    const both = [aCandidate({ ...http, sessions: [withdrawn] }), aCandidate(tcp)];
    const { decisions } = planSources(both, aSituation({ policy, targets: [inA, inB], accountSessions: sessions }));
    expect(decisions.flatMap(({ actions }) => actions)).toMatchObject([
      { kind: 'modify', because: 'target-withdrawn', desired: { targetId: 'tmt-0a' } },
      { kind: 'create', desired: { targetId: 'tmt-0b' } },
    ]);
  });
  test('sources that mirror elsewhere count too, whoever owns their sessions', () => {
    const foreign = load(inA, 8).map((session) => ({ ...session, tags: {} }));
    expect(planFor(4, [inA], foreign)).toEqual({ 'target-full': 2, 'tmt-0a': 2 });
  });
});
