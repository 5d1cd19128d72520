import { describe, expect, test } from '@jest/globals';
import { aStateChange } from '../support/event.ts';
import { aStage, numbersOn, type Stage } from '../support/stage.ts';

const document = { instances: [{ name: 'web', instanceType: 'm5.large', tags: { Mirror: 'true' } }] };

/** The values of one metric. */
function valuesOf({ values }: Stage, name: string): readonly number[] {
  return values.flatMap(({ metric, value }) => (metric === name ? value : []));
}

// The stage's clock shows noon of 1 March 2026.
describe.each([
  ['a second', '2026-03-01T12:00:01Z'],
  ['a year', '2027-03-01T12:00:00Z'],
  ['ages', '9999-12-31T23:59:59Z'],
])('clock skew: an event from %s ahead', (_, time) => {
  test('is acted on as one of now, and no duration is negative', async () => {
    const stage = aStage({ document });
    await stage.deliver([aStateChange(stage.idOf('web'), 'running', time)]);
    expect(numbersOn(stage, stage.interfacesOf('web')[0])).toEqual([10, 20]);
    expect([valuesOf(stage, 'EventAgeMs'), valuesOf(stage, 'TimeToMirrorMs')]).toEqual([[0], [0, 0]]);
  });

  test('whose object never shows is waited for four times and then dropped, not for ever', async () => {
    const stage = aStage();
    await stage.deliver([aStateChange('i-0aaa0000000000009', 'running', time)]);
    await stage.rest();
    expect(stage.counts.get('HintsDropped')).toBe(1);
    expect(stage.clock.now() - Date.parse('2026-03-01T12:00:00Z')).toBeLessThan(5 * 60_000);
  });
});

test('clock skew: an event from a year ago, which a queue may hold no longer than 14 days, is acted on as well', async () => {
  const stage = aStage({ document });
  await stage.deliver([aStateChange(stage.idOf('web'), 'running', '2025-03-01T12:00:00Z')]);
  expect(numbersOn(stage, stage.interfacesOf('web')[0])).toEqual([10, 20]);
});
