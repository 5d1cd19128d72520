import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { evaluatePacket } from '../../lib/core/evaluate.ts';
import type { Direction, FilterSpec, RuleSpec } from '../../lib/core/model.ts';
import type { EvaluationSetting, IpFacts } from '../../lib/core/packet.ts';
import { findSessionsBehindRejection, findShadowedTiers } from '../../lib/core/shadow.ts';
import { readPacket } from '../support/packet.ts';
import { aTier } from '../support/policy.ts';

// Rules over these values cut the packets into kinds of which every one has a member below: looking at all of them is
// looking at all packets.
const networks = ['0.0.0.0/0', '10.0.0.0/31', '10.0.0.1/32'];
const ends = ['10.0.0.0', '10.0.0.1', '8.8.8.8', '169.254.169.253'];
const ranges = [
  { from: 0, to: 65_535 },
  { from: 0, to: 53 },
  { from: 53, to: 53 },
  { from: 54, to: 65_535 },
];
const ports = [0, 53, 54];

const universe: readonly { facts: IpFacts; direction: Direction }[] = listUniverse();

const ruleOfUniverse: fc.Arbitrary<RuleSpec> = fc
  .record({
    direction: fc.constantFrom('ingress' as const, 'ingress' as const, 'egress' as const),
    action: fc.constantFrom('accept' as const, 'accept' as const, 'reject' as const),
    protocol: fc.constantFrom(undefined, 6, 17, 1),
    sourceCidr: fc.constantFrom(...networks),
    destinationCidr: fc.constantFrom(...networks),
    sourcePorts: fc.option(fc.constantFrom(...ranges), { nil: undefined }),
    destinationPorts: fc.option(fc.constantFrom(...ranges), { nil: undefined }),
  })
  .map(({ protocol, sourcePorts, destinationPorts, ...rule }) => ({
    ...rule,
    ruleNumber: 1,
    ...(protocol !== undefined && { protocol }),
    ...(protocol !== undefined && protocol !== 1 && sourcePorts && { sourcePorts }),
    ...(protocol !== undefined && protocol !== 1 && destinationPorts && { destinationPorts }),
  }));

const filterOfUniverse = fc.record({
  kind: fc.constant('managed' as const),
  networkServices: fc.constantFrom([], [], ['amazon-dns']),
  rules: fc
    .array(ruleOfUniverse, { minLength: 1, maxLength: 4 })
    .map((rules) => rules.map((rule, i) => ({ ...rule, ruleNumber: i + 1 }))),
});

test('shadowed, accepts-nothing and open agree with trying every packet of a small universe', () => {
  fc.assert(
    fc.property(fc.array(filterOfUniverse, { minLength: 1, maxLength: 3 }), fc.boolean(), (filters, falls) => {
      const setting: EvaluationSetting = { rejectFallsThrough: falls, resolvers: [] };
      const tiers = filters.map((_, i) => aTier({ name: `t${i}`, filter: `f${i}`, sessionNumber: i + 1 }));
      const named: Record<string, FilterSpec> = Object.fromEntries(filters.map((filter, i) => [`f${i}`, filter]));
      const sessions = filters.map((filter, i) => ({ sessionNumber: i + 1, name: `t${i}`, filter }));
      const otherwise = { ...setting, rejectFallsThrough: !falls };
      const takerOf = (packet: { facts: IpFacts; direction: Direction }, first: number, under = setting) => {
        const { verdict } = evaluatePacket(packet.facts, sessions.slice(first), packet.direction, under);
        return verdict.kind === 'mirrored' ? verdict.name : undefined;
      };
      findShadowedTiers(tiers, named, setting).forEach((view, rank) => {
        const accepted = universe.filter((packet) => takerOf(packet, rank) === view.tier);
        const mirrored = accepted.filter((packet) => takerOf(packet, 0) === view.tier);
        const expected = accepted.length === 0 ? 'accepts-nothing' : mirrored.length === 0 ? 'shadowed' : 'open';
        expect(view.kind).toBe(expected);
        if (view.kind === 'open') expect(takerOf(view.witness, 0)).toBe(view.tier);
        if (view.kind === 'open' || view.kind === 'shadowed') {
          const mirroredOtherwise = accepted.filter((packet) => takerOf(packet, 0, otherwise) === view.tier);
          const inBoth = mirrored.filter((packet) => mirroredOtherwise.includes(packet));
          const rests = view.kind === 'open' ? inBoth.length === 0 : mirroredOtherwise.length > 0;
          expect(view.restsOnRejectFallsThrough).toBe(rests);
        }
        if (view.kind === 'open' && !view.restsOnRejectFallsThrough) {
          expect(takerOf(view.witness, 0, otherwise)).toBe(view.tier);
        }
        if (view.kind === 'shadowed' && falls) {
          expect(view.by).toEqual([...new Set(accepted.map((packet) => takerOf(packet, 0)))].sort());
        }
      });
    }),
    { numRuns: 60 },
  );
});

test('a session is behind a rejection exactly if the account of some packet of it rests on rejectFallsThrough', () => {
  fc.assert(
    fc.property(fc.array(filterOfUniverse, { minLength: 2, maxLength: 3 }), (filters) => {
      const setting: EvaluationSetting = { rejectFallsThrough: true, resolvers: [] };
      const sessions = filters.map((filter, i) => ({ sessionNumber: i + 1, name: `t${i}`, filter }));
      const resting = new Set<number>();
      for (const { facts, direction } of universe) {
        const { verdict, restsOnRejectFallsThrough } = evaluatePacket(facts, sessions, direction, setting);
        if (restsOnRejectFallsThrough && verdict.kind === 'mirrored') resting.add(verdict.sessionNumber);
      }
      expect(findSessionsBehindRejection(sessions, setting)).toEqual(
        sessions.map(({ sessionNumber }) => resting.has(sessionNumber)),
      );
    }),
    { numRuns: 30 },
  );
});

function listUniverse() {
  const packets: { facts: IpFacts; direction: Direction }[] = [];
  for (const direction of ['ingress', 'egress'] as const) {
    for (const source of ends) {
      for (const destination of ends) {
        for (const protocol of ['proto 1', 'proto 47']) {
          packets.push({ direction, facts: readPacket(`${protocol} ${source} > ${destination}`) });
        }
        for (const protocol of ['tcp', 'udp']) {
          packets.push({ direction, facts: readPacket(`${protocol} ${source} > ${destination} fragment`) });
          for (const from of ports) {
            for (const to of ports) {
              packets.push({ direction, facts: readPacket(`${protocol} ${source}:${from} > ${destination}:${to}`) });
            }
          }
        }
      }
    }
  }
  return packets;
}
