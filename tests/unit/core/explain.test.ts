import { expect, test } from '@jest/globals';
import type { Candidate } from '../../../lib/core/actions.ts';
import { explainSource } from '../../../lib/core/explain.ts';
import { planSource } from '../../../lib/core/plan.ts';
import { openLedger } from '../../../lib/core/targets.ts';
import { anInstance } from '../../support/instance.ts';
import { aDetachedInterface, anInterface, anRdsInterface } from '../../support/interface.ts';
import { aPolicy } from '../../support/policy.ts';
import { aForeignSession, aSession } from '../../support/session.ts';
import { aCandidate, aSituation, type SituationDifferences } from '../../support/situation.ts';

function explain(candidate: Candidate, differences: SituationDifferences = {}) {
  const situation = aSituation({ accountSessions: candidate.sessions, ...differences });
  const ledger = openLedger(situation.accountSessions, situation.fullTargets);
  return explainSource(candidate, planSource(candidate, situation, ledger), situation);
}

const runningInstance = [
  'Interface of type interface in vpc-0aaa0000000000001, us-east-1a, status in-use.',
  'Attached to i-0aaa0000000000001 as device 0.',
  'The instance type is m5.large, the instance is running.',
];

test('opted-in: the tiers that are wanted, and one line for each session, there or to come', () => {
  expect(explain(aCandidate({ sessions: [aSession()] }))).toEqual({
    networkInterfaceId: 'eni-0aaa0000000000001',
    facts: runningInstance,
    selection: 'Wanted, opted-in: http (10), tcp (20). The opt-in tag asks for this session.',
    eligibility: 'AWS can mirror it.',
    decisions: [
      'create 20, opted-in: The opt-in tag asks for this session.',
      'retain 10 tms-0aaa0000000000001, as-desired: The session is as the policy wants it.',
    ],
  });
});

test('not-covered: a source that nobody wants has nothing to do', () => {
  expect(explain(aCandidate({ networkInterface: anInterface() }))).toEqual({
    networkInterfaceId: 'eni-0aaa0000000000001',
    facts: runningInstance,
    selection:
      'Not wanted, not-covered: Neither the opt-in tag nor a coverage rule asks for this. Tag it or add a coverage rule to mirror it.',
    eligibility: 'AWS can mirror it.',
    decisions: ['There is nothing to do.'],
  });
});

test('interface-gone: what is left of an interface is its sessions', () => {
  expect(explain({ networkInterfaceId: 'eni-0aaa0000000000001', sessions: [aSession()] })).toEqual({
    networkInterfaceId: 'eni-0aaa0000000000001',
    facts: ['EC2 does not show this interface.'],
    selection: 'Nothing to select.',
    eligibility: 'The interface no longer exists.',
    decisions: ['delete 10 tms-0aaa0000000000001, interface-gone: The interface no longer exists.'],
  });
});

test('an interface that an AWS service manages names the service, and no instance', () => {
  const networkInterface = anRdsInterface({ tags: { Mirror: 'no' } });
  const { networkInterfaceId } = networkInterface;
  expect(explain({ networkInterfaceId, networkInterface, sessions: [] })).toEqual({
    networkInterfaceId: 'eni-0dbdb000000000001',
    facts: [
      'Interface of type interface in vpc-0aaa0000000000001, us-east-1a, status in-use.',
      'Requester amazon-rds manages it.',
      'It is attached to no instance that we can see.',
    ],
    selection: 'Not wanted, opted-out: The opt-in tag says off. Set it to a profile or to true to mirror again.',
    eligibility: 'AWS can mirror it.',
    decisions: ['There is nothing to do.'],
  });
});

test('interface-detached: a refusal of the whole source has no number, and says why AWS cannot mirror it', () => {
  const networkInterface = aDetachedInterface({ requesterId: '123456789012', tags: { Mirror: 'http' } });
  const why = 'eni-0aaa0000000000001 is attached to no instance.';
  const remedy = 'The interface is not attached to an instance. Attach it to have it mirrored.';
  expect(explain({ networkInterfaceId: 'eni-0aaa0000000000001', networkInterface, sessions: [] })).toEqual({
    networkInterfaceId: 'eni-0aaa0000000000001',
    facts: [
      'Interface of type interface in vpc-0aaa0000000000001, us-east-1a, status available.',
      'Requester 123456789012.',
      'It is attached to no instance that we can see.',
    ],
    selection: 'Wanted, opted-in: http (10). The opt-in tag asks for this session.',
    eligibility: `Cannot be mirrored, interface-detached: ${why} ${remedy}`,
    decisions: [`refuse, interface-detached (${why}): ${remedy}`],
  });
});

test('unknown-profile: the value of the tag is quoted; not-ours: the session of a stranger is shown', () => {
  const explanation = explain(
    aCandidate({
      networkInterface: anInterface({ tags: { Mirror: 'htpt' } }),
      instance: anInstance({ instanceType: 'x99.large' }),
      sessions: [aForeignSession()],
    }),
    { policy: aPolicy({ instanceTypes: { edition: '2025-08', unknown: 'try', allow: [], deny: [] } }) },
  );
  const meaning =
    'The opt-in tag names no profile or tier of the policy. Correct the tag; existing sessions stay meanwhile.';
  expect(explanation).toMatchObject({
    selection: `Mirror="htpt" is unknown-profile: ${meaning}`,
    eligibility: 'Whether AWS mirrors this instance type is unknown; the policy says try.',
    decisions: [
      'retain 10 tms-0fff0000000000001, not-ours: The session belongs to someone else and is left alone.',
      `refuse, unknown-profile (the tag says "htpt"): ${meaning}`,
    ],
  });
});

test('covered: a tag that names no profile is told beside the coverage that applies anyway', () => {
  const coverage = [{ match: {}, profile: 'default', mandatory: false }];
  const candidate = aCandidate({ networkInterface: anInterface({ tags: { Mirror: 'htpt' } }) });
  const reason =
    'No target of the pool exists, or none that still has its interface. Create one and add its id to the policy.';
  expect(explain(candidate, { policy: aPolicy({ coverage }), targets: [] })).toMatchObject({
    selection:
      'Wanted, covered: http (10), tcp (20). A coverage rule of the policy asks for this session. The tag Mirror="htpt" names no profile.',
    decisions: [
      `refuse 10, target-missing (pool waf: tmt-0aaa1111bbbb2222c): ${reason}`,
      `refuse 20, target-missing (pool sensors: tmt-0ccc1111bbbb2222a): ${reason}`,
    ],
  });
});
