import { createSocket, type Socket } from 'node:dgram';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { buildBundles } from '../../build.ts';
import { readPackagedTemplate, type Template } from '../../infra/packaged-template.ts';
import { createOperator } from '../../lib/aws/operator.ts';
import { policyParameter } from '../../lib/aws/policy-source.ts';
import { type EmulatedAws, startEmulatedAws } from '../../lib/cli/emulated-aws.ts';
import type { BusEvent } from '../../lib/emulator/bus.ts';
import { type Deployment, deployTemplate } from '../../lib/emulator/deploy.ts';
import { type AccessUse, createIam } from '../../lib/emulator/iam.ts';
import type { Principals } from '../../lib/emulator/principals.ts';
import { type Metric, type MetricName, metrics } from '../../lib/metrics.ts';
import { encodePolicy } from '../../lib/policy-code.ts';
import { eventually } from '../support/eventually.ts';

interface Segment {
  readonly name: string;
  readonly trace_id?: string;
  readonly subsegments?: readonly Segment[];
}

// biome-ignore lint/suspicious/noExplicitAny: log lines are whatever the functions write.
type Line = Readonly<Record<string, any>>;

let folder: string;
let daemon: Socket;
let aws: EmulatedAws;
let deployment: Deployment;
const accesses: AccessUse[] = [];
const segments: Segment[] = [];
const events: BusEvent[] = [];

/** The stack with `tracing: Active`, as `--param tracing=Active` packages it. */
function traced(template: Template): Template {
  const Resources = Object.entries(template.Resources).map(([id, resource]) => {
    if (resource.Type !== 'AWS::Lambda::Function') return [id, resource];
    const { Environment } = resource.Properties;
    const Variables = { ...Environment.Variables, FLEETMIRROR_TRACING: 'Active' };
    return [
      id,
      {
        ...resource,
        Properties: { ...resource.Properties, Environment: { Variables }, TracingConfig: { Mode: 'Active' } },
      },
    ];
  });
  return { ...template, Resources: Object.fromEntries(Resources) };
}

/** The packaged functions under AWS's runtime client, with X-Ray's daemon on this machine: one sweep, then one launch. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetmirror-observability-'));
  const templateFile = join(folder, 'template.json');
  const [template] = await Promise.all([
    readPackagedTemplate('demo'),
    buildBundles({ outFolder: join(folder, 'dist') }),
  ]);
  await writeFile(templateFile, JSON.stringify(traced(template)));
  daemon = createSocket('udp4', (packet) => segments.push(JSON.parse(packet.toString().split('\n')[1] ?? '{}')));
  await new Promise<void>((resolve) => daemon.bind(0, '127.0.0.1', resolve));

  const principals: { -readonly [Key in keyof Principals]: Principals[Key] } = {};
  const iam = await createIam((use) => accesses.push(use));
  aws = await startEmulatedAws({ fleetFile: 'infra/demo/fleet.yml', principals, iam });
  aws.bus.onEvent((event) => events.push(event));
  const policy = encodePolicy(await readFile('infra/demo/policy.yml', 'utf8'));
  aws.parameterStore.seed(policyParameter('demo'), policy?.value ?? '');
  deployment = await deployTemplate({
    templateFile,
    taskRoot: folder,
    stackName: 'fleetmirror-demo',
    accountId: '123456789012',
    region: 'us-east-1',
    bus: aws.bus,
    parameterStore: aws.parameterStore,
    objectStore: aws.objectStore,
    endpoint: aws.endpoint,
    iam,
    environment: { AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${(daemon.address() as AddressInfo).port}` },
  });
  // From here on the account tells the functions from everyone else.
  Object.assign(principals, deployment.principals);
  await deployment.fire('SweepSchedule');
  await eventually('the sweep', () => runLines().find(({ scope }) => scope === 'fleet'), 30_000);
  const operator = createOperator(aws.endpoint);
  await operator.launch({ count: 1, instanceType: 'm5.large', tags: { Mirror: 'true' } });
  await eventually('the launch', launchRun, 30_000);
  operator.leave();
  await eventually('the trace of the launch', () => tracesOf(launchRun()).find(({ name }) => name.startsWith('## ')));
  await eventually('the metrics of the launch', () => metricLines().find(({ TimeToMirrorMs }) => TimeToMirrorMs));
}, 120_000);

afterAll(async () => {
  await deployment.close();
  await aws.close();
  await new Promise<void>((resolve) => daemon.close(() => resolve()));
  await rm(folder, { recursive: true, force: true });
});

test('the traced functions are refused nothing', () => {
  expect(accesses.length).toBeGreaterThan(10);
  expect(accesses.filter(({ isAllowed }) => !isAllowed)).toEqual([]);
});

const lines = (): Line[] => deployment.logs.flatMap(({ line }) => (line.startsWith('{') ? [JSON.parse(line)] : []));
const logLines = () => lines().filter((line) => line._aws === undefined);
const runLines = () => logLines().filter(({ message }) => message === 'run');
const launchRun = () => runLines().find(({ scope, actions }) => scope === 'changed' && actions.create > 0);
const tracesOf = (run: Line | undefined) => segments.filter(({ trace_id }) => trace_id === run?.xray_trace_id);
const metricLines = () => lines().filter((line) => line._aws !== undefined);

function namesIn({ name, subsegments = [] }: Segment): string[] {
  return [name, ...subsegments.flatMap(namesIn)];
}

/** One metric's sum over all lines that are written for exactly these dimensions. */
function sumOf(metric: MetricName, dimensions: Readonly<Record<string, string>>): number {
  const key = Object.keys(dimensions).sort().join();
  return metricLines()
    .filter((line) => line._aws.CloudWatchMetrics[0].Dimensions.some((set: string[]) => [...set].sort().join() === key))
    .filter((line) => Object.entries(dimensions).every(([name, value]) => line[name] === value))
    .reduce((sum, line) => sum + [line[metric] ?? 0].flat().reduce((one: number, other: number) => one + other, 0), 0);
}

