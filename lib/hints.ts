import type { InstanceId, NetworkInterfaceId, SessionId, Tags } from './core/model.ts';

/** What an event contributes: where to look. It is never believed about what is there. */
export type Hint =
  | {
      readonly kind: 'instance';
      readonly instanceId: InstanceId;
      /** The instance may have lost its interfaces: its sessions are found by their tag. */
      readonly isDeparture: boolean;
      /** True when the event says that it runs or is about to: a read that shows it stopped may be a late one. */
      readonly isUp?: boolean;
      /** Tags that the event says were just set (or, with `undefined`, removed): a read without them is a late one. */
      readonly tags?: Readonly<Record<string, string | undefined>>;
    }
  | {
      readonly kind: 'interface';
      readonly networkInterfaceId: NetworkInterfaceId;
      readonly isDeparture: boolean;
      readonly tags?: Readonly<Record<string, string | undefined>>;
    }
  /** Someone else created, changed or deleted a session. */
  | { readonly kind: 'session'; readonly sessionId: SessionId; readonly networkInterfaceId?: NetworkInterfaceId }
  /** Someone else changed a target, a filter or a rule. */
  | { readonly kind: 'infrastructure' }
  /** Something was detached and the event does not say what: only a sweep finds it. */
  | { readonly kind: 'unlocated' };

/** The outcome of reading one message. */
export type MessageReading =
  | {
      readonly kind: 'hints';
      readonly hints: readonly Hint[];
      /** When the event happened, or the newest of those that our own work message goes back to; milliseconds since 1970. */
      readonly eventAtMs: number;
      /** When the oldest of these happened, where it is another. */
      readonly firstEventAtMs?: number;
      /** EventBridge's id of the event, or of those that our own work message goes back to. */
      readonly eventIds?: readonly string[];
      readonly attempt: number;
      readonly hop: number;
    }
  /** An event that asks nothing of us: a failed call, an attachment that is no interface. */
  | { readonly kind: 'ignored'; readonly because: string }
  /** Not an event that we know how to read. */
  | { readonly kind: 'unreadable'; readonly because: string };

export function isInstanceId(text: unknown): text is InstanceId {
  return typeof text === 'string' && /^i-[0-9a-f]{8,17}$/.test(text);
}

export function isNetworkInterfaceId(text: unknown): text is NetworkInterfaceId {
  return typeof text === 'string' && /^eni-[0-9a-f]{8,17}$/.test(text);
}

export function isSessionId(text: unknown): text is SessionId {
  return typeof text === 'string' && /^tms-[0-9a-f]{8,17}$/.test(text);
}

/** True when the read shows what the event said of these tags; false means that EC2 shows them late. */
export function showsTags(tags: Tags, expected: Readonly<Record<string, string | undefined>>): boolean {
  // A tag may be called `constructor`, which every object has.
  return Object.entries(expected).every(([key, value]) => (Object.hasOwn(tags, key) ? tags[key] : undefined) === value);
}
