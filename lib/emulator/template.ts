import type { Statement } from './iam-statement.ts';
import { type Names, noValue, resolveIntrinsics, TemplateError } from './intrinsics.ts';
import { compilePattern, type EventPredicate, patternLengthMax } from './patterns.ts';
import {
  nameResource,
  namingProperty,
  type Place,
  readAttribute,
  referTo,
  type TemplateResource,
} from './physical-names.ts';
import { compileRuleInput, type RuleInput } from './rule-input.ts';

/** What a packaged CloudFormation template deploys, as far as events travel through it. */
export interface Stack {
  readonly functions: readonly FunctionSpec[];
  readonly queues: readonly QueueSpec[];
  readonly rules: readonly RuleSpec[];
  readonly mappings: readonly MappingSpec[];
  readonly schedules: readonly ScheduleSpec[];
  readonly roles: readonly RoleSpec[];
  readonly parameters: readonly { readonly name: string; readonly value: string }[];
  /** Names of buckets. */
  readonly buckets: readonly string[];
  /** The properties of any other resource, resolved on demand: roles and their policies, for instance. */
  readonly readProperties: (logicalId: string) => Properties;
}

export interface FunctionSpec {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  /** `folder/file.export`, as Lambda reads it. */
  readonly handler: string;
  readonly roleArn: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Reserved: more invocations at once are throttled, 0 throttles each of them. Absent: as many as come. */
  readonly concurrencyMax?: number;
  /** Lambda begins a trace of its own for each invocation; otherwise it follows whoever called. */
  readonly isTraced?: boolean;
}

/** A role and what its inline policies say, one after the other. */
export interface RoleSpec {
  readonly logicalId: string;
  readonly arn: string;
  readonly statements: readonly Statement[];
}

export interface QueueSpec {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  /** SQS's names and textual values, as CreateQueue takes them. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface RuleSpec {
  readonly name: string;
  readonly arn: string;
  readonly isEnabled: boolean;
  /** Only rules in this state match CloudTrail records of calls that change nothing. */
  readonly seesReadOnlyCalls: boolean;
  readonly pattern: unknown;
  readonly matches: EventPredicate;
  readonly targets: readonly RuleTarget[];
}

export interface RuleTarget extends Destination {
  readonly id: string;
  readonly formatInput: RuleInput;
}

/** A queue or a function, by ARN. */
export interface Destination {
  readonly arn: string;
  /** Needed by a FIFO queue. */
  readonly messageGroupId?: string;
}

export interface MappingSpec {
  readonly queueArn: string;
  readonly functionName: string;
  readonly batchSize: number;
  readonly batchWindowSeconds: number;
  readonly reportsBatchItemFailures: boolean;
  readonly concurrencyMax: number;
}

export interface ScheduleSpec {
  readonly logicalId: string;
  readonly name: string;
  readonly expression: string;
  readonly isEnabled: boolean;
  readonly roleArn: string;
  readonly target: Destination;
  /** Before the keywords `<aws.scheduler.…>` are replaced. */
  readonly input: string;
}

export type Properties = Readonly<Record<string, unknown>>;

interface Resource {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly properties: Properties;
}

/** Event source mappings of Lambda scale to this many batches at once unless told otherwise [Lambda, SQS scaling]. */
const mappingConcurrencyDefault = 5;

/**
 * Reads a packaged template for the given parameters. Pure: the physical names are made up, the same for the same stack.
 * Throws TemplateError with the resource's name for what the emulator does not support.
 */
export function readTemplate(template: unknown, parameters: Readonly<Record<string, string>>, place: Place): Stack {
  const read = createReader(template as TemplateFile, parameters, place);
  const queues = read('AWS::SQS::Queue').map(readQueue);
  const queueArns = new Set(queues.map(({ arn }) => arn));
  return {
    queues,
    functions: read('AWS::Lambda::Function').map(readFunction),
    rules: read('AWS::Events::Rule').map((rule) => readRule(rule)),
    mappings: read('AWS::Lambda::EventSourceMapping').flatMap((mapping) => readMapping(mapping, queueArns)),
    schedules: read('AWS::Scheduler::Schedule').map(readSchedule),
    roles: read('AWS::IAM::Role').map(readRole),
    buckets: read('AWS::S3::Bucket').map(({ name }) => name),
    parameters: read('AWS::SSM::Parameter').map(({ name, properties }) => ({ name, value: text(properties.Value) })),
    readProperties: read.properties,
  };
}

