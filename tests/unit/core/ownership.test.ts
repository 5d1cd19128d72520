import { describe, expect, test } from '@jest/globals';
import {
  ageMsOf,
  carrierOf,
  createdAtMs,
  filterTags,
  isOurFilter,
  isOurs,
  sessionTags,
} from '../../../lib/core/ownership.ts';
import { aFilter } from '../../support/filter.ts';
import { aDetachedInterface, anInterface, anRdsInterface } from '../../support/interface.ts';
import { aForeignSession, aSession } from '../../support/session.ts';

const owner = { fleet: 'prod', accountId: '111122223333' };

test('a session is ours by our fleet tag and our account, and by nothing less', () => {
  expect(isOurs(aSession(), owner)).toBe(true);
  expect(isOurs(aForeignSession(), owner)).toBe(false);
  expect(isOurs(aSession({ tags: { 'fleetmirror:fleet': 'prod-eu' } }), owner)).toBe(false);
  expect(isOurs(aSession({ ownerId: '999999999999' }), owner)).toBe(false);
});
test('what we tag at creation is recognised as ours', () => {
  const tags = sessionTags('prod', 'i-0aaa0000000000001', 'http', '2026-03-01T12:00:00.000Z');
  expect(isOurs(aSession({ tags }), owner)).toBe(true);
  expect(createdAtMs(tags)).toBe(Date.parse('2026-03-01T12:00:00Z'));
  expect(isOurFilter(aFilter({ tags: filterTags('prod', 'web', '2026-03-01T12:00:00.000Z') }), 'prod')).toBe(true);
});
test('a session and a filter carry whose they are, for what, since when, and a name for the console', () => {
  const createdAt = '2026-03-01T12:00:00.000Z';
  expect(sessionTags('prod', 'i-0aaa0000000000001', 'http', createdAt)).toEqual({
    'fleetmirror:fleet': 'prod',
    'fleetmirror:instance': 'i-0aaa0000000000001',
    'fleetmirror:created-at': createdAt,
    Name: 'fleetmirror prod http i-0aaa0000000000001',
  });
  expect(filterTags('prod', 'web', createdAt)).toEqual({
    'fleetmirror:fleet': 'prod',
    'fleetmirror:filter': 'web',
    'fleetmirror:created-at': createdAt,
    Name: 'fleetmirror prod web',
  });
});
test('a filter is ours by the fleet tag and its name in the policy', () => {
  expect(isOurFilter(aFilter({ tags: { 'fleetmirror:fleet': 'prod' } }), 'prod')).toBe(false);
  expect(isOurFilter(aFilter({ tags: filterTags('test', 'web', '') }), 'prod')).toBe(false);
});
test('no tag value is longer than the 256 characters that EC2 takes', () => {
  const tags = sessionTags('f'.repeat(31), `i-${'0'.repeat(17)}`, 't'.repeat(400), '');
  expect(Math.max(...Object.values(tags).map((value) => value.length))).toBe(256);
});
test('the carrier is the instance, else the requester, else the interface itself', () => {
  expect(carrierOf(anInterface())).toBe('i-0aaa0000000000001');
  expect(carrierOf(anRdsInterface())).toBe('amazon-rds');
  expect(carrierOf(aDetachedInterface())).toBe('eni-0aaa0000000000001');
});

describe('the time of creation', () => {
  const read = (text?: string) => createdAtMs(text === undefined ? {} : { 'fleetmirror:created-at': text });
  test.each([
    ['2026-03-01T12:00:00Z', Date.UTC(2026, 2, 1, 12)],
    ['2026-03-01T12:00:00.250Z', Date.UTC(2026, 2, 1, 12) + 250],
    ['2026-03-01T12:00:00.5Z', Date.UTC(2026, 2, 1, 12) + 500],
  ])('%s is read', (text, time) => {
    expect(read(text)).toBe(time);
  });
  test.each([
    undefined,
    '',
    'now',
    '2026-03-01',
    '2026-03-01T12:00:00+01:00',
    '2026-13-01T12:00:00Z',
    ' 2026-03-01T12:00:00Z',
    '2026-03-01T12:00:00Z ',
    '2026-03-01T12:00:00.Z',
    '2026-03-01T12:00:00',
    '2026-03-01 12:00:00Z',
    '2026-3-1T12:00:00Z',
    '+012026-03-01T12:00:00Z',
    '2026-03-01T12:00:00aZ',
  ])('%p is unreadable', (text) => {
    expect(read(text)).toBeUndefined();
  });
});

test('an age counts from the tag; one of a time that has not come yet says as little as none', () => {
  const tags = { 'fleetmirror:created-at': '2026-03-01T12:00:00.000Z' };
  const createdMs = Date.UTC(2026, 2, 1, 12);
  expect(ageMsOf(tags, createdMs + 1000)).toBe(1000);
  expect(ageMsOf(tags, createdMs - 15 * 60_000)).toBe(-15 * 60_000);
  expect(ageMsOf(tags, createdMs - 15 * 60_000 - 1)).toBeUndefined();
  expect(ageMsOf({}, createdMs)).toBeUndefined();
});
