import { type WrittenPolicy, writePolicy } from './policies.ts';

/** The parameter that holds the policy, and what is wrong with it at the moment. */
export interface PolicyShelf {
  readonly put: (policy: WrittenPolicy) => void;
  readonly trouble: (kind: PolicyTrouble | undefined) => void;
  /** The last usable policy. */
  readonly latest: () => WrittenPolicy;
  /** What a read gets now; `written` only when it is usable. */
  readonly take: () => { readonly text: string | undefined | Error; readonly written: WrittenPolicy | undefined };
}

/** Deleted, refused by the Parameter Store, emptied, not YAML, or of another fleet. */
export type PolicyTrouble = 'missing' | 'unreadable' | 'empty' | 'broken' | 'foreign';

export function createPolicyShelf(first: WrittenPolicy): PolicyShelf {
  let latest = first;
  let text = writePolicy(first);
  let trouble: PolicyTrouble | undefined;
  const spoilt = {
    missing: () => undefined,
    unreadable: () => new Error('AccessDeniedException'),
    empty: () => '',
    broken: () => `${text}\n  tiers: [`,
    foreign: () => text.replace('fleet: prod', 'fleet: other'),
  };
  return {
    put: (policy) => {
      latest = policy;
      text = writePolicy(policy);
      trouble = undefined;
    },
    trouble: (kind) => {
      trouble = kind;
    },
    latest: () => latest,
    take: () => (trouble === undefined ? { text, written: latest } : { text: spoilt[trouble](), written: undefined }),
  };
}
