import type { Action, DeleteAction, DesiredSession, ModifyAction } from './actions.ts';
import { findFilter, keepsTarget, tierOf, tierSession } from './desire.ts';
import { sessionsPerAccountMax, sessionsPerSourceMax } from './limits.ts';
import type {
  Eligibility,
  NetworkInterface,
  Selection,
  Session,
  SessionId,
  TargetId,
  TargetPool,
  Tier,
} from './model.ts';
import { create, inOrderOfApplication, modify, refuseTier, remove, retain, retainAsDesired } from './plan-actions.ts';
import { quote } from './quote.ts';
import type { Because } from './reasons.ts';
import type { Situation } from './situation.ts';
import { chooseTarget, forgetSource, type Ledger, noteSource, type TargetChoice } from './targets.ts';
import { assignVirtualNetworkId } from './virtual-network-id.ts';

/** A source that the policy selects and whose sessions may stay. Sessions are sorted by number, then id. */
export interface SourceFacts {
  readonly networkInterface: NetworkInterface;
  readonly instanceType: string | undefined;
  readonly ours: readonly Session[];
  readonly foreign: readonly Session[];
  readonly selection: Extract<Selection, { kind: 'selected' }>;
  readonly eligibility: Eligibility;
}

/** A tier, and the filter that its session uses. */
interface Opening {
  readonly tier: Tier;
  readonly filter: DesiredSession['filter'];
}

/** A tier that has no session on its number yet. Without a slot it may only take over what no other tier needs. */
interface Vacancy extends Opening {
  readonly hasSlot: boolean;
}

/** Compares the tiers that a source should have with the sessions of ours that it has. */
export function planTiers(facts: SourceFacts, situation: Situation, ledger: Ledger, accused: SessionId[]): Action[] {
  const { networkInterface, ours, foreign, selection } = facts;
  const { networkInterfaceId } = networkInterface;
  const actions: Action[] = [];
  const spare: DeleteAction[] = [];
  const byNumber = new Map<number, Session>();
  let slots = sessionsPerSourceMax - foreign.length;
  for (const session of ours) {
    if (byNumber.has(session.sessionNumber)) {
      spare.push(remove(session, 'duplicate'));
      continue;
    }
    byNumber.set(session.sessionNumber, session);
    if (selection.tiers.some(({ sessionNumber }) => sessionNumber === session.sessionNumber)) continue;
    if (selection.unknownProfile === undefined) {
      spare.push(remove(session, 'tier-withdrawn'));
    } else {
      actions.push(retain(session, 'unknown-profile', `the tag says ${quote(selection.unknownProfile)}`));
      slots -= 1;
    }
  }

  const vacancies: Vacancy[] = [];
  for (const tier of inOrderOfClaim(selection, byNumber)) {
    const existing = byNumber.get(tier.sessionNumber);
    if (existing === undefined && foreign.some((session) => session.sessionNumber === tier.sessionNumber)) {
      actions.push(refuseTier(networkInterfaceId, tier, 'number-held-by-another-owner'));
      continue;
    }
    if (slots <= 0) {
      actions.push(refuseTier(networkInterfaceId, tier, 'source-full'));
      if (existing !== undefined) spare.push(remove(existing, 'tier-withdrawn'));
      continue;
    }
    const found = findFilter(situation.policy, tier, situation.filters, situation.managedFilters);
    if (found.kind === 'missing') {
      actions.push(refuseTier(networkInterfaceId, tier, 'filter-missing', `the policy names ${found.id}`));
      if (existing !== undefined) slots -= 1;
      continue;
    }
    const opening = { tier, filter: found.filter };
    if (existing !== undefined && situation.targets.has(existing.targetId)) {
      slots -= 1;
      actions.push(...keepSession(existing, opening, networkInterface, situation, ledger, accused));
      continue;
    }
    const choice = chooseTarget(networkInterface, poolOf(tier, situation), situation.targets, ledger);
    if (existing !== undefined && isCondemned(existing, choice, situation)) {
      const { because, detail } = targetRefusal(choice, tier, situation);
      actions.push(refuseTier(networkInterfaceId, tier, because, detail));
      spare.push(tellLoss(remove(existing, 'target-gone'), existing, situation));
      continue;
    }
    // A tier that can have no session takes no slot from one that can.
    const hasSlot = existing !== undefined || canHaveTarget(choice, tier, spare, situation);
    if (hasSlot) slots -= 1;
    if (existing === undefined) vacancies.push({ ...opening, hasSlot });
    else actions.push(...keepSession(existing, opening, networkInterface, situation, ledger, accused));
  }
  if (vacancies.length === 0 && spare.length === 0) return actions;
  return [...actions, ...fillVacancies(vacancies, spare, facts, situation, ledger)];
}

