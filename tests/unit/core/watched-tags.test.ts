import { expect, test } from '@jest/globals';
import { watchedTagKeys } from '../../../lib/core/watched-tags.ts';
import { aPolicy } from '../../support/policy.ts';

test('the tags that can change a decision are the opt-in tag and those that coverage and exclusion look at', () => {
  const policy = aPolicy({
    coverage: [
      { match: { tags: { env: ['prod'], team: ['blue'] } }, profile: 'default', mandatory: false },
      { match: { vpcIds: ['vpc-1'] }, profile: 'default', mandatory: true },
    ],
    exclude: [{ tags: { role: ['sensor'], env: ['lab'] } }, { instanceTypes: ['t3.*'] }],
  });
  expect(watchedTagKeys(policy)).toEqual(new Set(['Mirror', 'env', 'team', 'role']));
});
