import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RegoEngine, TemplateFile } from '@aws/cloudformation-validate';
import { describe, expect, test } from '@jest/globals';
import { metrics } from '../../lib/metrics.ts';
import { evaluateAlarm, type MetricSample, readAlarms } from '../support/alarm.ts';
import { aPackagedStack, stackPlace } from '../support/stack.ts';

const { template, stack, idsOf } = await aPackagedStack();
const withEverything = { AlarmTopicArn: 'arn:aws:sns:eu-central-1:111122223333:ops', QueueKeyArn: aKeyArn() };

function aKeyArn() {
  return 'arn:aws:kms:eu-central-1:111122223333:key/00000000-0000-4000-8000-000000000000';
}

function queueOf(arn: string) {
  const queue = stack.queues.find((candidate) => candidate.arn === arn);
  if (!queue) throw new Error(`no queue ${arn}`);
  return queue;
}

describe('rules', () => {
  test.each(stack.rules.map((rule) => [rule.name, rule] as const))('%s keeps the limits of EventBridge', (_, rule) => {
    // [EventBridge quotas] 2,048 characters a pattern, 5 targets a rule; every leaf of a pattern is a list.
    expect(JSON.stringify(rule.pattern).length).toBeLessThanOrEqual(2048);
    expect(rule.targets.length).toBeGreaterThan(0);
    expect(rule.targets.length).toBeLessThanOrEqual(5);
    expect(rule.pattern).toMatchObject({ source: [expect.any(String)], 'detail-type': expect.any(Array) });
    const leaves = (node: unknown): unknown[] =>
      Array.isArray(node) || typeof node !== 'object' || node === null ? [node] : Object.values(node).flatMap(leaves);
    expect(leaves(rule.pattern).every((leaf) => Array.isArray(leaf) && leaf.length > 0)).toBe(true);
  });

  test('every rule may send to its target and to its dead-letter queue, and no one else may', () => {
    const allowed = idsOf('AWS::SQS::QueuePolicy').flatMap((id) => {
      const { PolicyDocument } = stack.readProperties(id) as { PolicyDocument: { Statement: Statement[] } };
      return PolicyDocument.Statement.filter(({ Effect }) => Effect === 'Allow').flatMap((statement) => {
        expect(statement).toMatchObject({ Principal: { Service: 'events.amazonaws.com' }, Action: 'sqs:SendMessage' });
        return [statement.Condition.ArnEquals['aws:SourceArn']].flat().map((rule) => `${rule} → ${statement.Resource}`);
      });
    });
    const needed = idsOf('AWS::Events::Rule').flatMap((id) => {
      const rule = stack.readProperties(id) as { Name: string; Targets: Target[] };
      const ruleArn = stack.rules.find(({ name }) => name === rule.Name)?.arn;
      return rule.Targets.flatMap(({ Arn, DeadLetterConfig }) =>
        [Arn, DeadLetterConfig.Arn].map((arn) => `${ruleArn} → ${arn}`),
      );
    });
    expect(allowed.sort()).toEqual(needed.sort());
  });

  test('no rule and no schedule names a FIFO queue as its dead-letter queue, which AWS refuses', () => {
    const schedules = idsOf('AWS::Scheduler::Schedule').map(
      (id) => (stack.readProperties(id) as { Target: Target }).Target,
    );
    const rules = idsOf('AWS::Events::Rule').flatMap(
      (id) => (stack.readProperties(id) as { Targets: Target[] }).Targets,
    );
    for (const { DeadLetterConfig } of [...schedules, ...rules]) expect(DeadLetterConfig.Arn).not.toMatch(/\.fifo$/);
  });
});

