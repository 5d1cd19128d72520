import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';

interface Locked {
  readonly license?: string;
  readonly version: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly hasInstallScript?: boolean;
}

interface Accepted {
  /** What a function or the command line carries, and beside it what only builds and tests. */
  readonly licences: { readonly shipped: readonly string[]; readonly development: readonly string[] };
  /** Packages whose metadata name no licence, and the licence that they have. */
  readonly unnamed: Readonly<Record<string, string>>;
  /** Advisories without a fix by their ids (`GHSA-…`), and why they do not matter here. */
  readonly advisories: Readonly<Record<string, string>>;
}

const readJson = (name: string) => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));
const { licences, unnamed, advisories } = readJson('./dependencies.json') as Accepted;
const packages = Object.entries((readJson('../../package-lock.json') as { packages: Record<string, Locked> }).packages);
const dependencies = packages
  .filter(([path]) => path !== '')
  .map(([path, locked]) => ({ name: path.replace(/^.*node_modules\//, ''), ...locked }));

/** Whether an SPDX expression leaves a choice that is allowed: one of an OR, all of an AND. */
function isAllowed(expression: string, allowed: readonly string[]): boolean {
  const text = expression.replaceAll(/[()]/g, '');
  const choices = text.split(' OR ').map((choice) => choice.split(' AND '));
  return choices.some((parts) => parts.every((part) => allowed.includes(part)));
}

describe('Licences', () => {
  test('of what we ship ask for no more than their text, those of tools for no more of what we ship', () => {
    const refused = dependencies.filter(({ name, license, dev, devOptional }) => {
      if (license === undefined) return unnamed[name] === undefined;
      const isTool = dev === true || devOptional === true;
      return !isAllowed(license, isTool ? [...licences.shipped, ...licences.development] : licences.shipped);
    });
    expect(refused.map(({ name, version, license }) => `${name}@${version} ${license}`)).toEqual([]);
  });

  test('are named by every package but those that we have looked at', () => {
    const silent = dependencies.filter(({ license }) => license === undefined).map(({ name }) => name);
    expect(Object.keys(unnamed).filter((name) => !silent.includes(name))).toEqual([]);
  });

  test.each([
    ['MIT OR GPL-3.0', true],
    ['(MIT OR CC0-1.0)', true],
    ['MIT AND GPL-3.0', false],
    ['AGPL-3.0', false],
  ])('%s is allowed: %s', (expression, expected) => {
    expect(isAllowed(expression, licences.shipped)).toBe(expected);
  });
});

test('nothing of a dependency runs when it is installed', () => {
  expect(readFileSync(new URL('../../.npmrc', import.meta.url), 'utf8')).toMatch(/^ignore-scripts=true$/m);
});

interface Report {
  readonly vulnerabilities?: Readonly<Record<string, { readonly via: readonly (string | Advisory)[] }>>;
}

interface Advisory {
  readonly url: string;
  readonly title: string;
  readonly severity: string;
  readonly name: string;
}

// Not every mirror of the registry passes the question on.
const audit = spawnSync('npm', ['audit', '--json'], { encoding: 'utf8', timeout: 120_000 });
const report = parseReport(audit.stdout);
if (report === undefined) {
  console.warn(`npm audit has no answer, no advisory was looked up: ${`${audit.stdout}${audit.stderr}`.slice(0, 300)}`);
}

function parseReport(text: string): Required<Report> | undefined {
  try {
    const { vulnerabilities } = JSON.parse(text) as Report;
    return vulnerabilities && { vulnerabilities };
  } catch {
    return undefined;
  }
}

(report === undefined ? describe.skip : describe)('npm audit', () => {
  const known = Object.values(report?.vulnerabilities ?? {})
    .flatMap(({ via }) => via)
    .filter((entry) => typeof entry !== 'string');
  const idOf = ({ url }: Advisory) => url.split('/').at(-1) ?? url;

  test('knows no advisory that we do not', () => {
    const news = known.filter((advisory) => advisories[idOf(advisory)] === undefined);
    expect(news.map(({ name, title, severity, url }) => `${name}: ${title} (${severity}) ${url}`)).toEqual([]);
  });

  test('still knows those that we have accepted', () => {
    const ids = new Set(known.map(idOf));
    expect(Object.keys(advisories).filter((id) => !ids.has(id))).toEqual([]);
  });
});
