import { compileMatcher, isLeaf, type Leaf, type Matcher, PatternError } from './pattern-operators.ts';

/**
 * EventBridge event patterns as predicates, with the semantics of AWS's open-source Event Ruler: of an array in the
 * event one element must match; fields of objects within one array must match in the same element; `exists` looks at
 * leaves only. Own code, because no npm package follows AWS here; `tests/witness` compares it with Event Ruler itself.
 */
export type EventPredicate = (event: unknown) => boolean;

/** Longest pattern that a rule accepts, in characters of its JSON text [EventBridge quotas]. */
export const patternLengthMax = 2048;

/** Refused by Event Ruler as field names within `$or`, where they would hide a mistyped operator. */
const operatorNames = new Set(['exists', 'equals-ignore-case', 'prefix', 'suffix', 'anything-but', 'numeric', 'cidr']);

/** One way to satisfy a pattern: every path must find a value that one of its matchers accepts. */
type Conjunction = ReadonlyMap<string, readonly Matcher[]>;

/** Which element of which array a value was found in. */
type Membership = ReadonlyMap<number, number>;

interface Field {
  readonly value: Leaf;
  readonly membership: Membership;
}

/** The predicate that a rule with this pattern applies to every event. Throws PatternError for what AWS refuses. */
export function compilePattern(pattern: unknown): EventPredicate {
  const conjunctions = expandObject(pattern, '').map((conjunction) =>
    [...conjunction].sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  return (event) => {
    const fields = flattenEvent(event);
    return conjunctions.some((steps) => isSatisfied(steps, 0, fields, new Map()));
  };
}

/** Tries the steps in order of path, and every value for each, so that all chosen values lie in the same elements. */
function isSatisfied(
  steps: readonly (readonly [string, readonly Matcher[]])[],
  position: number,
  fields: ReadonlyMap<string, readonly Field[]>,
  membership: Membership,
): boolean {
  const step = steps[position];
  if (step === undefined) return true;
  const [path, matchers] = step;
  const reachable = (fields.get(path) ?? []).flatMap((field) => {
    const joined = joinMemberships(membership, field.membership);
    return joined === undefined ? [] : [{ value: field.value, joined }];
  });
  if (reachable.length === 0)
    return matchers.includes('absent') && isSatisfied(steps, position + 1, fields, membership);
  return reachable.some(
    ({ value, joined }) =>
      matchers.some((matcher) => matcher !== 'absent' && matcher(value)) &&
      isSatisfied(steps, position + 1, fields, joined),
  );
}

/** Both memberships together, or undefined when they name different elements of one array. */
function joinMemberships(a: Membership, b: Membership): Membership | undefined {
  for (const [array, element] of b) {
    if (a.has(array) && a.get(array) !== element) return undefined;
  }
  return new Map([...a, ...b]);
}

/** All ways to satisfy an object of a pattern: `$or` multiplies them. */
function expandObject(pattern: unknown, prefix: string): Conjunction[] {
  if (typeof pattern !== 'object' || pattern === null || Array.isArray(pattern)) {
    throw new PatternError(`"${prefix}" must be an object or an array`);
  }
  const entries = Object.entries(pattern);
  if (entries.length === 0) throw new PatternError('empty objects are not allowed');
  return entries.reduce<Conjunction[]>(
    (ways, [key, value]) => {
      const more = key === '$or' ? expandOr(value, prefix) : expandField(joinPath(prefix, key), value);
      return ways.flatMap((way) => more.map((other) => new Map([...way, ...other])));
    },
    [new Map()],
  );
}

function expandOr(alternatives: unknown, prefix: string): Conjunction[] {
  if (!Array.isArray(alternatives) || alternatives.length < 2) {
    throw new PatternError('$or takes an array of at least two objects');
  }
  for (const alternative of alternatives) {
    const reserved = Object.keys(alternative ?? {}).find((key) => operatorNames.has(key));
    if (reserved !== undefined) throw new PatternError(`${reserved} cannot be a field within $or`);
  }
  return alternatives.flatMap((alternative) => expandObject(alternative, prefix));
}

function expandField(path: string, value: unknown): Conjunction[] {
  if (!Array.isArray(value)) return expandObject(value, path);
  if (value.length === 0) throw new PatternError('empty arrays are not allowed');
  return [new Map([[path, value.map(compileMatcher)]])];
}

/** Every leaf of an event under its path; an empty array or object has none, so that it counts as absent. */
function flattenEvent(event: unknown): Map<string, Field[]> {
  const fields = new Map<string, Field[]>();
  let arrays = 0;
  const visit = (value: unknown, path: string, membership: Membership): void => {
    if (isLeaf(value)) {
      const known = fields.get(path);
      if (known === undefined) fields.set(path, [{ value, membership }]);
      else known.push({ value, membership });
    } else if (Array.isArray(value)) {
      arrays += 1;
      const array = arrays;
      value.forEach((element, index) => {
        visit(element, path, isLeaf(element) ? membership : new Map(membership).set(array, index));
      });
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, child] of Object.entries(value)) visit(child, joinPath(path, key), membership);
    }
  };
  visit(event, '', new Map());
  return fields;
}

function joinPath(prefix: string, key: string): string {
  return prefix === '' ? key : `${prefix}.${key}`;
}
