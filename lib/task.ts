/** What a run is asked to do. */
import type { Run } from './call.ts';
import type { NetworkInterfaceId, Policy } from './core/model.ts';
import type { PrepareOptions } from './prepare.ts';
import type { Scope } from './read.ts';

/** What a run is about, from its beginning to its end. */
export interface Task {
  readonly run: Run;
  readonly policy: Policy;
  readonly scope: Scope;
  readonly options: ReconcileOptions;
}

export interface ReconcileOptions extends PrepareOptions {
  /** False: plan only, whatever the policy's mode. */
  readonly writes: boolean;
  /** Guarded deletions up to this number pass the guards. */
  readonly allowDeletes?: number;
  /** True for a batch of changes: it may make ten guarded deletions, whatever the policy's guards say. */
  readonly isBatch?: boolean;
  /** Guarded deletions that this invocation has made before, for other messages of its batch. */
  readonly deletedBefore?: number;
  /** Asked before the run looks again: the policy may have been replaced under it. A person's run goes by what it was given. */
  readonly isInForce?: () => Promise<boolean>;
  /** Sources whose sessions a stranger touched: each session is repaired at most once a minute. */
  readonly tampered?: ReadonlySet<NetworkInterfaceId>;
}
