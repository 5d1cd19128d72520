import type { Filter, FilterId, NetworkInterfaceId, Policy, Session, SessionId, Target, TargetId } from './model.ts';
import type { Owner } from './ownership.ts';

/** Everything a plan rests on besides the sources themselves. */
export interface Situation {
  readonly policy: Policy;
  readonly owner: Owner;
  /** `fleet`: every interface and session was read, completely. `changed`: some sources only. */
  readonly scope: 'fleet' | 'changed';
  readonly nowMs: number;
  /** Targets that can take packets. */
  readonly targets: ReadonlyMap<TargetId, Target>;
  /** Targets that exist and are as good as gone, with the interface that they point at and that does not exist. */
  readonly lostInterfaces: ReadonlyMap<TargetId, NetworkInterfaceId>;
  /** Interfaces of all targets of the account, in the policy or not. */
  readonly targetInterfaceIds: ReadonlySet<NetworkInterfaceId>;
  readonly filters: ReadonlyMap<FilterId, Filter>;
  /** Managed filters that exist, by their name in the policy. */
  readonly managedFilters: ReadonlyMap<string, FilterId>;
  /** All sessions of the account as far as they are known: they decide the room at targets and numbers in use. */
  readonly accountSessions: readonly Session[];
  /** Sessions of other accounts on targets that we share with them: they take room and numbers there, none in our account. */
  readonly guestSessions: readonly Session[];
  /** Targets that EC2 itself called full in this run. */
  readonly fullTargets: ReadonlySet<TargetId>;
  /** What an earlier complete read of this run accused; everything else with such a charge is retained first. */
  readonly accused: ReadonlySet<SessionId | FilterId>;
}
