import fc from 'fast-check';

/** One question for both engines. */
export interface PatternCase {
  readonly pattern: unknown;
  readonly event: unknown;
}

const aName = fc.constantFrom('a', 'b', 'c');
const aText = fc.constantFrom('', 'x', 'xy', 'xyz', 'yx', 'X', 'x*', '5', '10.0.0.7', '10.1.0.7', 'fe80::1');
const aNumber = fc.constantFrom(0, 1, 5, -1, 2.5, 300);

function aScalar(): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 4, arbitrary: aText },
    { weight: 2, arbitrary: aNumber },
    { weight: 1, arbitrary: fc.constantFrom(true, false, null) },
  );
}

function anEvent(): fc.Arbitrary<unknown> {
  const { object } = fc.letrec<{ value: unknown; object: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      aScalar(),
      fc.array(tie('value'), { maxLength: 3 }),
      tie('object'),
    ),
    object: fc.dictionary(aName, tie('value'), { minKeys: 1, maxKeys: 3 }),
  }));
  return object;
}

/** Not an empty list: Event Ruler 2.0.1 crashes on that. */
function oneOrTwo(text: fc.Arbitrary<string>): fc.Arbitrary<string | string[]> {
  return fc.oneof(text, fc.array(text, { minLength: 1, maxLength: 2 }));
}

function anOperator(): fc.Arbitrary<unknown> {
  const aWildcard = fc.constantFrom(
    '*',
    'x*',
    '*x',
    'x*z',
    '*y*',
    'x\\*',
    '*',
    'x*',
    '*5',
    'y*',
    '*z',
    '**',
    'x\\y',
    '',
  );
  return fc.oneof(
    fc.record({ exists: fc.boolean() }),
    fc.record({ prefix: fc.oneof(aText, fc.record({ 'equals-ignore-case': aText })) }),
    fc.record({ suffix: fc.oneof(aText, fc.record({ 'equals-ignore-case': aText })) }),
    fc.record({ 'equals-ignore-case': aText }),
    fc.record({ wildcard: aWildcard }),
    fc.record({ cidr: fc.constantFrom('10.0.0.0/16', '10.0.0.0/8', '10.0.0.6/31', 'fe80::/10', '10.0.0.0') }),
    fc.record({ numeric: fc.tuple(fc.constantFrom('=', '<', '<=', '>', '>='), aNumber) }),
    fc.record({
      numeric: fc.tuple(fc.constantFrom('>', '>='), aNumber, fc.constantFrom('<', '<='), fc.constantFrom(2, 6, 301)),
    }),
    fc.record({
      'anything-but': fc.oneof(
        fc.oneof(aText, aNumber),
        fc.array(fc.oneof({ weight: 9, arbitrary: aText }, { weight: 1, arbitrary: aNumber }), { maxLength: 2 }),
        fc.array(aNumber, { minLength: 1, maxLength: 2 }),
        fc.record({ prefix: oneOrTwo(aText) }),
        fc.record({ suffix: oneOrTwo(aText) }),
        fc.record({ wildcard: oneOrTwo(aWildcard) }),
        fc.record({ 'equals-ignore-case': oneOrTwo(aText) }),
      ),
    }),
  );
}

function aPattern(): fc.Arbitrary<unknown> {
  const { object } = fc.letrec<{ field: unknown; object: unknown }>((tie) => ({
    field: fc.oneof(
      { maxDepth: 2, depthSize: 'xsmall', withCrossShrink: true },
      fc.array(fc.oneof(aScalar(), anOperator()), { minLength: 1, maxLength: 3 }),
      tie('object'),
    ),
    object: fc.oneof(
      { weight: 5, arbitrary: fc.dictionary(aName, tie('field'), { minKeys: 1, maxKeys: 2 }) },
      {
        weight: 1,
        arbitrary: fc.record({
          $or: fc.array(fc.dictionary(aName, tie('field'), { minKeys: 1, maxKeys: 2 }), { minLength: 2, maxLength: 2 }),
        }),
      },
    ),
  }));
  return object;
}

/**
 * Small patterns over few names and values, so that matches, near misses and refused patterns all come up often.
 * Events are lists and nestings of the same names and values.
 */
export const aPatternCase: fc.Arbitrary<PatternCase> = fc.record({ pattern: aPattern(), event: anEvent() });
