import { didYouMean } from './did-you-mean.ts';
import { packetLengthSafeMin } from './limits.ts';
import { defaultProfile, offValues, onValues } from './opt-in.ts';
import { doubt, type PolicyPath, type Problem, problem } from './policy-problem.ts';
import { readRules } from './policy-rules.ts';
import type { PolicyFile, WrittenFilter } from './policy-schema.ts';
import type { Draft } from './policy-shape.ts';

/** Every name that a policy gives, also to what is faulty otherwise, so that one fault does not cause others. */
export interface PolicyNames {
  readonly targets: readonly string[];
  readonly filters: readonly string[];
  readonly profiles: readonly string[];
  readonly tiers: readonly string[];
}

/** Collects the names from the data as it was written. */
export function collectNames(value: unknown): PolicyNames {
  const { targets, filters, profiles, tiers } = asRecord(value);
  const tierNames = Array.isArray(tiers) ? tiers.map((tier) => asRecord(tier).name) : [];
  return {
    targets: Object.keys(asRecord(targets)),
    filters: Object.keys(asRecord(filters)),
    profiles: Object.keys(asRecord(profiles)),
    tiers: tierNames.filter((name) => typeof name === 'string'),
  };
}

/** What needs more than one place of the policy to be judged, coverage aside (`policy-coverage.ts`). */
export function checkPolicy(draft: Draft<PolicyFile>, names: PolicyNames): Problem[] {
  return [
    ...checkNames(draft, names),
    ...checkReferences(draft, names),
    ...checkTiers(draft),
    ...checkProfiles(draft, names),
    ...checkPools(draft),
    ...checkFilters(draft),
    ...checkUse(draft, names),
    ...checkVirtualNetworkIds(draft),
  ];
}

/** As words of the opt-in tag they mean on or off (`1` and `0` are no names at all). */
const reservedNames = new Set([...onValues, ...offValues]);

function checkNames(draft: Draft<PolicyFile>, names: PolicyNames): Problem[] {
  const problems: Problem[] = [];
  const pathOf = (section: keyof PolicyNames, name: string): PolicyPath => {
    if (section !== 'tiers') return [section, name];
    // A name with a fault of its own is not in the draft.
    const i = (draft.tiers ?? []).findLastIndex((tier) => tier?.name === name);
    return i < 0 ? ['tiers'] : ['tiers', i, 'name'];
  };
  for (const section of ['targets', 'filters', 'tiers', 'profiles'] as const) {
    const firstSpelling = new Map<string, string>();
    for (const name of names[section]) {
      const lower = name.toLowerCase();
      const twin = firstSpelling.get(lower);
      if (reservedNames.has(lower)) {
        const message = `the name \`${name}\` is reserved: as the value of the opt-in tag it means on or off`;
        problems.push(problem(pathOf(section, name), message, 'Choose another name.'));
      }
      if (twin === undefined) {
        firstSpelling.set(lower, name);
      } else if (twin !== name) {
        const message = `\`${name}\` and \`${twin}\` differ only in case; tag values are read without case`;
        problems.push(problem(pathOf(section, name), message, 'Rename one of them.'));
      } else {
        // Tiers stand in a list; elsewhere a name is a key and cannot repeat.
        problems.push(problem(pathOf(section, name), `two tiers are named \`${name}\``, 'Rename one of them.'));
      }
    }
  }
  for (const name of names.profiles.filter((profile) => names.tiers.includes(profile))) {
    const message = `a profile and a tier are named \`${name}\`; in the opt-in tag the profile is meant`;
    problems.push(doubt(['profiles', name], message, 'Rename one of them.'));
  }
  return problems;
}

function checkReferences(draft: Draft<PolicyFile>, names: PolicyNames): Problem[] {
  const check = (path: PolicyPath, what: string, name: string | undefined, known: readonly string[]): Problem[] => {
    if (name === undefined || known.includes(name)) return [];
    const meant = didYouMean(name, known);
    const hint = meant
      ? `Did you mean \`${meant}\`?`
      : known.length
        ? `Known: ${known.join(', ')}.`
        : 'None is defined.';
    return [problem(path, `no ${what} is named \`${name}\``, hint)];
  };
  return [
    ...(draft.tiers ?? []).flatMap((tier, i) => [
      ...check(['tiers', i, 'target'], 'pool under `targets`', tier?.target, names.targets),
      ...check(['tiers', i, 'filter'], 'filter', tier?.filter, names.filters),
    ]),
    ...Object.entries(draft.profiles ?? {}).flatMap(([profile, tiers]) =>
      (tiers ?? []).flatMap((tier, i) => check(['profiles', profile, i], 'tier', tier, names.tiers)),
    ),
    ...(draft.coverage ?? []).flatMap((rule, i) =>
      check(['coverage', i, 'profile'], 'profile', rule?.profile, names.profiles),
    ),
  ];
}

function checkTiers(draft: Draft<PolicyFile>): Problem[] {
  const problems: Problem[] = [];
  const holders = new Map<number, number>();
  const tiers = draft.tiers ?? [];
  for (const [i, tier] of tiers.entries()) {
    const { sessionNumber, packetLength = Number.POSITIVE_INFINITY } = tier ?? {};
    if (sessionNumber !== undefined) {
      const holder = holders.get(sessionNumber);
      holders.set(sessionNumber, holder ?? i);
      if (holder !== undefined) {
        const other = tiers[holder]?.name ?? `tiers[${holder}]`;
        const message = `session number ${sessionNumber} is also that of \`${other}\``;
        const hint = 'Give each tier its own number: on a source a number holds one session.';
        problems.push(problem(['tiers', i, 'sessionNumber'], message, hint));
      }
    }
    if (packetLength < packetLengthSafeMin) {
      const message = `EC2 may refuse a packet length of ${packetLength}: AWS also names minima of 35 (IPv4) and 55 (IPv6)`;
      const hint = `Write ${packetLengthSafeMin} or more [AWS: Traffic Mirroring limitations].`;
      problems.push(doubt(['tiers', i, 'packetLength'], message, hint));
    }
  }
  return problems;
}