describe('queues', () => {
  test('no message shows again while its function may still run, and each is kept until its last attempt', () => {
    for (const { queueArn, functionName } of stack.mappings) {
      const timeoutSeconds = stack.functions.find(({ name }) => name === functionName)?.timeoutSeconds ?? 0;
      const { VisibilityTimeout, MessageRetentionPeriod, RedrivePolicy } = queueOf(queueArn).attributes;
      // [Lambda quotas] Lambda refuses a timeout over 900 s.
      expect(timeoutSeconds).toBeLessThanOrEqual(900);
      expect(Number(VisibilityTimeout)).toBeGreaterThan(timeoutSeconds);
      const { maxReceiveCount } = JSON.parse(String(RedrivePolicy));
      expect(Number(MessageRetentionPeriod)).toBeGreaterThan(Number(maxReceiveCount) * Number(VisibilityTimeout));
    }
    expect(stack.mappings).toHaveLength(2);
  });

  test('changes have six times the time of their function, as AWS advises where several batches run at once', () => {
    const [visibility, timeout] = ['ChangeQueue', 'OnDashchangeLambdaFunction'].map((id) => stack.readProperties(id));
    expect(Number(visibility?.VisibilityTimeout)).toBeGreaterThanOrEqual(6 * Number(timeout?.Timeout));
  });

  test('a sweep that was cut off holds up the next for at most two minutes more', () => {
    const [queue, door] = ['SweepQueue', 'OnDashscheduleLambdaFunction'].map((id) => stack.readProperties(id));
    expect(Number(queue?.VisibilityTimeout) - Number(door?.Timeout)).toBeLessThanOrEqual(120);
  });

  test('changes come in batches of 100 to at most two runs, sweeps one by one', () => {
    const [changes, sweeps] = stack.mappings;
    expect(changes).toMatchObject({
      batchSize: 100,
      batchWindowSeconds: 2,
      concurrencyMax: 2,
      reportsBatchItemFailures: true,
    });
    expect(sweeps).toMatchObject({ batchSize: 1, batchWindowSeconds: 0, reportsBatchItemFailures: true });
  });

  test('FIFO queues come in pairs, and whoever sends to one names the message group `sweep`', () => {
    for (const { name, attributes } of stack.queues) {
      expect(name.endsWith('.fifo')).toBe(attributes.FifoQueue === 'true');
      if (attributes.RedrivePolicy === undefined) continue;
      const { deadLetterTargetArn } = JSON.parse(attributes.RedrivePolicy);
      expect(queueOf(deadLetterTargetArn).attributes.FifoQueue).toBe(attributes.FifoQueue);
    }
    const destinations = [
      ...stack.rules.flatMap(({ targets }) => targets),
      ...stack.schedules.map(({ target }) => target),
    ];
    for (const { arn, messageGroupId } of destinations)
      expect(messageGroupId).toBe(arn.endsWith('.fifo') ? 'sweep' : undefined);
  });

  test('dead letters are kept for 14 days', () => {
    const dead = stack.queues.filter(({ name }) => name.includes('dead-letters'));
    expect(dead.map(({ attributes }) => attributes.MessageRetentionPeriod)).toEqual(['1209600', '1209600']);
  });

  test('every queue refuses plain HTTP', () => {
    const guarded = idsOf('AWS::SQS::QueuePolicy').flatMap((id) => {
      const { PolicyDocument } = stack.readProperties(id) as { PolicyDocument: { Statement: Statement[] } };
      return PolicyDocument.Statement.filter(({ Effect, Principal }) => Effect === 'Deny' && Principal === '*').map(
        ({ Resource }) => Resource,
      );
    });
    expect(guarded.sort()).toEqual(stack.queues.map(({ arn }) => arn).sort());
  });

  test('queues are encrypted by SQS, or by the customer key and then by it alone', async () => {
    for (const { attributes } of stack.queues) {
      expect(attributes.SqsManagedSseEnabled).toBe('true');
      expect(attributes.KmsMasterKeyId).toBeUndefined();
    }
    const keyed = await aPackagedStack(withEverything);
    for (const { attributes } of keyed.stack.queues) {
      expect(attributes.SqsManagedSseEnabled).toBeUndefined();
      expect(attributes.KmsMasterKeyId).toBe(aKeyArn());
    }
  });
});

