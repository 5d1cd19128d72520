import { describe, expect, test } from '@jest/globals';
import { asRecord, listOf } from '../../lib/foreign.ts';
import { isInstanceId, isNetworkInterfaceId, isSessionId, showsTags } from '../../lib/hints.ts';

describe('ids', () => {
  test.each([
    [isInstanceId, 'i-'],
    [isNetworkInterfaceId, 'eni-'],
    [isSessionId, 'tms-'],
  ])('%p takes the short and the long form and nothing else', (isId, prefix) => {
    expect([`${prefix}12345678`, `${prefix}0123456789abcdef0`].every(isId)).toBe(true);
    const wrong = [
      '',
      prefix,
      `${prefix}1234567`,
      `${prefix}0123456789abcdef01`,
      `${prefix}0123456G`,
      ` ${prefix}12345678`,
      `${prefix}12345678\n`,
      7,
      null,
    ];
    expect(wrong.some((value) => isId(value))).toBe(false);
  });
  test('the attachment of an interface is no interface', () => {
    expect(isNetworkInterfaceId('eni-attach-0123456789abcdef0')).toBe(false);
  });
});

describe('whether a read shows what an event said of the tags', () => {
  test.each([
    [{ Mirror: 'true' }, { Mirror: 'true' }, true],
    [{ Mirror: 'true', Name: 'web' }, { Mirror: 'true' }, true],
    [{}, { Mirror: 'true' }, false],
    [{ Mirror: 'false' }, { Mirror: 'true' }, false],
    [{ Mirror: 'true' }, { Mirror: undefined }, false],
    [{}, { Mirror: undefined }, true],
    [{}, { constructor: undefined }, true],
    [{ Mirror: 'true' }, {}, true],
  ])('a read of the tags %j shows the expected %j: %p', (tags, expected, shows) => {
    expect(showsTags(tags as Record<string, string>, expected)).toBe(shows);
  });
});

describe('foreign JSON', () => {
  test.each([undefined, null, 7, 'text', [], [1]])('%p is an empty record', (value) => {
    expect(asRecord(value)).toEqual({});
  });
  test.each([undefined, null, 7, 'text', { length: 1 }])('%p is an empty list', (value) => {
    expect(listOf(value)).toEqual([]);
  });
});
