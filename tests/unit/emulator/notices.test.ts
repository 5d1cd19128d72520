import { readFileSync } from 'node:fs';
import {
  AttachNetworkInterfaceCommand,
  CreateNetworkInterfaceCommand,
  CreateTagsCommand,
  CreateTrafficMirrorFilterCommand,
  DeleteTagsCommand,
  EC2Client,
  ModifyInstanceAttributeCommand,
  ModifyNetworkInterfaceAttributeCommand,
  RunInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { describe, expect, test } from '@jest/globals';
import { createEmulator } from '../../../lib/emulator/emulator.ts';
import type { AwsEvent } from '../../../lib/emulator/notices.ts';
import { codeOf } from '../../support/witness.ts';

const ROLE = 'arn:aws:iam::123456789012:role/Deploy';
const PRINCIPALS = {
  AKIAROLE: {
    type: 'AssumedRole' as const,
    arn: 'arn:aws:sts::123456789012:assumed-role/Deploy/deployer',
    roleArn: ROLE,
  },
};

function open(accessKeyId = 'AKIAUSER') {
  const events: AwsEvent[] = [];
  const emulator = createEmulator({
    clock: { now: () => Date.parse('2026-01-15T10:00:00Z') },
    principals: PRINCIPALS,
    emit: (event) => events.push(event),
  });
  const config = {
    region: 'us-east-1',
    credentials: { accessKeyId, secretAccessKey: 'example' },
    requestHandler: emulator.requestHandler,
    maxAttempts: 1,
  };
  return { events, ec2: new EC2Client(config), sts: new STSClient(config) };
}

async function launch(ec2: EC2Client) {
  const { Instances: instances = [] } = await ec2.send(
    new RunInstancesCommand({
      ImageId: 'ami-0123456789abcdef0',
      MinCount: 1,
      MaxCount: 1,
      InstanceType: 'm5.large',
      TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'mirror', Value: 'gold' }] }],
    }),
  );
  return instances[0];
}

function sample(name: string): AwsEvent {
  return JSON.parse(readFileSync(new URL(`../../support/events/${name}.json`, import.meta.url), 'utf8'));
}

/** Every path of a document, array positions left out: its shape. */
function pathsOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((each) => pathsOf(each, `${path}[]`));
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, each]) => pathsOf(each, path === '' ? key : `${path}.${key}`));
}

