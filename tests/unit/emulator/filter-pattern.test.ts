import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compileFilterPattern } from '../../../lib/emulator/filter-pattern.ts';

describe('Patterns in filter values', () => {
  test.each([
    ['*', '', true],
    ['a*', 'abc', true],
    ['a*c', 'abcd', false],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['a\\*', 'a*', true],
    ['a\\*', 'ab', false],
    ['a\\?', 'a?', true],
    ['a\\\\', 'a\\', true],
    ['A', 'a', false],
    ['*a*b*', 'xxaxxbxx', true],
  ])('%s against %s is %s', (pattern, text, expected) => {
    expect(compileFilterPattern(pattern)(text)).toBe(expected);
  });

  test('a text that is escaped whole matches itself and nothing else', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (text, other) => {
        const matches = compileFilterPattern(text.replace(/[*?\\]/g, '\\$&'));
        expect(matches(text)).toBe(true);
        expect(matches(other)).toBe(other === text);
      }),
    );
  });

  test('a text matches every pattern that stands for its pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (pieces) => {
        const pattern = pieces.map((piece) => piece.replace(/[*?\\]/g, '\\$&')).join('*');
        expect(compileFilterPattern(pattern)(pieces.join('anything'))).toBe(true);
      }),
    );
  });

  test('many stars against a long text stay fast', () => {
    expect(compileFilterPattern('*a'.repeat(120))('a'.repeat(119))).toBe(false);
  });
});
