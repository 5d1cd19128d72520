import type { InstanceState } from './account.ts';
import type { Principal } from './principals.ts';
import type { Prng } from './prng.ts';
import { trailElements, trailParameters } from './trail.ts';

/** An event as EventBridge delivers it. */
export interface AwsEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Something that happened in the account and that AWS would tell. */
export type Notice =
  | { readonly kind: 'state-change'; readonly instanceId: string; readonly state: InstanceState }
  | {
      readonly kind: 'tag-change';
      readonly resourceId: string;
      readonly resourceType: string;
      readonly changedKeys: readonly string[];
      readonly tags: Readonly<Record<string, string>>;
      /** From 1, one more with each change: the only order that tag events have. */
      readonly version: number;
    }
  | {
      readonly kind: 'api-call';
      readonly action: string;
      readonly input: Readonly<Record<string, unknown>>;
      /** Undefined when the call failed. */
      readonly output: Readonly<Record<string, unknown>> | undefined;
      readonly error: { readonly code: string; readonly message: string } | undefined;
      readonly principal: Principal;
      readonly requestId: string;
      readonly userAgent: string;
    };

interface Sender {
  readonly accountId: string;
  readonly region: string;
  readonly random: Prng;
  readonly now: number;
}

/** Writes the event that AWS would put on the default bus. */
export function eventFromNotice(notice: Notice, sender: Sender): AwsEvent {
  switch (notice.kind) {
    case 'state-change':
      // {"detail-type":"EC2 Instance State-change Notification","detail":{"instance-id":"i-1","state":"running"}}
      return envelope(sender, 'aws.ec2', 'EC2 Instance State-change Notification', {
        resources: [arnOf(sender, 'instance', notice.instanceId)],
        detail: { 'instance-id': notice.instanceId, state: notice.state },
      });
    case 'tag-change':
      // {"detail":{"changed-tag-keys":["a"],"tags":{…all of them…},"service":"ec2","resource-type":"instance","version":3}}
      return envelope(sender, 'aws.tag', 'Tag Change on Resource', {
        resources: [arnOf(sender, notice.resourceType, notice.resourceId)],
        detail: {
          'changed-tag-keys': notice.changedKeys,
          tags: notice.tags,
          service: 'ec2',
          'resource-type': notice.resourceType,
          version: notice.version,
        },
      });
    case 'api-call':
      return envelope(sender, 'aws.ec2', 'AWS API Call via CloudTrail', {
        resources: [],
        detail: recordOf(notice, sender),
      });
  }
}

function envelope(
  { accountId, region, random, now }: Sender,
  source: string,
  detailType: string,
  { resources, detail }: Pick<AwsEvent, 'resources' | 'detail'>,
): AwsEvent {
  return {
    version: '0',
    id: random.uuid(),
    'detail-type': detailType,
    source,
    account: accountId,
    time: timeOf(now),
    region,
    resources,
    detail,
  };
}

function arnOf({ region, accountId }: Sender, resourceType: string, id: string): string {
  return `arn:aws:ec2:${region}:${accountId}:${resourceType}/${id}`;
}

function timeOf(now: number): string {
  return new Date(now).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

/** A CloudTrail record (awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents). */
function recordOf(notice: Extract<Notice, { kind: 'api-call' }>, sender: Sender): Readonly<Record<string, unknown>> {
  const { action, input, output, error, principal, requestId, userAgent } = notice;
  return {
    eventVersion: '1.11',
    userIdentity: identityOf(principal, sender.now),
    eventTime: timeOf(sender.now),
    eventSource: 'ec2.amazonaws.com',
    eventName: action,
    awsRegion: sender.region,
    sourceIPAddress: '192.0.2.10',
    userAgent,
    requestParameters: trailParameters(action, input),
    responseElements: output === undefined ? null : trailElements(action, output, requestId),
    requestID: requestId,
    eventID: sender.random.uuid(),
    readOnly: false,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: sender.accountId,
    eventCategory: 'Management',
    ...(error === undefined ? {} : { errorCode: `Client.${error.code}`, errorMessage: error.message }),
  };
}

/** Only an assumed role has a session issuer: the one place where a record names the role behind the call. */
function identityOf(principal: Principal, now: number): Readonly<Record<string, unknown>> {
  const { type, principalId, arn, accountId, accessKeyId, roleArn } = principal;
  const identity = { type, principalId, arn, accountId, accessKeyId };
  if (type === 'IAMUser') return { ...identity, userName: arn.split('/').at(-1) };
  if (roleArn === undefined) return identity;
  return {
    ...identity,
    sessionContext: {
      sessionIssuer: {
        type: 'Role',
        principalId: principalId.split(':')[0],
        arn: roleArn,
        accountId,
        userName: roleArn.split('/').at(-1),
      },
      attributes: { creationDate: timeOf(now), mfaAuthenticated: 'false' },
    },
  };
}
