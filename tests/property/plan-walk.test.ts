/**
 * Every small case of one source: each subset of three tiers wanted × what stands on their numbers and on a fourth one
 * × what else is the matter with the world. The model of EC2 and the oracle below know the specification only.
 */
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Action, SourceDecision } from '../../lib/core/actions.ts';
import type { Session } from '../../lib/core/model.ts';
import {
  book,
  livingTargets,
  mixes,
  type Numbered,
  numbers,
  type Planner,
  planWith,
  wantedSets,
  weathers,
} from '../support/planner-cases.ts';
import { perform } from '../support/source-model.ts';

interface Case {
  /** Targets that exist now. */
  readonly living: readonly string[];
  readonly wanted: readonly Numbered[];
  readonly before: readonly Session[];
  readonly decision: SourceDecision | undefined;
  readonly steps: readonly (readonly Session[])[];
  readonly after: readonly Session[];
  readonly replan: Planner;
}
const isOurs = (session: Session) => 'fleetmirror:fleet' in session.tags;
const oursIn = (sessions: readonly Session[]) => sessions.filter(isOurs);
const standsOn = (sessions: readonly Session[], sessionNumber: number) =>
  sessions.filter((session) => session.sessionNumber === sessionNumber);
const isWrite = ({ kind }: Action) => kind === 'create' || kind === 'modify' || kind === 'delete';

/** The numbers that are mirrored as the policy wants them. */
function goodNumbers({ wanted, living }: Case, sessions: readonly Session[]): Numbered[] {
  return wanted.filter((sessionNumber) =>
    standsOn(oursIn(sessions), sessionNumber).some((session) => {
      const { pool, filterId, tier, packetLength, virtualNetworkId } = book[sessionNumber];
      const isOnTarget = pool.some((targetId) => targetId === session.targetId) && living.includes(session.targetId);
      const isNumbered = virtualNetworkId === undefined || session.virtualNetworkId === virtualNetworkId;
      const isMeant = session.filterId === filterId && session.description === `tier ${tier}`;
      return isOnTarget && isNumbered && isMeant && session.packetLength === packetLength;
    }),
  );
}

/** What must be there in the end when nothing is missing: the wanted numbers that fit, lowest first; under an unreadable tag nothing goes. */
function oracle({ wanted, before }: Pick<Case, 'wanted' | 'before'>, isUnreadable: boolean): Set<number> {
  const ours = new Set(oursIn(before).map(({ sessionNumber }) => sessionNumber));
  const foreign = before.filter((session) => !isOurs(session));
  const isFree = (number: number) => ours.has(number) || standsOn(foreign, number).length === 0;
  const rivals = wanted.filter(isFree);
  if (!isUnreadable) return new Set(rivals.slice(0, 3 - foreign.length));
  const vacant = rivals.filter((number) => !ours.has(number));
  return new Set([...ours, ...vacant.slice(0, 3 - foreign.length - ours.size)]);
}

function tell({ wanted, before, decision }: Case): string {
  const say = (session: Session) =>
    `${session.sessionNumber} ${session.sessionId} ${isOurs(session) ? session.description : 'foreign'} ${session.targetId}`;
  const actions = (decision?.actions ?? []).map(
    (action) =>
      `${action.kind} ${action.sessionNumber} ${action.because} ${'session' in action ? action.session.sessionId : ''}`,
  );
  return `wanted ${wanted.join()}\nbefore\n  ${before.map(say).join('\n  ')}\nplan\n  ${actions.join('\n  ')}`;
}

