import { defaultSetting, rulesInOrder } from './evaluate.ts';
import type { FilterSpec, ManagedFilter, Tier } from './model.ts';
import type { EvaluationSetting, PacketFilter, PacketSession } from './packet.ts';
import { boxFromRule, type PacketBox } from './packet-box.ts';
import { type DirectedPacket, findPacket } from './shadow-search.ts';
import { listSpecialTraffic, type SpecialKind } from './special-traffic.ts';

/**
 * What a tier of a profile can still mirror when the tiers before it have taken theirs. `restsOnRejectFallsThrough`:
 * the other answer to that open question would shadow an open tier, or open a shadowed one.
 */
export type TierView =
  /** A packet that this tier mirrors although the earlier ones are asked first. */
  | {
      readonly tier: string;
      readonly kind: 'open';
      readonly witness: DirectedPacket;
      readonly restsOnRejectFallsThrough: boolean;
    }
  /** Whatever this tier accepts, one of these earlier tiers takes. */
  | {
      readonly tier: string;
      readonly kind: 'shadowed';
      readonly by: readonly string[];
      readonly restsOnRejectFallsThrough: boolean;
    }
  /** Its filter accepts no packet that AWS mirrors, whatever stands before it. */
  | { readonly tier: string; readonly kind: 'accepts-nothing' }
  /** The answer depends on these filters, given by id: the policy does not tell their rules. */
  | { readonly tier: string; readonly kind: 'undecided'; readonly filters: readonly string[] };

/**
 * Decides for each tier of a profile, in ascending session number, whether it can ever mirror a packet. Exact, not
 * sampled: every kind of packet that some rule tells from others is looked at. Depends on `rejectFallsThrough`.
 */
export function findShadowedTiers(
  tiers: readonly Tier[],
  filters: Readonly<Record<string, FilterSpec>>,
  setting: EvaluationSetting = defaultSetting,
): TierView[] {
  const ordered = tiers.toSorted((a, b) => a.sessionNumber - b.sessionNumber);
  return ordered.map((tier, rank) => viewTier(tier, ordered.slice(0, rank), filters, setting));
}

function viewTier(
  { name, filter: filterName }: Tier,
  earlier: readonly Tier[],
  filters: Readonly<Record<string, FilterSpec>>,
  setting: EvaluationSetting,
): TierView {
  const own = filters[filterName];
  if (own?.kind !== 'managed') return { tier: name, kind: 'undecided', filters: [filterName] };
  const known: { readonly name: string; readonly filter: ManagedFilter }[] = [];
  const unknown: string[] = [];
  for (const tier of earlier) {
    const filter = filters[tier.filter];
    if (filter?.kind === 'managed') known.push({ name: tier.name, filter });
    else unknown.push(tier.filter);
  }
  const { find, isMirrored, decisionOf, isAccepted } = lookInto([...known.map(({ filter }) => filter), own], setting);
  if (!find(isAccepted)) return { tier: name, kind: 'accepts-nothing' };
  const { rejectFallsThrough } = setting;
  // A packet that is mirrored whatever the open answer is makes the better example.
  const certain = find((holding) => isMirrored(holding, true) && isMirrored(holding, false));
  const witness = certain ?? find((holding) => isMirrored(holding, rejectFallsThrough));
  // Whatever an unknown filter takes besides, what is taken from the tier stays taken.
  if (witness === undefined) {
    const takes = (rank: number) =>
      find((holding) => isAccepted(holding) && decisionOf(holding, rejectFallsThrough).rank === rank) !== undefined;
    const by = known.filter((_, rank) => takes(rank)).map((tier) => tier.name);
    const rests = find((holding) => isMirrored(holding, !rejectFallsThrough)) !== undefined;
    return { tier: name, kind: 'shadowed', by, restsOnRejectFallsThrough: rests };
  }
  if (unknown.length > 0) return { tier: name, kind: 'undecided', filters: [...new Set(unknown)] };
  return { tier: name, kind: 'open', witness, restsOnRejectFallsThrough: certain === undefined };
}

/**
 * Which sessions, given in ascending session number, can mirror a packet that an earlier one rejects by rule: whether
 * they do rests on `rejectFallsThrough`. Exact, so that rejections which all sessions share (VXLAN guards) do not count.
 */
