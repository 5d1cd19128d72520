import { describe, expect, test } from '@jest/globals';
import { isLike, isMatch, readTag } from '../../../lib/core/match.ts';
import type { Match } from '../../../lib/core/model.ts';
import { anInstance } from '../../support/instance.ts';
import { aDetachedInterface, anInterface, anRdsInterface } from '../../support/interface.ts';

const candidate = {
  networkInterface: anInterface({ tags: { role: 'web', env: 'prod-eu' }, securityGroupIds: ['sg-1', 'sg-2'] }),
  instance: anInstance({ instanceType: 'm5.large', tags: { env: 'dev', team: 'blue', constructor: 'yes' } }),
};

describe('every key matches what it names', () => {
  test.each<[Match, boolean]>([
    [{}, true],
    [{ vpcIds: ['vpc-1', 'vpc-0aaa0000000000001'] }, true],
    [{ vpcIds: ['vpc-1'] }, false],
    [{ vpcIds: [] }, false],
    [{ subnetIds: ['subnet-0aaa0000000000001'] }, true],
    [{ subnetIds: ['subnet-*'] }, false],
    [{ availabilityZones: ['us-east-1a'] }, true],
    [{ availabilityZones: ['us-east-1b'] }, false],
    [{ securityGroupIds: ['sg-9', 'sg-2'] }, true],
    [{ securityGroupIds: ['sg-9'] }, false],
    [{ securityGroupIds: [] }, false],
    [{ instanceTypes: ['m5.*'] }, true],
    [{ instanceTypes: ['m?.large'] }, true],
    [{ instanceTypes: ['m5'] }, false],
    [{ networkInterfaceIds: ['eni-0aaa0000000000001'] }, true],
    [{ networkInterfaceIds: ['eni-1'] }, false],
    [{ instanceIds: ['i-0aaa0000000000001'] }, true],
    [{ instanceIds: ['i-1'] }, false],
    [{ tags: { role: ['web'] } }, true],
    [{ tags: { role: ['WEB'] } }, false],
    [{ tags: { team: ['red', 'bl*'] } }, true],
    [{ tags: { role: ['*'], team: ['green'] } }, false],
    [{ tags: { missing: ['*'] } }, false],
    [{ tags: { constructor: ['yes'] } }, true],
    [{ tags: { toString: ['*'] } }, false],
    [{ requester: ['amazon-rds'] }, false],
    [{ vpcIds: ['vpc-0aaa0000000000001'], tags: { role: ['db'] } }, false],
  ])('%j → %s', (match, expected) => {
    expect(isMatch(match, candidate)).toBe(expected);
  });
});

test("the interface's tag hides the instance's tag of the same key", () => {
  expect(isMatch({ tags: { env: ['prod-*'] } }, candidate)).toBe(true);
  expect(isMatch({ tags: { env: ['dev'] } }, candidate)).toBe(false);
});
test('keys that speak of an instance match nothing on an interface without one', () => {
  const detached = { networkInterface: aDetachedInterface(), instance: undefined };
  expect(isMatch({ instanceTypes: ['*'] }, detached)).toBe(false);
  expect(isMatch({ instanceIds: ['i-0aaa0000000000001'] }, detached)).toBe(false);
});
test('a requester matches by friendly name and by any literal requester id', () => {
  const rds = { networkInterface: anRdsInterface(), instance: undefined };
  const other = { networkInterface: anRdsInterface({ requesterId: '123456789012' }), instance: undefined };
  expect(isMatch({ requester: ['amazon-rds'] }, rds)).toBe(true);
  expect(isMatch({ requester: ['amazon-elasticache'] }, rds)).toBe(false);
  expect(isMatch({ requester: ['123456789012'] }, other)).toBe(true);
});

describe('a pattern with wildcards', () => {
  test.each<[string, string, boolean]>([
    ['', '', true],
    ['', 'a', false],
    ['a', '', false],
    ['*', '', true],
    ['***', '', true],
    ['?', '', false],
    ['?', 'ab', false],
    ['m5.*', 'm5.large', true],
    ['m5.*', 'm5.', true],
    ['m5.*', 'm5', false],
    ['m?.large', 'm5.large', true],
    ['m?.large', 'm.large', false],
    ['large', 'large.2', false],
    ['large.2', 'large', false],
    ['*.metal', 'm5.metal', true],
    ['*.metal', 'm5.metal-48xl', false],
    ['*a*b', 'xaxaab', true],
    ['*a*b', 'bbba', false],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['ab*ab', 'ab', false],
    ['ab*ab', 'abab', true],
    ['a**', 'abc', true],
    ['a*?', 'a', false],
    ['?*?', 'ab', true],
    ['\\*', '\\x', true],
    ['p?t', 'p😀t', true],
  ])('%j is like %j: %s', (pattern, text, expected) => {
    expect(isLike(pattern, text)).toBe(expected);
  });
});

test("the interface's own value of a tag counts, the empty one too, else the instance's", () => {
  const { networkInterface, instance } = candidate;
  expect(['role', 'env', 'team', 'missing', 'toString'].map((key) => readTag(key, networkInterface, instance))).toEqual(
    ['web', 'prod-eu', 'blue', undefined, undefined],
  );
  expect(readTag('env', anInterface({ tags: { env: '' } }), instance)).toBe('');
  expect(readTag('env', anInterface(), undefined)).toBeUndefined();
});
