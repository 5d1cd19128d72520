import { readFile } from 'node:fs/promises';
import type { Bus } from './bus.ts';
import { type EventSourceMapping, startMapping } from './event-source-mapping.ts';
import { createFunctions } from './functions.ts';
import { createJsonAuthorizer, type Iam } from './iam.ts';
import { TemplateError } from './intrinsics.ts';
import type { ObjectStore } from './object-store.ts';
import type { ParameterStore } from './parameter-store.ts';
import type { Principals } from './principals.ts';
import { type QueueContents, startQueues } from './queues.ts';
import type { InvocationReport, LogLine } from './sandbox.ts';
import { startScheduler } from './scheduler.ts';
import { type Destination, readTemplate, type Stack } from './template.ts';

/** A stack that runs: events from the bus and the schedules reach its functions. */
export interface Deployment {
  readonly stack: Stack;
  /** The SQS endpoint. */
  readonly queuesUrl: string;
  /** The access keys of the functions and the roles they stand for. */
  readonly principals: Principals;
  /** Runs a function directly. By name or logical id. */
  readonly invoke: (fn: string, event: unknown) => Promise<InvocationReport>;
  /** Lets a schedule fire now. By name or logical id. */
  readonly fire: (schedule: string) => Promise<void>;
  /** The messages in a queue. By name or logical id. */
  readonly inspectQueue: (queue: string) => Promise<QueueContents>;
  /** Everything the functions wrote, oldest first. */
  readonly logs: readonly LogLine[];
  /** Every invocation that has ended, oldest first. */
  readonly invocations: readonly InvocationReport[];
  /** Stops the pollers and ends the processes; nothing of the stack is left when it resolves. */
  readonly close: () => Promise<void>;
}

