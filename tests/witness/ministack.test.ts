import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import {
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { buildBundles } from '../../build.ts';
import { packageStack } from '../../infra/packaged-template.ts';
import { createEmulator } from '../../lib/emulator/emulator.ts';
import { type RunningServer, startServer } from '../../lib/emulator/server.ts';
import { encodePolicy } from '../../lib/policy-code.ts';
import { type AwsSettings, type DeployedStack, deployPackage } from '../support/deployed-stack.ts';
import { eventually } from '../support/eventually.ts';
import { type MiniStack, startMiniStack } from '../support/ministack.ts';
import { policyText } from '../support/policy.ts';
import { mirroring } from '../support/stage.ts';
import { codeOf } from '../support/witness.ts';

/** Another emulator of AWS that is running already; it must take events from `aws.ec2` and run functions here. */
const givenEndpoint = process.env.E2E_ENDPOINT;
const isOptional = process.env.CI !== 'true' && givenEndpoint === undefined;

let failure: unknown;
const miniStack: MiniStack | undefined = givenEndpoint
  ? undefined
  : await startMiniStack().catch((error: unknown) => {
      failure = error;
      return undefined;
    });
const endpoint = givenEndpoint ?? miniStack?.endpoint;
if (endpoint === undefined) console.warn(`MiniStack is not here, the deployment is not tried: ${failure}`);

test('MiniStack is here, or this is no CI', () => {
  expect(isOptional ? undefined : failure).toBeUndefined();
});

(endpoint === undefined ? describe.skip : describe)('The packaged template, deployed', () => {
  const settings: AwsSettings = {
    region: 'us-east-1',
    endpoint: endpoint ?? '',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  const sqs = new SQSClient(settings);
  const ssm = new SSMClient(settings);
  const emulator = createEmulator({ fleet: mirroring });
  let server: RunningServer;
  let folder: string | undefined;
  let stack: DeployedStack;

  beforeAll(async () => {
    server = await startServer({ emulator });
    const made = await mkdtemp(join(tmpdir(), 'fleetmirror-deploy-'));
    folder = made;
    const bundlesFolder = join(made, 'bundles');
    await buildBundles({ outFolder: bundlesFolder });
    const packageFolder = join(made, 'package');
    // A schedule cannot be fired by hand: the shortest rate that there is.
    await packageStack({ params: { fleet: 'prod', sweepEvery: '1 minute' }, bundlesFolder }, packageFolder);
    const Value = encodePolicy(policyText())?.value;
    await ssm.send(new PutParameterCommand({ Name: '/fleetmirror/prod/policy', Value, Type: 'String' }));
    stack = await deployPackage(settings, {
      folder: packageFolder,
      stackName: 'fleetmirror-prod',
      // Traffic Mirroring is known to our emulator alone.
      environment: { AWS_ENDPOINT_URL_EC2: server.endpoint, POWERTOOLS_TRACE_ENABLED: 'false' },
      lacksMetricMath: miniStack !== undefined,
    });
  }, 240_000);

  afterAll(async () => {
    await miniStack?.close();
    await server?.close();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  /** Opts an instance in and tells nobody. */
  const launch = (id: string) => emulator.loadFleet({ instances: [{ id, tags: { Mirror: 'true' } }] });
  const sessionsOf = (instanceId: string) => {
    const interfaces = emulator.account.instances.get(instanceId)?.interfaceIds ?? [];
    return [...emulator.account.sessions.rows()].filter(({ networkInterfaceId }) =>
      interfaces.includes(networkInterfaceId),
    );
  };
  const tell = (instanceId: string) =>
    new EventBridgeClient(settings).send(
      new PutEventsCommand({
        Entries: [
          {
            Source: 'aws.ec2',
            DetailType: 'EC2 Instance State-change Notification',
            Detail: JSON.stringify({ 'instance-id': instanceId, state: 'running' }),
          },
        ],
      }),
    );

  test('an event on the bus becomes sessions', async () => {
    launch('i-0000000000000000a');
    const answer = await tell('i-0000000000000000a');
    expect(answer.FailedEntryCount).toBe(0);
    await eventually('two sessions', () => sessionsOf('i-0000000000000000a').length === 2 || undefined, 60_000);
  }, 90_000);

  test('a poisoned event ends among the dead letters, as it came', async () => {
    const { ChangeQueueUrl: QueueUrl = '', ChangeDeadLetterQueueUrl = '' } = stack.outputs;
    // Twelve minutes between two attempts are for AWS.
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: '1' } }));
    emulator.faults.add({
      when: 'before',
      action: 'DescribeInstances',
      matches: (input) => JSON.stringify(input).includes('i-0000000000000000b'),
      times: 1000,
      error: { code: 'InvalidParameterValue' },
    });
    launch('i-0000000000000000b');
    await tell('i-0000000000000000b');
    const dead = await eventually(
      'a dead letter',
      async () => {
        const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: ChangeDeadLetterQueueUrl }));
        return Messages?.[0]?.Body;
      },
      90_000,
    );
    expect(JSON.parse(dead)).toMatchObject({ source: 'aws.ec2', detail: { 'instance-id': 'i-0000000000000000b' } });
  }, 120_000);

  test('the schedule sweeps', async () => {
    emulator.faults.calm();
    launch('i-0000000000000000c');
    await eventually('two sessions', () => sessionsOf('i-0000000000000000c').length === 2 || undefined, 120_000);
  }, 150_000);

  test('the stack deletes clean', async () => {
    const { ChangeQueueUrl: QueueUrl } = stack.outputs;
    await stack.remove();
    expect(await codeOf(sqs.send(new GetQueueAttributesCommand({ QueueUrl })))).toMatch(
      /NonExistentQueue|QueueDoesNotExist/,
    );
    expect(await codeOf(ssm.send(new GetParameterCommand({ Name: '/fleetmirror/prod/lock' })))).toBe(
      'ParameterNotFound',
    );
    // What no stack owns stays.
    expect(await codeOf(ssm.send(new GetParameterCommand({ Name: '/fleetmirror/prod/policy' })))).toBe('none');
    expect(sessionsOf('i-0000000000000000a')).toHaveLength(2);
  }, 150_000);
});
