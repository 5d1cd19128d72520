import type { Action, SourceDecision } from './actions.ts';
import { type Because, ineligibleReasons } from './reasons.ts';

/** How much of what the policy wants is mirrored. Counts are sources, not sessions. */
export interface Coverage {
  /** Sources that the policy selects. */
  readonly wanted: number;
  /** Wanted, less those that AWS cannot mirror or that have no traffic now (stopped, detached). */
  readonly eligible: number;
  /** Eligible, with at least one desired session in place. */
  readonly mirrored: number;
  /** Eligible, with all desired sessions in place. */
  readonly complete: number;
  /** Mirrored, but not complete. */
  readonly partial: number;
  /** 100 × mirrored ÷ eligible, rounded down to a tenth so that 100 means all; 100 when nothing is eligible. */
  readonly percent: number;
}

/** Counts the coverage figures over the decisions of a whole fleet. */
export function measureCoverage(decisions: Iterable<SourceDecision>): Coverage {
  let wanted = 0;
  let eligible = 0;
  let mirrored = 0;
  let complete = 0;
  for (const decision of decisions) {
    if (decision.wanted.length === 0) continue;
    wanted += 1;
    if (!decision.isEligible) continue;
    eligible += 1;
    if (decision.inPlace.length > 0) mirrored += 1;
    if (decision.inPlace.length === decision.wanted.length) complete += 1;
  }
  const percent = eligible === 0 ? 100 : Math.floor((1000 * mirrored) / eligible) / 10;
  return { wanted, eligible, mirrored, complete, partial: mirrored - complete, percent };
}

/** What became of an action, as far as coverage is concerned. */
export interface SettledAction {
  readonly action: Action;
  readonly outcome: string;
  readonly because?: Because;
}

/**
 * A source's decision as it is after the run: with the sessions in place that the run created or moved, or found there
 * when it looked again, and not eligible when EC2 has refused to mirror the source at all, or has not been asked yet
 * whether it does and nothing of it is mirrored.
 */
export function decideAfter(decision: SourceDecision, outcomes: readonly SettledAction[]): SourceDecision {
  const gained = new Set<number | undefined>();
  const refused = new Set<number | undefined>();
  const { wanted, inPlace } = decision;
  let { isEligible } = decision;
  for (const { action, outcome, because } of outcomes) {
    const isMade = outcome === 'done' && (action.kind === 'create' || action.kind === 'modify');
    if (isMade || action.because === 'as-desired') gained.add(action.sessionNumber);
    if (action.kind === 'refuse') refused.add(action.sessionNumber);
    const isAnswered = outcome !== 'observed' || inPlace.length === 0;
    if (because !== undefined && isAnswered && ineligibleReasons.has(because)) isEligible = false;
  }
  // Beside a refusal a session was only repaired where it may not stay.
  const placed = gained.difference(refused);
  return {
    ...decision,
    isEligible,
    inPlace: placed.size === 0 ? inPlace : wanted.filter((number) => placed.has(number) || inPlace.includes(number)),
  };
}
