import { expect, test } from '@jest/globals';
import { readConfig } from '../../lib/config.ts';

const variables = {
  FLEETMIRROR_FLEET: 'prod',
  FLEETMIRROR_ACCOUNT_ID: '111122223333',
  FLEETMIRROR_CHANGE_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/111122223333/change',
  FLEETMIRROR_SWEEP_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/111122223333/sweep',
};

test('a deployed function knows its fleet, account and queues', () => {
  expect(readConfig({ ...variables, PATH: '/bin' })).toEqual({
    fleet: 'prod',
    accountId: '111122223333',
    changeQueueUrl: variables.FLEETMIRROR_CHANGE_QUEUE_URL,
    sweepQueueUrl: variables.FLEETMIRROR_SWEEP_QUEUE_URL,
  });
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
])('%s=%p is refused', (name, value) => {
  expect(() => readConfig({ ...variables, [name]: value })).toThrow(name);
});
