import { sessionsPerSourceMax } from './limits.ts';
import { type Candidate, isMatch, readTag } from './match.ts';
import type { CoverageRule, Instance, NetworkInterface, Policy, Selection, Tier } from './model.ts';
import { type OptIn, readOptIn, tiersOfProfile } from './opt-in.ts';
import { quote } from './quote.ts';

/**
 * What the policy wants on one interface, whatever AWS can mirror. The first line that applies decides:
 *
 * | | result |
 * |---|---|
 * | a rule under `exclude` matches | unselected, `excluded` |
 * | a mandatory coverage rule matches | its tiers, `covered`; the tag may add tiers, not remove any |
 * | the opt-in tag says off | unselected, `opted-out` |
 * | the opt-in tag names a profile or tiers | those, `opted-in` |
 * | a coverage rule matches | its tiers, `covered` (an unreadable tag is told beside it) |
 * | the opt-in tag cannot be read | `unknown-profile` |
 * | nothing of these | unselected, `not-covered` |
 *
 * The interface's own tag is read first, its instance's else. Of several coverage rules the first in the policy wins,
 * among the mandatory ones and then among the others. Under `interfaces: primary` whatever would be selected on another
 * interface is `not-primary`.
 *
 * Ask only once the instance has been read: without it the instance's tags are missing and the answer may be a wrong
 * `not-covered`; `judgeSource` says `read-incomplete` then, and that decides.
 */
export function select(policy: Policy, networkInterface: NetworkInterface, instance: Instance | undefined): Selection {
  const selection = selectOnAnyInterface(policy, { networkInterface, instance });
  const isWanted = selection.kind !== 'unselected';
  return isWanted && policy.interfaces === 'primary' && !isPrimary(networkInterface)
    ? { kind: 'unselected', because: 'not-primary' }
    : selection;
}

/**
 * Whether an interface is the first of its instance. Interfaces of RDS and ElastiCache count as primary: the instance
 * behind them is not ours to see, and the index tells nothing.
 */
function isPrimary({ attachment, requesterManaged }: NetworkInterface): boolean {
  return requesterManaged || (attachment?.deviceIndex === 0 && attachment.networkCardIndex === 0);
}

function selectOnAnyInterface(policy: Policy, candidate: Candidate): Selection {
  if (policy.exclude.some((match) => isMatch(match, candidate))) return { kind: 'unselected', because: 'excluded' };

  const tagValue = readTag(policy.optIn.tagKey, candidate.networkInterface, candidate.instance);
  const optIn = tagValue === undefined ? undefined : readOptIn(policy, tagValue);
  const unknown = optIn?.kind === 'unknown' && tagValue !== undefined ? tellUnknown(tagValue) : {};

  const rules = policy.coverage.filter(({ match }) => isMatch(match, candidate));
  const mandatory = rules.find((rule) => rule.mandatory);
  if (mandatory) return { ...selectMandatory(tiersOf(policy, mandatory), optIn), ...unknown };
  if (optIn?.kind === 'off') return { kind: 'unselected', because: 'opted-out' };
  if (optIn?.kind === 'on') {
    return { kind: 'selected', because: 'opted-in', tiers: optIn.tiers, warnings: optIn.warnings };
  }
  const rule = rules[0];
  if (rule) return { kind: 'selected', because: 'covered', tiers: tiersOf(policy, rule), warnings: [], ...unknown };
  return tagValue === undefined
    ? { kind: 'unselected', because: 'not-covered' }
    : { kind: 'unknown-profile', tagValue };
}

/** Coverage applies, but whoever wrote the tag meant something else. */
function tellUnknown(tagValue: string) {
  const warning = `The opt-in tag says ${quote(tagValue)}, which names no profile and no tier: coverage applies.`;
  return { unknownProfile: tagValue, warnings: [warning] };
}

function tiersOf(policy: Policy, { profile }: CoverageRule): readonly Tier[] {
  return tiersOfProfile(policy, profile) ?? [];
}

/** The mandatory tiers all stay; what the tag adds fills the slots that AWS leaves, lowest session numbers first. */
function selectMandatory(mandatory: readonly Tier[], optIn: OptIn | undefined) {
  const wanted = optIn?.kind === 'on' ? optIn.tiers : [];
  const extra = wanted.filter((tier) => !mandatory.includes(tier));
  const slots = sessionsPerSourceMax - mandatory.length;
  const added = extra.slice(0, slots);
  const leftOut = extra.slice(slots).map(({ name }) => name);
  const warnings = optIn?.kind === 'on' ? [...optIn.warnings] : [];
  if (leftOut.length > 0)
    warnings.push(`No session is left for ${leftOut.join(', ')}: mandatory coverage comes first.`);
  if (optIn?.kind === 'off') warnings.push('The opt-in tag says off, but coverage of this interface is mandatory.');
  const tiers = [...mandatory, ...added].sort((a, b) => a.sessionNumber - b.sessionNumber);
  return { kind: 'selected', because: 'covered', tiers, ...(added.length > 0 && { mandatory }), warnings } as const;
}
