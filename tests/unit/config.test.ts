import { expect, test } from '@jest/globals';
import { readConfig } from '../../lib/config.ts';

const variables = {
  FLEETMIRROR_FLEET: 'prod',
  FLEETMIRROR_ACCOUNT_ID: '111122223333',
  AWS_REGION: 'us-east-1',
  FLEETMIRROR_CHANGE_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/111122223333/change',
  FLEETMIRROR_SWEEP_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/111122223333/sweep',
};

test('a deployed function knows its fleet, account, Region and queues', () => {
  expect(readConfig({ ...variables, PATH: '/bin' })).toEqual({
    fleet: 'prod',
    accountId: '111122223333',
    region: 'us-east-1',
    changeQueueUrl: variables.FLEETMIRROR_CHANGE_QUEUE_URL,
    sweepQueueUrl: variables.FLEETMIRROR_SWEEP_QUEUE_URL,
    healthMinutes: 0,
  });
});
test.each(['0', '10', '60', '999', '1000', '1399', '1439', '1440'])('health is read over %s minutes', (minutes) => {
  expect(readConfig({ ...variables, FLEETMIRROR_HEALTH_MINUTES: minutes }).healthMinutes).toBe(Number(minutes));
});
test('all problems are reported together, each with its variable', () => {
  const names = Object.keys(variables).join('[^]*');
  expect(() => readConfig({})).toThrow(new RegExp(`${names}[^]*Deploy the stack again`));
});
test.each([
  ['FLEETMIRROR_FLEET', 'Prod'],
  ['FLEETMIRROR_FLEET', ''],
  ['FLEETMIRROR_FLEET', 'a'.repeat(32)],
  ['FLEETMIRROR_ACCOUNT_ID', '11112222333'],
  ['FLEETMIRROR_ACCOUNT_ID', ' 111122223333'],
  ['FLEETMIRROR_CHANGE_QUEUE_URL', 'change'],
  ['FLEETMIRROR_SWEEP_QUEUE_URL', undefined],
  ['FLEETMIRROR_HEALTH_MINUTES', '9'],
  ['FLEETMIRROR_HEALTH_MINUTES', '1441'],
  ['FLEETMIRROR_HEALTH_MINUTES', '-10'],
  ['FLEETMIRROR_HEALTH_MINUTES', ''],
])('%s=%p is refused', (name, value) => {
  expect(() => readConfig({ ...variables, [name]: value })).toThrow(name);
});
