import { describe, expect, test } from '@jest/globals';
import { didYouMean } from '../../../lib/core/did-you-mean.ts';

describe('the word that was probably meant', () => {
  test.each<[string, string, string[], string | undefined]>([
    ['the same word in another case', 'SESSIONnumber', ['name', 'sessionNumber'], 'sessionNumber'],
    ['a letter left out', 'trgets', ['tiers', 'targets'], 'targets'],
    ['a letter too many', 'ttargets', ['tiers', 'targets'], 'targets'],
    ['a wrong letter at the end', 'filtex', ['filter'], 'filter'],
    ['a wrong letter at the beginning', 'vaf', ['waf'], 'waf'],
    ['neighbours exchanged count as one slip', 'wfa', ['waf'], 'waf'],
    ['neighbours exchanged at the beginning', 'awf', ['waf'], 'waf'],
    ['two letters swapped across a third are two slips', 'faw', ['waf'], undefined],
    ['the same letters in another order are no slip', 'cab', ['abc'], undefined],
    ['a letter moved and another changed are two slips', 'xa', ['ay'], undefined],
    ['a letter changed and another moved are two slips', 'ax', ['ya'], undefined],
    ['a short word may have one slip', 'ax', ['ab'], 'ab'],
    ['a short word may not have two', 'xy', ['ab'], undefined],
    ['six letters may have two slips', 'sxnxor', ['sensor'], 'sensor'],
    ['six letters may not have three', 'sxxxor', ['sensor'], undefined],
    ['the nearest of several', 'tcp-al', ['tcp-bll', 'tcp-all', 'tcp-axx'], 'tcp-all'],
    ['the first of those that are equally near', 'tcq', ['tcp', 'tcr'], 'tcp'],
    ['nothing known', 'tcp', [], undefined],
    ['nothing written', '', ['tcp'], undefined],
    ['one letter where another is known', '', ['a'], 'a'],
  ])('%s: %s', (_, word, known, meant) => {
    expect(didYouMean(word, known)).toBe(meant);
  });

  test('a word that is more than ten letters longer or shorter is not meant, however long both are', () => {
    const near = (letters: number, known: number) => didYouMean('a'.repeat(letters), ['a'.repeat(known)]) !== undefined;
    expect([near(20, 30), near(40, 30), near(22, 33), near(44, 33)]).toEqual([true, true, false, false]);
  });
});
