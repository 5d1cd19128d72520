import type { RuleSpec, RuleTarget } from './template.ts';

/** An event as EventBridge delivers it. */
export interface BusEvent {
  readonly version?: string;
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

/** The default event bus of an account: what AWS services and PutEvents put on it reaches the targets of its rules. */
export interface Bus {
  /**
   * Matches the event against every rule and hands it to their targets, in order of publication. Returns before the
   * targets have it; never throws: a target that refuses ends in `undelivered`.
   */
  readonly publish: (event: BusEvent) => void;
  /** Rules that match from now on, and the way their targets are reached; returns what takes them away again. */
  readonly addRules: (rules: readonly RuleSpec[], deliver: Deliver) => () => void;
  /** Called with every event that is published from now on. */
  readonly onEvent: (listener: (event: BusEvent) => void) => void;
  /** Resolves when the targets have everything that was published before the call. */
  readonly settle: () => Promise<void>;
  /** Events that a target refused; AWS would try again for a day. */
  readonly undelivered: readonly { readonly event: BusEvent; readonly rule: string; readonly cause: unknown }[];
}

export type Deliver = (target: RuleTarget, input: string) => Promise<void>;

/** A bus without rules. */
export function createBus(): Bus {
  let routes: readonly { readonly rule: RuleSpec; readonly deliver: Deliver }[] = [];
  const listeners: ((event: BusEvent) => void)[] = [];
  const undelivered: { event: BusEvent; rule: string; cause: unknown }[] = [];
  let deliveries: Promise<void> = Promise.resolve();

  return {
    undelivered,
    publish: (event) => {
      for (const listener of listeners) listener(event);
      const isReadOnly = isReadOnlyCall(event);
      for (const { rule, deliver } of routes) {
        if (!rule.isEnabled || (isReadOnly && !rule.seesReadOnlyCalls) || !rule.matches(event)) continue;
        for (const target of rule.targets) {
          deliveries = deliveries
            .then(() => deliver(target, target.formatInput(event)))
            .catch((cause: unknown) => {
              undelivered.push({ event, rule: rule.name, cause });
            });
        }
      }
    },
    addRules: (rules, deliver) => {
      const added = rules.map((rule) => ({ rule, deliver }));
      routes = [...routes, ...added];
      return () => {
        routes = routes.filter((route) => !added.includes(route));
      };
    },
    onEvent: (listener) => {
      listeners.push(listener);
    },
    settle: () => deliveries,
  };
}

/**
 * CloudTrail delivers records of calls that change nothing only to rules in the state
 * ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS [EventBridge user guide, "AWS service events delivered via CloudTrail"].
 */
function isReadOnlyCall(event: BusEvent): boolean {
  if (event['detail-type'] !== 'AWS API Call via CloudTrail') return false;
  return (event.detail as { readOnly?: boolean } | null)?.readOnly === true;
}