describe('the schedule', () => {
  const [schedule] = stack.schedules;

  test('fires at a rate that EventBridge Scheduler understands', () => {
    expect(schedule?.expression).toBe('rate(15 minutes)');
  });

  test('sends a request that no deduplication can swallow', () => {
    expect(JSON.parse(schedule?.input ?? '')).toEqual({
      source: 'fleetmirror',
      'detail-type': 'Sweep Requested',
      time: '<aws.scheduler.scheduled-time>',
      detail: { because: 'schedule' },
    });
  });
});

describe('two fleets in one Region', () => {
  test('share no name and no export', async () => {
    const { readPackagedTemplate } = await import('../../infra/packaged-template.ts');
    const other = await readPackagedTemplate('test');
    const namesOf = ({ Resources, Outputs }: typeof other) => [
      ...Object.values(Resources).flatMap(({ Properties: p }) =>
        [p.QueueName, p.FunctionName, p.LogGroupName, p.RoleName, p.AlarmName, p.Name].filter(
          (name) => name !== undefined,
        ),
      ),
      ...Object.values(Outputs).flatMap(({ Export }) => Export?.Name ?? []),
    ];
    const names = new Set(namesOf(template));
    expect(names.size).toBeGreaterThan(20);
    expect(namesOf(other).filter((name) => names.has(name))).toEqual([]);
  });

  test('each hold a lock of their own, and no stack holds a policy', () => {
    expect(stack.parameters.map(({ name }) => name)).toEqual(['/fleetmirror/prod/lock']);
  });
});

describe('functions', () => {
  test('each has a log group of its own that forgets after a while', () => {
    const groups = idsOf('AWS::Logs::LogGroup').map((id) => stack.readProperties(id));
    expect(groups).toEqual(
      stack.functions.map(({ name }) => ({ LogGroupName: `/aws/lambda/${name}`, RetentionInDays: 30 })),
    );
  });

  test('run on a supported runtime on arm64, and join a trace that a caller began', () => {
    for (const id of idsOf('AWS::Lambda::Function')) {
      expect(stack.readProperties(id)).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        TracingConfig: { Mode: 'PassThrough' },
      });
    }
  });

  test('may send to the queues that feed them as often as their hops allow, which Lambda would stop', () => {
    for (const id of idsOf('AWS::Lambda::Function')) {
      expect(stack.readProperties(id)).toMatchObject({ RecursiveLoop: 'Allow' });
    }
  });

  test('learn from the environment whom and where they serve', () => {
    for (const { environment, name } of stack.functions) {
      expect(environment).toEqual({
        ...(name.endsWith('on-schedule') && {
          FLEETMIRROR_REPORT_BUCKET: expect.stringContaining('reportbucket'),
          FLEETMIRROR_HEALTH_MINUTES: '0',
        }),
        FLEETMIRROR_FLEET: 'prod',
        FLEETMIRROR_ACCOUNT_ID: stackPlace.accountId,
        FLEETMIRROR_CHANGE_QUEUE_URL: `${stackPlace.queuesUrl}/${stackPlace.accountId}/fleetmirror-prod-change`,
        FLEETMIRROR_SWEEP_QUEUE_URL: `${stackPlace.queuesUrl}/${stackPlace.accountId}/fleetmirror-prod-sweep.fifo`,
        FLEETMIRROR_TRACING: 'PassThrough',
        POWERTOOLS_SERVICE_NAME: 'fleetmirror',
        POWERTOOLS_METRICS_NAMESPACE: 'Fleetmirror',
        POWERTOOLS_LOG_LEVEL: 'INFO',
      });
    }
  });
});

