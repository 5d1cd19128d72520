import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createTable } from '../../../lib/emulator/table.ts';

/** Reads a table page by page, letting something happen between the pages. */
function readPages(table: ReturnType<typeof createTable<number>>, size: number, between: () => void): number[] {
  const seen: number[] = [];
  let last = 0;
  for (let isMore = true; isMore; ) {
    isMore = false;
    let taken = 0;
    for (const { sequence, row } of table.after(last)) {
      if (taken === size) {
        isMore = true;
        break;
      }
      seen.push(row);
      last = sequence;
      taken += 1;
    }
    between();
  }
  return seen;
}

describe('A table', () => {
  test('gives each row that stays exactly once, in order, while others come and go between pages', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 60 }),
        fc.integer({ min: 1, max: 7 }),
        fc.array(fc.nat(59)),
        (count, size, gone) => {
          const table = createTable<number>();
          for (let row = 0; row < count; row++) table.add(`${row}`, row);
          const leaving = [...gone];
          const seen = readPages(table, size, () => table.remove(`${leaving.pop()}`));
          expect(seen).toEqual([...new Set(seen)].sort((one, other) => one - other));
          const stayed = Array.from({ length: count }, (_, row) => row).filter((row) => !gone.includes(row));
          expect(seen).toEqual(expect.arrayContaining(stayed));
        },
      ),
    );
  });

  test('forgets thousands of removed rows and keeps the rest in order', () => {
    const table = createTable<number>();
    for (let row = 0; row < 5_000; row++) table.add(`${row}`, row);
    for (let row = 0; row < 4_990; row++) table.remove(`${row}`);
    expect([table.size, [...table.rows()]]).toEqual([10, [4990, 4991, 4992, 4993, 4994, 4995, 4996, 4997, 4998, 4999]]);
    expect(table.get('1')).toBeUndefined();
    expect(table.place('4999')).toEqual({ sequence: 5_000, row: 4_999 });
  });
});
