import type {
  Filter,
  FilterId,
  FilterRuleId,
  InstanceId,
  NetworkInterface,
  NetworkInterfaceId,
  RuleSpec,
  Session,
  SessionId,
  Tags,
  TargetId,
} from './model.ts';
import type { Because } from './reasons.ts';

/** A plan is a list of these, ordered within each source: delete, modify, create, then what needs no call. */
export type Action = CreateAction | ModifyAction | DeleteAction | RetainAction | RefuseAction;

interface ActionBase {
  readonly networkInterfaceId: NetworkInterfaceId;
  readonly instanceId?: InstanceId;
  readonly because: Because;
  /** Facts of this case, to be read after the reason's sentence. */
  readonly detail?: string;
}

export interface CreateAction extends ActionBase {
  readonly kind: 'create';
  readonly sessionNumber: number;
  readonly desired: DesiredSession;
  /** Set when this instance type is unknown and the policy says try: EC2's refusal settles it, so it is no pending change. */
  readonly triedType?: string;
}

export interface ModifyAction extends ActionBase {
  readonly kind: 'modify';
  readonly sessionNumber: number;
  readonly session: Session;
  readonly desired: DesiredSession;
  readonly drift: readonly Drift[];
}

export interface DeleteAction extends ActionBase {
  readonly kind: 'delete';
  readonly sessionNumber: number;
  readonly session: Session;
}

export interface RetainAction extends ActionBase {
  readonly kind: 'retain';
  readonly sessionNumber: number;
  readonly session: Session;
  readonly tier?: string;
  /** The deletion that was planned before a guard held it. */
  readonly held?: Because;
}

/** Without a session number the whole source is refused; with one, that tier only. */
export interface RefuseAction extends ActionBase {
  readonly kind: 'refuse';
  readonly sessionNumber?: number;
  readonly tier?: string;
}

/** One session as the policy wants it, down to the target. */
export interface DesiredSession {
  readonly networkInterfaceId: NetworkInterfaceId;
  readonly sessionNumber: number;
  readonly tier: string;
  readonly targetId: TargetId;
  /** `filterId` is absent until a managed filter that does not exist yet has been created. */
  readonly filter: { readonly name: string; readonly filterId?: FilterId };
  readonly packetLength?: number;
  /** Absent: EC2 assigns one. */
  readonly virtualNetworkId?: number;
  readonly description: string;
  /** Value of the `fleetmirror:instance` tag. */
  readonly carrier: string;
}

export type DriftField =
  | 'targetId'
  | 'filterId'
  | 'sessionNumber'
  | 'packetLength'
  | 'virtualNetworkId'
  | 'description';

export interface Drift {
  readonly field: DriftField;
  readonly from: string | number | undefined;
  readonly to: string | number | undefined;
}

/** What is done about a managed filter. It precedes the sessions that use it, except `delete`, which follows them. */
export type FilterAction =
  | {
      readonly kind: 'create-filter';
      readonly name: string;
      readonly rules: readonly RuleSpec[];
      readonly networkServices: readonly string[];
    }
  | {
      readonly kind: 'modify-rule';
      readonly name: string;
      readonly filterId: FilterId;
      readonly ruleId: FilterRuleId;
      readonly from: RuleSpec;
      readonly to: RuleSpec;
    }
  | {
      readonly kind: 'delete-rule';
      readonly name: string;
      readonly filterId: FilterId;
      readonly ruleId: FilterRuleId;
      readonly from: RuleSpec;
    }
  | { readonly kind: 'create-rule'; readonly name: string; readonly filterId: FilterId; readonly to: RuleSpec }
  | {
      readonly kind: 'set-network-services';
      readonly name: string;
      readonly filterId: FilterId;
      readonly add: readonly string[];
      readonly remove: readonly string[];
    }
  | {
      readonly kind: 'delete-filter';
      readonly name: string;
      readonly filter: Filter;
      readonly because: 'unused' | 'spare';
    };

/** What EC2 shows of one source: the interface (absent when it is gone), its instance and every session on it. */
export interface Candidate {
  readonly networkInterfaceId: NetworkInterfaceId;
  readonly networkInterface?: NetworkInterface;
  readonly instance?: CandidateInstance;
  readonly sessions: readonly Session[];
}

interface CandidateInstance {
  readonly instanceId: InstanceId;
  readonly instanceType: string;
  readonly state: string;
  readonly tags: Tags;
}

/** All that was decided for one source, with the figures that the coverage report counts. */
export interface SourceDecision {
  readonly networkInterfaceId: NetworkInterfaceId;
  readonly instanceId?: InstanceId;
  readonly actions: readonly Action[];
  /** Session numbers that the policy wants here; empty when the policy does not select the source. */
  readonly wanted: readonly number[];
  /** False when AWS cannot mirror the source, or it has nothing to mirror now. */
  readonly isEligible: boolean;
  /** Session numbers on which a session stands that mirrors what is desired; a field of no matter for that may be repaired. */
  readonly inPlace: readonly number[];
  /** The read did not show the instance that carries the interface: look again soon. */
  readonly isUnreadable: boolean;
  readonly warnings: readonly string[];
}

/** What has to be done, in order, and why. Same inputs, same plan, byte for byte. */
export interface Plan {
  /** In ascending interface id. */
  readonly decisions: readonly SourceDecision[];
  readonly filterActions: readonly FilterAction[];
  /** Set when a guard held every guarded deletion of this plan. */
  readonly halted?: Halt;
  /** Sessions and filters that only a second read that agrees may delete. */
  readonly accused: readonly (SessionId | FilterId)[];
}

export interface Halt {
  readonly guarded: number;
  readonly ourSessions: number;
  readonly limit: string;
}