export interface DeployOptions {
  /** The packaged CloudFormation template. */
  readonly templateFile: string;
  /** The unpacked deployment package: the folder that handlers are named from. */
  readonly taskRoot: string;
  /** Values for the template's parameters. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly stackName: string;
  readonly accountId: string;
  readonly region: string;
  readonly bus: Bus;
  readonly parameterStore: ParameterStore;
  /** Gets the stack's buckets. */
  readonly objectStore?: ObjectStore;
  /** Where the functions find every service but SQS. */
  readonly endpoint: string;
  /** Learns the policies of the template's roles and refuses what they do not allow; without it nothing is refused. */
  readonly iam?: Iam;
  /** Beside the template's environment, in every function. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly now?: () => number;
  readonly onLog?: (line: LogLine) => void;
  readonly onInvocation?: (report: InvocationReport) => void;
}

/**
 * Deploys a packaged template into the emulated account: its rules on the bus, its queues, its schedules, its parameters,
 * and its functions under AWS's own runtime client. Throws TemplateError for what is not supported.
 */
export async function deployTemplate(options: DeployOptions): Promise<Deployment> {
  const { accountId, region, stackName, bus, now = Date.now } = options;
  const { iam } = options;
  // Filled once the template has been read; nobody calls before.
  const principals: { -readonly [Key in keyof Principals]: Principals[Key] } = {};
  const authorize = iam && createJsonAuthorizer(iam, principals, { accountId, region });
  const queues = await startQueues({ region, authorize });
  try {
    const template: unknown = JSON.parse(await readFile(options.templateFile, 'utf8'));
    const place = { accountId, region, stackName, queuesUrl: queues.url };
    const stack = readTemplate(template, options.parameters ?? {}, place);
    Object.assign(principals, listPrincipals(stack, accountId));
    if (iam !== undefined) grantRoles(iam, stack);
    for (const queue of stack.queues) await queues.create(queue);
    for (const bucket of stack.buckets) options.objectStore?.createBucket(bucket);
    for (const { name, value } of stack.parameters) options.parameterStore.seed(name, value);

    const send = ({ arn, messageGroupId }: Destination, body: string) => {
      const queueName = findQueue(stack, arn).name;
      return queues.send({ queueName, body, ...(messageGroupId === undefined ? {} : { messageGroupId }) });
    };
    const logs: LogLine[] = [];
    const invocations: InvocationReport[] = [];
    const functions = createFunctions(stack.functions, {
      taskRoot: options.taskRoot,
      region,
      environmentOf: ({ name }) => ({
        AWS_ENDPOINT_URL: options.endpoint,
        AWS_ENDPOINT_URL_SQS: queues.url,
        AWS_ACCESS_KEY_ID: accessKeyOf(name),
        AWS_SECRET_ACCESS_KEY: 'emulated',
        AWS_EC2_METADATA_DISABLED: 'true',
        ...options.environment,
      }),
      onLog: (line) => {
        logs.push(line);
        options.onLog?.(line);
      },
      onInvocation: (report) => {
        invocations.push(report);
        options.onInvocation?.(report);
      },
    });
    for (const { targets } of [...stack.rules, ...stack.schedules.map(({ target }) => ({ targets: [target] }))]) {
      for (const { arn } of targets) findQueue(stack, arn);
    }
    const scheduler = startScheduler({
      schedules: stack.schedules,
      send: ({ target }, input) => send(target, input),
      now,
      onFailure: ({ name }, cause) => logs.push({ functionName: name, line: String(cause) }),
    });
    const removeRules = bus.addRules(stack.rules, send);
    const mappings: EventSourceMapping[] = stack.mappings.map((mapping) =>
      startMapping({
        mapping,
        queueName: findQueue(stack, mapping.queueArn).name,
        queues,
        invoke: functions.invoke,
        region,
      }),
    );
    return {
      stack,
      queuesUrl: queues.url,
      principals,
      logs,
      invocations,
      invoke: (fn, event) => functions.invoke(pick(stack.functions, fn).name, event),
      fire: scheduler.fire,
      inspectQueue: (queue) => queues.inspect(pick(stack.queues, queue).name),
      close: async () => {
        removeRules();
        scheduler.close();
        const stopped = mappings.map((mapping) => mapping.stop());
        // In this order: the pollers see that they are stopped before their long polls and their functions end.
        await queues.close();
        await functions.close();
        await Promise.all(stopped);
      },
    };
  } catch (error) {
    await queues.close();
    throw error;
  }
}

function listPrincipals(stack: Stack, accountId: string): Principals {
  return Object.fromEntries(
    stack.functions.map(({ name, roleArn }) => [
      accessKeyOf(name),
      {
        type: 'AssumedRole' as const,
        arn: `arn:aws:sts::${accountId}:assumed-role/${roleArn.split('/').at(-1)}/${name}`,
        roleArn,
      },
    ]),
  );
}

/** Hands the roles to IAM. As AWS does, it refuses a function that may not take from its queue, and a schedule that may not send. */
function grantRoles(iam: Iam, stack: Stack): void {
  for (const { arn, statements } of stack.roles) iam.putRolePolicy(arn, statements);
  const require = (what: string, roleArn: string, actions: readonly string[], resource: string) => {
    const missing = actions.filter((action) => !iam.isAllowed(roleArn, { action, resource, context: {} }));
    if (missing.length > 0) throw new TemplateError(`The role of ${what} does not allow ${missing} on ${resource}.`);
  };
  for (const { functionName, queueArn } of stack.mappings) {
    const roleArn = pick(stack.functions, functionName).roleArn;
    // [Lambda developer guide, "Using Lambda with Amazon SQS", execution role permissions]
    require(functionName, roleArn, ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], queueArn);
  }
  for (const { name, roleArn, target } of stack.schedules) require(name, roleArn, ['sqs:SendMessage'], target.arn);
}

/** Each function has a key of its own: the emulated EC2 tells by it which role calls. */
function accessKeyOf(functionName: string): string {
  return `ASIA${functionName.toUpperCase().replaceAll(/[^A-Z0-9]/g, '')}`;
}

function findQueue(stack: Stack, arn: string) {
  const queue = stack.queues.find((candidate) => candidate.arn === arn);
  if (queue === undefined) throw new TemplateError(`Only queues of the same stack can be targets, not ${arn}.`);
  return queue;
}

function pick<Named extends { readonly name: string; readonly logicalId: string }>(
  all: readonly Named[],
  wanted: string,
) {
  const found = all.find(({ name, logicalId }) => name === wanted || logicalId === wanted);
  if (found === undefined) throw new Error(`The stack has no ${wanted}: ${all.map(({ name }) => name).join(', ')}.`);
  return found;
}
