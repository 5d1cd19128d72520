import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { connectMetrics } from '../../../lib/aws/cloud-watch.ts';
import { connect } from '../../../lib/aws/connect.ts';
import { createOperator } from '../../../lib/aws/operator.ts';
import { readPolicyObject } from '../../../lib/aws/policy-object.ts';
import { createReports } from '../../../lib/aws/reports.ts';
import { createFunctionWorld } from '../../../lib/aws/world.ts';
import { changeReserveMs, sweepReserveMs } from '../../../lib/core/limits.ts';
import { leaveOpen } from '../../../lib/core/report-open.ts';
import { changePace } from '../../../lib/pace.ts';
import type { Log } from '../../../lib/ports.ts';
import { type HesitantServer, startHesitantServer } from '../../support/hesitant-server.ts';
import { aReport, aSource } from '../../support/report.ts';

const variables = { ...process.env };
let server: HesitantServer;

beforeEach(async () => {
  // It answers who is asking, and nothing else.
  server = await startHesitantServer((response, body) => {
    if (!body.includes('GetCallerIdentity')) return;
    response.end(
      '<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>',
    );
  });
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: server.endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'example',
    AWS_SECRET_ACCESS_KEY: 'example',
  });
  // The limits of the SDK's client, and its pauses between tries, pass at once; the connections are real.
  jest.useFakeTimers({ doNotFake: ['Date', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate'] });
});

afterEach(async () => {
  jest.useRealTimers();
  process.env = { ...variables };
  await server.close();
});

interface Silence {
  /** What the caller heard in the end. */
  readonly failure: unknown;
  readonly elapsedMs: number;
  /** How often it was asked. */
  readonly tries: number;
}

/**
 * Lets the client's time pass until the call has ended; one that still waits after its minute does so for ever. While no
 * timer runs nothing is waited for but this machine, which compresses a report and takes as long as it takes.
 */
async function outlast(call: Promise<unknown>): Promise<Silence> {
  const before = server.heard();
  let failure: unknown;
  let isOver = false;
  call
    .catch((error: unknown) => {
      failure = error;
    })
    .finally(() => {
      isOver = true;
    });
  let elapsedMs = 0;
  const beganMs = performance.now();
  while (!isOver && elapsedMs < 60_000 && performance.now() - beganMs < 60_000) {
    // A turn of the event loop, in which what was sent arrives.
    await new Promise((resolve) => setImmediate(resolve));
    if (jest.getTimerCount() === 0) continue;
    jest.advanceTimersByTime(20);
    elapsedMs += 20;
  }
  if (!isOver) throw new Error('The call still waits.');
  return { failure, elapsedMs, tries: server.heard() - before };
}

const log: Log = { info: () => {}, warn: () => {}, error: () => {}, count: () => {} };
const aFunctionWorld = () =>
  createFunctionWorld(
    {
      fleet: 'prod',
      accountId: '123456789012',
      region: 'us-east-1',
      changeQueueUrl: `${server.endpoint}/123456789012/changes`,
      sweepQueueUrl: `${server.endpoint}/123456789012/sweeps.fifo`,
      healthMinutes: 0,
    },
    log,
    changePace,
  );
const report = aReport([aSource(1)]);
const timeoutError = expect.objectContaining({ name: 'TimeoutError' });
const unavailable = expect.objectContaining({ kind: 'unavailable', code: 'TimeoutError' });
const anEvent = {
  detailType: 'Mirror Detached',
  detail: {
    fleet: 'prod',
    runId: 'run',
    networkInterfaceId: 'eni-1',
    sessionNumber: 10,
    sessionId: 'tms-1',
    because: 'opted-out',
  },
} as const;

describe('A function that AWS does not answer', () => {
  test('TimeoutError: EC2 is given up within what on-change keeps back, and asked once', async () => {
    const { failure, elapsedMs, tries } = await outlast(aFunctionWorld().ec2.deleteSession('tms-1'));
    expect(failure).toEqual(unavailable);
    expect(tries).toBe(1);
    expect(elapsedMs).toBeGreaterThan(5000);
    expect(elapsedMs).toBeLessThan(0.8 * changeReserveMs);
  });

  test('TimeoutError: a listing that EC2 answers after twelve seconds is read at the second try', async () => {
    await server.close();
    server = await startHesitantServer((response) => {
      const answer = '<DescribeTrafficMirrorTargetsResponse></DescribeTrafficMirrorTargetsResponse>';
      setTimeout(() => response.end(answer), 12_000);
    });
    process.env.AWS_ENDPOINT_URL = server.endpoint;
    const { failure, tries } = await outlast(aFunctionWorld().ec2.readTargets());
    expect(failure).toBeUndefined();
    expect(tries).toBe(2);
  });

  test('TimeoutError: SQS is given up after three tries', async () => {
    const { failure, tries } = await outlast(aFunctionWorld().queues.requestSweep({ because: 'handed-on', hop: 0 }));
    expect(failure).toEqual(timeoutError);
    expect(tries).toBe(3);
  });

  test('TimeoutError: events that EventBridge does not take are lost after three tries', async () => {
    const { failure, tries } = await outlast(aFunctionWorld().bus.publish([anEvent]));
    expect(failure).toMatchObject({ events: 1, cause: timeoutError });
    expect(tries).toBe(3);
  });

  test('TimeoutError: a policy that the Parameter Store does not give out is unreadable after three tries', async () => {
    let reading: unknown;
    const { tries } = await outlast(
      aFunctionWorld()
        .readPolicy()
        .then((one) => {
          reading = one;
        }),
    );
    expect(reading).toMatchObject({ kind: 'unreadable', isPassing: true });
    expect(tries).toBe(3);
  });

  test('TimeoutError: a report that S3 does not take is given up after two tries', async () => {
    const reports = createReports({ bucket: 'evidence', fleet: 'prod' });
    const { failure, elapsedMs, tries } = await outlast(reports.keep(report, '', leaveOpen(report)));
    expect(failure).toEqual(timeoutError);
    expect(tries).toBe(2);
    expect(elapsedMs).toBeLessThan(sweepReserveMs / 2);
  });

  test('TimeoutError: a policy in S3 is given up after two tries', async () => {
    const { failure, tries } = await outlast(
      readPolicyObject({ bucket: 'policies', key: 'prod.yml' }, { forcePathStyle: true }),
    );
    expect(failure).toEqual(timeoutError);
    expect(tries).toBe(2);
  });

  test('TimeoutError: CloudWatch is given up after four tries', async () => {
    const window = { fromMs: Date.now() - 3_60_000, toMs: Date.now() };
    const { failure, tries } = await outlast(connectMetrics({}).readMirrorTraffic(['i-1'], window));
    expect(failure).toEqual(unavailable);
    expect(tries).toBe(4);
  });
});

describe('The command line that AWS does not answer', () => {
  const account = () => connect({ endpointUrl: server.endpoint });
  const arn = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/one/1';

  test.each<[string, () => Promise<unknown>]>([
    ['EC2', async () => (await account().openWorld('prod', log)).ec2.deleteSession('tms-1')],
    ['the Parameter Store', () => account().findFleets()],
    ['CloudWatch', async () => (await account().openMetrics()).readMirrorTraffic(['i-1'], { fromMs: 0, toMs: 60_000 })],
    ['EC2, asked for surroundings', async () => (await account().openSurroundings()).readPrimaryCidr('vpc-1')],
    ['load balancing', async () => (await account().openSurroundings()).readLoadBalancer(arn)],
  ])('TimeoutError: %s is given up', async (_, call) => {
    expect((await outlast(call())).failure).toEqual(unavailable);
  });

  test('TimeoutError: EventBridge is given up', async () => {
    const { failure } = await outlast(
      account()
        .openWorld('prod', log)
        .then(({ bus }) => bus.publish([anEvent])),
    );
    expect(failure).toMatchObject({ cause: timeoutError });
  });

  test('TimeoutError: so is STS, when it does not say who we are', async () => {
    await server.close();
    server = await startHesitantServer();
    const { failure } = await outlast(account().openWorld('prod', log));
    expect(failure).toMatchObject({ operation: 'sts:GetCallerIdentity', kind: 'unavailable', code: 'TimeoutError' });
  });

  test('TimeoutError: and the operator of the demo gives up too', async () => {
    const { failure } = await outlast(createOperator(server.endpoint).terminate('i-1'));
    expect(failure).toEqual(timeoutError);
  });
});
