import fc from 'fast-check';

/** One thing wrong at one place of a JSON value: a member replaced or removed (`undefined`), or one added beside it. */
export interface Damage {
  /** Counted over all members of the value, at any depth, from the first again after the last. */
  readonly place: number;
  /** Of the member that is added beside the place; without it the place itself is replaced. */
  readonly added: string | undefined;
  readonly by: unknown;
}

const hostileKeys = ['__proto__', 'constructor', 'toString', 'length', '', '0', 'id', 'name', 'default', 'tags'];
const hostileValues = [undefined, null, true, false, 0, -1, 1.5, 1e300, '', '*', 'true', [], {}, [null], [[]]];

export const aDamage: fc.Arbitrary<Damage> = fc.record({
  place: fc.nat(),
  added: fc.option(fc.oneof(fc.constantFrom(...hostileKeys), fc.string()), { nil: undefined, freq: 2 }),
  by: fc.oneof(fc.constantFrom(...hostileValues), fc.jsonValue({ maxDepth: 2 })),
});

/** The value with the damage done to it. */
export function damaged<Value extends object>(value: Value, { place, added, by }: Damage): Value {
  const copy = structuredClone(value);
  const members = membersOf(copy);
  const [holder, key] = members[place % members.length] ?? [copy, ''];
  // By definition, not by assignment: `__proto__` is to be a key like any other.
  const descriptor = { value: by, configurable: true, enumerable: true, writable: true };
  if (added === undefined || Array.isArray(holder)) Object.defineProperty(holder, key, descriptor);
  else Object.defineProperty(holder, added, descriptor);
  return copy;
}

function membersOf(value: unknown): (readonly [object, string])[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => [[value, key] as const, ...membersOf(member)]);
}
