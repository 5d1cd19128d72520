import { describe, expect, test } from '@jest/globals';
import { contract, observe } from '../conformance/contract/contract.ts';
import type { Ec2 } from '../conformance/contract/rule.ts';
import type { Deviation } from './deviation.ts';

/** An EC2 that is not ours, to be asked the whole contract; without `open` it is not here and nothing is asked. */
export interface Judged {
  readonly name: string;
  readonly deviations: readonly Deviation[];
  /** The same EC2, emptied. */
  readonly open?: () => Promise<Ec2>;
}

/** Registers one test for each rule of the contract: the EC2 agrees, or deviates exactly as its table says. */
export function judge({ name, deviations, open }: Judged): void {
  const rules = contract.map(({ rule }) => rule);

  test(`every deviation of ${name} is from a rule of the contract, once`, () => {
    const deviating = deviations.map(({ rule }) => rule);
    expect(deviating.filter((rule) => !rules.includes(rule))).toEqual([]);
    expect(new Set(deviating).size).toBe(deviating.length);
  });

  const cases = contract.map((rule) => {
    const deviation = deviations.find((each) => each.rule === rule.rule);
    return { ...rule, deviation, title: `${deviation === undefined ? 'agrees' : 'deviates as known'}: ${rule.rule}` };
  });

  (open === undefined ? describe.skip : describe)(name, () => {
    test.each(cases)('$title', async ({ deviation, ...rule }) => {
      if (open === undefined) return;
      const seen = await observe(rule, await open());
      // A deviation that is gone comes out here too: its row says what was, and must be removed.
      expect(seen).toEqual(deviation === undefined ? rule.expected : deviation.does);
    });
  });
}
