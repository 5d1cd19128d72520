import { describe, expect, test } from '@jest/globals';
import { defaultSetting } from '../../../lib/core/evaluate.ts';
import type { Direction, FilterSpec, RuleSpec } from '../../../lib/core/model.ts';
import type { EvaluationSetting } from '../../../lib/core/packet.ts';
import { describePacket } from '../../../lib/core/packet-text.ts';
import { findSessionsBehindRejection, findShadowedTiers, type TierView } from '../../../lib/core/shadow.ts';
import { aRule } from '../../support/filter.ts';
import { readPacket } from '../../support/packet.ts';
import { aTier } from '../../support/policy.ts';

function managed(rules: readonly RuleSpec[], networkServices: readonly string[] = []): FilterSpec {
  return { kind: 'managed', networkServices, rules };
}

/** Views of tiers `a`, `b`, `c` … over these filters, in this order. */
function viewsOf(filters: readonly FilterSpec[], setting?: EvaluationSetting) {
  const names = ['a', 'b', 'c'].slice(0, filters.length);
  const tiers = names.map((name, i) => aTier({ name, filter: name, sessionNumber: i + 1 }));
  return findShadowedTiers(tiers, Object.fromEntries(filters.map((filter, i) => [names[i], filter])), setting);
}
/** The view of a tier that gets this packet, whether or not `rejectFallsThrough`. */
function openTo(tier: string, direction: Direction, text: string): TierView {
  return { tier, kind: 'open', witness: { direction, facts: readPacket(text) }, restsOnRejectFallsThrough: false };
}
/** The view of a tier that gets nothing, whether or not `rejectFallsThrough`. */
function shadowed(tier: string, by: readonly string[]): TierView {
  return { tier, kind: 'shadowed', by, restsOnRejectFallsThrough: false };
}

const tcp = aRule({ protocol: 6 });
const web = aRule({ protocol: 6, destinationPorts: { from: 80, to: 80 } });

test('a broad tier before a narrow one shadows it, and is named', () => {
  expect(viewsOf([managed([tcp]), managed([web])])[1]).toEqual(shadowed('b', ['a']));
});

test('what a tier itself rejects is not its own, whatever AWS does with it then', () => {
  const below = aRule({ protocol: 6, ruleNumber: 1, destinationPorts: { from: 0, to: 442 } });
  const above = aRule({ protocol: 6, ruleNumber: 2, destinationPorts: { from: 444, to: 65_535 } });
  const between = { protocol: 6, destinationPorts: { from: 443, to: 443 } };
  const rejected = aRule({ ...between, ruleNumber: 1, action: 'reject' });
  const wanted = aRule({ protocol: 6, ruleNumber: 2, destinationPorts: { from: 1, to: 65_535 } });
  for (const rejectFallsThrough of [true, false]) {
    const views = viewsOf([managed([below, above]), managed([rejected, wanted])], {
      ...defaultSetting,
      rejectFallsThrough,
    });
    expect(views[1]).toEqual(shadowed('b', ['a']));
  }
});

test('a narrow tier before a broad one leaves it packets, and one of them is shown', () => {
  const view = viewsOf([managed([web]), managed([tcp])])[1];
  expect(view?.kind === 'open' && describePacket(view.witness.facts)).toBe('tcp 10.0.1.5:44321 > 10.0.2.9:443');
});

test('two halves together shadow a whole, and both are named', () => {
  const low = aRule({ sourceCidr: '0.0.0.0/1' });
  const high = aRule({ sourceCidr: '128.0.0.0/1' });
  expect(viewsOf([managed([low]), managed([high]), managed([tcp])])[2]).toEqual(shadowed('c', ['a', 'b']));
});

test('one port left out is found', () => {
  const below = aRule({ protocol: 6, ruleNumber: 1, destinationPorts: { from: 0, to: 8079 } });
  const above = aRule({ protocol: 6, ruleNumber: 2, destinationPorts: { from: 8081, to: 65_535 } });
  const wanted = aRule({ protocol: 6, destinationPorts: { from: 8000, to: 9000 } });
  const view = viewsOf([managed([below, above]), managed([wanted])])[1];
  expect(view?.kind === 'open' && view.witness.facts.ports?.destination).toBe(8080);
});

test('the other direction is another packet', () => {
  const egress = aRule({ direction: 'egress', protocol: 6 });
  expect(viewsOf([managed([tcp]), managed([tcp, egress])])[1]).toMatchObject({
    kind: 'open',
    witness: { direction: 'egress' },
  });
});

test('a network service keeps a tier open although its rules are shadowed', () => {
  const view = viewsOf([managed([tcp]), managed([web], ['amazon-dns'])])[1];
  expect(view?.kind === 'open' && describePacket(view.witness.facts)).toMatch(/169\.254\.169\.253:53/);
});