describe('alarms', () => {
  const alarms = idsOf('AWS::CloudWatch::Alarm').map((id) => stack.readProperties(id) as unknown as Alarm);
  const decided = readAlarms(stack, idsOf('AWS::CloudWatch::Alarm'));
  const stats = decided.map(({ stat }) => stat);
  const findAlarm = (name: string) => {
    const found = decided.find((alarm) => alarm.name === name);
    if (!found) throw new Error(`no alarm ${name}`);
    return found;
  };

  test('watch the dead letters, the errors and throttles of each function, and our own metrics', () => {
    expect(stats.map(({ MetricName, Dimensions }) => `${MetricName} ${Dimensions.at(-1)?.Value}`)).toEqual([
      'ApproximateNumberOfMessagesVisible fleetmirror-prod-change-dead-letters',
      'ApproximateAgeOfOldestMessage fleetmirror-prod-change',
      'ApproximateNumberOfMessagesVisible fleetmirror-prod-sweep-dead-letters.fifo',
      'Errors fleetmirror-prod-on-change',
      'Errors fleetmirror-prod-on-schedule',
      'Throttles fleetmirror-prod-on-change',
      'Throttles fleetmirror-prod-on-schedule',
      'PolicyUnusable prod',
      'SweepsHalted prod',
      'SweepsFailed prod',
      'SweepDurationMs prod',
      'CoveragePercent prod',
      'ActionsFailed prod',
      'AccountSessionHeadroomPercent prod',
      'TargetHeadroomPercent prod',
      'EventsLost prod',
      'ReportsLost prod',
    ]);
  });

  test('of our own rest on metrics that the code counts, by the fleet alone', () => {
    for (const { Namespace, MetricName, Dimensions } of stats) {
      if (Namespace !== 'Fleetmirror') continue;
      expect(Object.keys(metrics)).toContain(MetricName);
      expect(Dimensions).toEqual([{ Name: 'fleet', Value: 'prod' }]);
    }
  });

  test('that watch sweeps look at two of their periods, and take silence for trouble only there', () => {
    const silent = decided.filter(({ missing }) => missing === 'breaching');
    const stat = { PeriodMs: 900_000, fill: 0 };
    expect(silent).toMatchObject([{ name: 'fleetmirror-prod-no-sweep', evaluationPeriods: 2, stat }]);
  });

  test.each(['policy-unusable', 'sweeps-halted', 'sweeps-failed', 'coverage-low', 'actions-failed'])(
    '%s stays red while every sweep finds the same, though sweeps start unevenly and samples come a minute late',
    (name) => {
      const alarm = findAlarm(`fleetmirror-prod-${name}`);
      const { Namespace: namespace, MetricName: metric } = alarm.stat;
      const value = metric === 'CoveragePercent' ? 0 : 1;
      const samples = Array.from({ length: 40 }, (_, nth): MetricSample => {
        const unevenMs = (nth * 7_000) % 30_000;
        return { namespace, metric, dimensions: { fleet: 'prod' }, atMs: nth * 900_000 + unevenMs, value };
      });
      // From the third sweep on, by when an alarm that waits for two periods has seen them.
      for (let nowMs = 2_000_000; nowMs < 35_000_000; nowMs += 60_000) {
        const visible = samples.filter(({ atMs }) => atMs + 60_000 <= nowMs);
        expect([nowMs, evaluateAlarm(alarm, visible, nowMs)]).toEqual([nowMs, 'ALARM']);
      }
    },
  );

  test('say what to do first', () => {
    for (const { AlarmDescription } of alarms) {
      expect(AlarmDescription).toMatch(/ First: /);
      expect(AlarmDescription.length).toBeLessThanOrEqual(1024);
    }
  });

  test('each lead to their own section of the runbook', async () => {
    const runbook = await readFile(join(process.cwd(), 'RUNBOOK.md'), 'utf8');
    for (const { AlarmName, AlarmDescription } of alarms) {
      const section = AlarmName.replace('fleetmirror-prod-', '');
      expect(AlarmDescription).toMatch(new RegExp(` Runbook: RUNBOOK\\.md#${section}$`));
      expect(runbook).toContain(`\n### ${section}\n`);
    }
  });

  test('call a topic only when there is one', async () => {
    for (const { AlarmActions, OKActions } of alarms) expect([AlarmActions, OKActions]).toEqual([[], []]);
    const loud = await aPackagedStack(withEverything);
    for (const id of loud.idsOf('AWS::CloudWatch::Alarm')) {
      expect(loud.stack.readProperties(id)).toMatchObject({ AlarmActions: [withEverything.AlarmTopicArn] });
    }
  });
});

