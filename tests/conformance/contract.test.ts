import { describe, expect, test } from '@jest/globals';
import { withBench, witnesses } from '../support/witness.ts';
import { contract, observe } from './contract/contract.ts';

describe.each(witnesses)('What any EC2 can be asked, $name', (witness) => {
  test.each(contract)('$rule', (rule) =>
    withBench(witness, {}, async ({ ec2 }) => {
      expect(await observe(rule, { ec2, imageId: 'ami-0123456789abcdef0' })).toEqual(rule.expected);
    }),
  );
});