/**
 * Which tier asks for a slot first: what mandatory coverage demands before what the tag adds, then the one with the
 * lowest number. While the opt-in tag is unreadable existing sessions come first, since nothing may be lost to a slip of
 * the pen.
 */
function inOrderOfClaim(
  { tiers, mandatory, unknownProfile }: SourceFacts['selection'],
  existing: ReadonlyMap<number, Session>,
): readonly Tier[] {
  if (unknownProfile !== undefined) return firstOf(tiers, (tier) => existing.has(tier.sessionNumber));
  return mandatory === undefined ? tiers : firstOf(tiers, (tier) => mandatory.includes(tier));
}

/** Those that come first and then the others, each in the order that they had. */
function firstOf(tiers: readonly Tier[], isFirst: (tier: Tier) => boolean): readonly Tier[] {
  return [...tiers.filter(isFirst), ...tiers.filter((tier) => !isFirst(tier))];
}

/** Of a session whose target is gone: true when its pool has no other, and a second complete read agrees. */
function isCondemned(session: Session, choice: TargetChoice, { accused }: Situation): boolean {
  return choice.kind === 'missing' && accused.has(session.sessionId);
}

/** True when a new session finds a target, or the tier's own session that stands elsewhere brings one along. */
function canHaveTarget(
  choice: TargetChoice,
  tier: Tier,
  spare: readonly DeleteAction[],
  situation: Situation,
): boolean {
  const pool = poolOf(tier, situation);
  const own = spare.find(({ session }) => tierOf(session) === tier.name);
  return choice.kind === 'chosen' || (own !== undefined && keepsTarget(own.session, pool, situation.targets));
}

function poolOf(tier: Tier, { policy }: Situation): TargetPool {
  const pool = policy.targets[tier.target];
  if (pool === undefined) throw new Error(`Tier ${tier.name} names the unknown pool ${tier.target}.`);
  return pool;
}

function targetRefusal(choice: TargetChoice, tier: Tier, situation: Situation): { because: Because; detail: string } {
  if (choice.kind === 'full') return { because: 'target-full', detail: `pool ${tier.target}` };
  const ids = poolOf(tier, situation).ids.map((targetId) => {
    const loss = describeLoss(targetId, situation);
    return loss === undefined ? targetId : `${targetId} (${loss})`;
  });
  return { because: 'target-missing', detail: `pool ${tier.target}: ${ids.join(', ')}` };
}

/** Why a target that exists takes no packets; `undefined` of one that does not exist, of which its id says it all. */
function describeLoss(targetId: TargetId, { lostInterfaces }: Situation): string | undefined {
  const lost = lostInterfaces.get(targetId);
  return lost === undefined ? undefined : `it points at ${lost}, which does not exist`;
}

/** Says of an action of a session whose target is gone how it is gone. */
function tellLoss<T extends Action>(action: T, { targetId }: Session, situation: Situation): T {
  const loss = describeLoss(targetId, situation);
  return loss === undefined ? action : { ...action, detail: `target ${targetId}: ${loss}` };
}

/**
 * Gives each vacancy a session: one that this source no longer needs, changed in place so that no packet is missed,
 * else a new one. Sessions that nobody needs are deleted.
 */
function fillVacancies(
  vacancies: readonly Vacancy[],
  spareActions: readonly DeleteAction[],
  facts: SourceFacts,
  situation: Situation,
  ledger: Ledger,
): Action[] {
  const { networkInterface, eligibility, selection } = facts;
  const { networkInterfaceId } = networkInterface;
  const spare = [...spareActions].sort(inOrderOfApplication);
  const actions: Action[] = [];
  const indexOfOwn = ({ tier }: Vacancy) => spare.findIndex((action) => tierOf(action.session) === tier.name);
  // A tier that moved takes its own session with it before another tier may have that.
  const rankOf = (vacancy: Vacancy) => (vacancy.hasSlot ? 0 : 2) + (indexOfOwn(vacancy) >= 0 ? 0 : 1);
  const ranked = vacancies.map((vacancy) => ({ vacancy, rank: rankOf(vacancy) }));
  for (const { vacancy } of ranked.sort((one, other) => one.rank - other.rank)) {
    const index = Math.max(0, indexOfOwn(vacancy));
    const reused = spare[index]?.session;
    if (reused === undefined && eligibility.kind === 'ineligible') {
      // The obstacle is the source's, so it is told once, not once for each tier.
      const { because, detail } = eligibility;
      actions.push({ kind: 'refuse', networkInterfaceId, because, detail });
      break;
    }
    const resolved = resolveTier(vacancy, reused, networkInterface, situation, ledger);
    if (resolved.kind === 'refused') {
      actions.push(refuseTier(networkInterfaceId, vacancy.tier, resolved.because, resolved.detail));
    } else if (reused !== undefined) {
      spare.splice(index, 1);
      actions.push(modifyTo(resolved.desired, reused, 'renumbered', situation));
    } else if (ledger.accountSessions >= sessionsPerAccountMax) {
      actions.push(refuseTier(networkInterfaceId, vacancy.tier, 'account-full'));
    } else {
      ledger.accountSessions += 1;
      noteSource(ledger, resolved.desired.targetId, networkInterfaceId);
      const isTentative = eligibility.kind === 'eligible' && eligibility.tentative;
      actions.push(create(resolved.desired, selection.because, isTentative ? facts.instanceType : undefined));
    }
  }
  return [...actions, ...spare];
}

