import { describe, expect, test } from '@jest/globals';
import { compilePattern } from '../../../lib/emulator/patterns.ts';

/** The event of the EventBridge user guide's "Comparison operators for use in event patterns". */
const event = {
  version: '0',
  'detail-type': 'EC2 Instance State-change Notification',
  source: 'aws.ec2',
  region: 'us-east-2',
  resources: ['arn:aws:ec2:us-east-2:123456789012:instance/i-0', 'arn:aws:ec2:us-east-2:123456789012:instance/i-1'],
  detail: {
    state: 'terminated',
    'source-ip': '10.0.0.123',
    'c-count': 5,
    'd-count': 3,
    responseElements: null,
    isDryRun: false,
    FileName: 'dir/photo.PNG',
    empty: [],
    items: [
      { name: 'subnetId', value: 'subnet-1' },
      { name: 'networkInterfaceId', value: 'eni-1' },
    ],
  },
};

describe('a pattern matches', () => {
  test.each<[string, object]>([
    ['an exact value', { source: ['aws.ec2'] }],
    ['any of several values', { detail: { state: ['running', 'terminated'] } }],
    ['null', { detail: { responseElements: [null] } }],
    ['a boolean', { detail: { isDryRun: [false] } }],
    ['a number, however it is written', { detail: { 'c-count': [5.0] } }],
    ['any element of an array in the event', { resources: ['arn:aws:ec2:us-east-2:123456789012:instance/i-1'] }],
    ['prefix', { region: [{ prefix: 'us-' }] }],
    ['prefix ignoring case', { detail: { FileName: [{ prefix: { 'equals-ignore-case': 'DIR/' } }] } }],
    ['suffix', { detail: { FileName: [{ suffix: '.PNG' }] } }],
    ['suffix ignoring case', { detail: { FileName: [{ suffix: { 'equals-ignore-case': '.png' } }] } }],
    ['equals-ignore-case', { detail: { state: [{ 'equals-ignore-case': 'TERMINATED' }] } }],
    ['wildcard', { detail: { FileName: [{ wildcard: 'dir/*.PNG' }] } }],
    ['anything-but one', { detail: { state: [{ 'anything-but': 'initializing' }] } }],
    ['anything-but a list', { detail: { state: [{ 'anything-but': ['stopped', 'overloaded'] }] } }],
    ['anything-but numbers', { detail: { 'c-count': [{ 'anything-but': [100, 200] }] } }],
    ['anything-but a prefix', { detail: { state: [{ 'anything-but': { prefix: 'init' } }] } }],
    ['anything-but suffixes', { detail: { FileName: [{ 'anything-but': { suffix: ['.txt', '.md'] } }] } }],
    ['anything-but a wildcard', { detail: { FileName: [{ 'anything-but': { wildcard: '*/lib/*' } }] } }],
    ['anything-but ignoring case', { detail: { state: [{ 'anything-but': { 'equals-ignore-case': ['RUNNING'] } }] } }],
    ['numeric', { detail: { 'c-count': [{ numeric: ['>', 0, '<=', 5] }], 'd-count': [{ numeric: ['<', 10] }] } }],
    ['cidr', { detail: { 'source-ip': [{ cidr: '10.0.0.0/24' }] } }],
    ['exists', { detail: { state: [{ exists: true }] } }],
    ['absence', { detail: { errorCode: [{ exists: false }] } }],
    ['absence of what is an empty array', { detail: { empty: [{ exists: false }] } }],
    ['absence or another value', { detail: { state: [{ exists: false }, { 'anything-but': 'running' }] } }],
    ['$or', { $or: [{ detail: { 'c-count': [{ numeric: ['>', 10] }] } }, { detail: { 'd-count': [3] } }] }],
    ['fields within one element', { detail: { items: { name: ['networkInterfaceId'], value: ['eni-1'] } } }],
  ])('%s', (_, pattern) => {
    expect(compilePattern(pattern)(event)).toBe(true);
  });
});

describe('a pattern does not match', () => {
  test.each<[string, object]>([
    ['a string for a number', { detail: { 'c-count': ['5'] } }],
    ['anything-but a field that is absent', { detail: { errorCode: [{ 'anything-but': 'x' }] } }],
    ['null for an absent field', { detail: { errorCode: [null] } }],
    [
      'fields that only different elements of an array have',
      { detail: { items: { name: ['subnetId'], value: ['eni-1'] } } },
    ],
    ['absence within an array when another element has it', { detail: { items: { name: [{ exists: false }] } } }],
    ['exists above the leaves', { detail: [{ exists: true }] }],
    ['an address outside', { detail: { 'source-ip': [{ cidr: '10.0.1.0/24' }] } }],
    ['both fields unless both match', { source: ['aws.ec2'], region: ['eu-west-1'] }],
  ])('%s', (_, pattern) => {
    expect(compilePattern(pattern)(event)).toBe(false);
  });

  test('a wildcard that would have to overlap itself', () => {
    const isMatch = compilePattern({ a: [{ wildcard: 'ab*ba' }] });
    expect([isMatch({ a: 'aba' }), isMatch({ a: 'abba' }), isMatch({ a: 'ab-ba' })]).toEqual([false, true, true]);
  });
});

describe('EventBridge refuses (PatternError)', () => {
  test.each<[string, unknown]>([
    ['an empty pattern', {}],
    ['a value that is no array', { source: 'aws.ec2' }],
    ['an empty array', { source: [] }],
    ['an unknown operator', { source: [{ starts: 'aws' }] }],
    ['two operators in one object', { source: [{ prefix: 'a', suffix: 'b' }] }],
    ['a mixed anything-but list', { source: [{ 'anything-but': ['a', 1] }] }],
    ['an inverted range', { a: [{ numeric: ['>', 3, '<', 1] }] }],
    ['consecutive wildcards', { a: [{ wildcard: 'a**' }] }],
    ['a malformed CIDR', { a: [{ cidr: '10.0.0.0' }] }],
    ['an $or of one', { $or: [{ a: [1] }] }],
    ['an operator misplaced within $or', { $or: [{ prefix: ['a'] }, { a: [1] }] }],
    ['exists with something else', { a: [{ exists: 'yes' }] }],
    ['a list', []],
  ])('%s', (_, pattern) => {
    expect(() => compilePattern(pattern)).toThrow(expect.objectContaining({ name: 'PatternError' }));
  });
});
