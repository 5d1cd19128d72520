/** Gaps: sessions that the policy wants and that are not there, each with its reason, its remedy and its age. */
import type { Policy } from './model.ts';
import { type Because, ineligibleReasons, reasons } from './reasons.ts';
import type { ReportedOutcome, ReportSource } from './report-facts.ts';
import type { ReportGap } from './report-schema.ts';

type NewGap = Omit<ReportGap, 'since'>;

/** The name of a gap across reports: its source and session number, whatever the reason is by now. */
export function gapKey({ networkInterfaceId, sessionNumber }: Pick<ReportGap, 'networkInterfaceId' | 'sessionNumber'>) {
  return sessionNumber === undefined ? networkInterfaceId : `${networkInterfaceId} ${sessionNumber}`;
}

/** Dates each gap: since the earlier report that knew it, else since now. */
export function sinceGaps(gaps: readonly NewGap[], takenAt: string, known: readonly ReportGap[] = []): ReportGap[] {
  const sinceOf = new Map(known.map((gap) => [gapKey(gap), gap.since]));
  return gaps.map((gap) => ({ ...gap, since: earlierOf(sinceOf.get(gapKey(gap)), takenAt) }));
}

/** When something was first seen; a clock that was ahead of ours then does not make it begin in the future. */
export function earlierOf(since: string | undefined, takenAt: string): string {
  return since !== undefined && since < takenAt ? since : takenAt;
}

/**
 * The gaps of one source. One reason for all of it is one gap without a session number: what AWS cannot mirror, and a
 * tag that cannot be read. Else each missing session is a gap of its own.
 */
export function findGaps(source: ReportSource, policy: Policy): readonly NewGap[] {
  const { decision, outcomes, instance, networkInterface } = source;
  const { networkInterfaceId, instanceId, wanted, inPlace, isEligible } = decision;
  const name = instance?.tags.Name ?? networkInterface?.tags.Name;
  const base = { networkInterfaceId, ...(instanceId && { instanceId }), ...(name && { name }) };
  if (wanted.length === 0) {
    const unclear = outcomes.find((outcome) => reasonOf(outcome) === 'unknown-profile');
    return unclear === undefined ? [] : [{ ...base, kind: 'unclear', ...tell(unclear) }];
  }
  const missing = wanted.filter((sessionNumber) => !inPlace.includes(sessionNumber));
  if (missing.length === 0) return [];
  const ofSource = outcomes.find(({ action }) => action.sessionNumber === undefined);
  if (!isEligible) {
    // The plan says so of the source, EC2 of the session that was tried.
    const told = ofSource ?? outcomes.find((outcome) => ineligibleReasons.has(reasonOf(outcome)));
    return [{ ...base, kind: 'impossible', ...(told ? tell(told) : tellUnsaid(source)) }];
  }
  return missing.map((sessionNumber) => {
    // A refusal says more than the deletion that it led to, and than whose session is in the way.
    const own = outcomes.filter(
      ({ action }) => action.sessionNumber === sessionNumber && action.because !== 'not-ours',
    );
    const told = own.find(({ action }) => action.kind === 'refuse') ?? own[0] ?? ofSource;
    const tier = policy.tiers.find((candidate) => candidate.sessionNumber === sessionNumber)?.name;
    const kind = told !== undefined && ineligibleReasons.has(reasonOf(told)) ? 'impossible' : 'missing';
    return { ...base, sessionNumber, ...(tier && { tier }), kind, ...(told ? tell(told) : tellUnsaid(source)) };
  });
}

/** The reason of an action once EC2 has had its say. */
export function reasonOf({ action, because }: ReportedOutcome): Because {
  return because ?? action.because;
}

function tell(told: ReportedOutcome): Pick<ReportGap, 'because' | 'remedy' | 'detail'> {
  const { detail } = told.action;
  return { because: reasonOf(told), remedy: remedyOf(told), ...(detail && { detail }) };
}

/** A change that is due has no obstacle: what it waits for is the remedy. */
function remedyOf(told: ReportedOutcome): string {
  const { action, outcome, because, code } = told;
  if (outcome === 'observed' && because === 'type-unknown') {
    return 'AWS does not list this type: the next sweep tries it, or `fleetmirror apply` does so now.';
  }
  if (because === undefined && (action.kind === 'create' || action.kind === 'modify')) {
    if (outcome === 'observed') return 'Not made yet: the next sweep makes it, or `fleetmirror apply` does so now.';
    if (outcome === 'deferred') return 'Put off, since time or the patience of EC2 ran out: a sweep goes on with it.';
    if (code !== undefined) return `EC2 answered ${code}. The log has the call; the next sweep tries again.`;
  }
  return reasons[reasonOf(told)];
}

/** A source that nothing was said of: its instance is going, or was not in the read. */
function tellUnsaid({ instance }: ReportSource): Pick<ReportGap, 'because' | 'remedy'> {
  const isGoing = instance?.state === 'terminated' || instance?.state === 'shutting-down';
  const because = isGoing ? 'instance-terminated' : 'read-incomplete';
  return { because, remedy: reasons[because] };
}

/** The sentence of a reason code; a code that this version does not know (an older report) stands for itself. */
export function explainReason(because: string): string {
  return Object.hasOwn(reasons, because) ? reasons[because as Because] : because;
}
