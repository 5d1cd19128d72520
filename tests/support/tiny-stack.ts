import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BusEvent, createBus } from '../../lib/emulator/bus.ts';
import { deployTemplate } from '../../lib/emulator/deploy.ts';
import { createParameterStore } from '../../lib/emulator/parameter-store.ts';

const accountId = '123456789012';
const region = 'us-east-1';

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: CloudFormation's own placeholders
/** A template as a packager writes it: one rule, two queues with their dead letters, a schedule, two functions. */
export const tinyTemplate = {
  Parameters: { Fleet: { Type: 'String', Default: 'tiny' } },
  Conditions: { IsOther: { 'Fn::Equals': [{ Ref: 'Fleet' }, 'other'] } },
  Resources: {
    ChangeQueue: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        QueueName: { 'Fn::Sub': '${Fleet}-change' },
        VisibilityTimeout: 3,
        KmsMasterKeyId: { 'Fn::If': ['IsOther', 'key', { Ref: 'AWS::NoValue' }] },
        RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['DeadLetters', 'Arn'] }, maxReceiveCount: 2 },
      },
    },
    DeadLetters: { Type: 'AWS::SQS::Queue', Properties: {} },
    SweepQueue: {
      Type: 'AWS::SQS::Queue',
      Properties: { FifoQueue: true, ContentBasedDeduplication: true, VisibilityTimeout: 30 },
    },
    StateRule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        EventPattern: { source: ['aws.ec2'], detail: { state: [{ 'anything-but': 'pending' }] } },
        Targets: [{ Id: 'q', Arn: { 'Fn::GetAtt': ['ChangeQueue', 'Arn'] } }],
      },
    },
    PolicyRule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        EventPattern: { source: ['aws.ssm'], detail: { name: [{ 'Fn::Sub': '/${Fleet}/policy' }] } },
        Targets: [
          { Id: 'q', Arn: { 'Fn::GetAtt': ['SweepQueue', 'Arn'] }, SqsParameters: { MessageGroupId: 'sweep' } },
        ],
      },
    },
    Schedule: {
      Type: 'AWS::Scheduler::Schedule',
      Properties: {
        ScheduleExpression: 'rate(15 minutes)',
        Target: {
          Arn: { 'Fn::GetAtt': ['SweepQueue', 'Arn'] },
          SqsParameters: { MessageGroupId: 'sweep' },
          Input: '{"time":"<aws.scheduler.scheduled-time>"}',
        },
      },
    },
    Lock: { Type: 'AWS::SSM::Parameter', Properties: { Name: '/tiny/lock', Value: { Ref: 'AWS::StackName' } } },
    Role: { Type: 'AWS::IAM::Role', Properties: {} },
    OnChange: aFunction('on-change', 5),
    OnSchedule: aFunction('on-schedule', 5),
    Probe: aFunction('probe', 1, { ReservedConcurrentExecutions: 1 }),
    Broken: aFunction('broken', 5),
    ChangeMapping: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        EventSourceArn: { 'Fn::GetAtt': ['ChangeQueue', 'Arn'] },
        FunctionName: { 'Fn::GetAtt': ['OnChange', 'Arn'] },
        BatchSize: 100,
        MaximumBatchingWindowInSeconds: 2,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ScalingConfig: { MaximumConcurrency: 2 },
      },
    },
    SweepMapping: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        EventSourceArn: { 'Fn::GetAtt': ['SweepQueue', 'Arn'] },
        FunctionName: { Ref: 'OnSchedule' },
        BatchSize: 1,
      },
    },
  },
};
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: CloudFormation's own placeholders

function aFunction(name: string, timeoutSeconds: number, differences: object = {}) {
  return {
    Type: 'AWS::Lambda::Function',
    Properties: {
      FunctionName: name,
      Handler: `dist/${name}.handler`,
      Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
      Timeout: timeoutSeconds,
      MemorySize: 256,
      Environment: { Variables: { FLEET: { Ref: 'Fleet' }, CHANGE_QUEUE_URL: { Ref: 'ChangeQueue' } } },
      ...differences,
    },
  };
}

/** What the tiny functions do; each line they write is one JSON document. */
const handlers: Readonly<Record<string, string>> = {
  'on-change': `export const handler = async ({ Records }) => {
      console.log(JSON.stringify({ bodies: Records.map(({ body }) => JSON.parse(body)), arn: Records[0].eventSourceARN }));
      const poisoned = Records.filter(({ body }) => JSON.parse(body).detail.poison);
      return { batchItemFailures: poisoned.map(({ messageId }) => ({ itemIdentifier: messageId })) };
    };`,
  'on-schedule': `export const handler = async ({ Records: [{ body }] }) => {
      console.log(JSON.stringify({ started: body }));
      await new Promise((resolve) => setTimeout(resolve, 100));
      console.log(JSON.stringify({ ended: body }));
    };`,
  probe: `export const handler = async (event, context) => {
      if (event.do === 'throw') throw new TypeError('as asked');
      if (event.do === 'hang') await new Promise((resolve) => setTimeout(resolve, 60_000));
      if (event.do === 'exit') process.exit(7);
      return { pid: process.pid, remainingMs: context.getRemainingTimeInMillis(), env: process.env, context };
    };`,
  broken: `throw new RangeError('cannot load');`,
};

/** A folder for the files of one tiny stack. */
export function makeStackFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'tiny-stack-'));
}

/** Deploys the tiny stack for one test; `close` also removes its files. */
export async function deployTinyStack(given?: string) {
  const folder = given ?? (await makeStackFolder());
  await mkdir(join(folder, 'dist'));
  for (const [name, source] of Object.entries(handlers)) await writeFile(join(folder, 'dist', `${name}.mjs`), source);
  const templateFile = join(folder, 'template.json');
  await writeFile(templateFile, JSON.stringify(tinyTemplate));
  const bus = createBus();
  const parameterStore = createParameterStore({ accountId, region, now: Date.now, emit: bus.publish });
  const deployment = await deployTemplate({
    templateFile,
    taskRoot: folder,
    stackName: 'tiny',
    accountId,
    region,
    bus,
    parameterStore,
    endpoint: 'http://127.0.0.1:9',
  });
  return {
    ...deployment,
    bus,
    parameterStore,
    /** What a function wrote, parsed. */
    documents: (functionName: string): readonly Record<string, unknown>[] =>
      deployment.logs
        .filter((log) => log.functionName === functionName && log.line.includes('{'))
        .map(({ line }) => JSON.parse(line.slice(line.indexOf('{')))),
    close: async () => {
      await deployment.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** An event as EC2 sends it when an instance changes state. */
export function aStateChange(detail: object, id = 'e-1'): BusEvent {
  return {
    version: '0',
    id,
    'detail-type': 'EC2 Instance State-change Notification',
    source: 'aws.ec2',
    account: accountId,
    time: '2026-01-01T00:00:00Z',
    region,
    resources: [],
    detail,
  };
}
