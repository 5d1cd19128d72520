import {
  AttachNetworkInterfaceCommand,
  CreateNetworkInterfaceCommand,
  DeleteNetworkInterfaceCommand,
  DescribeInstancesCommand,
  DescribeInstanceTypesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  DetachNetworkInterfaceCommand,
  type EC2Client,
  ModifyInstanceAttributeCommand,
  ModifyNetworkInterfaceAttributeCommand,
  type ModifyNetworkInterfaceAttributeCommandInput,
  RunInstancesCommand,
  type RunInstancesCommandInput,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { codeOf, messageOf, statusOf, withBench, witnesses } from '../support/witness.ts';

const ONE: RunInstancesCommandInput = { ImageId: 'ami-0123456789abcdef0', MinCount: 1, MaxCount: 1 };
const UNKNOWN_INSTANCE = 'i-00000000000000000';
const UNKNOWN_INTERFACE = 'eni-00000000000000000';

async function launch(ec2: EC2Client, input: Partial<RunInstancesCommandInput> = {}): Promise<string> {
  const { Instances: instances = [] } = await ec2.send(new RunInstancesCommand({ ...ONE, ...input }));
  return instances[0]?.InstanceId ?? '';
}

async function stateOf(ec2: EC2Client, id: string): Promise<string | undefined> {
  const { Reservations: found = [] } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
  return found[0]?.Instances?.[0]?.State?.Name;
}

async function interfacesOf(ec2: EC2Client, id: string) {
  const filter = { Name: 'attachment.instance-id', Values: [id] };
  const { NetworkInterfaces: found = [] } = await ec2.send(new DescribeNetworkInterfacesCommand({ Filters: [filter] }));
  return found;
}

describe.each(witnesses)('Instances and interfaces, $name', (witness) => {
  test('a fresh account has a default VPC and a default subnet in each of three zones', () =>
    withBench(witness, {}, async ({ ec2 }) => {
      const { Vpcs: vpcs = [] } = await ec2.send(new DescribeVpcsCommand({}));
      const { Subnets: subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
      expect(vpcs.map(({ CidrBlock, IsDefault }) => [CidrBlock, IsDefault])).toEqual([['172.31.0.0/16', true]]);
      expect(subnets.map((each) => each.AvailabilityZone)).toEqual(['us-east-1a', 'us-east-1b', 'us-east-1c']);
      expect(await ec2.send(new DescribeInstancesCommand({}))).toMatchObject({ Reservations: [] });
    }));

  test('a launch makes tagged instances of one reservation, pending and then running', () =>
    withBench(witness, {}, async ({ ec2 }) => {
      const launched = await ec2.send(
        new RunInstancesCommand({
          ...ONE,
          MaxCount: 3,
          InstanceType: 'm5.large',
          Placement: { AvailabilityZone: 'us-east-1b' },
          TagSpecifications: [
            { ResourceType: 'instance', Tags: [{ Key: 'mirror', Value: 'gold' }] },
            { ResourceType: 'network-interface', Tags: [{ Key: 'team', Value: 'a' }] },
          ],
        }),
      );
      expect(launched.Instances?.map(({ State: state }) => state?.Name)).toEqual(['pending', 'pending', 'pending']);
      const { Reservations: found = [] } = await ec2.send(
        new DescribeInstancesCommand({ Filters: [{ Name: 'tag:mirror', Values: ['gold'] }] }),
      );
      expect(found).toHaveLength(1);
      expect(found[0]?.ReservationId).toBe(launched.ReservationId);
      const instances = found[0]?.Instances ?? [];
      expect(instances.map(({ State: state }) => state?.Name)).toEqual(['running', 'running', 'running']);
      expect(instances[0]?.Placement?.AvailabilityZone).toBe('us-east-1b');
      const interfaces = await interfacesOf(ec2, instances[0]?.InstanceId ?? '');
      expect(interfaces.map(({ TagSet: tags }) => tags)).toEqual([[{ Key: 'team', Value: 'a' }]]);
      expect(interfaces[0]).toMatchObject({ InterfaceType: 'interface', RequesterManaged: false, Status: 'in-use' });
    }));

  test('an instance stays pending for as long as the clock says', () => {
    let now = 1_000_000;
    const options = { clock: { now: () => now }, rules: { transitionMs: 5_000 } };
    return withBench(witness, options, async ({ ec2 }) => {
      const id = await launch(ec2);
      expect(await stateOf(ec2, id)).toBe('pending');
      now += 5_000;
      expect(await stateOf(ec2, id)).toBe('running');
    });
  });

  test('a launch can name its interfaces, and two on one device index are refused', () =>
    withBench(witness, {}, async ({ ec2 }) => {
      const id = await launch(ec2, { NetworkInterfaces: [{ DeviceIndex: 0 }, { DeviceIndex: 1, Description: 'two' }] });
      expect((await interfacesOf(ec2, id)).map(({ Description: text }) => text)).toEqual(['', 'two']);
      const twice = launch(ec2, { NetworkInterfaces: [{ DeviceIndex: 0 }, { DeviceIndex: 0 }] });
      expect(await codeOf(twice)).toBe('InvalidParameterValue');
    }));

  test('instances stop, start and change their type only while stopped (IncorrectInstanceState)', () =>
    withBench(witness, {}, async ({ ec2 }) => {
      const id = await launch(ec2);
      const retype = () =>
        ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: id, InstanceType: { Value: 'c5.large' } }));
      expect(await codeOf(retype())).toBe('IncorrectInstanceState');
      await ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
      expect(await stateOf(ec2, id)).toBe('stopped');
      await retype();
      await ec2.send(new StartInstancesCommand({ InstanceIds: [id] }));
      const { Reservations: found = [] } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
      expect(found[0]?.Instances?.[0]).toMatchObject({ InstanceType: 'c5.large', State: { Name: 'running' } });
    }));

  test('a terminated instance loses its subnet and the interfaces made to go with it, keeps the others, and is forgotten', () => {
    let now = 0;
    return withBench(witness, { clock: { now: () => now } }, async ({ ec2 }) => {
      const id = await launch(ec2, {
        NetworkInterfaces: [{ DeviceIndex: 0 }, { DeviceIndex: 1, DeleteOnTermination: false }],
      });
      const kept = (await interfacesOf(ec2, id))[1]?.NetworkInterfaceId ?? '';
      await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
      const { Reservations: found = [] } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
      expect(found[0]?.Instances?.[0]).toMatchObject({ State: { Name: 'terminated' }, NetworkInterfaces: [] });
      expect(found[0]?.Instances?.[0]?.SubnetId).toBeUndefined();
      const { NetworkInterfaces: left = [] } = await ec2.send(new DescribeNetworkInterfacesCommand({}));
      expect(left.map((each) => [each.NetworkInterfaceId, each.Status])).toEqual([[kept, 'available']]);
      now += 3_600_000;
      expect(await codeOf(ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] })))).toBe(
        'InvalidInstanceID.NotFound',
      );
    });
  });

  test('an interface is made, attached, detached and deleted; never deleted in use, never detached as the first', () =>
    withBench(witness, {}, async ({ ec2 }) => {
      const id = await launch(ec2);
      const first = (await interfacesOf(ec2, id))[0];
      const made = await ec2.send(new CreateNetworkInterfaceCommand({ SubnetId: first?.SubnetId }));
      const eni = made.NetworkInterface?.NetworkInterfaceId ?? '';
      expect(made.NetworkInterface?.Status).toBe('pending');
      const attach = new AttachNetworkInterfaceCommand({ InstanceId: id, NetworkInterfaceId: eni, DeviceIndex: 1 });
      const { AttachmentId: attachmentId } = await ec2.send(attach);
      expect(await codeOf(ec2.send(attach))).toBe('InvalidNetworkInterface.InUse');
      const remove = new DeleteNetworkInterfaceCommand({ NetworkInterfaceId: eni });
      expect(await codeOf(ec2.send(remove))).toBe('InvalidNetworkInterface.InUse');
      const detachFirst = new DetachNetworkInterfaceCommand({ AttachmentId: first?.Attachment?.AttachmentId });
      expect(await codeOf(ec2.send(detachFirst))).toBe('OperationNotPermitted');
      await ec2.send(new DetachNetworkInterfaceCommand({ AttachmentId: attachmentId }));
      await ec2.send(remove);
      expect(await codeOf(ec2.send(remove))).toBe('InvalidNetworkInterfaceID.NotFound');
    }));

  test('unknown and malformed ids are told apart', () =>
    withBench(witness, {}, async ({ ec2 }) => {
      const instance = (id: string) => codeOf(ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] })));
      const eni = (id: string) => codeOf(ec2.send(new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [id] })));
      expect(await instance(UNKNOWN_INSTANCE)).toBe('InvalidInstanceID.NotFound');
      expect(await instance('i-nonsense')).toBe('InvalidInstanceID.Malformed');
      expect(await eni(UNKNOWN_INTERFACE)).toBe('InvalidNetworkInterfaceID.NotFound');
      expect(await eni('eni-x')).toBe('InvalidNetworkInterfaceId.Malformed');
    }));

  test('a missing id given as a filter is no error, one given by id fails the whole call', () =>
    withBench(witness, {}, async ({ ec2 }) => {
      const id = await launch(ec2);
      const filter = { Name: 'instance-id', Values: [id, UNKNOWN_INSTANCE] };
      const { Reservations: found = [] } = await ec2.send(new DescribeInstancesCommand({ Filters: [filter] }));
      expect(found.flatMap(({ Instances: each = [] }) => each.map((one) => one.InstanceId))).toEqual([id]);
      const both = ec2.send(new DescribeInstancesCommand({ InstanceIds: [id, UNKNOWN_INSTANCE] }));
      expect(await codeOf(both)).toBe('InvalidInstanceID.NotFound');
    }));

  test('a dry run that would succeed answers DryRunOperation with 412 and changes nothing', () =>
    withBench(witness, {}, async ({ ec2 }) => {
      const dryRun = () => ec2.send(new RunInstancesCommand({ ...ONE, DryRun: true }));
      expect(await codeOf(dryRun())).toBe('DryRunOperation');
      expect(await statusOf(dryRun())).toBe(412);
      const { Reservations: found } = await ec2.send(new DescribeInstancesCommand({}));
      expect(found).toEqual([]);
    }));

  test('a launch without an image is refused (MissingParameter), an unknown subnet too (InvalidSubnetID.NotFound)', () =>
    withBench(witness, {}, async ({ ec2 }) => {
      const noImage = () => ec2.send(new RunInstancesCommand({ MinCount: 1, MaxCount: 1 }));
      expect(await codeOf(noImage())).toBe('MissingParameter');
      expect(await messageOf(noImage())).toBe('The request must contain the parameter ImageId');
      expect(await codeOf(launch(ec2, { SubnetId: 'subnet-00000000000000000' }))).toBe('InvalidSubnetID.NotFound');
      expect(await codeOf(launch(ec2, { MinCount: 3, MaxCount: 2 }))).toBe('InvalidParameterValue');
    }));

  test('an interface of AWS cannot be deleted (OperationNotPermitted)', () =>
    withBench(witness, { fleet: { interfaces: [{ requesterId: 'amazon-rds' }] } }, async ({ ec2 }) => {
      const { NetworkInterfaces: found = [] } = await ec2.send(new DescribeNetworkInterfacesCommand({}));
      expect(found[0]).toMatchObject({ RequesterManaged: true, RequesterId: 'amazon-rds', Status: 'in-use' });
      const remove = new DeleteNetworkInterfaceCommand({ NetworkInterfaceId: found[0]?.NetworkInterfaceId });
      expect(await codeOf(ec2.send(remove))).toBe('OperationNotPermitted');
    }));

  test('an interface is put into other groups of its VPC (InvalidGroup.NotFound); no other attribute can be changed here', () =>
    withBench(witness, { fleet: { securityGroups: [{ id: 'sg-0123456789abcdef0' }] } }, async ({ ec2 }) => {
      const id = await launch(ec2);
      const NetworkInterfaceId = (await interfacesOf(ec2, id))[0]?.NetworkInterfaceId ?? '';
      const change = (input: Partial<ModifyNetworkInterfaceAttributeCommandInput>) =>
        ec2.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, ...input }));
      await change({ Groups: ['sg-0123456789abcdef0'] });
      expect((await interfacesOf(ec2, id))[0]?.Groups).toMatchObject([{ GroupId: 'sg-0123456789abcdef0' }]);
      expect(await codeOf(change({ Groups: ['sg-00000000000000000'] }))).toBe('InvalidGroup.NotFound');
      expect(await codeOf(change({ Groups: ['web'] }))).toBe('InvalidGroupId.Malformed');
      expect(await codeOf(change({}))).toBe('MissingParameter');
      expect(await codeOf(change({ SourceDestCheck: { Value: false } }))).toBe('UnsupportedOperation');
    }));

  test('instance types tell bare metal and hypervisor; unknown ones and page sizes out of range are refused', () =>
    withBench(witness, {}, async ({ ec2 }) => {
      const { InstanceTypes: types = [] } = await ec2.send(
        new DescribeInstanceTypesCommand({ InstanceTypes: ['m5.large', 'm5.metal', 't2.micro'] }),
      );
      expect(types.map(({ BareMetal: bare, Hypervisor: kind }) => [bare, kind])).toEqual([
        [false, 'nitro'],
        [true, undefined],
        [false, 'xen'],
      ]);
      const all = await ec2.send(
        new DescribeInstanceTypesCommand({ Filters: [{ Name: 'instance-type', Values: ['c5.*'] }] }),
      );
      expect(all.InstanceTypes?.every(({ InstanceType: type }) => type?.startsWith('c5.'))).toBe(true);
      const page = (size: number) => codeOf(ec2.send(new DescribeInstanceTypesCommand({ MaxResults: size })));
      expect([await page(4), await page(101), await page(5)]).toEqual([
        'InvalidMaxResults',
        'InvalidMaxResults',
        'none',
      ]);
    }));
});
