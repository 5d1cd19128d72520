import type { Account, TagState } from './account.ts';
import type { Notice } from './notices.ts';
import type { Principal } from './principals.ts';
import type { Prng } from './prng.ts';
import type { Rules } from './rules.ts';

/** Everything one call can see: the account, the time, the caller, the rules. */
export interface Call {
  readonly action: string;
  readonly account: Account;
  readonly rules: Rules;
  readonly random: Prng;
  readonly now: number;
  readonly principal: Principal;
  readonly requestId: string;
  readonly view: View;
  readonly notify: (notice: Notice) => void;
  /** Answers an empty page with a token, once, when a fault asks for it. */
  readonly takeEmptyPage: () => boolean;
}

/** How late reads run behind writes: EC2 is eventually consistent (ec2/devguide/eventual-consistency). All zero by default. */
export interface StaleReads {
  readonly instancesMs: number;
  readonly interfacesMs: number;
  readonly mirroringMs: number;
  readonly tagsMs: number;
}

/** What a Describe can see of the account at this moment. */
export interface View {
  readonly hasInstance: (row: { readonly createdAt: number }) => boolean;
  readonly hasInterface: (row: { readonly createdAt: number }) => boolean;
  readonly hasMirroring: (row: { readonly createdAt: number }) => boolean;
  readonly tagsOf: (resourceId: string) => Readonly<Record<string, string>>;
}

const NO_TAGS: Readonly<Record<string, string>> = {};

/** Looks at the account as a Describe does at the time `now`, behind by as much as `stale` says. */
export function viewAccount(account: Account, now: number, stale: StaleReads): View {
  const isOlderThan = (delayMs: number) => (row: { readonly createdAt: number }) => row.createdAt + delayMs <= now;
  return {
    hasInstance: isOlderThan(stale.instancesMs),
    hasInterface: isOlderThan(stale.interfacesMs),
    hasMirroring: isOlderThan(stale.mirroringMs),
    tagsOf: (resourceId) => {
      const state = account.tags.get(resourceId);
      return state === undefined ? NO_TAGS : tagsAt(state, now - stale.tagsMs);
    },
  };
}

function tagsAt(state: TagState, time: number): Readonly<Record<string, string>> {
  return state.before.find(({ until }) => until > time)?.tags ?? state.tags;
}

/** The change that a call makes once it is allowed; answers with the call's output. */
export type Effect<Output> = () => Output;

/**
 * One EC2 action: refuses with an error code, or returns the change to make.
 * A dry run stops between the two.
 */
// biome-ignore lint/suspicious/noExplicitAny: each action declares the SDK's own input type; the wire reader has checked it
export type Action = (input: any, call: Call) => Effect<object>;
