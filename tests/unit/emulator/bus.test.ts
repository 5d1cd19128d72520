import { expect, test } from '@jest/globals';
import { type BusEvent, createBus } from '../../../lib/emulator/bus.ts';
import type { RuleSpec } from '../../../lib/emulator/template.ts';
import { aStateChange } from '../../support/tiny-stack.ts';

function aRule(changes: Partial<RuleSpec> = {}): RuleSpec {
  const target = { id: 'q', arn: 'arn:q', formatInput: (event: object) => (event as BusEvent).id };
  const base = { name: 'rule', arn: 'arn:rule', isEnabled: true, seesReadOnlyCalls: false, pattern: {} };
  return { ...base, matches: () => true, targets: [target], ...changes };
}

function aCall(readOnly: boolean): BusEvent {
  return { ...aStateChange({ readOnly }), 'detail-type': 'AWS API Call via CloudTrail' };
}

test('Targets receive events in the order of publication', async () => {
  const received: string[] = [];
  const bus = createBus();
  bus.addRules([aRule()], async (_, input) => {
    await Promise.resolve();
    received.push(input);
  });
  for (const id of ['a', 'b', 'c']) bus.publish(aStateChange({}, id));
  await bus.settle();
  expect(received).toEqual(['a', 'b', 'c']);
});

test('Calls that change nothing reach only rules that ask for them, disabled rules receive nothing', async () => {
  const received: string[] = [];
  const bus = createBus();
  const rules = [
    aRule({ name: 'ordinary' }),
    aRule({ name: 'all', seesReadOnlyCalls: true }),
    aRule({ name: 'off', isEnabled: false }),
  ];
  for (const rule of rules) bus.addRules([rule], async () => void received.push(rule.name));
  bus.publish(aCall(true));
  await bus.settle();
  expect(received).toEqual(['all']);
  bus.publish(aCall(false));
  await bus.settle();
  expect(received).toEqual(['all', 'ordinary', 'all']);
});

test('A target that refuses is told in `undelivered`, and the next event still arrives', async () => {
  const received: string[] = [];
  const bus = createBus();
  bus.addRules([aRule()], async (_, input) => {
    if (input === 'bad') throw new Error('refused');
    received.push(input);
  });
  bus.publish(aStateChange({}, 'bad'));
  bus.publish(aStateChange({}, 'good'));
  await bus.settle();
  expect(received).toEqual(['good']);
  expect(bus.undelivered).toMatchObject([{ rule: 'rule', event: { id: 'bad' }, cause: { message: 'refused' } }]);
});

test('Rules that were taken away match no more', async () => {
  const received: string[] = [];
  const bus = createBus();
  const remove = bus.addRules([aRule()], async (_, input) => void received.push(input));
  remove();
  bus.publish(aStateChange({}));
  await bus.settle();
  expect(received).toEqual([]);
});
