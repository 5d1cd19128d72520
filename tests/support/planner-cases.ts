/** The small cases of one source, and policies for them: what a planner can meet, written without its words. */
import type { SourceDecision } from '../../lib/core/actions.ts';
import type { FilterId, Session, TargetId } from '../../lib/core/model.ts';
import { planSource, planSources } from '../../lib/core/plan.ts';
import { openLedger } from '../../lib/core/targets.ts';
import { anInstance } from './instance.ts';
import { anInterface } from './interface.ts';
import { aPolicy, aTier } from './policy.ts';
import { aForeignSession, aSession } from './session.ts';
import { aSituation, policyFilters, type SituationDifferences } from './situation.ts';
import { anNlbTarget } from './target.ts';

/** What the policy says of each number, in the test's own words. Pools have two targets each. */
export const book: Readonly<Record<Numbered, Entry>> = {
  10: { tier: 'http', filterId: 'tmf-0aaa1111bbbb2222c', pool: ['tmt-0a1', 'tmt-0a2'] },
  20: { tier: 'tcp', filterId: 'tmf-0bbb1111bbbb2222c', pool: ['tmt-0b1', 'tmt-0b2'], packetLength: 128 },
  30: { tier: 'full', filterId: 'tmf-0ccc1111bbbb2222c', pool: ['tmt-0b1', 'tmt-0b2'], virtualNetworkId: 3030 },
};
interface Entry {
  readonly tier: string;
  readonly filterId: FilterId;
  readonly pool: readonly [TargetId, TargetId];
  /** Absent: whole packets. */
  readonly packetLength?: number;
  /** Absent: as EC2 chooses. */
  readonly virtualNetworkId?: number;
}
/** A number that a tier has. */
export type Numbered = 10 | 20 | 30;
/** The numbers that tiers have. */
export const numbers: readonly Numbered[] = [10, 20, 30];

type Condition = 'desired' | 'drifted' | 'dead' | 'withdrawn';
type Piece = Condition | 'foreign' | `named ${string}` | `on waf ${string}`;
const conditions: readonly Condition[] = ['desired', 'drifted', 'dead', 'withdrawn'];
/** What may stand on a wanted or withdrawn number: two pieces are duplicates. */
const onNumber: readonly (readonly Piece[])[] = [
  [],
  ['foreign'],
  ...conditions.flatMap((condition): Piece[][] => [[condition], [condition, 'foreign']]),
  ['desired', 'drifted'],
  ['drifted', 'desired'],
  ['dead', 'desired'],
  ['on waf http'],
];
/** What may stand on number 40, which no tier has: sessions of tiers that had it before, of nobody, of others. */
const onForty: readonly (readonly Piece[])[] = [
  [],
  ['foreign'],
  ['named http'],
  ['named tcp'],
  ['named full'],
  ['named nothing'],
  ['dead'],
  ['named tcp', 'foreign'],
  ['foreign', 'foreign'],
  ['named full', 'named http'],
  ['on waf http'],
  ['on waf tcp'],
];

function sessionOf(piece: Piece, sessionNumber: number, index: number): Session {
  const { tier, filterId, pool, ...lengthAndNumber } = book[sessionNumber as Numbered] ?? book[20];
  const sessionId = `tms-0${index}${sessionNumber}` as const;
  if (piece === 'foreign') return aForeignSession({ sessionId: `tms-0f${index}${sessionNumber}`, sessionNumber });
  // On the second target of the pool: the planner must not move it to the one that it would choose.
  const mirrors = { filterId, targetId: pool[1], description: `tier ${tier}`, ...lengthAndNumber };
  const desired = aSession({ sessionId, sessionNumber, ...mirrors });
  switch (piece) {
    case 'desired':
      return desired;
    case 'drifted':
      return {
        ...desired,
        filterId: 'tmf-0ddd',
        packetLength: 64,
        virtualNetworkId: 6,
        description: 'changed by hand',
      };
    case 'dead':
      return { ...desired, targetId: 'tmt-0dead' };
    case 'withdrawn':
      return { ...desired, targetId: 'tmt-0old' };
    default:
      return {
        ...desired,
        targetId: piece.startsWith('on waf') ? book[10].pool[1] : pool[1],
        description: piece.replace(/named|on waf/, 'tier'),
      };
  }
}

/** Every mix of at most three sessions: EC2 allows no more on a source. */
export function* mixes(): Generator<readonly Session[]> {
  for (const ten of onNumber) {
    for (const twenty of onNumber) {
      for (const thirty of onNumber) {
        for (const forty of onForty) {
          if (ten.length + twenty.length + thirty.length + forty.length > 3) continue;
          yield [
            ...ten.map((piece, index) => sessionOf(piece, 10, index)),
            ...twenty.map((piece, index) => sessionOf(piece, 20, index)),
            ...thirty.map((piece, index) => sessionOf(piece, 30, index)),
            ...forty.map((piece, index) => sessionOf(piece, 40, index)),
          ];
        }
      }
    }
  }
}