interface TemplateFile {
  readonly Parameters?: Readonly<Record<string, { readonly Default?: unknown }>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Resources: Readonly<Record<string, TemplateResource>>;
}

/** Finds the resources of a type, with names and properties resolved; those whose condition is false do not exist. */
function createReader(template: TemplateFile, parameters: Readonly<Record<string, string>>, place: Place) {
  if (typeof template?.Resources !== 'object') throw new TemplateError('This is no CloudFormation template.');
  const pseudo: Readonly<Record<string, unknown>> = {
    'AWS::AccountId': place.accountId,
    'AWS::Region': place.region,
    'AWS::Partition': 'aws',
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::StackName': place.stackName,
    'AWS::StackId': `arn:aws:cloudformation:${place.region}:${place.accountId}:stack/${place.stackName}/emulated`,
    'AWS::NoValue': noValue,
  };
  const find = (logicalId: string): TemplateResource => {
    const resource = template.Resources[logicalId];
    if (resource === undefined) throw new TemplateError(`The template has no resource or parameter ${logicalId}.`);
    return resource;
  };
  const nameOf = (logicalId: string): string => {
    const resource = find(logicalId);
    const property = namingProperty(resource.Type);
    const given = property === undefined ? undefined : resource.Properties?.[property];
    return nameResource(logicalId, resource, resolveIntrinsics(given, names), place);
  };
  const names: Names = {
    ref: (name) => {
      if (Object.hasOwn(pseudo, name)) return pseudo[name];
      if (Object.hasOwn(template.Parameters ?? {}, name)) {
        const value = parameters[name] ?? template.Parameters?.[name]?.Default;
        if (value === undefined) throw new TemplateError(`The parameter ${name} has no value.`);
        return value;
      }
      return referTo(find(name).Type, nameOf(name), place);
    },
    attribute: (logicalId, attribute) => {
      const value = readAttribute(find(logicalId).Type, nameOf(logicalId), attribute, place);
      if (value === undefined) throw new TemplateError(`${logicalId}.${attribute} is not known to the emulator.`);
      return value;
    },
    isTrue: (condition) => {
      const definition = template.Conditions?.[condition];
      if (definition === undefined) throw new TemplateError(`The template has no condition ${condition}.`);
      return resolveIntrinsics(definition, names) === true;
    },
  };
  const properties = (logicalId: string): Properties =>
    resolveIntrinsics(find(logicalId).Properties ?? {}, names) as Properties;
  const read = (type: string): Resource[] =>
    Object.entries(template.Resources)
      .filter(([, { Type, Condition }]) => Type === type && (Condition === undefined || names.isTrue(Condition)))
      .map(([logicalId]) => ({
        logicalId,
        name: nameOf(logicalId),
        arn: readAttribute(type, nameOf(logicalId), 'Arn', place) ?? '',
        properties: properties(logicalId),
      }));
  return Object.assign(read, { properties });
}

function readQueue({ logicalId, name, arn, properties }: Resource): QueueSpec {
  const { QueueName: _name, Tags: _tags, ...settings } = properties;
  const attributes = Object.entries(settings).map(([key, value]) => [
    key,
    typeof value === 'object' ? JSON.stringify(value) : String(value),
  ]);
  return { logicalId, name, arn, attributes: Object.fromEntries(attributes) };
}

function readRole({ logicalId, arn, properties }: Resource): RoleSpec {
  if (properties.ManagedPolicyArns !== undefined) {
    throw new TemplateError(`${logicalId}: managed policies are not supported.`);
  }
  const policies = (properties.Policies ?? []) as readonly { PolicyDocument: { Statement: readonly Statement[] } }[];
  return { logicalId, arn, statements: policies.flatMap(({ PolicyDocument }) => [PolicyDocument.Statement].flat()) };
}

