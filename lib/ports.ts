/** Every way out of the process. The middle floor knows AWS through these types only; `lib/aws/world.ts` fills them. */
import type { HealthWindow, MirrorTraffic } from './core/health.ts';
import type {
  Filter,
  FilterId,
  FilterRuleId,
  Instance,
  InstanceId,
  NetworkInterface,
  NetworkInterfaceId,
  Policy,
  RuleSpec,
  Session,
  SessionId,
  Tags,
  Target,
  TargetId,
} from './core/model.ts';
import type { PolicyIssue } from './core/policy.ts';
import type { CoverageReport, OpenFindings } from './core/report-schema.ts';
import type { FleetEvent } from './event-schemas.ts';
import type { Memory } from './memory.ts';
import type { MetricDimensions, MetricName } from './metrics.ts';

export interface World {
  readonly ec2: Ec2;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly bus: Bus;
  readonly queues: Queues;
  readonly log: Log;
  readonly pacer: Pacer;
  /** What a warm function remembers between runs; never the reason for a deletion. */
  readonly memory: Memory;
  readonly fleet: string;
  readonly accountId: string;
  readonly region: string;
  readonly readPolicy: () => Promise<PolicyReading>;
  /** Absent where nobody keeps reports: in `on-change` and on the command line, which writes files itself. */
  readonly reports?: Reports;
  /** Absent where no report tells the health of mirrors. */
  readonly health?: HealthProbe;
  /** Absent where nobody traces. */
  readonly trace?: Trace;
}

/** Milliseconds since 1970, and waiting. */
export interface Clock {
  now(): number;
  sleep(delayMs: number): Promise<void>;
}

/** The policy as it stands, or why it cannot be used. Without a usable policy nothing is written anywhere. */
export type PolicyReading =
  | { readonly kind: 'valid'; readonly policy: Policy; readonly warnings: readonly PolicyIssue[] }
  | { readonly kind: 'missing'; readonly where: string }
  | {
      readonly kind: 'unreadable';
      readonly where: string;
      readonly cause: string;
      /** True when AWS throttled the read or did not answer it: nobody need repair anything. */
      readonly isPassing?: boolean;
    }
  | { readonly kind: 'invalid'; readonly where: string; readonly issues: readonly PolicyIssue[] };

/**
 * The part of EC2 that we use. Reads are complete (every page) or throw `Ec2Failure`; an empty list of ids reads
 * nothing. Reads repeat a throttled or unavailable call themselves; writes are one call each and throw `Ec2Failure`.
 * No read goes on after `deadlineAtMs` (milliseconds since 1970); the reads of a run end with it (`startRun`).
 */
export interface Ec2 {
  readInterfaces(query: InterfaceQuery, deadlineAtMs?: number): Promise<readonly NetworkInterface[]>;
  readInstances(
    query: { readonly instanceIds: readonly InstanceId[] } | 'all',
    deadlineAtMs?: number,
  ): Promise<readonly Instance[]>;
  readSessions(query: SessionQuery, deadlineAtMs?: number): Promise<readonly Session[]>;
  /** Every target that the account owns or that is shared with it. Zone and instance type are not filled in. */
  readTargets(deadlineAtMs?: number): Promise<readonly Target[]>;
  readFilters(deadlineAtMs?: number): Promise<readonly Filter[]>;
  /** Ids of sessions whose tag `key` has one of the values; a way to find sessions, never a proof. */
  findSessionIdsByTag(key: string, values: readonly string[], deadlineAtMs?: number): Promise<readonly SessionId[]>;

  createSession(input: NewSession): Promise<Session>;
  modifySession(sessionId: SessionId, changes: SessionChanges): Promise<Session>;
  deleteSession(sessionId: SessionId): Promise<void>;
  createFilter(input: {
    readonly tags: Tags;
    readonly description: string;
    readonly clientToken: string;
  }): Promise<FilterId>;
  deleteFilter(filterId: FilterId): Promise<void>;
  createRule(filterId: FilterId, rule: RuleSpec, clientToken: string): Promise<void>;
  modifyRule(ruleId: FilterRuleId, from: RuleSpec, to: RuleSpec): Promise<void>;
  deleteRule(ruleId: FilterRuleId): Promise<void>;
  changeNetworkServices(filterId: FilterId, add: readonly string[], remove: readonly string[]): Promise<void>;
}

export type InterfaceQuery =
  | 'all'
  | { readonly networkInterfaceIds: readonly NetworkInterfaceId[] }
  | { readonly instanceIds: readonly InstanceId[] };