/**
 * Decides a session that stands on a wanted number: as desired, repaired in place, moved, or past help. One that must leave
 * its living target and has nowhere to go mirrors on, so it is repaired where it is, and the move is refused beside that.
 */
function keepSession(
  session: Session,
  opening: Opening,
  networkInterface: NetworkInterface,
  situation: Situation,
  ledger: Ledger,
  accused: SessionId[],
): readonly Action[] {
  const resolved = resolveTier(opening, session, networkInterface, situation, ledger);
  const isTargetAlive = situation.targets.has(session.targetId);
  if (resolved.kind === 'refused') {
    const refusal = refuseTier(networkInterface.networkInterfaceId, opening.tier, resolved.because, resolved.detail);
    if (isTargetAlive) {
      const staying = fillTier(opening, session.targetId, session, networkInterface, situation, ledger);
      const repair = modifyTo(staying, session, 'drifted', situation);
      return repair.drift.length === 0 ? [refusal] : [repair, refusal];
    }
    if (resolved.because === 'target-missing' && situation.scope === 'fleet') accused.push(session.sessionId);
    return [refusal];
  }
  const action = modifyTo(resolved.desired, session, 'drifted', situation);
  if (action.drift.length === 0) return [retainAsDesired(session, opening.tier)];
  if (session.targetId === resolved.desired.targetId) return [action];
  if (isTargetAlive) return [{ ...action, because: 'target-withdrawn' }];
  return [tellLoss({ ...action, because: 'target-gone' }, session, situation)];
}

function modifyTo(desired: DesiredSession, session: Session, because: Because, { targets }: Situation): ModifyAction {
  return modify(session, desired, because, targets.get(desired.targetId)?.kind);
}

type Resolved =
  | { readonly kind: 'desired'; readonly desired: DesiredSession }
  | { readonly kind: 'refused'; readonly because: Because; readonly detail: string };

/** Fills a tier in for one source: which target, which numbers. A session keeps its target while the pool has it. */
function resolveTier(
  opening: Opening,
  existing: Session | undefined,
  networkInterface: NetworkInterface,
  situation: Situation,
  ledger: Ledger,
): Resolved {
  const { targets } = situation;
  const { tier } = opening;
  const { networkInterfaceId } = networkInterface;
  const pool = poolOf(tier, situation);
  let targetId = existing?.targetId;
  if (existing === undefined || !keepsTarget(existing, pool, targets)) {
    const choice = chooseTarget(networkInterface, pool, targets, ledger);
    if (choice.kind !== 'chosen') return { kind: 'refused', ...targetRefusal(choice, tier, situation) };
    targetId = choice.targetId;
    if (existing !== undefined) {
      forgetSource(ledger, existing.targetId, networkInterfaceId);
      noteSource(ledger, targetId, networkInterfaceId);
    }
  }
  if (targetId === undefined) throw new Error('A session keeps its target or is given one.');
  return { kind: 'desired', desired: fillTier(opening, targetId, existing, networkInterface, situation, ledger) };
}

/** A tier's session on one source and one target, its numbers included. */
function fillTier(
  { tier, filter }: Opening,
  targetId: TargetId,
  existing: Session | undefined,
  networkInterface: NetworkInterface,
  situation: Situation,
  ledger: Ledger,
): DesiredSession {
  const { networkInterfaceId } = networkInterface;
  const virtualNetworkId = virtualNetworkIdFor(tier, existing, networkInterfaceId, situation, ledger);
  return tierSession(tier, filter, networkInterface, { targetId, virtualNetworkId });
}

function virtualNetworkIdFor(
  tier: Tier,
  existing: Session | undefined,
  networkInterfaceId: NetworkInterface['networkInterfaceId'],
  situation: Situation,
  ledger: Ledger,
): number | undefined {
  if (tier.virtualNetworkId !== 'per-source') return tier.virtualNetworkId;
  const range = situation.policy.virtualNetworkIdRange;
  // A range that is used up leaves the number to EC2: a packet mirrored under a strange number beats one not mirrored.
  return assignVirtualNetworkId({ networkInterfaceId, tier: tier.name }, existing, range, ledger.virtualNetworkIds);
}
