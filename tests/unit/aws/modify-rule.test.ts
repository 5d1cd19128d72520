import { expect, test } from '@jest/globals';
import type { RuleSpec } from '../../../lib/core/model.ts';
import { anEmulatedWorld } from '../../support/emulated-world.ts';

/** Everything that a rule may leave out. */
const full: RuleSpec = {
  direction: 'ingress',
  ruleNumber: 10,
  action: 'accept',
  protocol: 6,
  sourceCidr: '10.0.0.0/8',
  destinationCidr: '0.0.0.0/0',
  sourcePorts: { from: 80, to: 81 },
  destinationPorts: { from: 443, to: 443 },
  description: 'narrowed',
};

function without(...fields: (keyof RuleSpec)[]): RuleSpec {
  return Object.fromEntries(Object.entries(full).filter(([field]) => !fields.some((one) => one === field))) as never;
}

/** What EC2 has of a rule that was made as one thing and changed into another. */
async function changeRule(from: RuleSpec, to: RuleSpec): Promise<RuleSpec> {
  const { ec2 } = anEmulatedWorld().world;
  const filterId = await ec2.createFilter({ tags: {}, description: '', clientToken: 'filter' });
  await ec2.createRule(filterId, from, 'rule');
  const readRule = async () => (await ec2.readFilters()).flatMap(({ rules }) => rules)[0]!;
  await ec2.modifyRule((await readRule()).ruleId, from, to);
  const { ruleId: _, ...rule } = await readRule();
  return rule;
}

test.each([
  ['its source ports', without('sourcePorts')],
  ['its destination ports', without('destinationPorts')],
  ['its description', without('description')],
  ['its protocol, and ports with it', without('protocol', 'sourcePorts', 'destinationPorts')],
])('a rule loses %s where the policy has none, and keeps the rest', async (_, to) => {
  expect(await changeRule(full, to)).toEqual(to);
  expect(await changeRule(to, full)).toEqual(full);
});

test('a rule keeps every field that the policy has, too', async () => {
  const to: RuleSpec = { ...full, sourcePorts: { from: 1, to: 2 }, protocol: 17, description: 'other' };
  expect(await changeRule(full, to)).toEqual(to);
});
