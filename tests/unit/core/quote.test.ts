import { describe, expect, test } from '@jest/globals';
import { printable, quote } from '../../../lib/core/quote.ts';

describe('quote', () => {
  test.each([
    ['plain', '"plain"'],
    ['', '""'],
    ['say "no" \\ é 🦀', '"say \\"no\\" \\\\ é 🦀"'],
    ['\u001b[2J\n\u0007', '"\\u001b[2J\\n\\u0007"'],
    ['\u007f\u009b2J', '"\\u007f\\u009b2J"'],
    ['\u202eoff\u202c \u2066x\u2069\u200e\u200f\u061c', '"\\u202eoff\\u202c \\u2066x\\u2069\\u200e\\u200f\\u061c"'],
  ])('writes %j in quotes, and nothing unprintable', (text, quoted) => {
    expect(quote(text)).toBe(quoted);
    expect(JSON.parse(quote(text))).toBe(text);
  });
});

test('printable replaces each unprintable character, and nothing else', () => {
  expect(printable('a\u202eb\u001b\u009bc\n\u2069é "🦀"')).toBe('a�b��c��é "🦀"');
});
