/**
 * The heart: facts and policy in, decisions out. It never calls anything, and the same inputs give the same plan.
 * Ranks are identities: the session of ours on number N of an interface *is* that interface's tier with number N.
 */
import type { Action, Candidate, DriftField, Plan, RefuseAction, SourceDecision } from './actions.ts';
import { judgeSource } from './eligibility.ts';
import { orphanAgeMinMs } from './limits.ts';
import type { Eligibility, InstanceId, Selection, Session, SessionId } from './model.ts';
import { ageMsOf, isOurs } from './ownership.ts';
import { inOrderOfApplication, remove, retain } from './plan-actions.ts';
import { planTiers } from './plan-tiers.ts';
import { quote } from './quote.ts';
import type { Because } from './reasons.ts';
import { select } from './select.ts';
import { tellShortage } from './shortage.ts';
import type { Situation } from './situation.ts';
import { type Ledger, openLedger } from './targets.ts';

/** The part of a plan that concerns sources. */
export interface SourcesPlan extends Pick<Plan, 'decisions'> {
  readonly accused: readonly SessionId[];
}

/** Decides every candidate. The order of the candidates does not matter. */
export function planSources(candidates: Iterable<Candidate>, situation: Situation): SourcesPlan {
  const ledger = openLedger(situation.accountSessions, situation.fullTargets, situation.guestSessions);
  const accused: SessionId[] = [];
  const decisions: SourceDecision[] = [];
  for (const candidate of [...candidates].sort(byInterfaceId)) {
    const decision = planSource(candidate, situation, ledger, accused);
    if (decision.actions.length > 0 || decision.isUnreadable || decision.wanted.length > 0) decisions.push(decision);
  }
  return { decisions: tellShortage(decisions, situation.policy), accused };
}

function byInterfaceId(one: Candidate, other: Candidate): number {
  return one.networkInterfaceId < other.networkInterfaceId ? -1 : 1;
}

function bySessionNumber(one: Session, other: Session): number {
  if (one.sessionNumber !== other.sessionNumber) return one.sessionNumber - other.sessionNumber;
  return one.sessionId < other.sessionId ? -1 : 1;
}

/**
 * Decides one source; takes from the ledger what it gives to this source, and adds to `accused` the sessions that
 * only a second read may condemn.
 */
export function planSource(
  candidate: Candidate,
  situation: Situation,
  ledger: Ledger,
  accused: SessionId[] = [],
): SourceDecision {
  const ours: Session[] = [];
  const foreign: Session[] = [];
  for (const session of candidate.sessions.toSorted(bySessionNumber)) {
    (isOurs(session, situation.owner) ? ours : foreign).push(session);
  }
  const notOurs = foreign.map((session) => retain(session, 'not-ours'));
  const { networkInterface, instance } = candidate;

  if (networkInterface === undefined) {
    const actions = ours.map((session) => judgeMissingInterface(session, situation, accused));
    return decide(candidate, [...actions, ...notOurs]);
  }

  const selection = select(situation.policy, networkInterface, instance);
  const eligibility = judgeSource(situation, networkInterface, instance);
  const removal = removalReason(selection, eligibility);
  if (removal === undefined && selection.kind === 'selected') {
    const facts = { networkInterface, instanceType: instance?.instanceType, ours, foreign, selection, eligibility };
    const actions = planTiers(facts, situation, ledger, accused);
    return decide(candidate, [...actions, ...notOurs], selection, eligibility);
  }
  const actions: Action[] = ours.map((session) => {
    if (removal === 'unknown-profile' || removal === 'read-incomplete') return retain(session, removal);
    return remove(session, removal ?? 'not-covered');
  });
  const refusal = refusalReason(selection, eligibility, ours.length > 0);
  if (refusal !== undefined) {
    actions.push({ kind: 'refuse', networkInterfaceId: networkInterface.networkInterfaceId, ...refusal });
  }
  return decide(candidate, [...actions, ...notOurs], selection, eligibility);
}

