import { expect, test } from '@jest/globals';
import { findParamProblems, type Params, periodSecondsOf } from '../../../infra/check-params.ts';

const good: Params = {
  fleet: 'prod',
  sweepEvery: '15 minutes',
  region: 'eu-central-1',
  given: ['fleet'],
  inFile: ['sweepEvery', 'region'],
  known: ['fleet', 'sweepEvery', 'alarmTopicArn'],
};

test('a named fleet with a rate may be deployed', () => {
  expect(findParamProblems(good, 'deploy')).toEqual([]);
});

test.each(['deploy', 'remove', 'info'])('%s needs the name of a fleet', (command) => {
  expect(findParamProblems({ ...good, fleet: 'unnamed' }, command)).toEqual([
    `Name the fleet that the stack owns, for instance \`npm run ${command} -- --param fleet=prod\`.`,
  ]);
});

test.each(['deploy', 'remove', 'info'])('%s needs a Region that somebody named', (command) => {
  expect(findParamProblems({ ...good, region: null }, command)).toEqual([
    'Name the Region: --region, `region` in fleets/prod.yml, or AWS_REGION.',
  ]);
});

test('deploy needs the file of the fleet, so that a checkout without it takes no option back', () => {
  expect(findParamProblems({ ...good, inFile: undefined }, 'deploy')).toEqual([
    expect.stringMatching(/^There is no fleets\/prod\.yml with the options of the fleet\./),
  ]);
  expect(findParamProblems({ ...good, inFile: [] }, 'deploy')).toEqual([]);
});

test('remove needs no file', () => {
  expect(findParamProblems({ ...good, inFile: undefined }, 'remove')).toEqual([]);
});

test.each(['package', 'print'])('%s needs no fleet of anybody, no Region and no file', (command) => {
  expect(findParamProblems({ ...good, fleet: 'unnamed', region: null, inFile: undefined }, command)).toEqual([]);
});

test('a misspelt option is refused on the command line and in the file, also by package', () => {
  const misspelt = { ...good, given: ['fleet', 'AlarmTopicARN'], inFile: ['alarmTopic', 'region'] };
  expect(findParamProblems(misspelt, 'package')).toEqual([
    '--param: there is no option "AlarmTopicARN"; did you mean alarmTopicArn?',
    'fleets/prod.yml: there is no option "alarmTopic"; did you mean alarmTopicArn?',
  ]);
});

test('a Region is no --param, and the file is named after its fleet: what is like no option is told all of them', () => {
  expect(findParamProblems({ ...good, given: ['region'], inFile: ['fleet'] }, 'deploy')).toEqual([
    '--param: there is no option "region"; there are fleet, sweepEvery, alarmTopicArn.',
    'fleets/prod.yml: there is no option "fleet"; there are sweepEvery, alarmTopicArn, region.',
  ]);
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
