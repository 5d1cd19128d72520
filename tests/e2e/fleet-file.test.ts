import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { packageStack } from '../../infra/packaged-template.ts';

const folder = await mkdtemp(join(tmpdir(), 'fleetmirror-fleet-file-'));

const fleetFile = [
  'region: eu-central-1',
  'sweepEvery: 1 hour',
  'functionsMemory: 1024',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of osls.
  'alarmTopicArn: arn:aws:sns:${self:provider.region}:111122223333:ops',
].join('\n');
const { Parameters, Resources } = await packageStack(
  { params: { fleet: 'prod', functionsMemory: '256' }, fleetFile },
  join(folder, 'taken'),
);

afterAll(() => rm(folder, { recursive: true }));

test("a stack takes its options from its fleet's file", () => {
  expect(Parameters.AlarmTopicArn?.Default).toBe('arn:aws:sns:eu-central-1:111122223333:ops');
  expect(Resources.SweepSchedule?.Properties.ScheduleExpression).toBe('rate(1 hour)');
  expect(Resources.CoverageLowAlarm?.Properties.Period).toBe(3600);
});

test("the command line wins over the fleet's file", () => {
  expect(Resources.OnDashchangeLambdaFunction?.Properties.MemorySize).toBe(256);
});

test('FLEETMIRROR_PARAMS: a misspelt option is refused with the one that was meant', async () => {
  const stack = { params: { fleet: 'prod', QueueKeyArn: 'key' }, fleetFile: 'alarmTopic: ops' };
  const refused = packageStack(stack, join(folder, 'refused'));
  await expect(refused).rejects.toThrow('--param: there is no option "QueueKeyArn"; did you mean queueKeyArn?');
  await expect(refused).rejects.toThrow(
    'fleets/prod.yml: there is no option "alarmTopic"; did you mean alarmTopicArn?',
  );
});
