import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.ts';
import { aStateChange, deployTinyStack, makeStackFolder } from '../../support/tiny-stack.ts';

const deployerPath = fileURLToPath(new URL('../../support/tiny-stack-deployer.ts', import.meta.url));

type TinyStack = Awaited<ReturnType<typeof deployTinyStack>>;

let stack: TinyStack | undefined;

afterEach(async () => {
  await stack?.close();
  stack = undefined;
});

async function deploy(): Promise<TinyStack> {
  stack = await deployTinyStack();
  return stack;
}

/** The probe's answer, parsed. */
async function probe(event: object): Promise<Record<string, unknown>> {
  const { answer } = await stack!.invoke('probe', event);
  if (answer.kind === 'failed') return { ...answer.error };
  return JSON.parse(answer.payload);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('events', () => {
  test('reach the function through rule and queue, as EventBridge wrote them', async () => {
    const { bus, documents } = await deploy();
    bus.publish(aStateChange({ state: 'running', 'instance-id': 'i-1', note: '🦊' }));
    const [batch] = await eventually('the batch', () =>
      documents('on-change').length > 0 ? documents('on-change') : undefined,
    );
    expect(batch).toEqual({
      bodies: [aStateChange({ state: 'running', 'instance-id': 'i-1', note: '🦊' })],
      arn: 'arn:aws:sqs:us-east-1:123456789012:tiny-change',
    });
  });

  test('that no rule matches reach no queue', async () => {
    const { bus, inspectQueue } = await deploy();
    bus.publish(aStateChange({ state: 'pending' }));
    await bus.settle();
    expect(await inspectQueue('ChangeQueue')).toEqual({ ready: [], delayed: [], inFlight: [] });
    expect(bus.undelivered).toEqual([]);
  });

  test('of a burst arrive in one batch, because the window stays open for them', async () => {
    const { bus, documents } = await deploy();
    for (let n = 0; n < 24; n += 1) bus.publish(aStateChange({ state: 'running', n }, `e-${n}`));
    const lateAt = Date.now() + 1_300;
    await eventually('a late moment of the window', () => (Date.now() > lateAt ? true : undefined));
    bus.publish(aStateChange({ state: 'running' }, 'late'));
    await eventually('the batch', () => documents('on-change')[0]);
    expect(documents('on-change').map(({ bodies }) => (bodies as unknown[]).length)).toEqual([25]);
  });

  test('that poison their function end in the dead-letter queue, while their batch mates are handled', async () => {
    const { bus, inspectQueue } = await deploy();
    const poison = aStateChange({ state: 'running', poison: true }, 'poison');
    bus.publish(aStateChange({ state: 'running' }, 'healthy'));
    bus.publish(poison);
    const dead = await eventually('the dead letter', async () => (await inspectQueue('DeadLetters')).ready[0]);
    expect(JSON.parse(dead)).toEqual(poison);
    expect(await inspectQueue('ChangeQueue')).toEqual({ ready: [], delayed: [], inFlight: [] });
  });
});

describe('the schedule', () => {
  test('fires through a message group, so that one run ends before the next begins', async () => {
    const { fire, documents } = await deploy();
    await fire('Schedule');
    await fire('Schedule');
    await fire('Schedule');
    await eventually('three runs', () => (documents('on-schedule').length === 6 ? true : undefined));
    const steps = documents('on-schedule').map((document) => Object.entries(document)[0]);
    expect(steps.map((step) => step?.[0])).toEqual(['started', 'ended', 'started', 'ended', 'started', 'ended']);
    expect(new Set(steps.map((step) => step?.[1])).size).toBe(3);
    expect(JSON.parse(String(steps[0]?.[1])).time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });
});

describe('the Parameter Store', () => {
  test('wakes the sweep when the policy changes, and holds what the stack owns', async () => {
    const { parameterStore, documents } = await deploy();
    const { PutParameter, GetParameter } = parameterStore.actions;
    expect(GetParameter?.({ Name: '/tiny/lock' })).toMatchObject({ Parameter: { Value: 'tiny' } });
    PutParameter?.({ Name: '/tiny/other', Value: 'x', Type: 'String' });
    PutParameter?.({ Name: '/tiny/policy', Value: 'x', Type: 'String' });
    const { started } = await eventually('the sweep', () => documents('on-schedule')[0]);
    expect(JSON.parse(String(started))).toMatchObject({
      'detail-type': 'Parameter Store Change',
      detail: { name: '/tiny/policy', operation: 'Create' },
    });
  });
});

describe('a function', () => {
  test('sees its own environment, deadline and context, and nothing of ours', async () => {
    await deploy();
    const { env, remainingMs, context } = await probe({});
    expect(env).toMatchObject({
      FLEET: 'tiny',
      AWS_LAMBDA_FUNCTION_NAME: 'probe',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
      AWS_ENDPOINT_URL_SQS: stack!.queuesUrl,
      CHANGE_QUEUE_URL: `${stack!.queuesUrl}/123456789012/tiny-change`,
    });
    expect(env).not.toHaveProperty('HOME');
    expect(remainingMs).toBeGreaterThan(0);
    expect(remainingMs).toBeLessThanOrEqual(1000);
    expect(context).toMatchObject({
      functionName: 'probe',
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:probe',
      memoryLimitInMB: '256',
    });
  });

  test('stays warm from one invocation to the next', async () => {
    await deploy();
    const first = await probe({});
    const second = await probe({});
    expect(second.pid).toBe(first.pid);
    expect(stack!.invocations.map(({ initMs }) => initMs !== undefined)).toEqual([true, false]);
  });

  test('that throws answers with the error envelope', async () => {
    await deploy();
    expect(await probe({ do: 'throw' })).toMatchObject({ errorType: 'TypeError', errorMessage: 'as asked' });
  });

  test('that hangs is killed at its timeout, and the next invocation gets a new process', async () => {
    await deploy();
    const { pid } = await probe({});
    expect(await probe({ do: 'hang' })).toMatchObject({ errorType: 'Sandbox.Timedout' });
    expect(isRunning(Number(pid))).toBe(false);
    expect(isRunning(Number((await probe({})).pid))).toBe(true);
  });

  test('whose process ends answers Runtime.ExitError', async () => {
    await deploy();
    expect(await probe({ do: 'exit' })).toMatchObject({ errorType: 'Runtime.ExitError' });
  });

  test('TooManyRequestsException: whose reserved concurrency is used up is throttled, which is no error of its own', async () => {
    await deploy();
    const [one, other] = await Promise.all([stack!.invoke('probe', {}), stack!.invoke('probe', {})]);
    expect(one?.answer.kind).toBe('done');
    expect(other).toMatchObject({ isThrottled: true, answer: { error: { errorType: 'TooManyRequestsException' } } });
    expect((await stack!.invoke('probe', {})).answer.kind).toBe('done');
  });

  test('that cannot be loaded answers with the error of its module', async () => {
    await deploy();
    const { answer } = await stack!.invoke('Broken', {});
    expect(answer).toMatchObject({ kind: 'failed', error: { errorType: 'RangeError', errorMessage: 'cannot load' } });
  });
});

test('The processes of a stack end with the process that deployed it, however sudden its end', async () => {
  const folder = await makeStackFolder();
  const deployer = spawn(process.execPath, [deployerPath, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(createInterface({ input: deployer.stdout }), 'line');
  const pid = Number(line);
  expect(isRunning(pid)).toBe(true);
  deployer.kill('SIGKILL');
  await eventually('the end of the function', () => (isRunning(pid) ? undefined : true));
  await rm(folder, { recursive: true });
});

test('Closing ends every process of the stack', async () => {
  const { close } = await deploy();
  const { pid } = await probe({});
  await close();
  stack = undefined;
  expect(isRunning(Number(pid))).toBe(false);
});
