import { defaultSetting, ifRejectionsFallThrough } from './evaluate.ts';
import type { FilterSpec, Match, Policy, Tier } from './model.ts';
import type { EvaluationSetting } from './packet.ts';
import { describePacket } from './packet-text.ts';
import { findShadowedTiers, type TierView } from './shadow.ts';

/** What a policy would do, in sentences for the person who wrote it. */
export function summarisePolicy(policy: Policy): readonly string[] {
  const { optIn, mode, guards } = policy;
  const verb =
    mode === 'observe'
      ? 'plans and reports, and writes nothing (`mode: observe`)'
      : 'keeps sessions equal to this policy';
  return [
    `Fleet ${policy.fleet}: ${verb}.`,
    `An instance or interface tagged ${optIn.tagKey}=true gets the profile default; ${optIn.tagKey}=NAME gets the profile or the tiers of that name; ${optIn.tagKey}=off gets none.`,
    ...Object.entries(policy.profiles).map(([name, tiers]) => `Profile ${name}: ${describeTiers(tiers, policy)}.`),
    ...policy.coverage.map(
      ({ match, profile, mandatory }, index) =>
        `Coverage ${index + 1}: ${describeMatch(match)} gets the profile ${profile} without a tag${mandatory ? '; a tag cannot switch it off' : ''}.`,
    ),
    ...policy.exclude.map((match) => `Excluded, whatever else says: ${describeMatch(match)}.`),
    policy.interfaces === 'all'
      ? 'Every interface of an instance is mirrored.'
      : 'Only the primary interface of an instance is mirrored.',
    `While an instance is stopped its sessions are ${policy.whileStopped === 'keep' ? 'kept (and billed)' : 'removed'}.`,
    `Instance types are judged by AWS's list of ${policy.instanceTypes.edition}; unknown types are ${policy.instanceTypes.unknown === 'try' ? 'tried' : 'skipped'}.`,
    `A run that would delete more than ${guards.maxDeletes} sessions, or in a sweep more than ${guards.maxDeletePercent} % of ours, deletes none of them and raises an alarm.`,
  ];
}

function describeTiers(names: readonly string[], policy: Policy): string {
  const tiers = names.flatMap((name) => policy.tiers.find((tier) => tier.name === name) ?? []);
  return tiers.map((tier) => describeTier(tier, policy)).join('; then ');
}

function describeTier(tier: Tier, { targets, filters }: Policy): string {
  const ids = targets[tier.target]?.ids ?? [];
  const where = `${tier.target} (${ids.length === 1 ? ids[0] : `one of ${ids.length} targets`})`;
  const length = tier.packetLength === undefined ? 'whole packets' : `the first ${tier.packetLength} bytes`;
  return `${tier.name} as session ${tier.sessionNumber} sends ${length} that ${describeFilter(tier.filter, filters)} accepts to ${where}`;
}

function describeFilter(name: string, filters: Readonly<Record<string, FilterSpec>>): string {
  const spec = filters[name];
  return spec?.kind === 'given' ? `the filter ${spec.id}` : `the managed filter ${name}`;
}

function describeMatch(match: Match): string {
  const { tags = {}, ...lists } = match;
  const parts = [
    ...Object.entries(lists).map(([key, values]) => `${key} ${values.join(' or ')}`),
    ...Object.entries(tags).map(([tag, values]) => `tag ${tag}=${values.join(' or ')}`),
  ];
  return parts.length === 0 ? 'every interface' : `an interface with ${parts.join(' and ')}`;
}

/** What each tier of each profile can still mirror after the tiers before it; warnings stand apart from what is well. */
export interface ShadowReport {
  readonly warnings: readonly string[];
  readonly notes: readonly string[];
}

/** Runs the shadow analysis over every profile. Equal findings of several profiles are told once for each profile. */
export function reportShadows(policy: Policy, setting: EvaluationSetting = defaultSetting): ShadowReport {
  const warnings: string[] = [];
  const notes: string[] = [];
  for (const [profile, names] of Object.entries(policy.profiles)) {
    const tiers = policy.tiers.filter((tier) => names.includes(tier.name));
    for (const view of findShadowedTiers(tiers, policy.filters, setting)) {
      const text = `Profile ${profile}: ${describeView(view, setting)}`;
      if (view.kind === 'shadowed' || view.kind === 'accepts-nothing') warnings.push(text);
      else notes.push(text);
    }
  }
  return { warnings, notes };
}

function describeView(view: TierView, setting: EvaluationSetting): string {
  const condition = ifRejectionsFallThrough(setting);
  switch (view.kind) {
    case 'open': {
      const limit = view.restsOnRejectFallsThrough ? `, but that and all else that it mirrors only ${condition}` : '';
      return `tier ${view.tier} mirrors for example ${view.witness.direction} ${describePacket(view.witness.facts)}${limit}.`;
    }
    case 'shadowed': {
      const takers = `${view.by.join(' and ')} ${view.by.length === 1 ? 'takes' : 'take'}`;
      const chance = view.restsOnRejectFallsThrough ? `; it could ${condition}` : '';
      return `tier ${view.tier} can never mirror a packet: ${takers} all that its filter accepts${chance}.`;
    }
    case 'accepts-nothing':
      return `tier ${view.tier} can never mirror a packet: its filter accepts none that AWS mirrors.`;
    case 'undecided':
      return `tier ${view.tier}: not decided, the rules of ${view.filters.join(', ')} stand in the account, not in the policy.`;
  }
}
