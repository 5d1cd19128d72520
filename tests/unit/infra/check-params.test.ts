import { expect, test } from '@jest/globals';
import { findParamProblems, periodSecondsOf } from '../../../infra/check-params.ts';

const good = { fleet: 'prod', sweepEvery: '15 minutes' };

test('a named fleet with a rate may be deployed', () => {
  expect(findParamProblems(good, 'deploy')).toEqual([]);
});

test.each(['deploy', 'remove', 'info'])('%s needs the name of a fleet', (command) => {
  expect(findParamProblems({ ...good, fleet: 'unnamed' }, command)).toEqual([
    `Name the fleet that the stack owns, for instance \`npm run ${command} -- --param fleet=prod\`.`,
  ]);
});

test('package needs no fleet of anybody', () => {
  expect(findParamProblems({ ...good, fleet: 'unnamed' }, 'package')).toEqual([]);
});

test.each(['', 'Prod', '9lives', 'a_b', 'a'.repeat(32)])('the fleet "%s" is no name', (fleet) => {
  expect(findParamProblems({ ...good, fleet }, 'package')).toEqual([expect.stringContaining('is no name')]);
});

test.each(['1 minute', '2 minutes', '90 minutes', '1 hour', '12 hours', '1 day', '7 days'])(
  '"%s" is a rate',
  (sweepEvery) => {
    expect(findParamProblems({ ...good, sweepEvery }, 'deploy')).toEqual([]);
  },
);

test.each(['1 minutes', '2 minute', '0 minutes', '15', '15 seconds', '15 minutes)', 'rate(15 minutes)', '-5 minutes'])(
  '"%s" is no rate',
  (sweepEvery) => {
    expect(findParamProblems({ ...good, sweepEvery }, 'deploy')).toEqual([expect.stringContaining('is no rate')]);
  },
);

test.each([
  ['15 minutes', 900],
  ['1 minute', 60],
  ['12 hours', 43_200],
  ['1 day', 86_400],
  ['7 days', 302_400],
])(
  '%s is an alarm period of %i s, two of which are at most the seven days that an alarm may look back',
  (rate, seconds) => {
    expect(periodSecondsOf(rate)).toBe(seconds);
  },
);
