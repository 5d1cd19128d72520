import type * as z from 'zod';
import { didYouMean } from './did-you-mean.ts';
import { type PolicyPath, type Problem, problem, renderPath } from './policy-problem.ts';
import { type PolicyFile, policyFileSchema, policyJsonSchema } from './policy-schema.ts';
import { quote } from './quote.ts';

/** What is left of a written policy when everything of a wrong shape is taken out: anything may be missing. */
export type Draft<T> = T extends readonly (infer Item)[]
  ? readonly (Draft<Item> | undefined)[]
  : T extends object
    ? { readonly [Key in keyof T]?: Draft<T[Key]> | undefined }
    : T;

export interface Shape {
  /** Set when the shape has no fault. */
  readonly file?: PolicyFile;
  readonly draft: Draft<PolicyFile>;
  readonly problems: readonly Problem[];
}

/** Holds the data of a policy against its schema; reports every fault and keeps what can still be checked. */
export function readShape(value: unknown): Shape {
  const result = policyFileSchema.safeParse(value, { reportInput: true });
  const dropped = findDropped(value);
  if (result.success && dropped.length === 0) return { file: result.data, draft: result.data, problems: [] };
  const draft: Draft<PolicyFile> = isRecord(value) ? structuredClone(value) : {};
  const schema: SchemaNode = policyJsonSchema();
  for (const path of dropped) remove(draft, path);
  const lost = dropped
    .filter((path) => isRecord(findNode(schema, path.slice(0, -1)).node.additionalProperties))
    .map((path) => problem(path, `\`${droppedKey}\` can be no key`, 'Choose another.'));
  const faults = (result.error?.issues ?? []).flatMap((issue) => {
    // Data from YAML or JSON has no symbols as keys.
    const path = issue.path as PolicyPath;
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) remove(draft, [...path, key]);
      return issue.keys.map((key) => describeUnknownKey(schema, path, key));
    }
    remove(draft, path);
    return [describeFault(schema, path, issue)];
  });
  return { draft, problems: [...lost, ...faults] };
}

/**
 * Where keys are names, Zod leaves this one out without a word (elsewhere it is an unknown key): a filter would be lost,
 * and a match without that tag would cover more.
 */
const droppedKey = '__proto__';

/** The places of that key. YAML may give a mapping two places, or put it into itself; it is looked through once. */
function findDropped(value: unknown, seen = new Set<unknown>()): PolicyPath[] {
  if (!isRecord(value) || seen.has(value)) return [];
  seen.add(value);
  return Object.entries(value).flatMap(([key, inner]) => {
    const segment = Array.isArray(value) ? Number(key) : key;
    const within = findDropped(inner, seen).map((path) => [segment, ...path]);
    return key === droppedKey ? [[segment], ...within] : within;
  });
}

interface SchemaNode {
  readonly type?: unknown;
  readonly description?: string | undefined;
  readonly properties?: Readonly<Record<string, unknown>> | undefined;
  readonly additionalProperties?: unknown;
  readonly items?: unknown;
}

function describeUnknownKey(schema: SchemaNode, path: PolicyPath, key: string): Problem {
  const known = Object.keys(findNode(schema, path).node.properties ?? {});
  const meant = didYouMean(key, known);
  const hint = meant === undefined ? `Known here: ${known.join(', ')}.` : `Did you mean \`${meant}\`?`;
  return problem([...path, key], `unknown key \`${key}\``, hint);
}

function describeFault(schema: SchemaNode, path: PolicyPath, issue: z.core.$ZodIssue): Problem {
  const { node, description } = findNode(schema, path);
  return problem(path, sentence(path, issue, node), description);
}

function sentence(path: PolicyPath, issue: z.core.$ZodIssue, node: SchemaNode): string {
  const { input } = issue;
  if (path.length === 0) return `a policy is a mapping of keys, this is ${show(input)}`;
  const place = `\`${renderPath(path)}\``;
  if (input === undefined) return `${place} is missing`;
  if (input === null) return `${place} is empty`;
  switch (issue.code) {
    case 'too_small':
      return `${place} must ${measure(issue.origin, `at least ${issue.minimum}`)}, not ${size(input)}`;
    case 'too_big':
      return `${place} must ${measure(issue.origin, `at most ${issue.maximum}`)}, not ${size(input)}`;
    case 'invalid_value':
      return `${place} must be ${issue.values.map(String).join(' or ')}, not ${show(input)}`;
    case 'invalid_type': {
      // Of what is no number at all, Zod says only that a number is expected.
      const expected = node.type === 'integer' ? 'int' : issue.expected;
      return `${place} must be ${wantedTypes[expected] ?? expected}, not ${show(input)}`;
    }
    case 'invalid_key':
      return `${show(path.at(-1))} ${issue.issues[0]?.message ?? issue.message}`;
    default:
      return `${show(input)} ${issue.message}`;
  }
}

function measure(origin: string, bound: string): string {
  const isOne = bound.endsWith(' 1');
  if (origin === 'array') return `have ${bound} ${isOne ? 'entry' : 'entries'}`;
  return origin === 'string' ? `have ${bound} ${isOne ? 'character' : 'characters'}` : `be ${bound}`;
}

function size(input: unknown): string {
  return Array.isArray(input) || typeof input === 'string' ? String(input.length) : show(input);
}

const wantedTypes: Readonly<Record<string, string>> = {
  string: 'a text',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

/** A value as its author would recognise it, in few characters. */
function show(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (isRecord(value)) return 'a mapping';
  const text = typeof value === 'string' ? quote(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** The schema of a place (empty where there is none) and the nearest description on the way to it. */
function findNode(schema: SchemaNode, path: PolicyPath): { node: SchemaNode; description: string } {
  let node = schema;
  let description = schema.description ?? '';
  for (const segment of path) {
    const next: unknown =
      typeof segment === 'number'
        ? node.items
        : node.properties && Object.hasOwn(node.properties, segment)
          ? node.properties[segment]
          : node.additionalProperties;
    node = isRecord(next) ? next : {};
    description = node.description ?? description;
  }
  return { node, description };
}

/** Takes a faulty place out; positions of a list stay, so that paths keep their meaning. */
function remove(holder: unknown, [segment, ...rest]: PolicyPath): void {
  if (!isRecord(holder) || segment === undefined) return;
  if (rest.length === 0) holder[segment] = undefined;
  else remove(holder[segment], rest);
}

function isRecord(value: unknown): value is Record<string | number, unknown> {
  return typeof value === 'object' && value !== null;
}
