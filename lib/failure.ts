/**
 * What can go wrong between us and EC2, as eight kinds, and the one table that says what each means for the work.
 * Codes are matched exactly, in `lib/aws/ec2-errors.ts`; no message text is ever read.
 */
export type FailureKind =
  | 'throttled'
  | 'unavailable'
  | 'vanished'
  | 'conflict'
  | 'limit'
  | 'denied'
  | 'invalid'
  | 'unknown';

/** A call that EC2 answered with an error, or did not answer. */
export class Ec2Failure extends Error {
  override readonly name = 'Ec2Failure';
  readonly kind: FailureKind;
  /** The EC2 action, for example `CreateTrafficMirrorSession`. */
  readonly operation: string;
  /** EC2's error code, or the name of the network error. */
  readonly code: string;

  constructor(kind: FailureKind, operation: string, code: string, cause?: unknown) {
    super(`${operation} failed: ${code}${cause instanceof Error && cause.message ? ` (${cause.message})` : ''}`, {
      cause,
    });
    this.kind = kind;
    this.operation = operation;
    this.code = code;
  }
}

/**
 * Whether something thrown is such a failure, wherever it was made: a module that is bundled apart from its function
 * (`infra/bundle-plugins.ts`) has a class of its own, of which nothing is an instance elsewhere.
 */
export function isEc2Failure(error: unknown): error is Ec2Failure {
  return error instanceof Error && error.name === 'Ec2Failure';
}

/**
 * - `retry-now`: the same call again, after a pause that grows; when the time is up, later.
 * - `look-again`: what we read is no longer true; read this source afresh and plan it once more.
 * - `refuse`: a lawful no; it is told, counted and asked again by the next sweep.
 * - `report`: nobody expected this; the message that caused it goes back to the queue.
 */
export type Verdict = 'retry-now' | 'look-again' | 'refuse' | 'report';

/** What becomes of a write that failed. Reads know `retry-now` only: every other kind ends the run. */
export const verdicts: Readonly<Record<FailureKind, Verdict>> = {
  throttled: 'retry-now',
  unavailable: 'retry-now',
  vanished: 'look-again',
  conflict: 'look-again',
  limit: 'look-again',
  denied: 'refuse',
  invalid: 'report',
  unknown: 'report',
};
