import { DeleteTrafficMirrorSessionCommand, EC2Client } from '@aws-sdk/client-ec2';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Latencies, listScenes } from '../../lib/cli/demo-scenes.ts';
import { type Stage, setStage } from '../../lib/cli/demo-stage.ts';
import { eventually } from '../support/eventually.ts';
import { codeOf } from '../support/witness.ts';

let stage: Stage;

/** A value that someone has put into a tag although no secret belongs there. */
const secret = 'hunter2-in-a-tag';

function oursOn(networkInterfaceId: string) {
  return stage.sessions().filter((session) => session.isOurs && session.networkInterfaceId === networkInterfaceId);
}

/** The packaged bundles under AWS's runtime client, through all scenes of the demo. */
beforeAll(async () => {
  stage = await setStage(undefined, { logLevel: 'DEBUG' });
  const latencies: Latencies = [];
  for (const scene of listScenes(latencies)) await scene.play(stage);
  const tags = { Mirror: 'true', Password: secret };
  const [networkInterfaceId = ''] = await stage.operator.launch({ count: 1, instanceType: 'm5.large', tags });
  await eventually('its sessions', () => oursOn(networkInterfaceId).length === 2 || undefined);
}, 300_000);

afterAll(async () => {
  await stage.close(false);
});

/** The settings of a client that has the credentials of a function. */
function asFunction(name: 'on-change' | 'on-schedule') {
  const { principals } = stage.deployment;
  const [accessKeyId = ''] = Object.entries(principals).find(([, { arn }]) => arn.endsWith(name)) ?? [];
  const credentials = { accessKeyId, secretAccessKey: 'emulated' };
  return { region: 'us-east-1', credentials, endpoint: stage.aws.endpoint, maxAttempts: 1 };
}

test('the packaged functions are refused nothing', () => {
  expect(stage.accesses.length).toBeGreaterThan(50);
  expect(stage.accesses.filter(({ isAllowed }) => !isAllowed)).toEqual([]);
});

test('their logs hold no credentials, no environment and no value of a tag, at the log level DEBUG', () => {
  const { logs, principals, stack } = stage.deployment;
  expect(stack.functions.map(({ environment }) => environment.POWERTOOLS_LOG_LEVEL)).toEqual(['DEBUG', 'DEBUG']);
  const text = logs.map(({ line }) => line).join('\n');
  expect(logs.length).toBeGreaterThan(20);
  for (const word of [
    secret,
    'AWS_SECRET_ACCESS_KEY',
    'AWS_SESSION_TOKEN',
    'AWS_LAMBDA_RUNTIME_API',
    ...Object.keys(principals),
  ]) {
    expect(text).not.toContain(word);
  }
});

/** Permissions that nobody asks for here, by the beginning of their names, and why. */
const askedElsewhere: Readonly<Record<string, string>> = {
  'ec2:': 'iam-minimal.test.ts asks for each.',
  'sqs:ReceiveMessage': 'Lambda uses it for the function; iam-minimal.test.ts deploys without it.',
  'sqs:DeleteMessage': 'The same.',
  'sqs:GetQueueAttributes': 'The same.',
  'sqs:SendMessage': 'Work is handed on when time runs out; below the function’s credentials are used by hand.',
  'logs:': 'There is no CloudWatch Logs here.',
  'xray:': 'There is no X-Ray here.',
};

test.each(['on-change', 'on-schedule'])('%s uses every permission that it has beside EC2', (name) => {
  const { functions, roles } = stage.deployment.stack;
  const roleArn = functions.find((fn) => fn.name.endsWith(name))?.roleArn;
  const used = new Set(stage.accesses.filter((use) => use.roleArn === roleArn).map(({ access }) => access.action));
  const granted = roles.find(({ arn }) => arn === roleArn)?.statements.flatMap(({ Action }) => [Action].flat()) ?? [];
  const isElsewhere = (action: string) => Object.keys(askedElsewhere).some((beginning) => action.startsWith(beginning));
  expect(used).toContain('ssm:GetParameter');
  expect(granted.filter((action) => !used.has(action) && !isElsewhere(action))).toEqual([]);
});