/** Every choice among the three tiers, none included. */
export const wantedSets: readonly (readonly Numbered[])[] = Array.from({ length: 8 }, (_, bits) =>
  numbers.filter((_number, index) => bits & (1 << index)),
);

/** What else is the matter with the world. */
export interface Weather {
  readonly name: string;
  readonly situation?: Pick<SituationDifferences, 'scope' | 'fullTargets'>;
  readonly without?: { readonly target?: string; readonly filter?: string };
  readonly tag?: string;
  readonly instanceType?: string;
  readonly isAccountFull?: boolean;
  /** No session has been accused yet. */
  readonly isFirstRead?: boolean;
}
const everyone = (sessions: readonly Session[]) => new Set(sessions.map(({ sessionId }) => sessionId));
const poolTargets = ['tmt-0a1', 'tmt-0a2', 'tmt-0b1', 'tmt-0b2'] as const;
/** One matter at a time. */
export const weathers: readonly Weather[] = [
  { name: 'all is well' },
  { name: 'the opt-in tag is unreadable', tag: 'nonsense' },
  {
    name: 'a batch of changes, pool waf without a target',
    without: { target: 'tmt-0a' },
    situation: { scope: 'changed' },
  },
  { name: 'a first read of the fleet, pool waf without a target', without: { target: 'tmt-0a' }, isFirstRead: true },
  { name: 'a second read of the fleet, pool waf without a target', without: { target: 'tmt-0a' } },
  { name: 'the targets of pool waf are full', situation: { fullTargets: new Set(['tmt-0a1', 'tmt-0a2']) } },
  { name: 'every target full', situation: { fullTargets: new Set(poolTargets) } },
  { name: 'a filter is missing', without: { filter: book[20].filterId } },
  { name: 'the instance type is unknown', instanceType: 'zz9.large' },
  { name: 'the account is full', isAccountFull: true },
];
/** Targets that exist in this weather. */
export function livingTargets({ without }: Weather) {
  const all = [...poolTargets, 'tmt-0old'] as const;
  return all.filter((targetId) => without?.target === undefined || !targetId.startsWith(without.target));
}

/** What is decided of the source when these sessions are on it. */
export type Planner = (sessions: readonly Session[]) => SourceDecision | undefined;

/** The planner for one weather and one choice of tiers, as a function of the sessions on the source. */
export function planWith(weather: Weather, wanted: readonly Numbered[]): Planner {
  const pools = { waf: book[10].pool, sensors: book[20].pool };
  const policy = aPolicy({
    targets: {
      waf: { ids: pools.waf, spread: 'same-zone' },
      sensors: { ids: pools.sensors, spread: 'same-zone' },
    },
    tiers: numbers.map((sessionNumber) => {
      const { tier, packetLength, virtualNetworkId } = book[sessionNumber];
      const [target, filter] = { http: ['waf', 'http'], tcp: ['sensors', 'all-tcp'], full: ['sensors', 'everything'] }[
        tier
      ] as [string, string];
      const length = packetLength !== undefined && { packetLength };
      const number = virtualNetworkId !== undefined && { virtualNetworkId };
      return aTier({ name: tier, sessionNumber, target, filter, ...length, ...number });
    }),
    profiles: { default: wanted.map((sessionNumber) => book[sessionNumber].tier) },
    coverage: wanted.length === 0 ? [] : [{ match: {}, profile: 'default', mandatory: false }],
  });
  const targets = livingTargets(weather).map((targetId) => anNlbTarget({ targetId }));
  const filters = policyFilters.filter(({ filterId }) => filterId !== weather.without?.filter);
  const base = aSituation({ policy, targets, filters, ...weather.situation });
  const networkInterface = anInterface({ tags: weather.tag === undefined ? {} : { Mirror: weather.tag } });
  const instance = anInstance(weather.instanceType === undefined ? {} : { instanceType: weather.instanceType });
  const { networkInterfaceId } = networkInterface;
  return (sessions: readonly Session[]) => {
    const situation = { ...base, accountSessions: sessions, accused: everyone(weather.isFirstRead ? [] : sessions) };
    const candidate = { networkInterfaceId, networkInterface, instance, sessions };
    if (!weather.isAccountFull) return planSources([candidate], situation).decisions[0];
    const ledger = openLedger(sessions, new Set());
    ledger.accountSessions = 10_000;
    return planSource(candidate, situation, ledger);
  };
}
