/** What a coverage report is made from. */
import type { Action, SourceDecision } from './actions.ts';
import type { HealthLine, HealthVerdict } from './health.ts';
import type {
  Instance,
  InstanceId,
  NetworkInterface,
  NetworkInterfaceId,
  Policy,
  Session,
  Target,
  TargetId,
} from './model.ts';
import type { Owner } from './ownership.ts';
import type { Because } from './reasons.ts';
import type { CoverageReport, OpenFindings } from './report-schema.ts';

/** What a report is made from: a run's decisions and outcomes, and what was read for it. */
export interface ReportFacts {
  readonly policy: Policy;
  readonly owner: Owner;
  readonly region: string;
  /** ISO 8601, UTC. */
  readonly takenAt: string;
  /** True when nothing was to be written. */
  readonly isObserved: boolean;
  readonly decisions: readonly SourceDecision[];
  readonly outcomes: readonly ReportedOutcome[];
  readonly interfaces: ReadonlyMap<NetworkInterfaceId, NetworkInterface>;
  readonly instances: ReadonlyMap<InstanceId, Instance>;
  /** All sessions of the account, after the run. */
  readonly sessions: readonly Session[];
  readonly targets: ReadonlyMap<TargetId, Target>;
  /** What the report before left open. */
  readonly before?: OpenFindings;
  /** What CloudWatch told of the mirrors; absent when nobody asked it. */
  readonly health?: HealthFacts;
}

/** What became of an action. */
export interface ReportedOutcome {
  readonly action: Action;
  readonly outcome: CoverageReport['interfaces'][number]['decisions'][number]['outcome'];
  readonly because?: Because;
  readonly code?: string;
}

/** One source with all that a report says of it: its decision as it is after the run, and what was read of it. */
export interface ReportSource {
  readonly decision: SourceDecision;
  readonly outcomes: readonly ReportedOutcome[];
  readonly networkInterface: NetworkInterface | undefined;
  readonly instance: Instance | undefined;
  readonly sessions: readonly Session[];
  /** Of the instance behind it; absent when nobody asked, or no session is ours. */
  readonly verdict: HealthVerdict | undefined;
}

/** What CloudWatch told, or why it told nothing. */
export type HealthFacts =
  | {
      readonly kind: 'read';
      /** ISO 8601, UTC. */
      readonly from: string;
      readonly to: string;
      readonly lines: readonly HealthLine[];
    }
  | {
      readonly kind: 'not-read';
      readonly because: 'denied' | 'failed';
      /** The permission that is missing, or the call that failed. */
      readonly operation: string;
    };
