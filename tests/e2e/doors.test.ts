import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { readCloudTrailRecord } from '../../lib/events-cloudtrail.ts';
import { aPackagedStack } from '../support/stack.ts';

const { stack } = await aPackagedStack();

// biome-ignore lint/suspicious/noExplicitAny: events are whatever AWS sends.
type Event = any;

async function aSample(name: string): Promise<Event> {
  return JSON.parse(await readFile(new URL(`../support/events/${name}.json`, import.meta.url), 'utf8'));
}

/** A successful EC2 call as CloudTrail records it, by someone who is not us. */
async function aCall(eventName: string, changes: Event = {}): Promise<Event> {
  const sample = await aSample('cloudtrail-CreateTags');
  return { ...sample, detail: { ...sample.detail, eventName, ...changes } };
}

/** The queues that an event reaches, by the last part of their names. */
function doorsOf(event: Event): string[] {
  const targets = stack.rules.filter(({ matches }) => matches(event)).flatMap((rule) => rule.targets);
  return targets.map(({ arn }) => arn.replace(/^.*:fleetmirror-prod-/, ''));
}

test.each([
  'ec2-state-change-pending.documented',
  'ec2-state-change-running',
  'ec2-state-change-stopping',
  'ec2-state-change-stopped',
  'ec2-state-change-shutting-down',
  'ec2-state-change-terminated',
  'asg-launch-successful',
  'asg-launch-successful-from-warm-pool',
  'asg-launch-successful-into-warm-pool',
  'asg-terminate-successful',
  'asg-terminate-successful-return-to-warm-pool',
  'tag-change-on-resource-ec2-instance.documented',
  'tag-change-on-resource-ec2-instance-mirror-removed',
  'cloudtrail-AttachNetworkInterface',
  'cloudtrail-CreateNetworkInterface',
  'cloudtrail-CreateNetworkInterface-customer',
  'cloudtrail-CreateTags',
  'cloudtrail-DeleteTags',
  'ecs-task-state-change-ec2-awsvpc-eni',
  'ecs-task-state-change-fargate-eni',
  'ecs-task-state-change-fargate-stopped',
])('%s reaches the change queue once', async (name) => {
  expect(doorsOf(await aSample(name))).toEqual(['change']);
});

test.each([
  'asg-launch-lifecycle-action',
  'cloudtrail-CreateTags-denied',
  'cloudtrail-RunInstances',
  'cloudtrail-TerminateInstances',
  'eventbridge-scheduled-event',
])('%s reaches nobody', async (name) => {
  expect(doorsOf(await aSample(name))).toEqual([]);
});

const interfaceCalls = [
  'AttachNetworkInterface',
  'DetachNetworkInterface',
  'CreateNetworkInterface',
  'DeleteNetworkInterface',
  'ModifyInstanceAttribute',
  'ModifyNetworkInterfaceAttribute',
  'CreateTags',
  'DeleteTags',
];
const mirroringCalls = [
  'CreateTrafficMirrorSession',
  'ModifyTrafficMirrorSession',
  'DeleteTrafficMirrorSession',
  'CreateTrafficMirrorTarget',
  'DeleteTrafficMirrorTarget',
  'CreateTrafficMirrorFilter',
  'DeleteTrafficMirrorFilter',
  'CreateTrafficMirrorFilterRule',
  'ModifyTrafficMirrorFilterRule',
  'DeleteTrafficMirrorFilterRule',
  'ModifyTrafficMirrorFilterNetworkServices',
];

describe('calls that CloudTrail records', () => {
  test.each([...interfaceCalls, ...mirroringCalls])('%s by others reaches the change queue once', async (eventName) => {
    expect(doorsOf(await aCall(eventName))).toEqual(['change']);
  });

  test('no other call is let through, and each that is let through has a reader', () => {
    const letThrough = stack.rules.flatMap(({ pattern }) => (pattern as Event).detail?.eventName ?? []);
    expect(letThrough.sort()).toEqual([...interfaceCalls, ...mirroringCalls].sort());
    const readings = letThrough.map((eventName) => readCloudTrailRecord({ eventName }));
    expect(readings.filter((reading) => String(reading).includes('concerns no source'))).toEqual([]);
  });

  test('which only read reach nobody', async () => {
    expect(doorsOf(await aCall('DescribeTrafficMirrorSessions'))).toEqual([]);
  });

  test('which failed or were a dry run reach nobody', async () => {
    for (const errorCode of ['Client.UnauthorizedOperation', 'Client.DryRunOperation']) {
      expect(doorsOf(await aCall('DeleteTrafficMirrorSession', { errorCode }))).toEqual([]);
    }
  });

  test('which our own functions made reach nobody, or a repair would cause the next one', async () => {
    expect(stack.functions).toHaveLength(2);
    for (const { roleArn } of stack.functions) {
      const userIdentity = { type: 'AssumedRole', sessionContext: { sessionIssuer: { type: 'Role', arn: roleArn } } };
      expect(doorsOf(await aCall('ModifyTrafficMirrorSession', { userIdentity }))).toEqual([]);
      expect(doorsOf(await aCall('CreateTags', { userIdentity }))).toEqual([]);
    }
  });

  test.each([
    ['a user', { type: 'IAMUser', arn: 'arn:aws:iam::123456789012:user/eve' }],
    ['the root user', { type: 'Root', arn: 'arn:aws:iam::123456789012:root' }],
    ['a service', { type: 'AWSService', invokedBy: 'autoscaling.amazonaws.com' }],
    ['a session without an issuer', { type: 'AssumedRole', sessionContext: { attributes: {} } }],
  ])('which %s made come without a session issuer and reach the change queue', async (_, userIdentity) => {
    expect(doorsOf(await aCall('DeleteTrafficMirrorSession', { userIdentity }))).toEqual(['change']);
  });
});

test.each([
  ['ec2', 'volume'],
  ['s3', 'bucket'],
  ['ec2', 'traffic-mirror-session'],
])('a changed tag of %s %s reaches nobody', async (service, type) => {
  const sample = await aSample('tag-change-on-resource-ec2-instance.documented');
  expect(doorsOf({ ...sample, detail: { ...sample.detail, service, 'resource-type': type } })).toEqual([]);
});

test('an ECS task without an interface of its own reaches nobody', async () => {
  const sample = await aSample('ecs-task-state-change-ec2-awsvpc-eni');
  expect(doorsOf({ ...sample, detail: { ...sample.detail, attachments: [] } })).toEqual([]);
});

describe('the policy', () => {
  const aParameterChange = (name: string, operation = 'Update'): Event => ({
    source: 'aws.ssm',
    'detail-type': 'Parameter Store Change',
    detail: { name, type: 'String', operation },
  });

  test.each(['Create', 'Update', 'Delete'])('of this fleet asks for a sweep on %s', (operation) => {
    expect(doorsOf(aParameterChange('/fleetmirror/prod/policy', operation))).toEqual(['sweep.fifo']);
  });

  test.each([
    '/fleetmirror/prod-2/policy',
    '/fleetmirror/test/policy',
    '/fleetmirror/prod/lock',
    '/fleetmirror/prod/policy/old',
  ])('is not %s', (name) => {
    expect(doorsOf(aParameterChange(name))).toEqual([]);
  });
});