describe.each(['on-change', 'on-schedule'] as const)('With the credentials of %s', (name) => {
  const publish = (...sources: string[]) =>
    new EventBridgeClient(asFunction(name)).send(
      new PutEventsCommand({ Entries: sources.map((Source) => ({ Source, DetailType: 'Test', Detail: '{}' })) }),
    );
  const read = (Name: string) => new SSMClient(asFunction(name)).send(new GetParameterCommand({ Name }));
  const send = (queue: string) => {
    const { queuesUrl } = stage.deployment;
    const client = new SQSClient({ ...asFunction(name), endpoint: queuesUrl });
    const group = queue.endsWith('.fifo') ? { MessageGroupId: 'test', MessageDeduplicationId: name } : {};
    // Dead letters wake nobody.
    const QueueUrl = `${queuesUrl}/000000000000/fleetmirror-demo-${queue}`;
    return client.send(new SendMessageCommand({ QueueUrl, MessageBody: '{}', ...group }));
  };

  test('AccessDeniedException: nobody can publish as someone else, not even beside an event of ours', async () => {
    expect(await codeOf(publish('fleetmirror'))).toBe('none');
    expect(await codeOf(publish('someone'))).toBe('AccessDeniedException');
    expect(await codeOf(publish('fleetmirror', 'someone'))).toBe('AccessDeniedException');
  });

  test("AccessDeniedException: nobody can read another fleet's policy or another secret", async () => {
    expect(await codeOf(read('/fleetmirror/demo/policy'))).toBe('none');
    expect(await codeOf(read('/fleetmirror/prod/policy'))).toBe('AccessDeniedException');
    expect(await codeOf(read('/database/password'))).toBe('AccessDeniedException');
  });

  test('AccessDenied: nobody can hide among the dead letters', async () => {
    expect(await codeOf(send('change-dead-letters'))).toMatch(/^AccessDenied/);
    expect(await codeOf(send('sweep-dead-letters.fifo'))).toMatch(/^AccessDenied/);
  });

  test('a message can be sent where the function hands on its work, and nowhere else', async () => {
    const { stack } = stage.deployment;
    const roleArn = stack.functions.find((fn) => fn.name.endsWith(name))?.roleArn;
    const statements = stack.roles.find(({ arn }) => arn === roleArn)?.statements ?? [];
    const queues = statements
      .filter(({ Action }) => [Action].flat().includes('sqs:SendMessage'))
      .flatMap(({ Resource }) => [Resource].flat().map((arn) => arn.split(':fleetmirror-demo-')[1]));
    expect(queues).toEqual(name === 'on-change' ? ['change', 'sweep.fifo'] : ['sweep.fifo']);
  });
});

describe('Calls on our sessions', () => {
  test('of our own do not wake us, of someone without a session issuer do', async () => {
    const sources = [
      ...new Set(stage.sessions().flatMap((session) => (session.isOurs ? session.networkInterfaceId : []))),
    ];
    const [ownSource = '', otherSource = ''] = sources;
    const own = new EC2Client(asFunction('on-change'));
    const other = new EC2Client({
      ...asFunction('on-change'),
      credentials: { accessKeyId: 'someone', secretAccessKey: 's' },
    });
    const [deletedByUs] = oursOn(ownSource);
    const [deletedByOther] = oursOn(otherSource);
    const before = { own: oursOn(ownSource).length, other: oursOn(otherSource).length };
    await own.send(new DeleteTrafficMirrorSessionCommand({ TrafficMirrorSessionId: deletedByUs?.sessionId }));
    await other.send(new DeleteTrafficMirrorSessionCommand({ TrafficMirrorSessionId: deletedByOther?.sessionId }));
    await eventually(
      'the session that someone deleted',
      () => oursOn(otherSource).length === before.other || undefined,
    );
    // The first call came first: had it woken us, its source would be whole again as well.
    expect(oursOn(ownSource)).toHaveLength(before.own - 1);
  });
});