test('accepts-nothing: no rules, only rejections, or only traffic that AWS never mirrors', () => {
  const metadata = aRule({ destinationCidr: '169.254.169.254/32' });
  for (const rules of [[], [aRule({ action: 'reject' })], [metadata]]) {
    expect(viewsOf([managed(rules)])[0]).toEqual({ tier: 'a', kind: 'accepts-nothing' });
  }
});

test('undecided: a filter given by id says nothing of its rules, but what a known one shadows stays shadowed', () => {
  const given: FilterSpec = { kind: 'given', id: 'tmf-0aaa1111bbbb2222c' };
  expect(viewsOf([given, managed([web])])).toEqual([
    { tier: 'a', kind: 'undecided', filters: ['a'] },
    { tier: 'b', kind: 'undecided', filters: ['a'] },
  ]);
  expect(viewsOf([given, managed([tcp]), managed([web])])[2]).toEqual(shadowed('c', ['b']));
});

describe('several tiers at once', () => {
  const everything = [aRule(), aRule({ direction: 'egress' })];
  test('each is told by the first packet that it gets, whatever order they come in', () => {
    const filters = {
      web: managed([web]),
      tcp: managed([tcp, aRule({ direction: 'egress', protocol: 6, ruleNumber: 2 })]),
      all: managed(everything),
    };
    const tiers = ['all', 'tcp', 'web'].map((name, i) => aTier({ name, filter: name, sessionNumber: 30 - i }));
    expect(findShadowedTiers(tiers, filters)).toEqual([
      openTo('web', 'ingress', 'tcp 10.0.1.5:44321 > 10.0.2.9:80'),
      openTo('tcp', 'ingress', 'tcp 10.0.1.5:44321 > 10.0.2.9:443'),
      openTo('all', 'ingress', 'udp 10.0.1.5:44321 > 10.0.2.9:443'),
    ]);
  });
  test('those that only share packets with others are not blamed for shadowing', () => {
    const udp = managed([aRule({ protocol: 17 })]);
    expect(viewsOf([udp, managed([web]), managed([web])])[2]).toEqual(shadowed('c', ['b']));
  });
  test('undecided: each filter that is given by id is named once, and so is one that the policy does not have', () => {
    const given: FilterSpec = { kind: 'given', id: 'tmf-0aaa1111bbbb2222c' };
    const tier = (name: string, filter: string, sessionNumber: number) => aTier({ name, filter, sessionNumber });
    const tiers = [tier('a', 'given', 1), tier('b', 'given', 2), tier('c', 'missing', 3), tier('d', 'web', 4)];
    expect(findShadowedTiers(tiers, { given, web: managed([web]) })).toEqual([
      { tier: 'a', kind: 'undecided', filters: ['given'] },
      { tier: 'b', kind: 'undecided', filters: ['given'] },
      { tier: 'c', kind: 'undecided', filters: ['missing'] },
      { tier: 'd', kind: 'undecided', filters: ['given', 'missing'] },
    ]);
  });
});

describe('a rejection', () => {
  const rejecting = managed([aRule({ ruleNumber: 1, action: 'reject', protocol: 6 }), aRule({ ruleNumber: 2 })]);
  const viewsUnder = (rejectFallsThrough: boolean) =>
    viewsOf([rejecting, managed([tcp])], { rejectFallsThrough, resolvers: [] });

  test('leaves the packet to the next tier where rejectFallsThrough is true, and the view says that it rests on it', () => {
    expect(viewsUnder(true)).toEqual([
      openTo('a', 'ingress', 'udp 10.0.1.5:44321 > 10.0.2.9:443'),
      { ...openTo('b', 'ingress', 'tcp 10.0.1.5:44321 > 10.0.2.9:443'), restsOnRejectFallsThrough: true },
    ]);
  });
  test('shadows the next tier where rejectFallsThrough is false, and the view says that it rests on it', () => {
    expect(viewsUnder(false)).toEqual([
      openTo('a', 'ingress', 'udp 10.0.1.5:44321 > 10.0.2.9:443'),
      { ...shadowed('b', ['a']), restsOnRejectFallsThrough: true },
    ]);
  });
  test.each([true, false])('is avoided by the example where it can be (rejectFallsThrough = %s)', (falls) => {
    const https = aRule({ action: 'reject', protocol: 6, destinationPorts: { from: 443, to: 443 } });
    expect(viewsOf([managed([https]), managed([tcp])], { rejectFallsThrough: falls, resolvers: [] })[1]).toEqual(
      openTo('b', 'ingress', 'tcp 10.0.1.5:44321 > 10.0.2.9:444'),
    );
  });
  test('before an acceptance of the same filter leaves that nothing (accepts-nothing)', () => {
    const none = managed([aRule({ ruleNumber: 1, action: 'reject' }), aRule({ ruleNumber: 2, protocol: 6 })]);
    const swapped = managed([aRule({ ruleNumber: 2, action: 'reject' }), aRule({ ruleNumber: 1, protocol: 6 })]);
    expect(viewsOf([none, swapped]).map(({ kind }) => kind)).toEqual(['accepts-nothing', 'open']);
  });
});