describe.each(weathers)('every case of one source when $name', (weather) => {
  const cases: Case[] = [];
  const isUnreadable = weather.tag !== undefined;

  /** The cases that break the rule, told: the first few are enough. */
  const exceptions = (holds: (item: Case) => boolean) =>
    cases
      .filter((item) => !holds(item))
      .slice(0, 3)
      .map(tell);

  beforeAll(() => {
    const living = livingTargets(weather);
    for (const wanted of wantedSets) {
      const replan = planWith(weather, wanted);
      for (const before of mixes()) {
        const decision = replan(before);
        const item = { living, wanted, before, decision, steps: [], after: before, replan };
        try {
          const steps = perform(before, decision?.actions ?? []);
          cases.push({ ...item, steps, after: steps.at(-1) ?? before });
        } catch (error) {
          throw new Error(`${tell(item)}\nEC2 refuses: ${String(error)}`);
        }
      }
    }
  });

  test('the walk is large, and EC2 refuses none of its plans (three sessions, unique numbers, at every step)', () => {
    expect(cases.length).toBe(14_856);
  });

  test('idempotence: a second plan writes nothing', () => {
    expect(exceptions(({ after, replan }) => !replan(after)?.actions.some(isWrite))).toEqual([]);
  });

  test('not-ours: foreign sessions are in no write, are told, and stay what they were', () => {
    const holds = ({ before, after, decision }: Case) =>
      before
        .filter((session) => !isOurs(session))
        .every((session) => {
          const about = decision?.actions.filter((action) => 'session' in action && action.session === session) ?? [];
          return after.includes(session) && about.length === 1 && about[0]?.because === 'not-ours';
        });
    expect(exceptions(holds)).toEqual([]);
  });

  test('totality: each session of ours and each wanted number ends in exactly one decision', () => {
    const holds = ({ wanted, before, decision }: Case) => {
      const actions = decision?.actions ?? [];
      const refused = new Set(actions.filter(({ kind }) => kind === 'refuse').map((action) => action.sessionNumber));
      const isDecided = (session: Session) => {
        const named = actions.filter((action) => 'session' in action && action.session === session).length;
        return named === 1 || (named === 0 && refused.has(session.sessionNumber));
      };
      const isRepairedAstray = (action: Action) =>
        action.kind === 'modify' && action.because === 'drifted' && refused.has(action.sessionNumber);
      const isAnswered = (number: number) => {
        const answers = actions.filter(
          (action) =>
            action.sessionNumber === number &&
            action.kind !== 'delete' &&
            // What is done to a session that may not stay is no answer to what is wanted on its number.
            !isRepairedAstray(action) &&
            !('session' in action && !isOurs(action.session)),
        );
        // An obstacle of the whole source is told once, not once for each tier.
        return answers.length === 1 || (answers.length === 0 && refused.has(undefined));
      };
      return oursIn(before).every(isDecided) && (isUnreadable && !wanted.length ? true : wanted.every(isAnswered));
    };
    expect(exceptions(holds)).toEqual([]);
  });

  test('determinism: the same sessions the other way round give the same plan, byte for byte', () => {
    const holds = ({ before, decision, replan }: Case) => {
      return JSON.stringify(replan([...before].reverse())) === JSON.stringify(decision);
    };
    expect(exceptions(holds)).toEqual([]);
  });

  test('no joined delete and create leaves a moment without a session', () => {
    const holds = ({ before, after, steps }: Case) =>
      oursIn(before).length === 0 || oursIn(after).length === 0 || steps.every((step) => oursIn(step).length > 0);
    expect(exceptions(holds)).toEqual([]);
  });

  test('a delete and a create on one source are always joined', () => {
    const holds = ({ decision }: Case) => {
      const kinds = new Set(decision?.actions.map(({ kind }) => kind));
      return !(kinds.has('delete') && kinds.has('create'));
    };
    expect(exceptions(holds)).toEqual([]);
  });

  test('no plan leaves fewer tiers mirrored than it found', () => {
    // Of duplicates the lowest id stays, even where it is the one that cannot be repaired now.
    const hasTwins = ({ before }: Case) => numbers.some((number) => standsOn(oursIn(before), number).length > 1);
    const holds = (item: Case) => goodNumbers(item, item.before).length <= goodNumbers(item, item.after).length;
    expect(exceptions((item) => hasTwins(item) || holds(item))).toEqual([]);
  });

  test('a wanted number that is not mirrored in the end is refused with a reason', () => {
    const holds = (item: Case) => {
      const good = new Set<number>(goodNumbers(item, item.after));
      const refused = item.decision?.actions.filter(({ kind }) => kind === 'refuse') ?? [];
      const isTold = (number: number) =>
        refused.some(({ sessionNumber }) => sessionNumber === number || sessionNumber === undefined);
      return item.wanted.every((number) => good.has(number) || isTold(number));
    };
    expect(exceptions(holds)).toEqual([]);
  });

  test('in the end ours are at most one on a number, and none on a number that nobody wants', () => {
    const holds = ({ wanted, before, after }: Case) => {
      // Under an unreadable tag and nothing else, not even duplicates are touched.
      if (isUnreadable && wanted.length === 0) return after === before;
      const ours = oursIn(after).map(({ sessionNumber }) => sessionNumber);
      const isKept = (number: number) => isUnreadable || wanted.some((one) => one === number);
      return new Set(ours).size === ours.length && ours.every(isKept);
    };
    expect(exceptions(holds)).toEqual([]);
  });

  test('renumbered: a tier that moved takes its own session with it', () => {
    const holds = ({ wanted, before, after }: Case) => {
      const strays = oursIn(before).filter(({ sessionNumber }) => !wanted.some((number) => number === sessionNumber));
      return wanted.every((number) => {
        const own = strays.filter(({ description }) => description === `tier ${book[number].tier}`);
        const [now] = standsOn(oursIn(after), number);
        if (isUnreadable || own.length === 0 || now === undefined || standsOn(oursIn(before), number).length > 0)
          return true;
        return own.some(({ sessionId }) => sessionId === now.sessionId);
      });
    };
    expect(exceptions(holds)).toEqual([]);
  });

  test('a session whose target lives in its pool is never moved, and the lowest id of duplicates stays', () => {
    const holds = ({ wanted, before, after }: Case) =>
      wanted.every((number) => {
        const [lowest] = standsOn(oursIn(before), number).sort((one, other) =>
          one.sessionId < other.sessionId ? -1 : 1,
        );
        const [now] = standsOn(oursIn(after), number);
        if (lowest === undefined || now === undefined || now.sessionId !== lowest.sessionId) return !lowest || !now;
        return !book[number].pool.some((id) => id === lowest.targetId) || lowest.targetId === now.targetId;
      });
    const withoutRank = ({ before }: Case) => before.filter((session) => !isOurs(session)).length > 0;
    expect(exceptions((item) => withoutRank(item) || holds(item))).toEqual([]);
  });

  if (
    weather.without === undefined &&
    weather.situation === undefined &&
    weather.instanceType === undefined &&
    !weather.isAccountFull
  ) {
    test('convergence: the result is what the oracle says', () => {
      const holds = (item: Case) => {
        const { wanted, before, after } = item;
        const expected = oracle(item, isUnreadable);
        const good = goodNumbers(item, after);
        const there = new Set(oursIn(after).map(({ sessionNumber }) => sessionNumber));
        const isSame = there.size === expected.size && [...there].every((number) => expected.has(number));
        const areGood = wanted.every((number) => good.includes(number) || !expected.has(number));
        return isUnreadable && wanted.length === 0 ? after === before : isSame && areGood;
      };
      expect(exceptions(holds)).toEqual([]);
    });

    test('convergence takes the fewest calls: no session is created while another is given up', () => {
      const holds = (item: Case) => {
        const count = (kind: Action['kind']) =>
          item.decision?.actions.filter((action) => action.kind === kind).length ?? 0;
        const surplus = oursIn(item.before).length - oursIn(item.after).length;
        return count('delete') === Math.max(0, surplus) && count('create') === Math.max(0, -surplus);
      };
      expect(exceptions(holds)).toEqual([]);
    });
  }
});