describe('Events of the account', () => {
  test('an instance tells each of its states', async () => {
    const { ec2, events } = open();
    const id = (await launch(ec2))?.InstanceId ?? '';
    await ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    const changes = events.filter((event) => event['detail-type'] === 'EC2 Instance State-change Notification');
    expect(changes.map(({ detail }) => detail.state)).toEqual([
      'pending',
      'running',
      'stopping',
      'stopped',
      'shutting-down',
      'terminated',
    ]);
    const { id: _, time: __, ...shape } = sample('ec2-state-change-running');
    expect(changes[1]).toMatchObject({
      ...shape,
      resources: [`arn:aws:ec2:us-east-1:123456789012:instance/${id}`],
      detail: { 'instance-id': id, state: 'running' },
    });
  });

  test('a tag change tells the changed keys, all tags, and counts from 1', async () => {
    const { ec2, events } = open();
    const id = (await launch(ec2))?.InstanceId ?? '';
    await ec2.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key: 'new', Value: 'x' }] }));
    await ec2.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key: 'new', Value: 'x' }] }));
    await ec2.send(new DeleteTagsCommand({ Resources: [id], Tags: [{ Key: 'mirror' }] }));
    const changes = events.filter((event) => event['detail-type'] === 'Tag Change on Resource');
    expect(changes.map(({ detail }) => detail)).toEqual([
      {
        'changed-tag-keys': ['mirror'],
        tags: { mirror: 'gold' },
        service: 'ec2',
        'resource-type': 'instance',
        version: 1,
      },
      {
        'changed-tag-keys': ['new'],
        tags: { mirror: 'gold', new: 'x' },
        service: 'ec2',
        'resource-type': 'instance',
        version: 2,
      },
      { 'changed-tag-keys': ['mirror'], tags: { new: 'x' }, service: 'ec2', 'resource-type': 'instance', version: 3 },
    ]);
    expect(changes[0]?.source).toBe('aws.tag');
  });

  test('calls that change are recorded as CloudTrail records them, reads are not', async () => {
    const { ec2, events } = open('AKIAROLE');
    const instance = await launch(ec2);
    const instanceId = instance?.InstanceId ?? '';
    const made = await ec2.send(new CreateNetworkInterfaceCommand({ SubnetId: instance?.SubnetId }));
    const networkInterfaceId = made.NetworkInterface?.NetworkInterfaceId ?? '';
    await ec2.send(
      new AttachNetworkInterfaceCommand({
        InstanceId: instanceId,
        NetworkInterfaceId: networkInterfaceId,
        DeviceIndex: 1,
      }),
    );
    await ec2.send(new CreateTagsCommand({ Resources: [instanceId], Tags: [{ Key: 'mirror', Value: 'off' }] }));
    await ec2.send(new DeleteTagsCommand({ Resources: [instanceId], Tags: [{ Key: 'mirror' }] }));
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [instanceId] }));
    const records = events.filter((event) => event['detail-type'] === 'AWS API Call via CloudTrail');
    expect(records.map(({ detail }) => detail.eventName)).toEqual([
      'RunInstances',
      'CreateNetworkInterface',
      'AttachNetworkInterface',
      'CreateTags',
      'DeleteTags',
      'TerminateInstances',
    ]);
    const paths = records.map((record) => new Set(pathsOf(record)));
    // What a reader of the samples relies on must be there.
    const relied = [
      ['RunInstances', 'detail.responseElements.instancesSet.items[].instanceId'],
      ['RunInstances', 'detail.responseElements.instancesSet.items[].networkInterfaceSet.items[].networkInterfaceId'],
      ['RunInstances', 'detail.responseElements.instancesSet.items[].tagSet.items[].key'],
      ['RunInstances', 'detail.requestParameters.tagSpecificationSet.items[].tags[].key'],
      ['CreateNetworkInterface', 'detail.responseElements.networkInterface.networkInterfaceId'],
      ['CreateNetworkInterface', 'detail.responseElements.networkInterface.requesterManaged'],
      ['AttachNetworkInterface', 'detail.requestParameters.networkInterfaceId'],
      ['AttachNetworkInterface', 'detail.responseElements.attachmentId'],
      ['CreateTags', 'detail.requestParameters.resourcesSet.items[].resourceId'],
      ['CreateTags', 'detail.requestParameters.tagSet.items[].key'],
      ['CreateTags', 'detail.responseElements._return'],
      ['TerminateInstances', 'detail.requestParameters.instancesSet.items[].instanceId'],
      ['TerminateInstances', 'detail.responseElements.instancesSet.items[].currentState.name'],
    ] as const;
    for (const [name, path] of relied) {
      const at = records.findIndex(({ detail }) => detail.eventName === name);
      expect([name, path, paths[at]?.has(path)]).toEqual([name, path, true]);
      expect([path, pathsOf(sampleOf(name)).includes(path)]).toEqual([path, true]);
    }
    expect(records[0]?.detail.userIdentity).toMatchObject({
      type: 'AssumedRole',
      sessionContext: { sessionIssuer: { type: 'Role', arn: ROLE, userName: 'Deploy' } },
    });
  });

  test('failed calls and dry runs are recorded with their code and without an answer', async () => {
    const { ec2, events } = open();
    const unknown = new TerminateInstancesCommand({ InstanceIds: ['i-00000000000000000'] });
    expect(await codeOf(ec2.send(unknown))).toBe('InvalidInstanceID.NotFound');
    expect(await codeOf(ec2.send(new CreateTrafficMirrorFilterCommand({ DryRun: true })))).toBe('DryRunOperation');
    expect(events.map(({ detail }) => [detail.eventName, detail.errorCode, detail.responseElements])).toEqual([
      ['TerminateInstances', 'Client.InvalidInstanceID.NotFound', null],
      ['CreateTrafficMirrorFilter', 'Client.DryRunOperation', null],
    ]);
    expect(events[0]?.detail.userIdentity).not.toHaveProperty('sessionContext');
  });

  test('a type change of a stopped instance is recorded with the new type', async () => {
    const { ec2, events } = open();
    const id = (await launch(ec2))?.InstanceId ?? '';
    await ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
    await ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: id, InstanceType: { Value: 'c5.large' } }));
    expect(events.at(-1)?.detail.requestParameters).toEqual({ instanceId: id, instanceType: { value: 'c5.large' } });
  });

  test('a change of security groups names the interface and the groups (seen in client code that reads such records)', async () => {
    const { ec2, events } = open();
    const { NetworkInterfaceId, Groups = [] } = (await launch(ec2))?.NetworkInterfaces?.[0] ?? {};
    const groupIds = Groups.flatMap(({ GroupId }) => GroupId ?? []);
    await ec2.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, Groups: groupIds }));
    expect(events.at(-1)?.detail.requestParameters).toEqual({
      networkInterfaceId: NetworkInterfaceId,
      groupSet: { items: groupIds.map((groupId) => ({ groupId })) },
    });
  });

  test('an answer over 100 KB is left out of the record', async () => {
    const { ec2, events } = open();
    await ec2.send(new RunInstancesCommand({ ImageId: 'ami-0123456789abcdef0', MinCount: 100, MaxCount: 100 }));
    const record = events.find(({ detail }) => detail.eventName === 'RunInstances');
    expect(record?.detail.responseElements).toBeNull();
  });

  test('STS tells a caller who it is by its access key', async () => {
    expect(await open('AKIAROLE').sts.send(new GetCallerIdentityCommand({}))).toMatchObject({
      Account: '123456789012',
      Arn: PRINCIPALS.AKIAROLE.arn,
    });
    expect((await open().sts.send(new GetCallerIdentityCommand({}))).Arn).toBe(
      'arn:aws:iam::123456789012:user/operator',
    );
  });
});

function sampleOf(name: string): AwsEvent {
  return sample(
    name === 'CreateNetworkInterface' ? 'cloudtrail-CreateNetworkInterface-customer' : `cloudtrail-${name}`,
  );
}
