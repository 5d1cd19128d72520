import { expect, test } from '@jest/globals';
import { isMirrorableRequester } from '../../../lib/core/requesters.ts';

test('of the interfaces that services manage, those of RDS and ElastiCache can be sources', () => {
  const requesters = ['amazon-rds', 'amazon-elasticache', 'amazon-elb', '123456789012', undefined];
  expect(requesters.map(isMirrorableRequester)).toEqual([true, true, false, false, false]);
});
