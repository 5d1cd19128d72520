import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
} from 'yaml';
import { type PolicyPath, type Problem, problem } from './policy-problem.ts';

/** A policy's YAML as plain data, with the way back from a place in the data to its line. */
export interface PolicyDocument {
  /** Undefined when the text cannot be read at all. */
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Line of a place, counted from 1; of a place that is not there, the line of what should hold it. */
  readonly lineOf: (path: PolicyPath) => number;
}

/** Far above any policy (the Parameter Store takes 8 KB); keeps hostile text from filling the memory. */
const policyCharactersMax = 1_000_000;
/** An alias may repeat a block, not multiply itself ("billion laughs"). */
const aliasesMax = 100;
const writeOut = 'Write the values out.';
/** Of a key that may be long. */
const shownCharacters = 40;
const quoteKey = 'Quote what begins with { or [ and is meant as text.';

/**
 * Reads YAML 1.2: `on`, `yes` and `2025-08` are strings, `true` is not. Syntax errors, duplicate keys, unknown tags,
 * too many aliases and a second document are problems with their lines; nothing throws.
 */
export function readPolicyDocument(text: string): PolicyDocument {
  const nowhere = () => 1;
  if (text.length > policyCharactersMax) {
    const message = `the policy has ${text.length} characters`;
    return { value: undefined, problems: [problem([], message, `At most ${policyCharactersMax}.`)], lineOf: nowhere };
  }
  const lines = new LineCounter();
  // Without the level a key that is an alias of a mapping would be warned of on stderr; the schema tells of it.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const lineOf = (path: PolicyPath) => lineAt(lines, offsetOf(document, path));
  const tooDeep = document.errors.find(({ code }) => code === 'RESOURCE_EXHAUSTION');
  // The library tells of it again wherever it goes on.
  const errors = document.errors.filter((error) => error === tooDeep || error.code !== 'RESOURCE_EXHAUSTION');
  const syntax = [...errors, ...document.warnings].map(({ code, message, pos }): Problem => {
    const line = lineAt(lines, pos[0]);
    if (code === 'DUPLICATE_KEY') {
      const path = pathOfKey(document.contents, pos[0]) ?? [];
      return { ...problem(path, 'this key stands twice', 'Remove or rename one of them.'), line };
    }
    const what = code === 'RESOURCE_EXHAUSTION' ? 'the lists and mappings are nested too deeply' : message;
    return { ...problem([], what, 'Correct the YAML here.'), line };
  });
  const misused = [...findDanglingAliases(document, lines), ...findCollectionKeys(document, text, lines)];
  const problems = [...syntax, ...misused];
  const isReadable = document.errors.every(({ code }) => code === 'DUPLICATE_KEY') && document.warnings.length === 0;
  if (!isReadable || misused.length > 0) return { value: undefined, problems, lineOf };
  try {
    return { value: document.toJS({ maxAliasCount: aliasesMax }), problems, lineOf };
  } catch (error) {
    // The library throws on too many aliases, as the only way it reports them.
    const { message } = error as Error;
    return { value: undefined, problems: [...problems, problem([], message, writeOut)], lineOf };
  }
}

/** Aliases before which no anchor of their name stands, each name once; the library throws at the first of them only. */
function findDanglingAliases(document: Document, lines: LineCounter): Problem[] {
  const anchors = new Set<string>();
  const dangling = new Map<string, Problem>();
  visit(document, (_key, node) => {
    if (isAlias(node)) {
      if (anchors.has(node.source) || dangling.has(node.source)) return;
      const message = `Unresolved alias (the anchor must be set before the alias): ${node.source}`;
      dangling.set(node.source, { ...problem([], message, writeOut), line: lineAt(lines, startOf(node) ?? 0) });
    } else if (isNode(node) && node.anchor !== undefined) {
      anchors.add(node.anchor);
    }
  });
  return [...dangling.values()];
}

/** Keys that are lists or mappings, such as the inner part of `{{ name }}` in a template: a policy has plain keys only. */
function findCollectionKeys(document: Document, text: string, lines: LineCounter): Problem[] {
  const found: Problem[] = [];
  visit(document, {
    Pair(_, { key }) {
      if (!isCollection(key)) return;
      const [from = 0, to] = key.range ?? [];
      const message = `the key ${text.slice(from, to).slice(0, shownCharacters)} is a ${isMap(key) ? 'mapping' : 'list'}`;
      found.push({ ...problem([], message, quoteKey), line: lineAt(lines, from) });
    },
  });
  return found;
}

function lineAt(lines: LineCounter, offset: number): number {
  return Math.max(1, lines.linePos(offset).line);
}

/** Path of the key that begins at an offset. */
function pathOfKey(node: unknown, offset: number, path: PolicyPath = []): PolicyPath | undefined {
  if (isMap(node)) {
    for (const { key, value } of node.items) {
      const own = [...path, String(isScalar(key) ? key.value : key)];
      const found = startOf(key) === offset ? own : pathOfKey(value, offset, own);
      if (found) return found;
    }
  }
  if (isSeq(node)) {
    for (const [i, item] of node.items.entries()) {
      const found = pathOfKey(item, offset, [...path, i]);
      if (found) return found;
    }
  }
  return undefined;
}

/** Offset of the deepest part of a path that exists: of its key in a map, of the item itself in a list. */
function offsetOf(document: Document, path: PolicyPath): number {
  let node: unknown = document.contents;
  let offset = startOf(document.contents) ?? 0;
  for (const segment of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(segment));
      if (pair === undefined) return offset;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(segment)];
      offset = startOf(node) ?? offset;
    }
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
