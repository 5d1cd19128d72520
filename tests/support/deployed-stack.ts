import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
  waitUntilStackCreateComplete,
  waitUntilStackDeleteComplete,
  waitUntilStackUpdateComplete,
} from '@aws-sdk/client-cloudformation';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Template } from '../../infra/packaged-template.ts';

/** How an AWS is reached. */
export interface AwsSettings {
  readonly region: string;
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** A package that `osls package` has written, and what its functions shall know beside what the template says. */
export interface Package {
  readonly folder: string;
  readonly stackName: string;
  readonly environment: Readonly<Record<string, string>>;
  /** True for an AWS that refuses alarms on metric math: each then watches the first of its metrics. */
  readonly lacksMetricMath?: boolean;
}

export interface DeployedStack {
  readonly outputs: Readonly<Record<string, string>>;
  /** Deletes the stack and waits until nothing of it is there. */
  readonly remove: () => Promise<void>;
}

/** Seconds. */
const waitMax = 300;

/**
 * Deploys a package as osls does: a stack with the bucket alone, the zips into the bucket, the whole template over it.
 * Throws with the events of the stack when a resource cannot be made.
 */
export async function deployPackage(
  settings: AwsSettings,
  { folder, stackName, environment, lacksMetricMath = false }: Package,
): Promise<DeployedStack> {
  const cloudFormation = new CloudFormationClient(settings);
  const s3 = new S3Client({ ...settings, forcePathStyle: true });
  const read = async (name: string) => JSON.parse(await readFile(join(folder, name), 'utf8')) as Template;
  const waiting = { client: cloudFormation, maxWaitTime: waitMax, minDelay: 1, maxDelay: 5 };
  const Capabilities = ['CAPABILITY_IAM' as const];
  const StackName = stackName;

  const first = JSON.stringify(await read('cloudformation-template-create-stack.json'));
  await cloudFormation.send(new CreateStackCommand({ StackName, Capabilities, TemplateBody: first }));
  await waitUntilStackCreateComplete(waiting, { StackName });
  const whole = addEnvironment(await read('cloudformation-template-update-stack.json'), environment);
  if (lacksMetricMath) simplifyAlarms(whole);
  const { Bucket, keys } = await uploadZips(whole);
  const TemplateURL = await uploadTemplate(Bucket, JSON.stringify(whole));
  await cloudFormation.send(new UpdateStackCommand({ StackName, Capabilities, TemplateURL }));
  const done = await waitUntilStackUpdateComplete(waiting, { StackName }).catch((cause) => ({ state: String(cause) }));
  if (done.state !== 'SUCCESS') throw new Error(`The stack was not deployed: ${done.state}\n${await listFailures()}`);
  return { outputs: await readOutputs(), remove };

  async function uploadZips({ Resources }: Template) {
    const Bucket = (await readOutputs()).ServerlessDeploymentBucketName ?? '';
    const codes = Object.values(Resources).flatMap(({ Type, Properties }) =>
      Type === 'AWS::Lambda::Function' ? [Properties.Code.S3Key as string] : [],
    );
    for (const Key of codes) {
      const Body = await readFile(join(folder, Key.split('/').at(-1) ?? ''));
      await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
    }
    return { Bucket, keys: codes };
  }

  /** CloudFormation takes no more than 51,200 bytes of a template in the call itself. */
  async function uploadTemplate(bucket: string, Body: string): Promise<string> {
    const Key = 'template.json';
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
    keys.push(Key);
    return `${settings.endpoint}/${bucket}/${Key}`;
  }

  async function readOutputs(): Promise<Readonly<Record<string, string>>> {
    const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName }));
    const outputs = Stacks?.[0]?.Outputs ?? [];
    return Object.fromEntries(outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]));
  }

  async function listFailures(): Promise<string> {
    const { StackEvents = [] } = await cloudFormation.send(new DescribeStackEventsCommand({ StackName }));
    const failed = StackEvents.filter(({ ResourceStatus }) => ResourceStatus?.endsWith('FAILED'));
    return failed.map((event) => `${event.LogicalResourceId}: ${event.ResourceStatusReason}`).join('\n');
  }

  async function remove(): Promise<void> {
    // CloudFormation deletes no bucket that holds something.
    for (const Key of keys) await s3.send(new DeleteObjectCommand({ Bucket, Key }));
    await cloudFormation.send(new DeleteStackCommand({ StackName }));
    await waitUntilStackDeleteComplete(waiting, { StackName });
  }
}

function addEnvironment(template: Template, environment: Package['environment']): Template {
  for (const { Type, Properties } of Object.values(template.Resources)) {
    if (Type === 'AWS::Lambda::Function') Object.assign(Properties.Environment.Variables, environment);
  }
  return template;
}

function simplifyAlarms({ Resources }: Template): void {
  for (const { Type, Properties } of Object.values(Resources)) {
    if (Type !== 'AWS::CloudWatch::Alarm' || Properties.Metrics === undefined) continue;
    const { Metric, Stat, Period } = Properties.Metrics[0].MetricStat;
    delete Properties.Metrics;
    Object.assign(Properties, Metric, { Statistic: Stat, Period });
  }
}
