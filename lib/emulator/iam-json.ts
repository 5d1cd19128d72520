import type { Access } from './iam-statement.ts';

type Input = Readonly<Record<string, unknown>>;

/** Where the services of the JSON protocols stand. */
export interface JsonPlace {
  readonly accountId: string;
  readonly region: string;
}

interface Service {
  /** Before the colon of an IAM action. */
  readonly prefix: string;
  readonly errorCode: string;
  /** The resources and keys of those actions that a role may be allowed on one resource (Service Authorization Reference). */
  readonly accesses: Readonly<Record<string, (input: Input, place: JsonPlace) => Pick<Access, 'resource' | 'context'>>>;
}

const services: Readonly<Record<string, Service>> = {
  AmazonSSM: {
    prefix: 'ssm',
    errorCode: 'AccessDeniedException',
    accesses: {
      GetParameter: ({ Name }, { region, accountId }) => {
        const name = (String(Name).split(':')[0] ?? '').replace(/^\//, '');
        return { resource: `arn:aws:ssm:${region}:${accountId}:parameter/${name}`, context: {} };
      },
    },
  },
  AWSEvents: {
    prefix: 'events',
    errorCode: 'AccessDeniedException',
    accesses: {
      PutEvents: ({ Entries = [] }, { region, accountId }) => {
        const entries = Entries as readonly { readonly Source?: string; readonly EventBusName?: string }[];
        const bus = (entries[0]?.EventBusName ?? 'default').split('/').at(-1);
        return {
          resource: `arn:aws:events:${region}:${accountId}:event-bus/${bus}`,
          context: { 'events:source': entries.flatMap(({ Source }) => Source ?? []) },
        };
      },
    },
  },
  // CloudWatch; its read actions know no resources.
  GraniteServiceVersion20100801: { prefix: 'cloudwatch', errorCode: 'AccessDenied', accesses: {} },
  AmazonSQS: {
    prefix: 'sqs',
    errorCode: 'AccessDenied',
    accesses: Object.fromEntries(
      ['SendMessage', 'ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'].map((action) => [
        action,
        ({ QueueUrl }, { region, accountId }) => ({
          resource: `arn:aws:sqs:${region}:${accountId}:${String(QueueUrl).split('/').at(-1)}`,
          context: {},
        }),
      ]),
    ),
  },
};

/** What a call to a JSON service (`AmazonSSM.GetParameter`) asks IAM for, and the error code of a refusal. */
export function findJsonAccess(target: string, input: Input, place: JsonPlace): [Access, errorCode: string] {
  const [name = '', action = ''] = target.split('.');
  const service = Object.hasOwn(services, name) ? services[name] : undefined;
  const find = service && Object.hasOwn(service.accesses, action) ? service.accesses[action] : undefined;
  const scope = find?.(input, place) ?? { resource: '*', context: {} };
  return [{ action: `${service?.prefix ?? name}:${action}`, ...scope }, service?.errorCode ?? 'AccessDeniedException'];
}