describe('sessions behind a rejection', () => {
  const rejectAll = aRule({ action: 'reject', ruleNumber: 1 });
  const behind = (...filters: readonly (readonly RuleSpec[])[]) =>
    findSessionsBehindRejection(
      filters.map((rules, i) => ({ sessionNumber: i + 1, name: `${i}`, filter: { networkServices: [], rules } })),
      { rejectFallsThrough: true, resolvers: [] },
    );

  test('are those that accept what an earlier one rejects, however far before', () => {
    expect(behind([rejectAll], [], [tcp])).toEqual([false, false, true]);
  });
  test('are none where only the last session rejects, or the later ones reject it as well', () => {
    expect(behind([web], [rejectAll])).toEqual([false, false]);
    expect(behind([rejectAll], [rejectAll, aRule({ ruleNumber: 2, protocol: 6 })])).toEqual([false, false]);
  });
  test('are none where the packet has been accepted before it can be rejected', () => {
    expect(behind([tcp], [rejectAll], [web])).toEqual([false, false, false]);
  });
});

describe('Amazon DNS', () => {
  const dns = managed([], ['amazon-dns']);
  const toResolver = managed([aRule({ protocol: 17, destinationCidr: '169.254.169.253/32' })]);
  const query = 'tcp 10.0.1.5:44321 > 169.254.169.253:53';

  test('goes to the first tier with the network service, whatever rules stand before it', () => {
    expect(viewsOf([managed([aRule()]), dns, dns])).toEqual([
      openTo('a', 'ingress', 'tcp 10.0.1.5:44321 > 10.0.2.9:443'),
      openTo('b', 'ingress', query),
      shadowed('c', ['b']),
    ]);
  });
  test('is not what a rule accepts, though it names the resolver', () => {
    const [first, second] = viewsOf([dns, toResolver]);
    expect(first).toEqual(openTo('a', 'ingress', query));
    expect(second).toEqual(openTo('b', 'ingress', 'udp 10.0.1.5:44321 > 169.254.169.253:443'));
  });
  test('that an earlier tier mirrors is nothing that this one accepts (accepts-nothing)', () => {
    const onlyQueries = managed([
      aRule({ protocol: 17, destinationCidr: '169.254.169.253/32', destinationPorts: { from: 53, to: 53 } }),
    ]);
    expect(viewsOf([dns, onlyQueries])[1]).toEqual({ tier: 'b', kind: 'accepts-nothing' });
  });
  test("with the VPC's own resolver is kept from rules as well (accepts-nothing)", () => {
    const { source } = readPacket('icmp 10.0.0.2 > 10.0.0.2');
    const toOwn = managed([
      aRule({ protocol: 6, destinationCidr: '10.0.0.2/32', destinationPorts: { from: 53, to: 53 } }),
    ]);
    const kindWith = (resolvers: (typeof source)[]) =>
      viewsOf([toOwn], { rejectFallsThrough: true, resolvers }).map(({ kind }) => kind);
    expect([kindWith([]), kindWith([source])]).toEqual([['open'], ['accepts-nothing']]);
  });
});

test('three filters of ten rules that cross each other in every way are decided at once', () => {
  const crossing = (seed: number) =>
    managed(
      Array.from({ length: 10 }, (_, i) =>
        aRule({
          ruleNumber: i + 1,
          action: i % 3 === 2 ? 'reject' : 'accept',
          protocol: i % 2 === 0 ? 6 : 17,
          sourceCidr: `10.${(seed * 7 + i * 3) % 16}.0.0/${9 + (i % 8)}`,
          destinationCidr: `10.${(seed * 5 + i * 11) % 16}.0.0/${9 + ((i * 3) % 8)}`,
          sourcePorts: { from: seed * 100 + i * 37, to: seed * 100 + i * 37 + 300 },
          destinationPorts: { from: seed * 130 + i * 53, to: seed * 130 + i * 53 + 400 },
        }),
      ),
    );
  const startedAt = performance.now();
  expect(viewsOf([crossing(1), crossing(2), crossing(3)]).map(({ kind }) => kind)).toEqual(['open', 'open', 'open']);
  expect(performance.now() - startedAt).toBeLessThan(5000);
});