function checkProfiles(draft: Draft<PolicyFile>, names: PolicyNames): Problem[] {
  const problems = Object.entries(draft.profiles ?? {}).flatMap(([profile, tiers]) =>
    repetitions(tiers ?? []).map(([i, tier]) =>
      problem(['profiles', profile, i], `\`${tier}\` stands twice in the profile`, 'Remove one of them.'),
    ),
  );
  if (names.profiles.includes(defaultProfile)) return problems;
  const key = draft.optIn?.tagKey ?? 'Mirror';
  const message = `without a profile \`${defaultProfile}\` the tag ${key}=true is an unknown profile`;
  const hint = `Add \`${defaultProfile}\` under \`profiles\`, or tag with the names of profiles or tiers only.`;
  return [...problems, doubt(['profiles'], message, hint)];
}

function checkPools(draft: Draft<PolicyFile>): Problem[] {
  return Object.entries(draft.targets ?? {}).flatMap(([pool, spec]) => {
    const ids = spec?.ids ?? [];
    const path = ['targets', pool, 'ids'];
    return [
      ...repetitions(ids).map(([i, id]) =>
        problem([...path, i], `${id} stands twice in the pool`, 'Remove one of them.'),
      ),
      ...ids.flatMap((id, i) => checkIdLength(id, [...path, i])),
    ];
  });
}

function checkFilters(draft: Draft<PolicyFile>): Problem[] {
  return Object.entries(draft.filters ?? {}).flatMap(([name, filter]) =>
    filter === undefined ? [] : checkFilter(filter, ['filters', name]),
  );
}

function checkFilter(filter: Draft<WrittenFilter>, path: PolicyPath): Problem[] {
  const { id, ...managed } = filter;
  const managedKeys = Object.entries(managed).flatMap(([key, value]) => (value === undefined ? [] : [key]));
  if (id !== undefined) {
    const lengths = checkIdLength(id, [...path, 'id']);
    if (managedKeys.length === 0) return lengths;
    const message = `a filter given by id is never changed, so that ${managedKeys.join(', ')} cannot be set on it`;
    return [...lengths, problem(path, message, 'Remove the id to have the filter managed, or the rest to use yours.')];
  }
  // A key whose value was faulty is there all the same, and its fault is told elsewhere.
  if (Object.hasOwn(filter, 'id')) return [];
  const rules = [...(managed.ingress ?? []), ...(managed.egress ?? [])];
  const services = managed.networkServices ?? [];
  const lists = (['ingress', 'egress', 'networkServices'] as const).filter((key) => Object.hasOwn(filter, key));
  if (lists.length === 0) {
    return [
      problem(path, 'the filter has neither an id nor rules', 'Write `id: tmf-…`, or `ingress` and `egress` rules.'),
    ];
  }
  const problems = [...readRules(managed, path).problems];
  const isWhole = lists.every((key) => managed[key] !== undefined);
  if (isWhole && services.length === 0 && rules.every((rule) => rule?.action === 'reject')) {
    problems.push(
      doubt(path, 'the filter accepts nothing, its tiers mirror nothing', 'Add a rule with action: accept.'),
    );
  }
  return problems;
}

/** Profiles are not looked at: tags may name them, and no policy tells which tags exist. */
function checkUse(draft: Draft<PolicyFile>, names: PolicyNames): Problem[] {
  if (draft.tiers === undefined) return [];
  const pools = draft.tiers.map((tier) => tier?.target);
  const filters = draft.tiers.map((tier) => tier?.filter);
  // A tier that could not be read, or whose reference is a slip, may mean any of them.
  const isClear = pools.every((name) => has(names.targets, name)) && filters.every((name) => has(names.filters, name));
  if (!isClear) return [];
  const unused = (section: 'targets' | 'filters', what: string, used: readonly (string | undefined)[]) =>
    names[section]
      .filter((name) => !used.includes(name))
      .map((name) => doubt([section, name], `no tier uses the ${what} \`${name}\``, 'Use it in a tier, or remove it.'));
  return [...unused('targets', 'pool', pools), ...unused('filters', 'filter', filters)];
}

function has(names: readonly (string | undefined)[], name: string | undefined): boolean {
  return names.includes(name);
}

function checkVirtualNetworkIds(draft: Draft<PolicyFile>): Problem[] {
  const { from, to } = draft.virtualNetworkIdRange ?? {};
  if (from === undefined || to === undefined) return [];
  // Three sessions of a single source need three numbers.
  if (to - from >= 2) return [];
  const message =
    to < from
      ? `the range ends (${to}) before it begins (${from})`
      : `the range has too few numbers (${to - from + 1})`;
  return [problem(['virtualNetworkIdRange'], message, 'At least 3; better several times the sessions of the fleet.')];
}

/** Warns of ids that AWS would not give: a copy that lost its end. */
function checkIdLength(id: string | undefined, path: PolicyPath): Problem[] {
  const digits = id?.slice(id.indexOf('-') + 1).length;
  if (digits === undefined || digits === 8 || digits === 17) return [];
  return [doubt(path, `${id} is of length ${digits}; ids of AWS have 17 digits (old ones 8)`, 'Copy the id again.')];
}

function repetitions(items: readonly (string | undefined)[]): [number, string][] {
  return items.flatMap((item, i): [number, string][] =>
    item !== undefined && items.indexOf(item) < i ? [[i, item]] : [],
  );
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