export function findSessionsBehindRejection(sessions: readonly PacketSession[], setting: EvaluationSetting): boolean[] {
  const filters = sessions.map(({ filter }) => filter);
  return filters.map((_, rank) => {
    const isAnyRejecting = filters.slice(0, rank).some(({ rules }) => rules.some(({ action }) => action === 'reject'));
    if (!isAnyRejecting) return false;
    const { find, isMirrored } = lookInto(filters.slice(0, rank + 1), setting);
    return find((holding) => isMirrored(holding, true) && !isMirrored(holding, false)) !== undefined;
  });
}

/** Questions about the last filter of a chain; packets are told by the regions in which they lie. */
function lookInto(chain: readonly PacketFilter[], setting: EvaluationSetting) {
  const last = chain.length - 1;
  const own = chain[last] as PacketFilter;
  const regions = listRegions(chain, setting);
  const boxes = regions.map(({ box }) => box);
  const mayBeAccepted = (left: Holding) => left.some((index) => canAccept(regions[index] as Region, last, own));
  const decisionOf = (holding: Holding, rejectFallsThrough: boolean) =>
    decide(regions, holding, chain, 0, rejectFallsThrough);
  return {
    /** Of packets that the last filter may accept, one that is wanted. */
    find: (isWanted: (holding: Holding) => boolean) => findPacket(boxes, isWanted, mayBeAccepted),
    decisionOf,
    /** Whether the last filter gets the packet although the others are asked first. */
    isMirrored: (holding: Holding, rejectFallsThrough: boolean) => {
      const { rank, accepts } = decisionOf(holding, rejectFallsThrough);
      return accepts && rank === last;
    },
    /** Whether it would get the packet if it stood alone. */
    isAccepted: (holding: Holding) => decide(regions, holding, chain, last, setting.rejectFallsThrough).accepts,
  };
}

/** The indexes of the regions in which a packet lies, ascending. */
type Holding = readonly number[];

/** A part of the packets, and what holds there: a rule of one filter of the chain, or AWS's own exceptions. */
interface Region {
  readonly box: PacketBox;
  readonly says: { readonly special: SpecialKind } | { readonly rank: number; readonly action: 'accept' | 'reject' };
}

/** In the order in which they are asked: special traffic, then filter after filter, rule after rule. */
function listRegions(chain: readonly PacketFilter[], { resolvers }: EvaluationSetting): Region[] {
  const special = listSpecialTraffic(resolvers).map(({ box, kind }): Region => ({ box, says: { special: kind } }));
  const rules = chain.flatMap(({ rules }, rank) =>
    [...rulesInOrder(rules, 'ingress'), ...rulesInOrder(rules, 'egress')].map(
      (rule): Region => ({ box: boxFromRule(rule), says: { rank, action: rule.action } }),
    ),
  );
  return [...special, ...rules];
}

/** Which filter of the chain, by rank, decides about a packet, and how; rank −1: none. */
interface Decision {
  readonly rank: number;
  readonly accepts: boolean;
}

const undecided: Decision = { rank: -1, accepts: false };

/** The decision about a packet that lies in these regions, when filters before `firstRank` are left out. */
function decide(
  regions: readonly Region[],
  holding: Holding,
  chain: readonly PacketFilter[],
  firstRank: number,
  rejectFallsThrough: boolean,
): Decision {
  let rejectedBy = -1;
  for (const index of holding) {
    const { says } = regions[index] as Region;
    if ('special' in says) {
      if (says.special !== 'amazon-dns') return undecided;
      const rank = chain.findIndex((filter, at) => at >= firstRank && mirrorsDns(filter));
      return { rank, accepts: rank >= 0 };
    }
    // The first rule that matches speaks for its filter; the others of that filter are not asked.
    if (says.rank < firstRank || says.rank === rejectedBy) continue;
    if (says.action === 'accept' || !rejectFallsThrough) return { rank: says.rank, accepts: says.action === 'accept' };
    rejectedBy = says.rank;
  }
  return undecided;
}

function canAccept({ says }: Region, rank: number, own: PacketFilter): boolean {
  if ('special' in says) return says.special === 'amazon-dns' && mirrorsDns(own);
  return says.rank === rank && says.action === 'accept';
}

function mirrorsDns({ networkServices }: PacketFilter): boolean {
  return networkServices.includes('amazon-dns');
}
