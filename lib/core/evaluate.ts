import type { Address } from './cidr.ts';
import { rejectFallsThrough } from './limits.ts';
import type { Direction, RuleSpec } from './model.ts';
import type { EvaluationSetting, IpFacts, PacketFacts, PacketSession, UnmirroredBecause } from './packet.ts';
import { type BoxSide, boxFromRule, sideOutside } from './packet-box.ts';
import { findSpecialKind, listSpecialTraffic, type SpecialKind } from './special-traffic.ts';

/** Everything that was tried to find the session that mirrors one packet, in the order in which it was tried. */
export interface Account {
  readonly facts: PacketFacts;
  readonly direction: Direction;
  readonly verdict: Verdict;
  /** Traffic that rules have no say in, when it is such. */
  readonly special?: SpecialKind;
  readonly trials: readonly SessionTrial[];
  /** Whether another answer to the open question `rejectFallsThrough` could have led to another verdict. */
  readonly restsOnRejectFallsThrough: boolean;
  readonly setting: EvaluationSetting;
}

export type Verdict =
  | { readonly kind: 'mirrored'; readonly sessionNumber: number; readonly name: string }
  | { readonly kind: 'unmirrored'; readonly because: UnmirroredBecause };

export interface SessionTrial {
  readonly sessionNumber: number;
  readonly name: string;
  readonly outcome: 'accepted' | 'rejected' | 'no-match' | 'service-accepted' | 'service-absent';
  /** The rules of the packet's direction up to the one that decided, in ascending number. */
  readonly rules: readonly RuleTrial[];
}

export interface RuleTrial {
  readonly rule: RuleSpec;
  /** Where the packet differs from the rule; absent when the rule matches. */
  readonly differs?: BoxSide;
}

export const defaultSetting: EvaluationSetting = { rejectFallsThrough, resolvers: [] };

/**
 * Which session of a source mirrors a packet, and why. Sessions are asked in ascending session number, whatever order
 * they come in; within a filter the rules of the packet's direction in ascending rule number; the first match decides.
 */
export function evaluatePacket(
  facts: PacketFacts,
  sessions: readonly PacketSession[],
  direction: Direction,
  setting: EvaluationSetting = defaultSetting,
): Account {
  const common = { facts, direction, setting };
  if (facts.kind !== 'ip') {
    return { ...common, verdict: unmirrored(facts.kind), trials: [], restsOnRejectFallsThrough: false };
  }
  const special = findSpecialKind(facts, direction, listSpecialTraffic(setting.resolvers));
  if (special !== undefined && special !== 'amazon-dns') {
    return { ...common, special, verdict: unmirrored(special), trials: [], restsOnRejectFallsThrough: false };
  }
  const ordered = sessions.toSorted((a, b) => a.sessionNumber - b.sessionNumber);
  const tryOne = (session: PacketSession) => (special ? tryService(session) : tryRules(session, facts, direction));
  const trials = trySessions(ordered, tryOne, setting.rejectFallsThrough);
  const otherwise = trySessions(ordered, tryOne, !setting.rejectFallsThrough);
  return {
    ...common,
    ...(special && { special }),
    verdict: verdictOf(trials, special),
    trials,
    restsOnRejectFallsThrough: acceptingTrial(trials)?.name !== acceptingTrial(otherwise)?.name,
  };
}

/** The clause for what is mirrored, or under the other answer would be, by grace of an answer that AWS does not give. */
export function ifRejectionsFallThrough({ rejectFallsThrough }: EvaluationSetting): string {
  return `if AWS offers what one session rejects by rule to the next, which it does not say (assumed: rejectFallsThrough = ${rejectFallsThrough})`;
}

/** Egress when the packet comes from the source interface itself, else ingress. */
export function directionOf(facts: IpFacts, interfaceAddresses: readonly Address[]): Direction {
  const { family, value } = facts.source;
  const isOwn = interfaceAddresses.some((address) => address.family === family && address.value === value);
  return isOwn ? 'egress' : 'ingress';
}

function trySessions(
  ordered: readonly PacketSession[],
  tryOne: (session: PacketSession) => SessionTrial,
  fallsThrough: boolean,
): SessionTrial[] {
  const trials: SessionTrial[] = [];
  for (const session of ordered) {
    const trial = tryOne(session);
    trials.push(trial);
    if (isAccepting(trial) || (trial.outcome === 'rejected' && !fallsThrough)) break;
  }
  return trials;
}

function isAccepting({ outcome }: SessionTrial): boolean {
  return outcome === 'accepted' || outcome === 'service-accepted';
}

/** Only the last trial can accept: it ends the search. */
function acceptingTrial(trials: readonly SessionTrial[]): SessionTrial | undefined {
  return trials.find(isAccepting);
}

function verdictOf(trials: readonly SessionTrial[], special: SpecialKind | undefined): Verdict {
  const accepting = acceptingTrial(trials);
  if (accepting) return { kind: 'mirrored', sessionNumber: accepting.sessionNumber, name: accepting.name };
  const isRejected = trials.some(({ outcome }) => outcome === 'rejected');
  return unmirrored(special ?? (isRejected ? 'rejected' : 'no-match'));
}

function unmirrored(because: UnmirroredBecause): Verdict {
  return { kind: 'unmirrored', because };
}

function tryService({ sessionNumber, name, filter }: PacketSession): SessionTrial {
  const outcome = filter.networkServices.includes('amazon-dns') ? 'service-accepted' : 'service-absent';
  return { sessionNumber, name, outcome, rules: [] };
}

function tryRules({ sessionNumber, name, filter }: PacketSession, facts: IpFacts, direction: Direction): SessionTrial {
  const rules: RuleTrial[] = [];
  for (const rule of rulesInOrder(filter.rules, direction)) {
    const differs = sideOutside(facts, direction, boxFromRule(rule));
    rules.push({ rule, ...(differs && { differs }) });
    if (differs === undefined) {
      return { sessionNumber, name, outcome: rule.action === 'accept' ? 'accepted' : 'rejected', rules };
    }
  }
  return { sessionNumber, name, outcome: 'no-match', rules };
}

/** The rules of one direction, ascending: the order in which AWS tries them. */
export function rulesInOrder(rules: readonly RuleSpec[], direction: Direction): RuleSpec[] {
  return rules.filter((rule) => rule.direction === direction).sort((a, b) => a.ruleNumber - b.ruleNumber);
}