function readFunction({ logicalId, name, arn, properties }: Resource): FunctionSpec {
  const variables = (properties.Environment as { Variables?: Properties } | undefined)?.Variables ?? {};
  const { ReservedConcurrentExecutions: reserved } = properties;
  return {
    logicalId,
    name,
    arn,
    handler: text(properties.Handler),
    roleArn: text(properties.Role),
    // Lambda's own defaults [CloudFormation, AWS::Lambda::Function].
    timeoutSeconds: Number(properties.Timeout ?? 3),
    memoryMb: Number(properties.MemorySize ?? 128),
    environment: Object.fromEntries(Object.entries(variables).map(([key, value]) => [key, String(value)])),
    ...(reserved !== undefined && { concurrencyMax: Number(reserved) }),
    isTraced: (properties.TracingConfig as { Mode?: string } | undefined)?.Mode === 'Active',
  };
}

function readRule({ logicalId, name, arn, properties }: Resource): RuleSpec {
  const { EventPattern: pattern, Targets = [], State = 'ENABLED', ScheduleExpression, EventBusName } = properties;
  if (pattern === undefined || ScheduleExpression !== undefined) {
    throw new TemplateError(`${logicalId}: rules without a pattern are not supported; use AWS::Scheduler::Schedule.`);
  }
  if (EventBusName !== undefined && EventBusName !== 'default') {
    throw new TemplateError(`${logicalId}: only the default bus exists here.`);
  }
  if (JSON.stringify(pattern).length > patternLengthMax) {
    throw new TemplateError(`${logicalId}: the pattern is longer than ${patternLengthMax} characters.`);
  }
  return {
    name,
    arn,
    isEnabled: State !== 'DISABLED',
    seesReadOnlyCalls: State === 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS',
    pattern,
    matches: compilePattern(pattern),
    targets: (Targets as readonly Properties[]).map((target) => ({
      id: text(target.Id),
      ...readDestination(target),
      formatInput: compileRuleInput(target, { ruleName: name, ruleArn: arn }),
    })),
  };
}

function readDestination(target: Properties): Destination {
  const groupId = (target.SqsParameters as { MessageGroupId?: string } | undefined)?.MessageGroupId;
  return { arn: text(target.Arn), ...(groupId === undefined ? {} : { messageGroupId: groupId }) };
}

function readMapping({ logicalId, properties }: Resource, queueArns: ReadonlySet<string>): MappingSpec[] {
  const queueArn = text(properties.EventSourceArn);
  if (!queueArns.has(queueArn)) throw new TemplateError(`${logicalId}: only queues of the same stack feed functions.`);
  if (properties.FilterCriteria !== undefined)
    throw new TemplateError(`${logicalId}: FilterCriteria is not supported.`);
  if (properties.Enabled === false) return [];
  const batchSize = Number(properties.BatchSize ?? 10);
  const batchWindowSeconds = Number(properties.MaximumBatchingWindowInSeconds ?? 0);
  if (batchSize > 10 && batchWindowSeconds < 1) {
    throw new TemplateError(`${logicalId}: a batch of more than 10 needs MaximumBatchingWindowInSeconds.`);
  }
  const scaling = properties.ScalingConfig as { MaximumConcurrency?: number } | undefined;
  return [
    {
      queueArn,
      functionName: text(properties.FunctionName).split(':function:').at(-1) ?? '',
      batchSize,
      batchWindowSeconds,
      reportsBatchItemFailures: [properties.FunctionResponseTypes].flat().includes('ReportBatchItemFailures'),
      concurrencyMax: scaling?.MaximumConcurrency ?? mappingConcurrencyDefault,
    },
  ];
}

function readSchedule({ logicalId, name, properties }: Resource): ScheduleSpec {
  const target = properties.Target as Properties;
  return {
    logicalId,
    name,
    expression: text(properties.ScheduleExpression),
    isEnabled: properties.State !== 'DISABLED',
    roleArn: text(target.RoleArn ?? ''),
    target: readDestination(target),
    // Without an input Scheduler sends an empty one [EventBridge Scheduler, managing targets].
    input: text(target.Input ?? '{}'),
  };
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new TemplateError(`Expected text, found ${JSON.stringify(value)}.`);
  return value;
}
