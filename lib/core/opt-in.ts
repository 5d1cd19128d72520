import { sessionsPerSourceMax } from './limits.ts';
import type { Policy, Tier } from './model.ts';

/** What the value of the opt-in tag asks for. */
export type OptIn =
  | {
      readonly kind: 'on';
      /** In ascending session number; one to three. */
      readonly tiers: readonly Tier[];
      readonly warnings: readonly string[];
    }
  | { readonly kind: 'off' }
  | { readonly kind: 'unknown' };

/** The values that mean "the profile `default`", and the values that mean "do not mirror". */
export const onValues: ReadonlySet<string> = new Set(['true', 'yes', 'on', '1']);
export const offValues: ReadonlySet<string> = new Set(['false', 'no', 'off', '0']);
/** The profile that `Mirror=true` means. */
export const defaultProfile = 'default';

/**
 * Reads the value of the opt-in tag, whatever its case and the white space around it.
 *
 * | value | meaning |
 * |---|---|
 * | `true yes on 1` | the profile `default`; unknown when the policy has none |
 * | `false no off 0` | off |
 * | a profile's name | its tiers; a profile wins over a tier of the same name, with a warning |
 * | tier names joined by comma, `+` or space | those tiers; duplicates count once; unknown above three |
 * | anything else, the empty value included | unknown |
 */
export function readOptIn(policy: Policy, tagValue: string): OptIn {
  const value = tagValue.trim().toLowerCase();
  if (offValues.has(value)) return { kind: 'off' };
  if (onValues.has(value)) return readProfile(policy, defaultProfile) ?? { kind: 'unknown' };
  return readProfile(policy, value) ?? readTiers(policy, value) ?? { kind: 'unknown' };
}

/** The tiers of a profile in ascending session number; undefined when the policy has no such profile. */
export function tiersOfProfile(policy: Policy, profile: string): readonly Tier[] | undefined {
  const names = Object.hasOwn(policy.profiles, profile) ? policy.profiles[profile] : undefined;
  return names && tiersByName(policy, names);
}

function readProfile(policy: Policy, profile: string): OptIn | undefined {
  const tiers = tiersOfProfile(policy, profile);
  if (tiers === undefined) return undefined;
  const isAmbiguous = policy.tiers.some(({ name }) => name === profile);
  const warning = `\`${profile}\` names a profile and a tier; the profile is meant. Rename one of them.`;
  return { kind: 'on', tiers, warnings: isAmbiguous ? [warning] : [] };
}

function readTiers(policy: Policy, value: string): OptIn | undefined {
  const names = [...new Set(value.match(/[^,+\s]+/g))];
  const tiers = tiersByName(policy, names);
  if (names.length === 0 || names.length > sessionsPerSourceMax || tiers.length < names.length) return undefined;
  return { kind: 'on', tiers, warnings: [] };
}

/** `policy.tiers` stands in ascending session number, and so does what is picked from it. */
function tiersByName(policy: Policy, names: readonly string[]): readonly Tier[] {
  return policy.tiers.filter(({ name }) => names.includes(name));
}
