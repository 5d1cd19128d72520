import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { parseSync } from '@swc/core';
import { isSafePattern } from 'redos-detector';

/**
 * Expressions that need more than linear time for a text made for it, and why nobody can send one. Everything else in
 * the code meets texts of strangers: tags, events, policies, captures.
 */
const excused: Readonly<Record<string, string>> = {
  'lib/core/packet-text.ts ^(?<head>.+?)\\s+(?<from>\\S+?)\\s*(?:->|>)\\s*(?<to>\\S+)(?:\\s+(?<tail>\\S+))?$':
    'The packet that someone describes to the command line on his own machine.',
  'lib/emulator/intrinsics.ts \\$\\{([^}]+)\\}': 'Our own packaged template.',
  'lib/emulator/parameter-store.ts ^(.+?)(?::(\\d+))?$': 'The emulator serves this machine alone.',
  'lib/emulator/principals.ts Credential=([^/,\\s]+)\\/': 'The emulator serves this machine alone.',
  'lib/emulator/rule-input.ts \\\\.|"|<([^<>\\s]+)>': 'Our own packaged template.',
  'lib/report/escape.ts `([^`]+)`': 'Linear: a piece ends at the next backtick. The sentences are our own besides.',
};

interface Expression {
  readonly file: string;
  readonly pattern: string;
  readonly flags: string;
}

async function listExpressions(): Promise<readonly Expression[]> {
  const files = await Array.fromAsync(glob('{lib,functions}/**/*.ts'));
  return files.sort().flatMap((file) => {
    const found: Expression[] = [];
    collect(parseSync(readFileSync(file, 'utf8'), { syntax: 'typescript', target: 'esnext' }), (pattern, flags) =>
      found.push({ file, pattern, flags }),
    );
    return found;
  });
}

function collect(node: unknown, tell: (pattern: string, flags: string) => void): void {
  if (typeof node !== 'object' || node === null) return;
  const { type, pattern, flags } = node as Record<string, unknown>;
  if (type === 'RegExpLiteral') tell(String(pattern), String(flags));
  for (const child of Object.values(node)) collect(child, tell);
}

function isLinear({ pattern, flags }: Expression): boolean {
  // The detector's grammar knows no names of groups; they change nothing in what is tried.
  const { safe } = isSafePattern(pattern.replaceAll(/\(\?<[A-Za-z]+>/g, '('), {
    caseInsensitive: flags.includes('i'),
    unicode: /[uv]/.test(flags),
    dotAll: flags.includes('s'),
    multiLine: flags.includes('m'),
    downgradePattern: true,
    timeout: 10_000,
  });
  return safe;
}

describe('No regular expression can be made to run for long', () => {
  test('by a text that was written for it', async () => {
    const slow = (await listExpressions()).filter((expression) => !isLinear(expression));
    const named = slow.map(({ file, pattern }) => `${file} ${pattern}`);
    expect(named.filter((name) => excused[name] === undefined)).toEqual([]);
    // An excuse that nothing needs any more goes.
    expect(Object.keys(excused).filter((name) => !named.includes(name))).toEqual([]);
  });

  test('because it is made at run time from a text of somebody else', async () => {
    const files = await Array.fromAsync(glob('{lib,functions}/**/*.ts'));
    const made = files.filter((file) => /new RegExp\(|\bRegExp\(/.test(readFileSync(file, 'utf8')));
    // The one prefix of ids at a time, from our own schema.
    expect(made).toEqual(['lib/core/policy-scalars.ts']);
  });

  test('and the detector sees one that can', () => {
    expect(isLinear({ file: '', pattern: '^(a+)+$', flags: '' })).toBe(false);
    expect(isLinear({ file: '', pattern: '(?<word>a*)(?<rest>a*)$', flags: '' })).toBe(false);
    expect(isLinear({ file: '', pattern: '^eni-[0-9a-f]+$', flags: '' })).toBe(true);
  });
});
