import {
  AttachNetworkInterfaceCommand,
  CreateTagsCommand,
  DeleteNetworkInterfaceCommand,
  DescribeInstancesCommand,
  DescribeInstanceTypesCommand,
  DescribeNetworkInterfacesCommand,
  DetachNetworkInterfaceCommand,
  type Filter,
  ModifyInstanceAttributeCommand,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { codeOf } from '../../support/witness.ts';
import { type Ec2, launch, makeInterface, type Rule } from './rule.ts';

const ERRORS = 'ec2/devguide/errors-overview';
const DESCRIBE = 'AWSEC2/APIReference/API_DescribeInstances';
const FILTERING = 'ec2/UserGuide/Using_Filtering';

/** Terminated instances stay visible for a while, also those of the rule before. */
const alive: Filter = { Name: 'instance-state-name', Values: ['pending', 'running'] };

async function read({ ec2 }: Ec2, id: string) {
  const { Reservations: found = [] } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
  return found[0]?.Instances?.[0];
}

async function count({ ec2 }: Ec2, filters: Filter[]): Promise<number> {
  const { Reservations: found = [] } = await ec2.send(new DescribeInstancesCommand({ Filters: filters }));
  return found.flatMap(({ Instances: each = [] }) => each).length;
}

async function interfacesOf({ ec2 }: Ec2, id: string) {
  const filter = { Name: 'attachment.instance-id', Values: [id] };
  const { NetworkInterfaces: found = [] } = await ec2.send(new DescribeNetworkInterfacesCommand({ Filters: [filter] }));
  return found;
}

/** What EC2 does with instances and their interfaces: the part that mirroring stands on. */
export const instanceRules: readonly Rule[] = [
  {
    rule: 'a launched instance runs, with its tags, its type and one interface in use',
    page: 'AWSEC2/APIReference/API_RunInstances',
    expected: ['running', 'm5.large', [{ Key: 'mirror', Value: 'gold' }], ['interface', 'in-use', false, 0]],
    observe: async (on) => {
      const tags = [{ Key: 'mirror', Value: 'gold' }];
      const id = await launch(on, { TagSpecifications: [{ ResourceType: 'instance', Tags: tags }] });
      const instance = await read(on, id);
      const [first] = await interfacesOf(on, id);
      return [
        instance?.State?.Name,
        instance?.InstanceType,
        instance?.Tags,
        [first?.InterfaceType, first?.Status, first?.RequesterManaged, first?.Attachment?.DeviceIndex],
      ];
    },
  },
  {
    rule: 'instances stop, change their type only then, start and are terminated',
    page: 'AWSEC2/APIReference/API_ModifyInstanceAttribute',
    expected: ['IncorrectInstanceState', 'stopped', 'none', 'c5.large', 'terminated'],
    observe: async (on) => {
      const { ec2 } = on;
      const id = await launch(on);
      const retype = () =>
        codeOf(ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: id, InstanceType: { Value: 'c5.large' } })));
      const whileRunning = await retype();
      await ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
      const stopped = (await read(on, id))?.State?.Name;
      const whileStopped = await retype();
      await ec2.send(new StartInstancesCommand({ InstanceIds: [id] }));
      const type = (await read(on, id))?.InstanceType;
      await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
      return [whileRunning, stopped, whileStopped, type, (await read(on, id))?.State?.Name];
    },
  },
  {
    rule: 'a terminated instance takes its first interface along',
    page: 'ec2/UserGuide/terminating-instances',
    expected: [1, 0],
    observe: async (on) => {
      const id = await launch(on);
      const [first] = await interfacesOf(on, id);
      const filter = { Name: 'network-interface-id', Values: [first?.NetworkInterfaceId ?? ''] };
      const left = async () =>
        (await on.ec2.send(new DescribeNetworkInterfacesCommand({ Filters: [filter] }))).NetworkInterfaces?.length;
      const before = await left();
      await on.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
      return [before, await left()];
    },
  },
  {
    rule: 'an interface is attached once, deleted only when free, and gone then',
    page: ERRORS,
    expected: [
      'none',
      'InvalidNetworkInterface.InUse',
      'InvalidNetworkInterface.InUse',
      'none',
      'none',
      'InvalidNetworkInterfaceID.NotFound',
    ],
    observe: async (on) => {
      const InstanceId = await launch(on);
      const NetworkInterfaceId = await makeInterface(on);
      const attach = () =>
        on.ec2.send(new AttachNetworkInterfaceCommand({ InstanceId, NetworkInterfaceId, DeviceIndex: 1 }));
      const remove = () => codeOf(on.ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId })));
      const { AttachmentId } = await attach();
      const [twice, inUse] = [await codeOf(attach()), await remove()];
      const detach = await codeOf(on.ec2.send(new DetachNetworkInterfaceCommand({ AttachmentId })));
      return ['none', twice, inUse, detach, await remove(), await remove()];
    },
  },
  {
    rule: 'unknown and malformed ids of instances are told apart',
    page: ERRORS,
    expected: ['InvalidInstanceID.NotFound', 'InvalidInstanceID.Malformed'],
    observe: async ({ ec2 }) => {
      const ask = (id: string) => codeOf(ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] })));
      return [await ask('i-00000000000000000'), await ask('i-nonsense')];
    },
  },
  {
    rule: 'unknown and malformed ids of interfaces are told apart',
    page: ERRORS,
    expected: ['InvalidNetworkInterfaceID.NotFound', 'InvalidNetworkInterfaceId.Malformed'],
    observe: async ({ ec2 }) => {
      const ask = (id: string) => codeOf(ec2.send(new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [id] })));
      return [await ask('eni-00000000000000000'), await ask('eni-x')];
    },
  },
  {
    rule: 'a missing instance given as a filter is no error',
    page: FILTERING,
    expected: 1,
    observe: async (on) => {
      const id = await launch(on);
      return count(on, [{ Name: 'instance-id', Values: [id, 'i-00000000000000000'] }]);
    },
  },
  {
    rule: 'filters join values by or and names by and, with wildcards, and case counts',
    page: FILTERING,
    expected: [1, 1, 1, 0, 1, 0, 1],
    observe: async (on) => {
      const Tags = [
        { Key: 'Name', Value: 'web-1' },
        { Key: 'tier', Value: 'a' },
      ];
      await launch(on, { TagSpecifications: [{ ResourceType: 'instance', Tags }] });
      const name = (...Values: string[]) => count(on, [{ Name: 'tag:Name', Values }]);
      const both = [
        { Name: 'tag:tier', Values: ['a'] },
        { Name: 'instance-state-name', Values: ['stopped'] },
      ];
      return [
        await name('web-1'),
        await name('web*'),
        await name('web?1'),
        await name('WEB*'),
        await name('other', 'web*'),
        await count(on, both),
        await count(on, [{ Name: 'tag-key', Values: ['tier'] }]),
      ];
    },
  },
  {
    rule: 'an unknown filter is refused',
    page: DESCRIBE,
    expected: 'InvalidParameterValue',
    observe: async (on) => {
      await launch(on);
      return codeOf(count(on, [{ Name: 'bogus-filter', Values: ['x'] }]));
    },
  },
  {
    rule: 'a page holds 5 to 1000, and no page goes with ids',
    page: DESCRIBE,
    expected: ['InvalidParameterValue', 'none', 'InvalidParameterCombination'],
    observe: async (on) => {
      const id = await launch(on);
      const ask = (input: object) => codeOf(on.ec2.send(new DescribeInstancesCommand(input)));
      return [
        await ask({ MaxResults: 4 }),
        await ask({ MaxResults: 5 }),
        await ask({ MaxResults: 5, InstanceIds: [id] }),
      ];
    },
  },
  {
    rule: 'pages go on where the last one ended',
    page: 'AWSEC2/APIReference/Query-Requests',
    expected: [5, 2, 'undefined', 7],
    observe: async (on) => {
      const { ec2 } = on;
      for (let n = 0; n < 7; n++) await launch(on);
      const idsOf = async (input: object) => {
        const { Reservations: found = [], NextToken } = await ec2.send(
          new DescribeInstancesCommand({ MaxResults: 5, Filters: [alive], ...input }),
        );
        return { ids: found.flatMap(({ Instances: each = [] }) => each.map((one) => one.InstanceId)), NextToken };
      };
      const one = await idsOf({});
      const two = await idsOf({ NextToken: one.NextToken });
      return [one.ids.length, two.ids.length, typeof two.NextToken, new Set([...one.ids, ...two.ids]).size];
    },
  },
  {
    rule: 'a dry run of a launch answers DryRunOperation and launches nothing',
    page: 'AWSEC2/APIReference/API_RunInstances',
    expected: ['DryRunOperation', 0],
    observe: async (on) => {
      const input = { ImageId: on.imageId, MinCount: 1, MaxCount: 1, DryRun: true };
      return [await codeOf(on.ec2.send(new RunInstancesCommand(input))), await count(on, [alive])];
    },
  },
  {
    rule: 'instance types tell bare metal and hypervisor',
    page: 'AWSEC2/APIReference/API_DescribeInstanceTypes',
    expected: ['m5.large false nitro', 'm5.metal true undefined', 't2.micro false xen'],
    observe: async ({ ec2 }) => {
      const asked = { InstanceTypes: ['m5.large', 'm5.metal', 't2.micro'] as const };
      const { InstanceTypes: types = [] } = await ec2.send(
        new DescribeInstanceTypesCommand({ InstanceTypes: [...asked.InstanceTypes] }),
      );
      return types
        .map(({ InstanceType, BareMetal, Hypervisor }) => `${InstanceType} ${BareMetal} ${Hypervisor}`)
        .sort();
    },
  },
  {
    rule: 'tags of nothing are refused, and `aws:` is reserved',
    page: 'ec2/UserGuide/Using_Tags',
    expected: ['InvalidInstanceID.NotFound', 'InvalidParameterValue'],
    observe: async (on) => {
      const id = await launch(on);
      const write = (resource: string, key: string) =>
        codeOf(on.ec2.send(new CreateTagsCommand({ Resources: [resource], Tags: [{ Key: key, Value: 'v' }] })));
      return [await write('i-00000000000000000', 'a'), await write(id, 'aws:a')];
    },
  },
];
