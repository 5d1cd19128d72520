import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { applyEdit, readMutant } from '../../simulation/mutant.ts';
import { createScheduler } from '../../simulation/scheduler.ts';
import { readSeeds } from '../../simulation/seeds.ts';
import { shrink } from '../../simulation/shrink.ts';

describe('the kept seeds', () => {
  test('are read', () => {
    expect(readSeeds('[{ "seed": 7, "rule": "no crash" }]')).toEqual([{ seed: 7, rule: 'no crash' }]);
  });

  test.each(['', '[', '{}', '[7]', '[{ "seed": -1, "rule": "x" }]', '[{ "seed": 1 }]'])(
    'are an error when the file is damaged: %j',
    (text) => {
      expect(() => readSeeds(text)).toThrow('seeds.json is damaged');
    },
  );
});

describe('a mutant', () => {
  const edit = { file: 'lib/a.ts', find: 'isOurs', replace: '$&isTheirs' };

  test('changes the one place that it names, and nothing in it is a pattern', () => {
    expect(applyEdit('if (isOurs) go', edit)).toBe('if ($&isTheirs) go');
  });

  test.each([
    ['', 0],
    ['isOurs isOurs', 2],
  ])('is an error when its text does not stand there once: %j', (source, times) => {
    expect(() => applyEdit(source, edit)).toThrow(`stands ${times} times in lib/a.ts`);
  });

  const folder = new URL('../../simulation/mutants/', import.meta.url);
  test.each(readdirSync(folder))('of the kept ones still applies to the program: %s', (name) => {
    for (const edit of readMutant(readFileSync(new URL(name, folder), 'utf8')).edits) {
      const source = readFileSync(new URL(`../../../${edit.file}`, import.meta.url), 'utf8');
      expect(applyEdit(source, edit)).not.toBe(source);
    }
  });

  test('without an edit is an error', () => {
    expect(() => readMutant('{ "rule": "no crash", "edits": [] }')).toThrow();
  });
});

test('shrinking keeps the steps without which it does not fail, and no others', async () => {
  const fails = async (steps: ReadonlySet<number>) => steps.has(3) && steps.has(11);
  expect(await shrink([...Array(16).keys()], fails, 100)).toEqual([3, 11]);
});

test('things happen in the order of their time, those of one moment in the order of their coming', async () => {
  const scheduler = createScheduler(1000);
  const seen: string[] = [];
  const note = (name: string) => () => seen.push(`${name} ${scheduler.now()}`);
  scheduler.after(20, note('late'));
  scheduler.after(10, note('first'));
  scheduler.after(10, note('second'));
  scheduler.after(0, () => scheduler.jump(15));
  while (await scheduler.step());
  expect(seen).toEqual(['first 1015', 'second 1015', 'late 1020']);
});