export type SessionQuery =
  | 'all'
  | { readonly networkInterfaceIds: readonly NetworkInterfaceId[] }
  | { readonly sessionIds: readonly SessionId[] }
  | { readonly virtualNetworkIds: readonly number[] };

export interface NewSession {
  readonly networkInterfaceId: NetworkInterfaceId;
  readonly targetId: TargetId;
  readonly filterId: FilterId;
  readonly sessionNumber: number;
  readonly packetLength?: number;
  readonly virtualNetworkId?: number;
  readonly description: string;
  readonly tags: Tags;
  /** The same for every try of one creation and different for every creation (at most 64 ASCII characters). */
  readonly clientToken: string;
}

/** Absent fields stay; `packetLength: 'whole'` returns to the whole packet. */
export interface SessionChanges {
  readonly targetId?: TargetId;
  readonly filterId?: FilterId;
  readonly sessionNumber?: number;
  readonly packetLength?: number | 'whole';
  readonly virtualNetworkId?: number;
  readonly description?: string;
}

/** Does a piece of work as a named segment of the run's trace. */
export type Trace = <T>(name: string, work: () => Promise<T>) => Promise<T>;

/** Events for the rest of the organisation; at least once, in no order. */
export interface Bus {
  /** Throws `EventsLost` when the bus did not take all of them; the others are published. */
  publish(events: readonly FleetEvent[]): Promise<void>;
}

/** CloudWatch, as far as it tells what is mirrored. Throws `Ec2Failure` with the IAM name of the action that failed. */
export interface Metrics {
  /** Sums over the window by instance; an instance without any data point is absent. */
  readMirrorTraffic(
    instanceIds: readonly InstanceId[],
    window: HealthWindow,
  ): Promise<ReadonlyMap<InstanceId, MirrorTraffic>>;
}

/** How the health of mirrors is read: where from, and how far back. */
export interface HealthProbe {
  readonly metrics: Metrics;
  readonly windowMs: number;
}

/** Where the coverage reports of sweeps are kept. */
export interface Reports {
  /** Keeps a report as data and as a page, and what it leaves open for the next. Throws when it is not kept. */
  keep(report: CoverageReport, page: string, open: OpenFindings): Promise<void>;
  /** What the last kept report left open; nothing when it is not there or unreadable. Throws when nobody answers. */
  recallOpen(): Promise<OpenFindings | undefined>;
}

/** Work that we send to ourselves. */
export interface Queues {
  sendWork(work: Work, delaySeconds: number): Promise<void>;
  /** Sweeps asked for within a few seconds are one sweep, which begins after the last request. */
  requestSweep(request: SweepRequest): Promise<void>;
}

/** Sources to look at (again). */
export interface Work {
  readonly instanceIds: readonly InstanceId[];
  readonly networkInterfaceIds: readonly NetworkInterfaceId[];
  /** Instances that may have lost their interfaces. */
  readonly departedInstanceIds?: readonly InstanceId[];
  /** Interfaces that may be gone. */
  readonly departedNetworkInterfaceIds?: readonly NetworkInterfaceId[];
  /** Of the instances, those that run by now. A read that shows one of them stopped may be late. */
  readonly runningInstanceIds?: readonly InstanceId[];
  /** Tags that these sources carry by now, by source id; `null`: carry no longer. A read that does not show it is late. */
  readonly tags?: Readonly<Record<string, Readonly<Record<string, string | null>>>>;
  /** When the newest of the events that named them happened, milliseconds since 1970: as long as it is young, a late read is awaited. */
  readonly eventAtMs: number;
  /** When the oldest of them happened, where it is another: since then the outside world waits. */
  readonly firstEventAtMs?: number;
  /** EventBridge's ids of the events that first named them, at most ten; for the log. */
  readonly eventIds?: readonly string[];
  /** How often this work was sent because EC2 did not show its object yet. */
  readonly attempt: number;
  /** How often it was handed on because time or EC2's patience ran out. */
  readonly hop: number;
}

export interface SweepRequest {
  readonly because: 'continue' | 'detached' | 'target-gone' | 'tampered' | 'handed-on';
  readonly hop: number;
}

/** One line of structured log each; `count` is one value of a metric, of the fleet and of the dimensions given. */
export interface Log {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
  count(metric: MetricName, value?: number, dimensions?: MetricDimensions): void;
}

export interface Pacer {
  /** Waits for a token of this EC2 action. False, at once, when none would come before the deadline. */
  take(operation: string, deadlineAtMs: number): Promise<boolean>;
  /** EC2 accepted a call. */
  speedUp(operation: string): void;
  /** EC2 throttled a call: a tenth less, and no token left. */
  slowDown(operation: string): void;
}
