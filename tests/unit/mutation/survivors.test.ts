/** What mutation testing found last (`tests/mutation/incremental.json`) against what is written about it. */
import { readFileSync } from 'node:fs';
import { basename, matchesGlob } from 'node:path';
import { expect, test } from '@jest/globals';

interface MutationReport {
  readonly files: Readonly<Record<string, MutatedFile>>;
}
interface MutatedFile {
  readonly source: string;
  readonly mutants: readonly {
    readonly status: string;
    readonly location: { readonly start: { readonly line: number } };
  }[];
}
/** Where a mutant stands, or what a row speaks of: without a name it is the whole file. */
interface Place {
  readonly file: string;
  readonly name?: string;
}

const read = (name: string) => readFileSync(new URL(`../../mutation/${name}`, import.meta.url), 'utf8');

/** The function or table of the first level in which a line stands. */
function nameAround(source: string, line: number): string {
  const declarations = source
    .split('\n')
    .slice(0, line)
    .flatMap((text) => /^(?:export )?(?:function\*? |const )(\w+)/.exec(text)?.[1] ?? []);
  return declarations.at(-1) ?? '';
}

/** Places of the mutants that no test kills, each once. */
function findSurvivors({ files }: MutationReport): readonly Required<Place>[] {
  const places = Object.entries(files).flatMap(([path, { source, mutants }]) =>
    mutants
      .filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
      .map(({ location }) => ({ file: basename(path), name: nameAround(source, location.start.line) })),
  );
  return [...new Map(places.map((place) => [tell(place), place])).values()];
}

/** The first cells of the table: file names, `*` allowed, each followed by the names that are meant. */
function readRows(text: string): readonly Place[] {
  const cells = [...text.matchAll(/^\| (`[^|]+) \|/gm)].map(([, cell = '']) => cell);
  return cells.flatMap((cell) => {
    const files = cell.split(/(?=`[^`]+\.ts`)/).map((part) => [...part.matchAll(/`([^`]+)`/g)].map(([, word]) => word));
    return files.flatMap(([file = '', ...names]): Place[] =>
      names.length === 0 ? [{ file }] : names.flatMap((name) => (name === undefined ? [] : { file, name })),
    );
  });
}

const tell = ({ file, name }: Place) => (name === undefined ? file : `${file} ${name}`);
const isAbout = (row: Place, mutant: Required<Place>) =>
  matchesGlob(mutant.file, row.file) && (row.name === undefined || row.name === mutant.name);

const survivors = findSurvivors(JSON.parse(read('incremental.json')) as MutationReport);
const rows = readRows(read('survivors.md'));

test('every mutant that no test kills has its row in survivors.md: one that has none is a missing test', () => {
  expect(survivors.length).toBeGreaterThan(0);
  expect(survivors.filter((mutant) => !rows.some((row) => isAbout(row, mutant))).map(tell)).toEqual([]);
});

test('no row of survivors.md speaks of a place where every mutant is killed', () => {
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.filter((row) => !survivors.some((mutant) => isAbout(row, mutant))).map(tell)).toEqual([]);
});
