import { describe, expect, test } from '@jest/globals';
import { type Alarm, evaluateAlarm, type MetricSample } from '../../support/alarm.ts';

const minuteMs = 60_000;
const nowMs = Date.UTC(2026, 0, 1);

/** Three periods of five minutes, all of them to breach. */
function anAlarm(differences: Partial<Alarm> = {}): Alarm {
  return {
    name: 'an-alarm',
    stat: {
      Namespace: 'Tests',
      MetricName: 'Things',
      Dimensions: [{ Name: 'fleet', Value: 'prod' }],
      Statistic: 'Sum',
      PeriodMs: 5 * minuteMs,
    },
    evaluationPeriods: 3,
    datapointsToAlarm: 3,
    threshold: 1,
    comparison: 'GreaterThanOrEqualToThreshold',
    missing: 'notBreaching',
    ...differences,
  };
}

function aSample(value: number, agoMs: number, differences: Partial<MetricSample> = {}): MetricSample {
  const sample = { namespace: 'Tests', metric: 'Things', dimensions: { fleet: 'prod' } };
  return { ...sample, atMs: nowMs - agoMs, value, ...differences };
}

/** `0` a period within the threshold, `X` one that breaches, `-` one without data; the last is the most recent. */
function drawn(periods: string, periodMs = 5 * minuteMs): MetricSample[] {
  return [...periods.replaceAll(' ', '')].flatMap((mark, index, marks) =>
    mark === '-' ? [] : [aSample(mark === 'X' ? 1 : 0, (marks.length - index) * periodMs - 1)],
  );
}

describe('The table of CloudWatch’s page on missing data, three of three', () => {
  test.each([
    ['0 - X - X', 'OK', 'OK'],
    ['0 - - - -', 'OK', 'OK'],
    ['- - - - -', 'ALARM', 'OK'],
    ['0 X X - X', 'ALARM', 'ALARM'],
    ['- - X - -', 'ALARM', 'OK'],
  ])('%s is %s when missing data breaches, else %s', (periods, breaching, notBreaching) => {
    expect(evaluateAlarm(anAlarm({ missing: 'breaching' }), drawn(periods), nowMs)).toBe(breaching);
    expect(evaluateAlarm(anAlarm({ missing: 'notBreaching' }), drawn(periods), nowMs)).toBe(notBreaching);
  });
});

test.each([
  ['- - X - X', 'ALARM'],
  ['0 0 X 0 X', 'ALARM'],
  ['0 0 X 0 0', 'OK'],
])('two of three: %s is %s', (periods, state) => {
  expect(evaluateAlarm(anAlarm({ datapointsToAlarm: 2 }), drawn(periods), nowMs)).toBe(state);
});

test('a sample with another set of dimensions, namespace or name is another metric', () => {
  const alarm = anAlarm({ evaluationPeriods: 1, datapointsToAlarm: 1 });
  expect(evaluateAlarm(alarm, [aSample(1, 1)], nowMs)).toBe('ALARM');
  for (const difference of [
    { dimensions: {} },
    { dimensions: { fleet: 'test' } },
    { dimensions: { fleet: 'prod', tier: 'http' } },
    { namespace: 'tests' },
    { metric: 'Thing' },
  ]) {
    expect(evaluateAlarm(alarm, [aSample(1, 1, difference)], nowMs)).toBe('OK');
  }
});

test.each<[Alarm['stat']['Statistic'], number]>([
  ['Sum', 9],
  ['Minimum', 2],
  ['Maximum', 4],
  ['SampleCount', 3],
])('%s of 2, 3 and 4 in a period is %d', (Statistic, value) => {
  const samples = [2, 3, 4].map((each) => aSample(each, each * minuteMs));
  const stateAt = (threshold: number) => {
    const { stat, ...rest } = anAlarm({ threshold, evaluationPeriods: 1, datapointsToAlarm: 1 });
    return evaluateAlarm({ ...rest, stat: { ...stat, Statistic } }, samples, nowMs);
  };
  expect([stateAt(value), stateAt(value + 1)]).toEqual(['ALARM', 'OK']);
});

describe('an alarm on silence', () => {
  const stat = { ...anAlarm().stat, Statistic: 'SampleCount' } as const;
  const silence = { evaluationPeriods: 2, datapointsToAlarm: 2, comparison: 'LessThanThreshold', missing: 'breaching' };
  const plain = anAlarm({ ...silence, stat } as Partial<Alarm>);
  const filled = anAlarm({ ...silence, stat: { ...stat, fill: 0 } } as Partial<Alarm>);

  test('waits without FILL until the last sound is out of the evaluation range', () => {
    expect(evaluateAlarm(plain, drawn('0 0 - -'), nowMs)).toBe('OK');
    expect(evaluateAlarm(filled, drawn('0 0 - -'), nowMs)).toBe('ALARM');
  });

  test('hears the sound of the period before with FILL, and one that never was without a series to fill', () => {
    expect(evaluateAlarm(filled, drawn('- - 0 -'), nowMs)).toBe('OK');
    expect(evaluateAlarm(filled, [], nowMs)).toBe('ALARM');
  });
});
