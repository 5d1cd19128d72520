/** Fleet `prod` deployed into an emulated account: the packaged functions under their roles, and all that is heard of them. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EC2Client } from '@aws-sdk/client-ec2';
import { buildBundles } from '../../build.ts';
import { readPackagedTemplate, type Template } from '../../infra/packaged-template.ts';
import { policyParameter } from '../../lib/aws/policy-source.ts';
import { type EmulatedAws, startEmulatedAws } from '../../lib/cli/emulated-aws.ts';
import type { BusEvent } from '../../lib/emulator/bus.ts';
import { type Deployment, deployTemplate } from '../../lib/emulator/deploy.ts';
import type { FleetDocument } from '../../lib/emulator/fleet-document.ts';
import { createIam } from '../../lib/emulator/iam.ts';
import type { Principals } from '../../lib/emulator/principals.ts';
import type { InvocationReport } from '../../lib/emulator/sandbox.ts';
import { encodePolicy } from '../../lib/policy-code.ts';
import { evaluateAlarm, type MetricSample, readAlarms } from './alarm.ts';
import { samplesFromInvocation, samplesFromLines, samplesOfQueue } from './metric-samples.ts';
import { policyText } from './policy.ts';
import { mirroring } from './stage.ts';

// biome-ignore lint/suspicious/noExplicitAny: log lines are whatever the functions write.
export type Line = Readonly<Record<string, any>>;

export interface DeployedFleet {
  readonly aws: EmulatedAws;
  readonly deployment: Deployment;
  /** The calls of someone who is not us. */
  readonly operator: EC2Client;
  /** The id behind a name of the fleet; throws when there is none. */
  readonly idOf: (name: string) => string;
  /** Everything that was on the bus, oldest first. */
  readonly events: readonly BusEvent[];
  /** What the functions logged, metrics aside. */
  readonly lines: () => readonly Line[];
  readonly samples: () => readonly MetricSample[];
  /** The invocations that failed, each with Lambda's error. */
  readonly failures: readonly string[];
  /** The alarms that are red at a time, by the last part of their names; now when it is left out. */
  readonly redAlarms: (atMs?: number) => Promise<readonly string[]>;
  /** As if so much time lay between what was measured and sent so far and what comes: for alarms that look back. */
  readonly letPass: (durationMs: number) => void;
  /** Writes the policy as `policy push` does; EventBridge tells. */
  readonly pushPolicy: (text: string) => void;
  readonly close: () => Promise<void>;
}

export interface DeployedFleetOptions {
  /** Differences from `policyText()`; `null`: there is no policy. */
  readonly policy?: Readonly<Record<string, unknown>> | null;
  /** Beside the targets and filters that the policy names. */
  readonly document?: FleetDocument;
  /** What is different in the account from what we deploy. */
  readonly change?: (resources: Template['Resources']) => void;
  /** CloudFormation's parameters. */
  readonly parameters?: Readonly<Record<string, string>>;
}

const place = { stackName: 'fleetmirror-prod', accountId: '123456789012', region: 'us-east-1' };

/** The functions as they are packaged, once for all deployments of a test file. */
export async function buildFunctions(): Promise<{ readonly taskRoot: string; readonly remove: () => Promise<void> }> {
  const taskRoot = await mkdtemp(join(tmpdir(), 'fleetmirror-functions-'));
  await buildBundles({ outFolder: join(taskRoot, 'dist') });
  return { taskRoot, remove: () => rm(taskRoot, { recursive: true, force: true }) };
}

/** Opens an account with a fleet and its policy, and deploys the stack into it. */
export async function aDeployedFleet(taskRoot: string, options: DeployedFleetOptions = {}): Promise<DeployedFleet> {
  const { policy = {}, document = {}, change = () => {}, parameters = {} } = options;
  const template = structuredClone(await readPackagedTemplate('prod'));
  change(template.Resources);
  const folder = await mkdtemp(join(tmpdir(), 'fleetmirror-deployed-'));
  const templateFile = join(folder, 'template.json');
  await writeFile(templateFile, JSON.stringify(template));

  const principals: { -readonly [Key in keyof Principals]: Principals[Key] } = {};
  const iam = await createIam();
  const aws = await startEmulatedAws({ principals, iam });
  aws.emulator.loadFleet(mirroring);
  const ids = aws.emulator.loadFleet(document);
  const encode = (text: string) => encodePolicy(text)?.value ?? '';
  if (policy !== null) aws.parameterStore.seed(policyParameter('prod'), encode(policyText(policy)));
  const events: BusEvent[] = [];
  aws.bus.onEvent((event) => events.push(event));
  const invocationSamples: MetricSample[] = [];
  const failures: string[] = [];
  const onInvocation = (report: InvocationReport) => {
    invocationSamples.push(...samplesFromInvocation(report, Date.now()));
    const { functionName, answer } = report;
    if (answer.kind === 'failed') failures.push(`${functionName}: ${JSON.stringify(answer.error)}`);
  };
  const { endpoint, bus, parameterStore, objectStore } = aws;
  const deployment = await deployTemplate({
    ...place,
    templateFile,
    taskRoot,
    parameters,
    bus,
    parameterStore,
    objectStore,
    endpoint,
    iam,
    environment: { POWERTOOLS_TRACE_ENABLED: 'false' },
    onInvocation,
  });
  Object.assign(principals, deployment.principals);
  const credentials = { accessKeyId: 'operator', secretAccessKey: 'operator' };
  const operator = new EC2Client({ region: place.region, endpoint, credentials, maxAttempts: 1 });
  const alarmIds = Object.entries(template.Resources).flatMap(([id, { Type }]) =>
    Type === 'AWS::CloudWatch::Alarm' ? [id] : [],
  );
  const alarms = readAlarms(deployment.stack, alarmIds);

  const all = (): readonly Line[] =>
    deployment.logs.flatMap(({ line }) => (line.startsWith('{') ? [JSON.parse(line)] : []));
  const passages: { readonly atMs: number; readonly durationMs: number }[] = [];
  const age = (atMs: number) =>
    passages.filter((passage) => atMs <= passage.atMs).reduce((agedMs, { durationMs }) => agedMs - durationMs, atMs);
  const samples = () =>
    [...samplesFromLines(all()), ...invocationSamples].map((sample) => ({ ...sample, atMs: age(sample.atMs) }));
  return {
    aws,
    deployment,
    operator,
    idOf: (name) => {
      const id = ids.get(name);
      if (id === undefined) throw new Error(`The fleet has nothing named ${name}.`);
      return id;
    },
    events,
    lines: () => all().filter((line) => line._aws === undefined),
    samples,
    failures,
    redAlarms: async (atMs = Date.now()) => {
      const ofQueues = deployment.stack.queues.map(async ({ name }) => {
        const { ready, oldestSentAtMs = atMs } = await deployment.inspectQueue(name);
        return samplesOfQueue(name, { visible: ready.length, oldestSentAtMs: age(oldestSentAtMs) }, atMs - 1);
      });
      const known = [...samples(), ...(await Promise.all(ofQueues)).flat()];
      return alarms
        .filter((alarm) => evaluateAlarm(alarm, known, atMs) === 'ALARM')
        .map(({ name }) => name.replace('fleetmirror-prod-', ''))
        .sort();
    },
    letPass: (durationMs) => passages.push({ atMs: Date.now(), durationMs }),
    pushPolicy: (text) => {
      const Name = policyParameter('prod');
      parameterStore.actions.PutParameter?.({ Name, Value: encode(text), Type: 'String', Overwrite: true });
    },
    close: async () => {
      operator.destroy();
      await deployment.close();
      await aws.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