describe('the dashboard', () => {
  const [id = ''] = idsOf('AWS::CloudWatch::Dashboard');
  const { DashboardName, DashboardBody } = stack.readProperties(id) as { DashboardName: string; DashboardBody: string };
  const { widgets } = JSON.parse(DashboardBody) as { widgets: Widget[] };

  test('is one for each fleet and Region, since dashboards are global', () => {
    expect(DashboardName).toBe('fleetmirror-prod-eu-central-1');
  });

  test('shows every alarm, and every metric that has a widget exists', () => {
    const shown = widgets.flatMap(({ properties }) => properties.alarms ?? []).map((arn) => arn.split(':').at(-1));
    const names = idsOf('AWS::CloudWatch::Alarm').map((alarm) => stack.readProperties(alarm).AlarmName);
    expect(shown.sort()).toEqual(names.sort());
    const rows = widgets.flatMap(({ properties }) => properties.metrics ?? []);
    const named = rows.flatMap(([namespace, metric]) => (namespace === 'Fleetmirror' ? [metric] : []));
    const searched = [...DashboardBody.matchAll(/MetricName=\W+(\w+)/g)].map(([, metric]) => metric);
    expect(searched).toContain('SessionsRefused');
    expect([...named, ...searched].filter((metric) => !Object.hasOwn(metrics, String(metric)))).toEqual([]);
  });

  test('lays its widgets on the grid of 24 columns, none over another', () => {
    const cells = widgets.flatMap(({ x, y, width, height }) => {
      expect(x + width).toBeLessThanOrEqual(24);
      return Array.from(
        { length: width * height },
        (_, cell) => `${x + (cell % width)} ${y + Math.floor(cell / width)}`,
      );
    });
    expect(new Set(cells).size).toBe(cells.length);
  });
});

test("AWS's own template validator has nothing to object", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fleetmirror-validate-'));
  const engine = new RegoEngine();
  try {
    const path = join(folder, 'template.json');
    await writeFile(path, JSON.stringify(template));
    const { diagnostics } = engine.validateStandard(new TemplateFile(path), {
      severityLevel: 'WARN',
      // With the empty defaults it takes an empty ARN for real although a condition excludes it (F3033).
      parameterOverrides: withEverything,
      // osls repeats in DependsOn what a GetAtt says.
      exclude: { ids: ['W3005'] },
    });
    expect(diagnostics.map(({ ruleId, message, propertyPath }) => `${ruleId} ${propertyPath} ${message}`)).toEqual([]);
  } finally {
    engine.free();
    await rm(folder, { recursive: true, force: true });
  }
});

interface Widget {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: {
    readonly alarms?: readonly string[];
    readonly metrics?: readonly (readonly [string, string])[];
  };
}

interface Statement {
  readonly Effect: string;
  readonly Principal: unknown;
  readonly Resource: string;
  readonly Condition: { readonly ArnEquals: { readonly 'aws:SourceArn': string | string[] } };
}

interface Target {
  readonly Arn: string;
  readonly DeadLetterConfig: { readonly Arn: string };
}

interface Alarm {
  readonly AlarmName: string;
  readonly AlarmDescription: string;
  readonly AlarmActions: readonly string[];
  readonly OKActions: readonly string[];
}
