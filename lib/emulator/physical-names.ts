import { createHash } from 'node:crypto';

/** Where a stack stands: what the pseudo parameters of its template answer. */
export interface Place {
  readonly accountId: string;
  readonly region: string;
  readonly stackName: string;
  /** Where queue URLs begin, without a trailing slash. */
  readonly queuesUrl: string;
}

export interface TemplateResource {
  readonly Type: string;
  readonly Condition?: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

/** The property that names a resource of the type, and how its ARN is written; `NAME` stands for the name. */
const naming: Readonly<Record<string, { readonly property: string; readonly arn: string }>> = {
  'AWS::SQS::Queue': { property: 'QueueName', arn: 'arn:aws:sqs:REGION:ACCOUNT:NAME' },
  'AWS::Lambda::Function': { property: 'FunctionName', arn: 'arn:aws:lambda:REGION:ACCOUNT:function:NAME' },
  'AWS::Events::Rule': { property: 'Name', arn: 'arn:aws:events:REGION:ACCOUNT:rule/NAME' },
  'AWS::Scheduler::Schedule': { property: 'Name', arn: 'arn:aws:scheduler:REGION:ACCOUNT:schedule/default/NAME' },
  'AWS::IAM::Role': { property: 'RoleName', arn: 'arn:aws:iam::ACCOUNT:role/NAME' },
  'AWS::SSM::Parameter': { property: 'Name', arn: 'arn:aws:ssm:REGION:ACCOUNT:parameter/NAME' },
  'AWS::S3::Bucket': { property: 'BucketName', arn: 'arn:aws:s3:::NAME' },
  'AWS::Logs::LogGroup': { property: 'LogGroupName', arn: 'arn:aws:logs:REGION:ACCOUNT:log-group:NAME:*' },
};

/**
 * The name that CloudFormation gives a resource: its own when the template says one, else made of stack, logical id
 * and a suffix. The suffix is a hash here, so that the same stack always gets the same names.
 */
export function nameResource(logicalId: string, resource: TemplateResource, given: unknown, place: Place): string {
  if (typeof given === 'string') return given;
  const suffix = createHash('sha256').update(`${place.stackName}/${logicalId}`).digest('hex').slice(0, 12);
  const ending = resource.Properties?.FifoQueue === true ? '.fifo' : '';
  const name = `${place.stackName}-${logicalId}-${suffix.toUpperCase()}${ending}`;
  // The names of buckets know no capitals [S3 user guide, "Bucket naming rules"].
  return resource.Type === 'AWS::S3::Bucket' ? name.toLowerCase() : name;
}

/** The property of this resource type that carries its name, if the emulator knows one. */
export function namingProperty(type: string): string | undefined {
  return naming[type]?.property;
}

/** What `Ref` answers for a resource: the URL of a queue, else its name. */
export function referTo(type: string, name: string, place: Place): string {
  return type === 'AWS::SQS::Queue' ? `${place.queuesUrl}/${place.accountId}/${name}` : name;
}

/** What `Fn::GetAtt` answers; undefined where the emulator knows no such attribute. */
export function readAttribute(type: string, name: string, attribute: string, place: Place): string | undefined {
  if (attribute === 'Arn') {
    const arn = naming[type]?.arn ?? `arn:aws:${type.split('::')[1]?.toLowerCase()}:REGION:ACCOUNT:NAME`;
    return arn.replace('REGION', place.region).replace('ACCOUNT', place.accountId).replace('NAME', name);
  }
  if (type === 'AWS::SQS::Queue' && attribute === 'QueueName') return name;
  if (type === 'AWS::SQS::Queue' && attribute === 'QueueUrl') return referTo(type, name, place);
  return undefined;
}