describe('metrics', () => {
  test('keep the limits of the embedded metric format, and are those of the registry', () => {
    expect(metricLines().length).toBeGreaterThan(2);
    for (const line of metricLines()) {
      const [{ Namespace, Dimensions, Metrics }] = line._aws.CloudWatchMetrics;
      expect(Namespace).toBe('Fleetmirror');
      expect(Metrics.length).toBeLessThanOrEqual(100);
      for (const { Name, Unit } of Metrics as { Name: MetricName; Unit: string }[]) {
        const spec: Metric = metrics[Name];
        expect(Unit).toBe(spec.unit);
        expect([line[Name]].flat().length).toBeLessThanOrEqual(100);
        expect(Dimensions).toEqual(Dimensions.length === 1 ? [['fleet']] : [['fleet'], ['fleet', spec.by]]);
      }
    }
  });

  test('sum up to the fleet’s total beside each tier’s share', () => {
    const total = sumOf('SessionsCreated', { fleet: 'demo' });
    expect(total).toBeGreaterThan(20);
    expect(
      sumOf('SessionsCreated', { fleet: 'demo', tier: 'http' }) +
        sumOf('SessionsCreated', { fleet: 'demo', tier: 'tcp' }),
    ).toBe(total);
    expect(sumOf('SessionsRefused', { fleet: 'demo', reason: 'bare-metal-unsupported' })).toBe(1);
    expect(sumOf('CoveragePercent', { fleet: 'demo' })).toBe(100);
  });

  test('say how long the launch waited for its sessions', () => {
    expect(sumOf('TimeToMirrorMs', { fleet: 'demo' })).toBeGreaterThan(0);
  });
});

describe('log lines', () => {
  test('are JSON objects with level, message, time and the request that they belong to', () => {
    for (const line of logLines()) {
      expect(line).toMatchObject({
        level: expect.any(String),
        message: expect.any(String),
        timestamp: expect.any(String),
        service: 'fleetmirror',
        function_request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        xray_trace_id: expect.stringMatching(/^1-/),
      });
    }
  });

  test('lead from the event of the launch over its run to the session and back', () => {
    const run = launchRun();
    const causes = events.filter(({ id }) => run?.eventIds.includes(id));
    expect(causes.map(({ id }) => id).sort()).toEqual([...(run?.eventIds ?? [])].sort());
    const action = logLines().find(
      ({ message, runId, outcome }) => message === 'action' && runId === run?.runId && outcome === 'done',
    );
    expect(action).toMatchObject({ action: 'create', because: 'opted-in', sessionId: expect.stringMatching(/^tms-/) });
    const attached = events.find(({ detail }) => (detail as Line).sessionId === action?.sessionId);
    expect(attached).toMatchObject({
      'detail-type': 'Mirror Attached',
      detail: { runId: run?.runId, eventIds: expect.arrayContaining([causes[0]?.id]) },
    });
    const creation = events.find(
      ({ detail }) => JSON.stringify(detail).includes(`-${run?.runId}"`) && (detail as Line).eventName,
    );
    expect(creation?.detail).toMatchObject({ eventName: 'CreateTrafficMirrorSession' });
  });
});

describe('traces', () => {
  test('show the steps read, plan and apply of each run, in the trace that its log lines name', () => {
    for (const scope of ['fleet', 'changed']) {
      const run = runLines().find((line) => line.scope === scope && line.actions.create > 0);
      const names = tracesOf(run).flatMap(namesIn);
      expect(names).toEqual(expect.arrayContaining([expect.stringMatching(/^## .*handler$/), 'read', 'plan', 'apply']));
    }
  });
});
