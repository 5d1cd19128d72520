import { BlockList, isIP } from 'node:net';
import { compileWildcard } from './wildcard.ts';

/** A JSON value of an event that is neither object nor array. */
export type Leaf = string | number | boolean | null;

/** Whether one value of an event satisfies one element of a pattern's array. */
export type LeafTest = (leaf: Leaf) => boolean;

/** One element of a pattern's array: a test of a present value, or the demand that no value is there. */
export type Matcher = LeafTest | 'absent';

/** A pattern that EventBridge would not accept; the message names the offending part. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
}

/**
 * What one element of a pattern's array accepts, by AWS's documented comparison operators
 * (EventBridge user guide, "Comparison operators for use in event patterns").
 * Throws PatternError where EventBridge refuses the pattern.
 */
export function compileMatcher(element: unknown): Matcher {
  if (isLeaf(element)) return (leaf) => leaf === element;
  const [operator, operand] = onlyEntry(element);
  if (operator === 'exists') return compileExists(operand);
  if (operator === 'anything-but') return compileAnythingBut(operand);
  if (operator === 'numeric') return compileNumeric(operand);
  if (operator === 'cidr') return compileCidr(operand);
  return compileText(operator, operand);
}

/** The operators that read strings only. */
function compileText(operator: string, operand: unknown): LeafTest {
  switch (operator) {
    case 'prefix':
    case 'suffix':
      return isString(operand) ? compileEnd(operator, operand) : compileEndIgnoringCase(operator, operand);
    case 'equals-ignore-case': {
      const wanted = asString(operator, operand).toLowerCase();
      return (leaf) => isString(leaf) && leaf.toLowerCase() === wanted;
    }
    case 'wildcard': {
      const isMatch = compileWildcard(asString(operator, operand));
      if (typeof isMatch === 'string') throw new PatternError(isMatch);
      return (leaf) => isString(leaf) && isMatch(leaf);
    }
    default:
      throw new PatternError(`unrecognized match type ${operator}`);
  }
}

function compileEnd(operator: 'prefix' | 'suffix', end: string): LeafTest {
  return operator === 'prefix'
    ? (leaf) => isString(leaf) && leaf.startsWith(end)
    : (leaf) => isString(leaf) && leaf.endsWith(end);
}

/** `{"prefix": {"equals-ignore-case": "ab"}}` */
function compileEndIgnoringCase(operator: 'prefix' | 'suffix', operand: unknown): LeafTest {
  const [inner, end] = onlyEntry(operand);
  if (inner !== 'equals-ignore-case') throw new PatternError(`${operator} match pattern must be a string`);
  const isMatch = compileEnd(operator, asString(inner, end).toLowerCase());
  return (leaf) => isString(leaf) && isMatch(leaf.toLowerCase());
}

function compileExists(operand: unknown): Matcher {
  if (operand === true) return () => true;
  if (operand === false) return 'absent';
  throw new PatternError('exists match pattern must be either true or false');
}

/** Any present value but the named ones, of whatever type: `{"anything-but": "x"}` accepts 5 and null. */
function compileAnythingBut(operand: unknown): LeafTest {
  const isRefused = isLeaf(operand) || Array.isArray(operand) ? compileList(operand) : compileNegatable(operand);
  return (leaf) => !isRefused(leaf);
}

function compileList(operand: unknown): LeafTest {
  const values: readonly unknown[] = Array.isArray(operand) ? operand : [operand];
  const hasOneType = values.every(isString) || values.every((value) => typeof value === 'number');
  if (values.length === 0 || !hasOneType) {
    throw new PatternError('inside anything-but, either all values are numbers or all are strings');
  }
  const refused = new Set<unknown>(values);
  return (leaf) => refused.has(leaf);
}

function compileNegatable(operand: unknown): LeafTest {
  const [operator, inner] = onlyEntry(operand);
  if (!['prefix', 'suffix', 'wildcard', 'equals-ignore-case'].includes(operator)) {
    throw new PatternError(`unsupported anything-but pattern: ${operator}`);
  }
  const texts: readonly unknown[] = Array.isArray(inner) ? inner : [inner];
  if (texts.length === 0) throw new PatternError(`anything-but ${operator} needs at least one value`);
  const tests = texts.map((text) => {
    if (!isString(text)) throw new PatternError(`anything-but ${operator} takes strings only`);
    if (text === '' && (operator === 'prefix' || operator === 'suffix'))
      throw new PatternError(`anything-but ${operator} must not be empty`);
    return compileText(operator, text);
  });
  return (leaf) => tests.some((isMatch) => isMatch(leaf));
}

/** `["=", 5]`, `[">", 0]`, `[">", 0, "<=", 5]`; a range starts with its lower end. */
function compileNumeric(operand: unknown): LeafTest {
  if (!Array.isArray(operand) || (operand.length !== 2 && operand.length !== 4)) {
    throw new PatternError('numeric takes one or two pairs of operator and number');
  }
  const [operator, bound, upperOperator, upperBound] = operand as unknown[];
  const isMatch = compileComparison(operator, bound);
  if (operand.length === 2) return isMatch;
  const isOrdered = `${operator}`.startsWith('>') && `${upperOperator}`.startsWith('<');
  if (!isOrdered || !(Number(bound) < Number(upperBound))) {
    throw new PatternError('a numeric range is a lower bound, then a greater upper one');
  }
  const isBelow = compileComparison(upperOperator, upperBound);
  return (leaf) => isMatch(leaf) && isBelow(leaf);
}

const comparisons: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '=': (value, bound) => value === bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
};

function compileComparison(operator: unknown, bound: unknown): LeafTest {
  const compare = comparisons[String(operator)];
  if (compare === undefined) throw new PatternError(`unrecognized numeric operator: ${operator}`);
  if (typeof bound !== 'number') throw new PatternError('a numeric bound must be a number');
  return (leaf) => typeof leaf === 'number' && compare(leaf, bound);
}

/** A network of more than one address: Event Ruler refuses `/32` and `/128`, a plain string serves there. */
function compileCidr(operand: unknown): LeafTest {
  const [network = '', prefix = '', ...rest] = asString('cidr', operand).split('/');
  const family = isIP(network);
  const bits = family === 4 ? 32 : 128;
  if (family === 0 || !/^\d{1,3}$/.test(prefix) || Number(prefix) >= bits || rest.length > 0) {
    throw new PatternError(`malformed CIDR: ${operand}`);
  }
  const block = new BlockList();
  block.addSubnet(network, Number(prefix), family === 4 ? 'ipv4' : 'ipv6');
  return (leaf) => isString(leaf) && isIP(leaf) === family && block.check(leaf, family === 4 ? 'ipv4' : 'ipv6');
}

/** Operators stand alone in their object: `{"prefix": "a", "suffix": "b"}` is refused by EventBridge. */
function onlyEntry(value: unknown): [string, unknown] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new PatternError('a match value must be a string, number, true, false, null, or an operator');
  }
  const entries = Object.entries(value);
  const [entry] = entries;
  if (entry === undefined || entries.length > 1) throw new PatternError('exactly one key is allowed in an operator');
  return entry;
}

export function isLeaf(value: unknown): value is Leaf {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}

function asString(operator: string, value: unknown): string {
  if (!isString(value)) throw new PatternError(`${operator} match pattern must be a string`);
  return value;
}
