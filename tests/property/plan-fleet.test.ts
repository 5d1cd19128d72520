import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Candidate } from '../../lib/core/actions.ts';
import type { Session } from '../../lib/core/model.ts';
import { planSources } from '../../lib/core/plan.ts';
import { anInterface } from '../support/interface.ts';
import { aPolicy, aTier } from '../support/policy.ts';
import { aSession } from '../support/session.ts';
import { aCandidate, aSituation } from '../support/situation.ts';
import { anNlbTarget, aTarget } from '../support/target.ts';

const targetIds = ['tmt-0a', 'tmt-0b', 'tmt-0c'] as const;
const policy = aPolicy({
  targets: {
    waf: { ids: ['tmt-0a', 'tmt-0b'], spread: 'same-zone' },
    sensors: { ids: ['tmt-0b', 'tmt-0c'], spread: 'least-sources' },
  },
  tiers: [
    aTier({ virtualNetworkId: 'per-source' }),
    aTier({ name: 'tcp', sessionNumber: 20, target: 'sensors', filter: 'all-tcp' }),
  ],
  virtualNetworkIdRange: { from: 1, to: 40 },
});

const aSource = fc.record({
  zone: fc.constantFrom('us-east-1a', 'us-east-1b'),
  tag: fc.constantFrom('true', 'http', 'tcp', 'off', 'nonsense'),
  sessions: fc.uniqueArray(
    fc.record({
      sessionNumber: fc.constantFrom(10, 20, 30),
      targetId: fc.constantFrom(...targetIds, 'tmt-0dead' as const),
      virtualNetworkId: fc.integer({ min: 1, max: 50 }),
      isForeign: fc.boolean(),
    }),
    { maxLength: 3, selector: ({ sessionNumber }) => sessionNumber },
  ),
});

/** A fleet of so many sources at most, on targets of which two take ten sources only, under 40 numbers. */
const aFleetOf = (maxLength: number) =>
  fc.array(aSource, { maxLength }).map((sources) => {
    let serial = 0;
    return sources.map(({ zone, tag, sessions }, index): Candidate => {
      const networkInterfaceId = `eni-0${String(index).padStart(3, '0')}` as const;
      return aCandidate({
        networkInterface: anInterface({ networkInterfaceId, availabilityZone: zone, tags: { Mirror: tag } }),
        sessions: sessions.map(({ isForeign, ...session }): Session => {
          const sessionId = `tms-0${serial++}` as const;
          return aSession({ ...session, sessionId, networkInterfaceId, ...(isForeign && { tags: {} }) });
        }),
      });
    });
  });

const aFleet = aFleetOf(40);

function planFor(candidates: readonly Candidate[], reversed = false) {
  const inOrder = <T>(items: readonly T[]) => (reversed ? [...items].reverse() : items);
  const targets = [
    aTarget({ targetId: 'tmt-0a' }),
    aTarget({ targetId: 'tmt-0b', availabilityZone: 'us-east-1b' }),
    anNlbTarget({ targetId: 'tmt-0c' }),
  ];
  const accountSessions = candidates.flatMap(({ sessions }) => sessions);
  return planSources(
    candidates,
    aSituation({ policy, targets: inOrder(targets), accountSessions: inOrder(accountSessions) }),
  );
}

test('determinism: a fleet in any order gives the same plan, byte for byte', () => {
  const shuffled = aFleet.chain((fleet) =>
    fc.tuple(fc.constant(fleet), fc.shuffledSubarray(fleet, { minLength: fleet.length })),
  );
  fc.assert(
    fc.property(shuffled, ([fleet, other]) => {
      expect(JSON.stringify(planFor(other, true))).toBe(JSON.stringify(planFor(fleet)));
    }),
  );
});

/** What the sessions of the fleet are once the plan has been carried out. */
function carryOut(candidates: readonly Candidate[]): readonly Candidate[] {
  let serial = 1000;
  const { decisions } = planFor(candidates);
  return candidates.map((candidate) => {
    const decision = decisions.find(({ networkInterfaceId }) => networkInterfaceId === candidate.networkInterfaceId);
    const sessions = new Map(candidate.sessions.map((session) => [session.sessionId, session]));
    for (const action of decision?.actions ?? []) {
      if (action.kind === 'delete') sessions.delete(action.session.sessionId);
      if (action.kind !== 'modify' && action.kind !== 'create') continue;
      const { sessionNumber, targetId, filter, description, virtualNetworkId } = action.desired;
      const old = action.kind === 'modify' ? action.session : aSession({ sessionId: `tms-0${serial++}` });
      sessions.set(old.sessionId, {
        ...old,
        networkInterfaceId: candidate.networkInterfaceId,
        sessionNumber,
        targetId,
        filterId: filter.filterId ?? 'tmf-0new',
        description,
        ...(virtualNetworkId !== undefined && { virtualNetworkId }),
      });
    }
    return { ...candidate, sessions: [...sessions.values()] };
  });
}

test('a plan gives no target more sources than AWS allows', () => {
  fc.assert(
    fc.property(aFleet, (fleet) => {
      const sourcesOf = (candidates: readonly Candidate[], targetId: string) =>
        candidates.filter(({ sessions }) => sessions.some((session) => session.targetId === targetId)).length;
      const after = carryOut(fleet);
      for (const targetId of ['tmt-0a', 'tmt-0b']) {
        expect(sourcesOf(after, targetId)).toBeLessThanOrEqual(Math.max(10, sourcesOf(fleet, targetId)));
      }
    }),
  );
});

test('per-source numbers end up unique among the sessions that have them while the range lasts', () => {
  const hasHttp = ({ networkInterface }: Candidate) => /true|http/.test(networkInterface?.tags.Mirror ?? '');
  // Ten sources have at most 30 sessions and get at most 10 more: the range of 40 is enough.
  fc.assert(
    fc.property(aFleetOf(10), (fleet) => {
      const numbers = carryOut(fleet)
        .filter(hasHttp)
        .flatMap(({ sessions }) => sessions)
        .filter(({ tags, sessionNumber }) => 'fleetmirror:fleet' in tags && sessionNumber === 10)
        .map(({ virtualNetworkId }) => virtualNetworkId);
      expect(new Set(numbers).size).toBe(numbers.length);
      expect(numbers.every((number) => number !== undefined && number >= 1 && number <= 40)).toBe(true);
    }),
  );
});

test('convergence: after a few runs the fleet comes to rest', () => {
  fc.assert(
    fc.property(aFleet, (fleet) => {
      let now: readonly Candidate[] = fleet;
      // Room that one run frees is given away by the next, so that more than one may be needed.
      for (let run = 0; run < 5; run++) now = carryOut(now);
      const { decisions } = planFor(now);
      const writes = decisions
        .flatMap(({ actions }) => actions)
        .filter(({ kind }) => kind !== 'retain' && kind !== 'refuse');
      expect(writes).toEqual([]);
    }),
  );
});
