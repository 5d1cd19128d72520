import type { Policy, RuleSpec } from './model.ts';

/** One thing that two policies say differently, at a path such as `tiers.http.packetLength`, `exclude` or `mode`. */
export type PolicyChange =
  | { readonly path: string; readonly kind: 'added'; readonly to: string }
  | { readonly path: string; readonly kind: 'removed'; readonly from: string }
  | { readonly path: string; readonly kind: 'changed'; readonly from: string; readonly to: string };

/**
 * What one policy says that the other does not, in the order of the policy: named things (pools, filters, tiers,
 * profiles) by their names, rules of a filter by direction and number, rules of coverage and exclusion as they are, and
 * a change of their order, which decides who wins. Both have every default filled in, so that writing one is no change.
 */
export function comparePolicies(before: Policy, after: Policy): readonly PolicyChange[] {
  return [
    ...compareValues('mode', before.mode, after.mode),
    ...compareFields('optIn', before.optIn, after.optIn),
    ...compareNamed('targets', before.targets, after.targets),
    ...compareNamed('filters', mapRules(before), mapRules(after)),
    ...compareNamed('tiers', byName(before.tiers), byName(after.tiers)),
    ...compareNamed('profiles', listed(before.profiles), listed(after.profiles)),
    ...compareList('coverage', before.coverage, after.coverage),
    ...compareList('exclude', before.exclude, after.exclude),
    ...compareValues('interfaces', before.interfaces, after.interfaces),
    ...compareValues('whileStopped', before.whileStopped, after.whileStopped),
    ...compareFields('instanceTypes', before.instanceTypes, after.instanceTypes),
    ...compareFields('virtualNetworkIdRange', before.virtualNetworkIdRange, after.virtualNetworkIdRange),
    ...compareFields('guards', before.guards, after.guards),
    ...compareFields('cost', before.cost, after.cost),
  ];
}

/** `~ tiers.http.packetLength: 256 → 512`, `+ exclude: {…}`, `- filters.http: {…}`. */
export function describePolicyChange(change: PolicyChange): string {
  switch (change.kind) {
    case 'added':
      return `+ ${change.path}: ${change.to}`;
    case 'removed':
      return `- ${change.path}: ${change.from}`;
    case 'changed':
      return `~ ${change.path}: ${change.from} → ${change.to}`;
  }
}

type Fields = Readonly<Record<string, unknown>>;

function compareValues(path: string, from: unknown, to: unknown): PolicyChange[] {
  if (from === undefined) return [{ path, kind: 'added', to: show(to) }];
  if (to === undefined) return [{ path, kind: 'removed', from: show(from) }];
  const [one, other] = [show(from), show(to)];
  return one === other ? [] : [{ path, kind: 'changed', from: one, to: other }];
}

function compareFields(path: string, from: object, to: object): PolicyChange[] {
  const [one, other] = [from as Fields, to as Fields];
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].flatMap((name) => compareValues(`${path}.${name}`, one[name], other[name]));
}

function compareNamed(path: string, from: Readonly<Record<string, object>>, to: typeof from): PolicyChange[] {
  const names = new Set([...Object.keys(from), ...Object.keys(to)]);
  return [...names].flatMap((name): PolicyChange[] => {
    const [one, other] = [ownValue(from, name), ownValue(to, name)];
    if (one !== undefined && other !== undefined) return compareFields(`${path}.${name}`, one, other);
    return compareValues(`${path}.${name}`, one, other);
  });
}

/** `constructor` is a name like any other and must not reach the prototype. */
function ownValue<Value>(named: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(named, name) ? named[name] : undefined;
}

function compareList(path: string, from: readonly object[], to: readonly object[]): PolicyChange[] {
  const [one, other] = [from.map(show), to.map(show)];
  const removed = one.filter((item) => !other.includes(item));
  const added = other.filter((item) => !one.includes(item));
  const stays = (item: string) => one.includes(item) && other.includes(item);
  const isReordered = one.filter(stays).join('\n') !== other.filter(stays).join('\n');
  return [
    ...removed.map((item): PolicyChange => ({ path, kind: 'removed', from: item })),
    ...added.map((item): PolicyChange => ({ path, kind: 'added', to: item })),
    ...(isReordered ? [{ path, kind: 'changed', from: 'one order', to: 'another order' } as const] : []),
  ];
}

function byName(tiers: Policy['tiers']): Readonly<Record<string, object>> {
  return Object.fromEntries(tiers.map(({ name, ...tier }) => [name, tier]));
}

function listed(profiles: Policy['profiles']): Readonly<Record<string, object>> {
  return Object.fromEntries(Object.entries(profiles).map(([name, tiers]) => [name, { tiers }]));
}

/** Rules by `ingress 10`, so that one rule more is one line more. */
function mapRules({ filters }: Policy): Readonly<Record<string, object>> {
  const entries = Object.entries(filters).map(([name, filter]) => {
    if (filter.kind === 'given') return [name, filter] as const;
    const { rules, ...rest } = filter;
    return [name, { ...rest, ...Object.fromEntries(rules.map(nameRule)) }] as const;
  });
  return Object.fromEntries(entries);
}

function nameRule({ direction, ruleNumber, ...rule }: RuleSpec) {
  return [`${direction}.${ruleNumber}`, rule] as const;
}

/** A value as it would stand in the policy, keys in one order so that equal things look equal. */
function show(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value, sortKeys);
}

function sortKeys(_: string, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}
