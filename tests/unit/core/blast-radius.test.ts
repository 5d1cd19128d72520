import { describe, expect, test } from '@jest/globals';
import type { Action, FilterAction, Halt, SourceDecision } from '../../../lib/core/actions.ts';
import { type BlastRadius, findObjection, measureBlastRadius } from '../../../lib/core/blast-radius.ts';
import { aSession } from '../../support/session.ts';

const networkInterfaceId = 'eni-0aaa0000000000001';
const at = { networkInterfaceId, sessionNumber: 10, session: aSession() } as const;
const desired = {
  networkInterfaceId,
  sessionNumber: 10,
  tier: 'http',
  targetId: 'tmt-0aaa1111bbbb2222c',
  filter: { name: 'http' },
  description: 'tier http',
  carrier: 'i-0aaa0000000000001',
} as const;
const create: Action = { kind: 'create', networkInterfaceId, sessionNumber: 10, desired, because: 'opted-in' };
const modify: Action = { kind: 'modify', ...at, desired, drift: [], because: 'drifted' };
const remove: Action = { kind: 'delete', ...at, because: 'opted-out' };
const retain: Action = { kind: 'retain', ...at, because: 'as-desired' };
const held: Action = { kind: 'retain', ...at, because: 'held-by-guard', held: 'opted-out' };
const refuse: Action = { kind: 'refuse', networkInterfaceId, because: 'interface-detached' };
const filterAction: FilterAction = { kind: 'create-filter', name: 'web', rules: [], networkServices: [] };
const halted: Halt = { guarded: 60, ourSessions: 80, limit: 'guards.maxDeletes 50' };

const decide = (...actions: readonly Action[]): SourceDecision => ({
  networkInterfaceId,
  actions,
  wanted: [],
  isEligible: true,
  inPlace: [],
  isUnreadable: false,
  warnings: [],
});
const none: BlastRadius = {
  creates: 0,
  modifies: 0,
  deletes: 0,
  held: 0,
  refusals: 0,
  refusedBecause: {},
  filterChanges: 0,
  sources: 0,
};

describe('how much of the account a plan would change', () => {
  test('is nothing for a plan that keeps and refuses', () => {
    const decisions = [decide(retain), decide(refuse), decide()];
    expect(measureBlastRadius({ decisions, filterActions: [], accused: [] })).toEqual({
      ...none,
      refusals: 1,
      refusedBecause: { 'interface-detached': 1 },
    });
  });

  test('counts each kind of action, and a source once however much is done to it', () => {
    const decisions = [
      decide(create, create, create, retain),
      decide(retain, modify, modify),
      decide(remove),
      decide(held, held, refuse),
    ];
    expect(measureBlastRadius({ decisions, filterActions: [filterAction], halted, accused: [] })).toEqual({
      creates: 3,
      modifies: 2,
      deletes: 1,
      held: 2,
      refusals: 1,
      refusedBecause: { 'interface-detached': 1 },
      filterChanges: 1,
      sources: 3,
      halted,
    });
  });
});

test('refusals are counted by reason, the most frequent first (interface-detached, target-missing)', () => {
  const missing: Action = { ...refuse, because: 'target-missing' };
  const decisions = [decide(refuse), decide(missing), decide(missing, retain)];
  const { refusals, refusedBecause } = measureBlastRadius({ decisions, filterActions: [], accused: [] });
  expect([refusals, Object.entries(refusedBecause)]).toEqual([
    3,
    [
      ['target-missing', 2],
      ['interface-detached', 1],
    ],
  ]);
});

describe('an objection to putting a policy to work unattended', () => {
  test('held-by-guard: names how many deletions, and the limit', () => {
    expect(findObjection({ ...none, held: 60, halted })).toBe(
      'A guard would hold 60 deletions (guards.maxDeletes 50); the next sweep would halt and raise its alarm.',
    );
  });
  test('names more than ten deletions at once, and not ten', () => {
    expect(findObjection({ ...none, deletes: 11 })).toBe('It would delete 11 sessions, more than 10 at once.');
    expect(findObjection({ ...none, deletes: 10 })).toBeUndefined();
  });
});
