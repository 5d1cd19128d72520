import { expect, test } from '@jest/globals';
import { runChecks } from '../../../lib/core/preflight.ts';
import { aPolicy } from '../../support/policy.ts';
import { preflightFacts } from '../../support/preflight.ts';

test('when everything is well only the MTU is left to look at, since no API tells it', () => {
  const checks = runChecks(preflightFacts());
  expect(checks.filter(({ verdict }) => verdict !== 'pass')).toEqual([
    expect.objectContaining({ check: 'mtu', verdict: 'warn', detail: expect.stringContaining('no API tells the MTU') }),
  ]);
});

test('targets come first, in the order of the pools and each once, then what may happen on the way to them', () => {
  const pools = aPolicy().targets;
  const policy = aPolicy({
    targets: { ...pools, again: { ids: Object.values(pools).flatMap(({ ids }) => ids), spread: 'same-zone' } },
  });
  expect(runChecks(preflightFacts({ policy })).map(({ subject, check }) => `${subject} ${check}`)).toEqual([
    'tmt-0aaa1111bbbb2222c target-exists',
    'tmt-0aaa1111bbbb2222c target-owner',
    'tmt-0aaa1111bbbb2222c target-attached',
    'tmt-0ccc1111bbbb2222a target-exists',
    'tmt-0ccc1111bbbb2222a target-owner',
    'tmt-0ccc1111bbbb2222a listener',
    'tmt-0ccc1111bbbb2222a health',
    'tmt-0ccc1111bbbb2222a cross-zone',
    'tmt-0aaa1111bbbb2222c mtu',
    'tmt-0ccc1111bbbb2222a mtu',
    'tmt-0aaa1111bbbb2222c mirror-loop',
    'tmt-0ccc1111bbbb2222a mirror-loop',
    'subnet-0aaa0000000000001 source-subnet',
    'eni-0aaa0000000000001 → tmt-0aaa1111bbbb2222c security-group',
    'eni-0aaa0000000000001 → tmt-0aaa1111bbbb2222c network-acl',
  ]);
});

test('every check that does not pass has a remedy', () => {
  const worst = { destinations: new Map(), securityGroups: { kind: 'denied', permission: 'ec2:X' } } as const;
  for (const { verdict, remedy } of runChecks(preflightFacts(worst))) {
    if (verdict !== 'pass') expect(remedy).toMatch(/\w/);
  }
});
