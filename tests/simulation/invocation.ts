import type { WrittenPolicy } from './policies.ts';
import type { Scheduler } from './scheduler.ts';

/** One run of a function: what it may still do, and what the invariants must know of it. */
export interface Invocation {
  readonly name: string;
  readonly kind: 'change' | 'sweep';
  readonly startedAtMs: number;
  readonly beganInCalm: boolean;
  /** Sessions of ours when it began. */
  readonly oursAtStart: number;
  /** Pairs `interface number` that had two sessions of ours when it began. */
  readonly doublesAtStart: ReadonlyMap<string, readonly string[]>;
  /** What it read as the policy; undefined: nothing yet, or nothing usable. */
  policy: WrittenPolicy | undefined;
  /** Reads that began and have not shown their last page. */
  readonly unfinishedReads: Set<string>;
  /** Calls that EC2 did not answer as it should, and jumps of the clock. */
  troubles: number;
  writes: number;
  /** SQS has refused a message, and the run has neither sent one nor looked again since. */
  hasUnsent: boolean;
  guardedDeletes: number;
  /** The process ends at this many awaits from now. */
  awaitsLeft: number;
  isOver: boolean;
  readonly onDeath: () => void;
}

/** One await on the world: resolves after a while, or never when the process ends meanwhile. */
export function pause(scheduler: Scheduler, invocation: Invocation, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    scheduler.after(delayMs, () => {
      if (invocation.isOver) return;
      invocation.awaitsLeft -= 1;
      if (invocation.awaitsLeft > 0) resolve();
      else end(invocation);
    });
  });
}

/** The process is gone: what it awaits never comes, what it has done stays done. */
export function end(invocation: Invocation): void {
  if (invocation.isOver) return;
  invocation.isOver = true;
  invocation.onDeath();
}