function decide(
  candidate: Candidate,
  actions: readonly Action[],
  selection?: Selection,
  eligibility?: Eligibility,
): SourceDecision {
  const { networkInterfaceId, networkInterface } = candidate;
  const instanceId = networkInterface?.attachment?.instanceId;
  const isSelected = selection?.kind === 'selected';
  const wanted = isSelected ? selection.tiers.map((tier) => tier.sessionNumber) : [];
  const isNumberInPlace = (number: number) => {
    const isOwn = ({ sessionNumber }: Action) => sessionNumber === number;
    // Beside a refusal a session is only repaired where it may not stay.
    const isRefused = actions.some((action) => action.kind === 'refuse' && isOwn(action));
    return !isRefused && actions.some((action) => isOwn(action) && isInPlace(action));
  };
  return {
    networkInterfaceId,
    ...(instanceId !== undefined && { instanceId }),
    actions: nameCarrier(actions, instanceId).sort(inOrderOfApplication),
    wanted,
    isEligible: isSelected && eligibility?.kind === 'eligible',
    inPlace: wanted.filter(isNumberInPlace),
    isUnreadable: eligibility?.kind === 'ineligible' && eligibility.because === 'read-incomplete',
    warnings: isSelected ? selection.warnings : [],
  };
}

function nameCarrier(actions: readonly Action[], instanceId: InstanceId | undefined): Action[] {
  return instanceId === undefined ? [...actions] : actions.map((action) => ({ ...action, instanceId }));
}

/** The fields of a session that say which packets go where, and as which tier. */
const decisiveFields: ReadonlySet<DriftField> = new Set(['sessionNumber', 'targetId', 'filterId']);

/**
 * A session that mirrors what its tier asks for, though another field of it may be repaired. By another filter, to another
 * target or on another number it is in place only once it has been changed: a role may be denied that, and `observe`
 * never does it.
 */
function isInPlace(action: Action): boolean {
  if (action.kind === 'modify') return !action.drift.some(({ field }) => decisiveFields.has(field));
  return action.because === 'as-desired';
}

/**
 * The interface was not in the read. AWS deletes the sessions of a deleted interface itself, so what is left is rare:
 * only a sweep deletes it, and only when the session is old enough that the read cannot merely be late.
 */
function judgeMissingInterface(session: Session, situation: Situation, accused: SessionId[]): Action {
  if (situation.scope !== 'fleet') return retain(session, 'left-to-sweep');
  const ageMs = ageMsOf(session.tags, situation.nowMs);
  if (ageMs === undefined) {
    if (situation.accused.has(session.sessionId)) return remove(session, 'interface-gone');
    accused.push(session.sessionId);
    return retain(session, 'read-incomplete', 'its age is unreadable');
  }
  return ageMs > orphanAgeMinMs
    ? remove(session, 'interface-gone')
    : retain(session, 'left-to-sweep', 'it is younger than 15 minutes');
}

/**
 * Why no session may stay on this source, or `undefined` when its tiers decide. Facts come before the policy: a
 * terminated instance needs no guard.
 *
 * | eligibility                    | selection       | our sessions                       |
 * |--------------------------------|-----------------|------------------------------------|
 * | read-incomplete                | any             | retained                           |
 * | terminated, detached, stopped  | any             | deleted for that                   |
 * | any other                      | unselected      | deleted for the selection's reason |
 * | any other                      | unknown-profile | retained                           |
 * | type or bare metal unsupported | selected        | deleted, `type-unsupported`        |
 * | any other                      | selected        | compared with the tiers            |
 */
function removalReason(selection: Selection, eligibility: Eligibility): Because | undefined {
  const obstacle = eligibility.kind === 'ineligible' ? eligibility.because : undefined;
  switch (obstacle) {
    case 'read-incomplete':
    case 'instance-terminated':
    case 'interface-detached':
    case 'instance-stopped':
      return obstacle;
    default:
  }
  if (selection.kind === 'unselected') return selection.because;
  if (selection.kind === 'unknown-profile') return 'unknown-profile';
  if (obstacle === 'type-unsupported' || obstacle === 'bare-metal-unsupported') return 'type-unsupported';
  return undefined;
}

/** What the user is told of a source that the policy wants (or means to want) and that gets no session. */
function refusalReason(
  selection: Selection,
  eligibility: Eligibility,
  hasSessions: boolean,
): Pick<RefuseAction, 'because' | 'detail'> | undefined {
  if (selection.kind === 'unselected') return undefined;
  if (selection.kind === 'unknown-profile') {
    if (hasSessions) return undefined;
    return { because: 'unknown-profile', detail: `the tag says ${quote(selection.tagValue)}` };
  }
  if (eligibility.kind === 'eligible') return undefined;
  if (eligibility.because === 'instance-terminated' || eligibility.because === 'read-incomplete') return undefined;
  return { because: eligibility.because, detail: eligibility.detail };
}
