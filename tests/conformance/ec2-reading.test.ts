import {
  CreateTagsCommand,
  DeleteTagsCommand,
  DescribeInstancesCommand,
  type DescribeInstancesCommandInput,
  DescribeNetworkInterfacesCommand,
  type DescribeNetworkInterfacesCommandInput,
  DescribeTagsCommand,
  DescribeTrafficMirrorSessionsCommand,
  DescribeTrafficMirrorTargetsCommand,
  type Filter,
  paginateDescribeInstances,
  paginateDescribeNetworkInterfaces,
  paginateDescribeTrafficMirrorSessions,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import type { FleetDocument } from '../../lib/emulator/fleet-document.ts';
import { type Bench, codeOf, messageOf, withBench, witnesses } from '../support/witness.ts';

const TAGGED: FleetDocument = {
  instances: [{ name: 'web', id: 'i-0123456789abcdef0', tags: { Name: 'web*1', tier: 'a' } }],
};

const NODE = 'i-0fedcba9876543210';

function mirroredFleet(count: number): FleetDocument {
  return {
    loadBalancers: [{ name: 'nlb' }],
    targets: [{ name: 'target', loadBalancer: 'nlb' }],
    filters: [{ name: 'filter' }],
    instances: [{ name: 'web', count, perReservation: 7 }],
    sessions: Array.from({ length: count }, (_, index) => ({
      source: `web-${index}`,
      target: 'target',
      filter: 'filter',
      number: 1,
    })),
  };
}

async function matchesOf({ ec2 }: Bench, filters: readonly Filter[]): Promise<number> {
  const { Reservations: found = [] } = await ec2.send(new DescribeInstancesCommand({ Filters: [...filters] }));
  return found.flatMap(({ Instances: each = [] }) => each).length;
}

describe.each(witnesses)('Pages and filters, $name', (witness) => {
  test.each([999, 1000, 1001])('pages of 1000 list each of %i instances, interfaces and sessions once', (count) =>
    withBench(witness, { fleet: mirroredFleet(count) }, async ({ ec2 }) => {
      const paging = { client: ec2, pageSize: 1000 };
      const instances: (string | undefined)[] = [];
      const sizes: number[] = [];
      for await (const { Reservations: page = [] } of paginateDescribeInstances(paging, {})) {
        const ids = page.flatMap(({ Instances: each = [] }) => each.map(({ InstanceId: id }) => id));
        sizes.push(ids.length);
        instances.push(...ids);
      }
      const interfaces: (string | undefined)[] = [];
      for await (const { NetworkInterfaces: page = [] } of paginateDescribeNetworkInterfaces(paging, {})) {
        interfaces.push(...page.map((each) => each.NetworkInterfaceId));
      }
      const sessions: (string | undefined)[] = [];
      for await (const { TrafficMirrorSessions: page = [] } of paginateDescribeTrafficMirrorSessions(paging, {})) {
        sessions.push(...page.map((each) => each.TrafficMirrorSessionId));
      }
      for (const ids of [instances, interfaces, sessions])
        expect([ids.length, new Set(ids).size]).toEqual([count, count]);
      expect(sizes).toEqual(count > 1000 ? [1000, 1] : [count]);
    }),
  );

  test('instances of one reservation stay together in a page', () =>
    withBench(witness, { fleet: { instances: [{ count: 7, perReservation: 3 }] } }, async ({ ec2 }) => {
      const { Reservations: found = [] } = await ec2.send(new DescribeInstancesCommand({ MaxResults: 5 }));
      expect(found.map(({ Instances: each = [] }) => each.length)).toEqual([3, 2]);
    }));

  test('a page size outside 5 to 1000 is refused (InvalidParameterValue), with ids InvalidParameterCombination', () =>
    withBench(witness, { fleet: TAGGED }, async ({ ec2 }) => {
      for (const size of [4, 1001]) {
        for (const command of [
          new DescribeInstancesCommand({ MaxResults: size }),
          new DescribeNetworkInterfacesCommand({ MaxResults: size }),
          new DescribeTrafficMirrorSessionsCommand({ MaxResults: size }),
          new DescribeTrafficMirrorTargetsCommand({ MaxResults: size }),
          new DescribeTagsCommand({ MaxResults: size }),
        ]) {
          // biome-ignore lint/suspicious/noExplicitAny: the client's overloads do not take a union of commands
          expect(await codeOf(ec2.send(command as any))).toBe('InvalidParameterValue');
        }
      }
      const withIds = () =>
        ec2.send(new DescribeInstancesCommand({ MaxResults: 5, InstanceIds: ['i-0123456789abcdef0'] }));
      expect(await codeOf(withIds())).toBe('InvalidParameterCombination');
      expect(await messageOf(withIds())).toBe(
        'The parameter instancesSet cannot be used with the parameter maxResults',
      );
      const interfaces = new DescribeNetworkInterfacesCommand({
        MaxResults: 5,
        NetworkInterfaceIds: ['eni-0123456789abcdef0'],
      });
      expect(await codeOf(ec2.send(interfaces))).toBe('InvalidParameterCombination');
    }));

  test('a token is good only with its own parameters (InvalidNextToken)', () =>
    withBench(witness, { fleet: { instances: [{ count: 12 }] } }, async ({ ec2 }) => {
      const { NextToken: token } = await ec2.send(new DescribeInstancesCommand({ MaxResults: 5 }));
      const next = await ec2.send(new DescribeInstancesCommand({ MaxResults: 5, NextToken: token }));
      expect(next.Reservations).toHaveLength(5);
      const other = ec2.send(new DescribeInstancesCommand({ MaxResults: 6, NextToken: token }));
      expect(await codeOf(other)).toBe('InvalidNextToken');
      const elsewhere = ec2.send(new DescribeNetworkInterfacesCommand({ MaxResults: 5, NextToken: token }));
      expect(await codeOf(elsewhere)).toBe('InvalidNextToken');
      const made = ec2.send(new DescribeInstancesCommand({ MaxResults: 5, NextToken: 'x' }));
      expect(await codeOf(made)).toBe('InvalidNextToken');
    }));

  test('an empty page with a token is not the end', () =>
    withBench(witness, { fleet: mirroredFleet(3) }, async ({ ec2, emulator }) => {
      emulator.faults.add({ action: 'DescribeTrafficMirrorSessions', when: 'before', emptyPage: true });
      const first = await ec2.send(new DescribeTrafficMirrorSessionsCommand({}));
      expect(first.TrafficMirrorSessions).toEqual([]);
      const second = await ec2.send(new DescribeTrafficMirrorSessionsCommand({ NextToken: first.NextToken }));
      expect(second.TrafficMirrorSessions).toHaveLength(3);
      expect(second.NextToken).toBeUndefined();
    }));

  test('many interfaces cannot be listed without a page or a narrowing filter (OperationNotPermitted)', () =>
    withBench(
      witness,
      { fleet: { instances: [{ count: 6 }] }, rules: { unpaginatedInterfacesMax: 5 } },
      async ({ ec2 }) => {
        expect(await codeOf(ec2.send(new DescribeNetworkInterfacesCommand({})))).toBe('OperationNotPermitted');
        expect(await codeOf(ec2.send(new DescribeNetworkInterfacesCommand({ MaxResults: 5 })))).toBe('none');
        const narrowed = new DescribeNetworkInterfacesCommand({ Filters: [{ Name: 'vpc-id', Values: ['vpc-*'] }] });
        expect(await codeOf(ec2.send(narrowed))).toBe('none');
      },
    ));

  test('filters join values by or and names by and, with wildcards and escapes, and case counts', () =>
    withBench(witness, { fleet: TAGGED }, async (bench) => {
      const name = (...values: string[]) => matchesOf(bench, [{ Name: 'tag:Name', Values: values }]);
      expect(await name('web*1')).toBe(1);
      expect(await name('web\\*1')).toBe(1);
      expect(await name('web?1')).toBe(1);
      expect(await name('w*')).toBe(1);
      expect(await name('web\\?1')).toBe(0);
      expect(await name('WEB*')).toBe(0);
      expect(await name('other', 'web*')).toBe(1);
      const both = [
        { Name: 'tag:tier', Values: ['a'] },
        { Name: 'instance-state-name', Values: ['stopped'] },
      ];
      expect(await matchesOf(bench, both)).toBe(0);
      expect(await matchesOf(bench, [{ Name: 'tag-key', Values: ['tier'] }])).toBe(1);
    }));

  test.each([true, false])(
    'instances that an AWS service runs, hidden: %s, are shown to who asks for them',
    (hidden) => {
      const operator = { principal: 'eks.amazonaws.com', hiddenByDefault: hidden };
      const fleet: FleetDocument = { instances: [{ name: 'node', id: NODE, operator }, { name: 'web' }] };
      return withBench(witness, { fleet }, async ({ ec2 }) => {
        const readInstances = async (input: DescribeInstancesCommandInput) => {
          const { Reservations: found = [] } = await ec2.send(new DescribeInstancesCommand(input));
          return found.flatMap(({ Instances: each = [] }) => each);
        };
        const readInterfaces = async (input: DescribeNetworkInterfacesCommandInput) =>
          (await ec2.send(new DescribeNetworkInterfacesCommand(input))).NetworkInterfaces ?? [];
        const IncludeManagedResources = true;
        const Filters = [{ Name: 'attachment.instance-id', Values: [NODE] }];
        const shown = hidden ? 0 : 1;
        expect(await readInstances({})).toHaveLength(1 + shown);
        expect(await readInterfaces({})).toHaveLength(1 + shown);
        expect(await readInterfaces({ Filters })).toHaveLength(shown);
        expect(await codeOf(readInstances({ InstanceIds: [NODE] }))).toBe(
          hidden ? 'InvalidInstanceID.NotFound' : 'none',
        );
        const told = { Managed: true, Principal: 'eks.amazonaws.com', HiddenByDefault: hidden };
        const [node] = await readInstances({ IncludeManagedResources, InstanceIds: [NODE] });
        expect([node?.Operator, node?.NetworkInterfaces?.[0]?.Operator]).toEqual([told, told]);
        expect((await readInterfaces({ IncludeManagedResources, Filters })).map((each) => each.Operator)).toEqual([
          told,
        ]);
        expect((await readInstances({ IncludeManagedResources })).map((each) => each.Operator)).toEqual([
          told,
          undefined,
        ]);
      });
    },
  );

  test('an unknown filter is refused in AWS words (InvalidParameterValue)', () =>
    withBench(witness, {}, async ({ ec2 }) => {
      const bogus = () =>
        ec2.send(new DescribeInstancesCommand({ Filters: [{ Name: 'bogus-filter', Values: ['x'] }] }));
      expect(await codeOf(bogus())).toBe('InvalidParameterValue');
      expect(await messageOf(bogus())).toBe("The filter 'bogus-filter' is invalid");
    }));

  test('a filter by tag is refused where AWS documents none: on the reads of Traffic Mirroring', () =>
    withBench(witness, {}, async ({ ec2 }) => {
      const filters = [{ Name: 'tag:a', Values: ['b'] }];
      const sessions = ec2.send(new DescribeTrafficMirrorSessionsCommand({ Filters: filters }));
      const targets = ec2.send(new DescribeTrafficMirrorTargetsCommand({ Filters: filters }));
      expect([await codeOf(sessions), await codeOf(targets)]).toEqual([
        'InvalidParameterValue',
        'InvalidParameterValue',
      ]);
    }));

  test('more than 50 filters or 200 values are refused (FilterLimitExceeded)', () =>
    withBench(witness, {}, async ({ ec2 }) => {
      const values = (count: number) => [{ Name: 'instance-id', Values: Array.from({ length: count }, () => 'i-1') }];
      const filters = (count: number) => Array.from({ length: count }, () => ({ Name: 'vpc-id', Values: ['v'] }));
      const ask = (Filters: Filter[]) => codeOf(ec2.send(new DescribeInstancesCommand({ Filters })));
      expect([await ask(values(200)), await ask(values(201))]).toEqual(['none', 'FilterLimitExceeded']);
      expect([await ask(filters(50)), await ask(filters(51))]).toEqual(['none', 'FilterLimitExceeded']);
    }));
});

describe.each(witnesses)('Tags, $name', (witness) => {
  const id = 'i-0123456789abcdef0';

  test('tags are added, overwritten, listed, and deleted by key or by key and value', () =>
    withBench(witness, { fleet: TAGGED }, async ({ ec2 }) => {
      const tagsOf = async () => {
        const filter = { Name: 'resource-id', Values: [id] };
        const { Tags: tags = [] } = await ec2.send(new DescribeTagsCommand({ Filters: [filter] }));
        return tags.map(({ Key: key, Value: value, ResourceType: type }) => `${type} ${key}=${value}`);
      };
      await ec2.send(
        new CreateTagsCommand({
          Resources: [id],
          Tags: [
            { Key: 'tier', Value: 'b' },
            { Key: 'new', Value: '' },
          ],
        }),
      );
      expect(await tagsOf()).toEqual(['instance Name=web*1', 'instance tier=b', 'instance new=']);
      await ec2.send(
        new DeleteTagsCommand({ Resources: [id], Tags: [{ Key: 'tier', Value: 'other' }, { Key: 'new' }] }),
      );
      expect(await tagsOf()).toEqual(['instance Name=web*1', 'instance tier=b']);
      await ec2.send(new DeleteTagsCommand({ Resources: [id] }));
      expect(await tagsOf()).toEqual([]);
    }));

  test('DescribeTags finds by `tag:<key>` and pages across resources', () =>
    withBench(witness, { fleet: { instances: [{ count: 4, tags: { a: '1', b: '2' } }] } }, async ({ ec2 }) => {
      const first = await ec2.send(new DescribeTagsCommand({ MaxResults: 5 }));
      const second = await ec2.send(new DescribeTagsCommand({ MaxResults: 5, NextToken: first.NextToken }));
      const all = [...(first.Tags ?? []), ...(second.Tags ?? [])].map((tag) => `${tag.ResourceId} ${tag.Key}`);
      expect([first.Tags?.length, all.length, new Set(all).size]).toEqual([5, 8, 8]);
      const found = await ec2.send(new DescribeTagsCommand({ Filters: [{ Name: 'tag:b', Values: ['2'] }] }));
      expect(found.Tags?.map(({ Key: key }) => key)).toEqual(['b', 'b', 'b', 'b']);
    }));

  test('tag limits: 50 a resource (TagLimitExceeded), key 127, value 256, `aws:` reserved (InvalidParameterValue)', () =>
    withBench(witness, { fleet: TAGGED }, async ({ ec2 }) => {
      const write = (tags: { Key: string; Value: string }[]) =>
        codeOf(ec2.send(new CreateTagsCommand({ Resources: [id], Tags: tags })));
      const many = (count: number) => Array.from({ length: count }, (_, index) => ({ Key: `k${index}`, Value: '' }));
      expect(await write([{ Key: 'k'.repeat(128), Value: '' }])).toBe('InvalidParameterValue');
      expect(await write([{ Key: 'k', Value: 'v'.repeat(257) }])).toBe('InvalidParameterValue');
      expect(await write([{ Key: 'aws:k', Value: '' }])).toBe('InvalidParameterValue');
      expect(await write([{ Key: 'k'.repeat(127), Value: 'v'.repeat(256) }])).toBe('none');
      expect(await write(many(48))).toBe('TagLimitExceeded');
      expect(await write(many(47))).toBe('none');
    }));

  test('tags of nothing are refused (InvalidID, InvalidInstanceID.NotFound)', () =>
    withBench(witness, {}, async ({ ec2 }) => {
      const write = (resource: string) =>
        codeOf(ec2.send(new CreateTagsCommand({ Resources: [resource], Tags: [{ Key: 'a', Value: 'b' }] })));
      expect(await write('nonsense')).toBe('InvalidID');
      expect(await write('i-00000000000000000')).toBe('InvalidInstanceID.NotFound');
    }));
});
