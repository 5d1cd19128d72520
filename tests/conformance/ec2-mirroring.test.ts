import {
  CreateTrafficMirrorFilterCommand,
  CreateTrafficMirrorFilterRuleCommand,
  type CreateTrafficMirrorFilterRuleCommandInput,
  CreateTrafficMirrorSessionCommand,
  type CreateTrafficMirrorSessionCommandInput,
  CreateTrafficMirrorTargetCommand,
  type CreateTrafficMirrorTargetCommandInput,
  DeleteNetworkInterfaceCommand,
  DeleteTrafficMirrorFilterCommand,
  DeleteTrafficMirrorFilterRuleCommand,
  DeleteTrafficMirrorSessionCommand,
  DeleteTrafficMirrorTargetCommand,
  DescribeNetworkInterfacesCommand,
  DescribeTrafficMirrorFilterRulesCommand,
  DescribeTrafficMirrorFiltersCommand,
  DescribeTrafficMirrorSessionsCommand,
  DescribeTrafficMirrorTargetsCommand,
  ModifyTrafficMirrorFilterNetworkServicesCommand,
  type ModifyTrafficMirrorFilterNetworkServicesCommandInput,
  ModifyTrafficMirrorFilterRuleCommand,
  ModifyTrafficMirrorSessionCommand,
  type ModifyTrafficMirrorSessionCommandInput,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import type { EmulatorOptions } from '../../lib/emulator/emulator.ts';
import type { FleetDocument } from '../../lib/emulator/fleet-document.ts';
import { type Bench, codeOf, messageOf, withBench, witnesses } from '../support/witness.ts';

const INTERFACE_TARGET = 'tmt-0000000000000000a';
const BALANCER_TARGET = 'tmt-0000000000000000b';
const FILTER = 'tmf-0000000000000000a';
const TARGET_INSTANCE = 'i-0000000000000000a';
const TARGET_INTERFACE = 'eni-0000000000000000a';
const LOST = '00000000000000000';

/** An appliance that is a target, a load balancer that is another, and instances to mirror. */
function fleetOf(count: number, more: Partial<FleetDocument> = {}): FleetDocument {
  return {
    loadBalancers: [{ name: 'nlb' }],
    instances: [
      { name: 'appliance', id: TARGET_INSTANCE, instanceType: 'm5.large', interfaces: [{ id: TARGET_INTERFACE }] },
      { name: 'web', count },
      ...(more.instances ?? []),
    ],
    interfaces: more.interfaces ?? [],
    targets: [
      { id: INTERFACE_TARGET, instance: 'appliance' },
      { id: BALANCER_TARGET, loadBalancer: 'nlb' },
      ...(more.targets ?? []),
    ],
    filters: [{ id: FILTER, name: 'filter' }],
    sessions: more.sessions ?? [],
  };
}

/** The interfaces a test may mirror, in the order of the fleet, the appliance's left out. */
async function sourcesOf({ ec2 }: Bench): Promise<string[]> {
  const { NetworkInterfaces: found = [] } = await ec2.send(new DescribeNetworkInterfacesCommand({}));
  return found.map(({ NetworkInterfaceId: id = '' }) => id).filter((id) => id !== TARGET_INTERFACE);
}

function create(
  { ec2 }: Bench,
  source: string | undefined,
  input: Partial<CreateTrafficMirrorSessionCommandInput> = {},
) {
  return ec2.send(
    new CreateTrafficMirrorSessionCommand({
      NetworkInterfaceId: source,
      TrafficMirrorTargetId: BALANCER_TARGET,
      TrafficMirrorFilterId: FILTER,
      SessionNumber: 1,
      ...input,
    }),
  );
}

async function createId(
  bench: Bench,
  source: string | undefined,
  input: Partial<CreateTrafficMirrorSessionCommandInput> = {},
) {
  return (await create(bench, source, input)).TrafficMirrorSession?.TrafficMirrorSessionId ?? '';
}

function modify({ ec2 }: Bench, id: string, input: Partial<ModifyTrafficMirrorSessionCommandInput>) {
  return ec2.send(new ModifyTrafficMirrorSessionCommand({ TrafficMirrorSessionId: id, ...input }));
}

async function sessionIdsOf({ ec2 }: Bench): Promise<(string | undefined)[]> {
  const { TrafficMirrorSessions: found = [] } = await ec2.send(new DescribeTrafficMirrorSessionsCommand({}));
  return found.map(({ TrafficMirrorSessionId: id }) => id);
}

describe.each(witnesses)('Sessions, $name', (witness) => {
  const withFleet = (
    count: number,
    use: (bench: Bench) => Promise<void>,
    more: Partial<FleetDocument> = {},
    options: EmulatorOptions = {},
  ) => withBench(witness, { ...options, fleet: fleetOf(count, more) }, use);

  test('a session is made with its tags, changed, cleared and deleted', () =>
    withFleet(1, async (bench) => {
      const [source] = await sourcesOf(bench);
      const { TrafficMirrorSession: made } = await create(bench, source, {
        SessionNumber: 10,
        VirtualNetworkId: 77,
        PacketLength: 128,
        Description: 'first',
        TagSpecifications: [{ ResourceType: 'traffic-mirror-session', Tags: [{ Key: 'fleet', Value: 'demo' }] }],
      });
      const id = made?.TrafficMirrorSessionId ?? '';
      expect(made).toEqual({
        TrafficMirrorSessionId: expect.stringMatching(/^tms-[0-9a-f]{17}$/),
        TrafficMirrorTargetId: BALANCER_TARGET,
        TrafficMirrorFilterId: FILTER,
        NetworkInterfaceId: source,
        OwnerId: '123456789012',
        SessionNumber: 10,
        VirtualNetworkId: 77,
        PacketLength: 128,
        Description: 'first',
        Tags: [{ Key: 'fleet', Value: 'demo' }],
      });
      const changed = await modify(bench, id, {
        TrafficMirrorTargetId: INTERFACE_TARGET,
        SessionNumber: 20,
        RemoveFields: ['packet-length', 'description', 'virtual-network-id'],
      });
      const session = changed.TrafficMirrorSession;
      expect(session).toMatchObject({ TrafficMirrorTargetId: INTERFACE_TARGET, SessionNumber: 20 });
      expect([session?.PacketLength, session?.Description]).toEqual([undefined, undefined]);
      expect(session?.VirtualNetworkId).not.toBe(77);
      await bench.ec2.send(new DeleteTrafficMirrorSessionCommand({ TrafficMirrorSessionId: id }));
      expect(await sessionIdsOf(bench)).toEqual([]);
    }));

  test('defaults: 8500 bytes for a load balancer target, the whole packet for an interface, a network id of its own', () =>
    withFleet(2, async (bench) => {
      const [one, other] = await sourcesOf(bench);
      const first = (await create(bench, one)).TrafficMirrorSession;
      const second = (await create(bench, other, { TrafficMirrorTargetId: INTERFACE_TARGET })).TrafficMirrorSession;
      expect([first?.PacketLength, second?.PacketLength]).toEqual([8500, undefined]);
      expect(first?.VirtualNetworkId).not.toBe(second?.VirtualNetworkId);
    }));

  test('numbers 1–32766, packet lengths 1–8500 and network ids 0–16777215 are taken, the next ones refused (InvalidParameterValue)', () =>
    withFleet(6, async (bench) => {
      const [...sources] = await sourcesOf(bench);
      const refused = [
        { SessionNumber: 0 },
        { SessionNumber: 32_767 },
        { SessionNumber: 1.5 },
        { PacketLength: 0 },
        { PacketLength: 8_501 },
        { VirtualNetworkId: -1 },
        { VirtualNetworkId: 16_777_216 },
      ];
      for (const input of refused) expect(await codeOf(create(bench, sources[0], input))).toBe('InvalidParameterValue');
      const taken = [
        { SessionNumber: 1 },
        { SessionNumber: 32_766 },
        { PacketLength: 1 },
        { PacketLength: 8_500 },
        { VirtualNetworkId: 0 },
        { VirtualNetworkId: 16_777_215 },
      ];
      for (const [index, input] of taken.entries())
        expect(await codeOf(create(bench, sources[index], input))).toBe('none');
    }));

  test('a fourth session on a source is refused (TrafficMirrorSessionsPerInterfaceLimitExceeded)', () =>
    withFleet(1, async (bench) => {
      const [source] = await sourcesOf(bench);
      for (const SessionNumber of [1, 2, 3]) await create(bench, source, { SessionNumber });
      expect(await codeOf(create(bench, source, { SessionNumber: 4 }))).toBe(
        'TrafficMirrorSessionsPerInterfaceLimitExceeded',
      );
    }));

  test('a number twice on a source is refused (InvalidParameterValue, "already being used"), also by modify; another source may use it', () =>
    withFleet(2, async (bench) => {
      const [one, other] = await sourcesOf(bench);
      await create(bench, one);
      expect(await codeOf(create(bench, one))).toBe('InvalidParameterValue');
      expect(await messageOf(create(bench, one))).toContain('already being used');
      const second = await createId(bench, one, { SessionNumber: 2 });
      expect(await codeOf(modify(bench, second, { SessionNumber: 1 }))).toBe('InvalidParameterValue');
      expect(await codeOf(create(bench, other))).toBe('none');
    }));

  test('a number twice is taken where the rule says so, since AWS documents none', () =>
    withFleet(
      1,
      async (bench) => {
        const [source] = await sourcesOf(bench);
        await create(bench, source);
        expect(await codeOf(create(bench, source))).toBe('none');
      },
      {},
      { rules: { duplicateSessionNumber: 'accepted' } },
    ));

  test('a network id twice is taken, or refused where the rule says so (InvalidParameterValue): AWS documents neither', async () => {
    const twice = async (bench: Bench) => {
      const [one, other] = await sourcesOf(bench);
      await create(bench, one, { VirtualNetworkId: 77 });
      const id = await createId(bench, other, { VirtualNetworkId: 78 });
      return [
        await codeOf(create(bench, one, { SessionNumber: 2, VirtualNetworkId: 77 })),
        await codeOf(modify(bench, id, { VirtualNetworkId: 77 })),
        await codeOf(modify(bench, id, { VirtualNetworkId: 78 })),
      ];
    };
    await withFleet(2, async (bench) => expect(await twice(bench)).toEqual(['none', 'none', 'none']));
    const options: EmulatorOptions = { rules: { duplicateVirtualNetworkId: 'refused' } };
    const refused = ['InvalidParameterValue', 'InvalidParameterValue', 'none'];
    await withFleet(2, async (bench) => expect(await twice(bench)).toEqual(refused), {}, options);
  });

  test('an interface in a target is no source (InterfaceInUseByTrafficMirrorTarget), and a source no target (InterfaceInUseByTrafficMirrorSession)', () =>
    withFleet(1, async (bench) => {
      const [source] = await sourcesOf(bench);
      expect(await codeOf(create(bench, TARGET_INTERFACE))).toBe('InterfaceInUseByTrafficMirrorTarget');
      await create(bench, source);
      const target = bench.ec2.send(new CreateTrafficMirrorTargetCommand({ NetworkInterfaceId: source }));
      expect(await codeOf(target)).toBe('InterfaceInUseByTrafficMirrorSession');
    }));

  test.each([
    ['m5.large', 10],
    ['m5.24xlarge', 100],
  ])('an interface target on %s takes %i sources (TrafficMirrorSourcesPerTargetLimitExceeded)', (instanceType, max) =>
    withFleet(
      max + 1,
      async (bench) => {
        const sources = await sourcesOf(bench);
        const target = { TrafficMirrorTargetId: 'tmt-0000000000000000c' };
        const [last, ...others] = sources.slice(0, max + 1).reverse();
        for (const source of others) await create(bench, source, target);
        expect(await codeOf(create(bench, last, target))).toBe('TrafficMirrorSourcesPerTargetLimitExceeded');
        // A second session of a source that is counted already is no other source.
        expect(await codeOf(create(bench, others[0], { ...target, SessionNumber: 2 }))).toBe('none');
        const elsewhere = await createId(bench, last);
        expect(await codeOf(modify(bench, elsewhere, target))).toBe('TrafficMirrorSourcesPerTargetLimitExceeded');
      },
      {
        instances: [{ name: 'big', instanceType, interfaces: [{ id: 'eni-0000000000000000c' }] }],
        targets: [{ id: 'tmt-0000000000000000c', instance: 'big' }],
      },
    ),
  );

  test('two sessions of one source count twice on a target where the rule says so, since AWS documents neither', () =>
    withFleet(
      2,
      async (bench) => {
        const [one, other] = await sourcesOf(bench);
        const target = { TrafficMirrorTargetId: INTERFACE_TARGET };
        await create(bench, one, target);
        await create(bench, one, { ...target, SessionNumber: 2 });
        expect(await codeOf(create(bench, other, target))).toBe('TrafficMirrorSourcesPerTargetLimitExceeded');
      },
      {},
      { rules: { sourcesPerTargetMax: 2, sourceCountsOncePerTarget: false } },
    ));

  test('only interfaces of type `interface`, and of AWS only those of RDS and ElastiCache, are sources (NetworkInterfaceNotSupported)', () => {
    const interfaces: FleetDocument['interfaces'] = [
      { id: 'eni-00000000000000001', requesterId: 'amazon-rds' },
      { id: 'eni-00000000000000002', requesterId: 'amazon-elasticache' },
      { id: 'eni-00000000000000003', requesterId: 'amazon-elb' },
      { id: 'eni-00000000000000004', requesterId: '111122223333', type: 'lambda' },
      { id: 'eni-00000000000000005', type: 'efa' },
      { id: 'eni-00000000000000006', type: 'trunk' },
    ];
    return withFleet(
      0,
      async (bench) => {
        const codes = await Promise.all(interfaces.map(({ id }) => codeOf(create(bench, id))));
        const no = 'NetworkInterfaceNotSupported';
        expect(codes).toEqual(['none', 'none', no, no, no, no]);
      },
      { interfaces },
    );
  });

  test('bare metal that is not Nitro v2 is no source (NetworkInterfaceNotSupported); other types are left to the rules', () =>
    withFleet(
      0,
      async (bench) => {
        const [metal, nitro, old] = await sourcesOf(bench);
        expect(await codeOf(create(bench, metal))).toBe('NetworkInterfaceNotSupported');
        expect(await codeOf(create(bench, nitro))).toBe('none');
        expect(await codeOf(create(bench, old))).toBe('none');
      },
      { instances: [{ instanceType: 'c6i.metal' }, { instanceType: 'm5.metal' }, { instanceType: 't2.micro' }] },
    ));

  test('an interface of another account is no source of ours (UnauthorizedOperation)', () =>
    withFleet(
      0,
      async (bench) => {
        expect(await codeOf(create(bench, 'eni-00000000000000009'))).toBe('UnauthorizedOperation');
      },
      { interfaces: [{ id: 'eni-00000000000000009', ownerId: '111122223333' }] },
    ));

  test('an unattached interface is a source, or not, as the rule says: AWS documents neither', async () => {
    const interfaces = [{ id: 'eni-00000000000000001' }];
    await withFleet(
      0,
      async (bench) => {
        expect(await codeOf(create(bench, interfaces[0]?.id))).toBe('none');
      },
      { interfaces },
    );
    await withFleet(
      0,
      async (bench) => {
        expect(await codeOf(create(bench, interfaces[0]?.id))).toBe('NetworkInterfaceNotSupported');
      },
      { interfaces },
      { rules: { unattachedSource: 'refused' } },
    );
  });

  test('the session of another account against our target is seen with its owner and cannot be touched (UnauthorizedOperation)', () => {
    const id = 'tms-0000000000000000f';
    const foreign = {
      id,
      source: 'eni-0000000000000000f',
      target: INTERFACE_TARGET,
      filter: 'tmf-0000000000000000f',
      number: 1,
    };
    return withFleet(
      0,
      async (bench) => {
        const { TrafficMirrorSessions: found = [] } = await bench.ec2.send(
          new DescribeTrafficMirrorSessionsCommand({ Filters: [{ Name: 'owner-id', Values: ['111122223333'] }] }),
        );
        expect(found.map(({ TrafficMirrorSessionId: each }) => each)).toEqual([id]);
        expect(await codeOf(modify(bench, id, { SessionNumber: 2 }))).toBe('UnauthorizedOperation');
        const remove = bench.ec2.send(new DeleteTrafficMirrorSessionCommand({ TrafficMirrorSessionId: id }));
        expect(await codeOf(remove)).toBe('UnauthorizedOperation');
      },
      { sessions: [{ ...foreign, ownerId: '111122223333' }] },
    );
  });

  test('AWS deletes the session of a deleted interface, and keeps that of a detached one', () =>
    withFleet(
      0,
      async (bench) => {
        const [gone, kept] = await sourcesOf(bench);
        const goes = await createId(bench, gone);
        const stays = await createId(bench, kept);
        const [{ instanceId } = { instanceId: '' }] = [...bench.emulator.account.instances.rows()].slice(-1);
        await bench.ec2.send(new TerminateInstancesCommand({ InstanceIds: [instanceId] }));
        expect(await sessionIdsOf(bench)).toEqual([stays]);
        expect(goes).not.toBe(stays);
        await bench.ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId: kept }));
        expect(await sessionIdsOf(bench)).toEqual([]);
      },
      { instances: [{ name: 'two', interfaces: [{}, { deleteOnTermination: false }] }] },
    ));

  test('what the account holds at most is refused (TrafficMirrorSessionLimitExceeded); sessions of others do not count', () =>
    withFleet(
      3,
      async (bench) => {
        const [one, two, three] = await sourcesOf(bench);
        await create(bench, one);
        await create(bench, two);
        expect(await codeOf(create(bench, three))).toBe('TrafficMirrorSessionLimitExceeded');
      },
      {
        sessions: [
          {
            source: 'eni-0000000000000000f',
            target: INTERFACE_TARGET,
            filter: FILTER,
            number: 1,
            ownerId: '111122223333',
          },
        ],
      },
      { rules: { sessionsMax: 2 } },
    ));

  test('not-found codes are spelled as observed, or as documented where the rule says so', async () => {
    const codes = async (bench: Bench): Promise<string[]> => {
      const [source] = await sourcesOf(bench);
      return Promise.all([
        codeOf(modify(bench, `tms-${LOST}`, {})),
        codeOf(create(bench, source, { TrafficMirrorTargetId: `tmt-${LOST}` })),
        codeOf(create(bench, source, { TrafficMirrorFilterId: `tmf-${LOST}` })),
        codeOf(bench.ec2.send(new DeleteTrafficMirrorFilterRuleCommand({ TrafficMirrorFilterRuleId: `tmfr-${LOST}` }))),
        codeOf(bench.ec2.send(new DescribeTrafficMirrorSessionsCommand({ TrafficMirrorSessionIds: [`tms-${LOST}`] }))),
        codeOf(create(bench, `eni-${LOST}`)),
      ]);
    };
    await withFleet(1, async (bench) => {
      expect(await codes(bench)).toEqual([
        'InvalidTrafficMirrorSessionId.NotFound',
        'InvalidTrafficMirrorTargetId.NotFound',
        'InvalidTrafficMirrorFilterId.NotFound',
        'InvalidTrafficMirrorFilterRuleId.NotFound',
        'InvalidTrafficMirrorSessionId.NotFound',
        'InvalidNetworkInterfaceID.NotFound',
      ]);
    });
    await withFleet(
      1,
      async (bench) => {
        expect((await codes(bench)).slice(0, 5)).toEqual([
          'InvalidTrafficMirrorSessionNotFound',
          'InvalidTrafficMirrorTargetNoFound',
          'InvalidTrafficMirrorFilterNotFound',
          'InvalidTrafficMirrorFilterRuleNotFound',
          'InvalidTrafficMirrorSessionNotFound',
        ]);
      },
      {},
      { rules: { notFoundSpelling: 'documented' } },
    );
  });

  test('a client token answers again what it answered, and refuses other parameters (IdempotentParameterMismatch)', () =>
    withFleet(1, async (bench) => {
      const [source] = await sourcesOf(bench);
      const first = await createId(bench, source, { ClientToken: 'once' });
      expect(await createId(bench, source, { ClientToken: 'once' })).toBe(first);
      expect(await sessionIdsOf(bench)).toEqual([first]);
      const other = create(bench, source, { ClientToken: 'once', SessionNumber: 2 });
      expect(await codeOf(other)).toBe('IdempotentParameterMismatch');
      expect(await codeOf(create(bench, source, { ClientToken: 'x'.repeat(65), SessionNumber: 2 }))).toBe(
        'InvalidClientToken',
      );
      // The trap: the old success comes back although nothing is there any more.
      await bench.ec2.send(new DeleteTrafficMirrorSessionCommand({ TrafficMirrorSessionId: first }));
      expect(await createId(bench, source, { ClientToken: 'once' })).toBe(first);
      expect(await sessionIdsOf(bench)).toEqual([]);
    }));

  test('missing parameters (MissingParameter), tags for another type (InvalidParameterValue) and dry runs (DryRunOperation)', () =>
    withFleet(1, async (bench) => {
      const [source] = await sourcesOf(bench);
      expect(await codeOf(create(bench, source, { SessionNumber: undefined }))).toBe('MissingParameter');
      expect(await codeOf(create(bench, undefined))).toBe('MissingParameter');
      const tags = create(bench, source, { TagSpecifications: [{ ResourceType: 'instance', Tags: [] }] });
      expect(await messageOf(tags)).toBe("'instance' is not a valid taggable resource type for this operation.");
      expect(await codeOf(create(bench, source, { DryRun: true }))).toBe('DryRunOperation');
      expect(await codeOf(create(bench, source, { DryRun: true, SessionNumber: 0 }))).toBe('InvalidParameterValue');
      expect(await sessionIdsOf(bench)).toEqual([]);
    }));

  test.each([
    ['description', 'one'],
    ['network-interface-id', undefined],
    ['packet-length', '99'],
    ['session-number', '5'],
    ['traffic-mirror-target-id', INTERFACE_TARGET],
    ['virtual-network-id', '7'],
  ])('sessions are found by %s', (name, value) =>
    withFleet(2, async (bench) => {
      const [one, other] = await sourcesOf(bench);
      const id = await createId(bench, one, {
        TrafficMirrorTargetId: INTERFACE_TARGET,
        SessionNumber: 5,
        Description: 'one',
        PacketLength: 99,
        VirtualNetworkId: 7,
      });
      await create(bench, other, { Description: 'other', VirtualNetworkId: 8 });
      const filter = { Name: name, Values: [value ?? one ?? ''] };
      const { TrafficMirrorSessions: found = [] } = await bench.ec2.send(
        new DescribeTrafficMirrorSessionsCommand({ Filters: [filter] }),
      );
      expect(found.map(({ TrafficMirrorSessionId: each }) => each)).toEqual([id]);
    }),
  );
});

describe.each(witnesses)('Targets, $name', (witness) => {
  const withFleet = (use: (bench: Bench) => Promise<void>, options: EmulatorOptions = {}) =>
    withBench(
      witness,
      { ...options, fleet: fleetOf(1, { interfaces: [{ id: 'eni-00000000000000005', type: 'efa' }] }) },
      use,
    );
  const send = ({ ec2 }: Bench, input: CreateTrafficMirrorTargetCommandInput) =>
    ec2.send(new CreateTrafficMirrorTargetCommand(input));

  test('a target is made of an interface once (InterfaceInUseByTrafficMirrorTarget), and only of type `interface` (NetworkInterfaceNotSupported)', () =>
    withFleet(async (bench) => {
      const [source] = await sourcesOf(bench);
      const made = await send(bench, { NetworkInterfaceId: source, Description: 'mine' });
      expect(made.TrafficMirrorTarget).toMatchObject({ Type: 'network-interface', NetworkInterfaceId: source });
      expect(await codeOf(send(bench, { NetworkInterfaceId: source }))).toBe('InterfaceInUseByTrafficMirrorTarget');
      expect(await codeOf(send(bench, { NetworkInterfaceId: 'eni-00000000000000005' }))).toBe(
        'NetworkInterfaceNotSupported',
      );
    }));

  test('none is MissingParameter, two are InvalidParameterCombination', () =>
    withFleet(async (bench) => {
      expect(await codeOf(send(bench, {}))).toBe('MissingParameter');
      const two = { NetworkInterfaceId: TARGET_INTERFACE, GatewayLoadBalancerEndpointId: `vpce-${LOST}` };
      expect(await codeOf(send(bench, two))).toBe('InvalidParameterCombination');
    }));

  test('a load balancer is one target only (NlbInUseByTrafficMirrorTargetException), exists (….NotFound) and is well formed (….Malformed)', () =>
    withFleet(async (bench) => {
      const [arn = ''] = [...bench.emulator.account.loadBalancers.keys()];
      const balancer = (NetworkLoadBalancerArn: string) => codeOf(send(bench, { NetworkLoadBalancerArn }));
      expect(await balancer(arn)).toBe('NlbInUseByTrafficMirrorTargetException');
      expect(await balancer(`${arn}0`)).toBe('InvalidNetworkLoadBalancerArn.NotFound');
      expect(await balancer('arn:x')).toBe('InvalidNetworkLoadBalancerArn.Malformed');
      expect(await codeOf(send(bench, { GatewayLoadBalancerEndpointId: `vpce-${LOST}` }))).toBe(
        'InvalidVpcEndpointId.NotFound',
      );
    }));

  test('a target in use is kept (TrafficMirrorTargetInUseException), a free one goes', () =>
    withFleet(async (bench) => {
      const [source] = await sourcesOf(bench);
      await create(bench, source);
      const remove = (TrafficMirrorTargetId: string) =>
        bench.ec2.send(new DeleteTrafficMirrorTargetCommand({ TrafficMirrorTargetId }));
      expect(await codeOf(remove(BALANCER_TARGET))).toBe('TrafficMirrorTargetInUseException');
      await remove(INTERFACE_TARGET);
      const { TrafficMirrorTargets: left = [] } = await bench.ec2.send(new DescribeTrafficMirrorTargetsCommand({}));
      expect(left.map(({ TrafficMirrorTargetId: id }) => id)).toEqual([BALANCER_TARGET]);
    }));

  test('what the account holds at most is refused (TrafficMirrorTargetLimitExceeded)', () =>
    withFleet(
      async (bench) => {
        const [source] = await sourcesOf(bench);
        expect(await codeOf(send(bench, { NetworkInterfaceId: source }))).toBe('TrafficMirrorTargetLimitExceeded');
      },
      { rules: { targetsMax: 2 } },
    ));
});

describe.each(witnesses)('Filters and rules, $name', (witness) => {
  const RULE: CreateTrafficMirrorFilterRuleCommandInput = {
    TrafficMirrorFilterId: FILTER,
    TrafficDirection: 'ingress',
    RuleNumber: 1,
    RuleAction: 'accept',
    SourceCidrBlock: '0.0.0.0/0',
    DestinationCidrBlock: '10.0.0.0/8',
  };
  const withFleet = (use: (bench: Bench) => Promise<void>, options: EmulatorOptions = {}) =>
    withBench(witness, { ...options, fleet: fleetOf(1) }, use);
  const add = ({ ec2 }: Bench, input: Partial<CreateTrafficMirrorFilterRuleCommandInput> = {}) =>
    ec2.send(new CreateTrafficMirrorFilterRuleCommand({ ...RULE, ...input }));

  test('a rule is added, changed and removed, and the filter shows it by direction', () =>
    withFleet(async (bench) => {
      const { ec2 } = bench;
      const made = await add(bench, { Protocol: 6, DestinationPortRange: { FromPort: 80, ToPort: 443 } });
      const id = made.TrafficMirrorFilterRule?.TrafficMirrorFilterRuleId ?? '';
      await add(bench, { TrafficDirection: 'egress' });
      await ec2.send(
        new ModifyTrafficMirrorFilterRuleCommand({
          TrafficMirrorFilterRuleId: id,
          RuleNumber: 9,
          RemoveFields: ['protocol', 'destination-port-range'],
        }),
      );
      const { TrafficMirrorFilters: found = [] } = await ec2.send(new DescribeTrafficMirrorFiltersCommand({}));
      expect(found[0]?.IngressFilterRules).toEqual([{ ...RULE, TrafficMirrorFilterRuleId: id, RuleNumber: 9 }]);
      expect(found[0]?.EgressFilterRules).toHaveLength(1);
      await ec2.send(new DeleteTrafficMirrorFilterRuleCommand({ TrafficMirrorFilterRuleId: id }));
      const { TrafficMirrorFilterRules: rules = [] } = await ec2.send(
        new DescribeTrafficMirrorFilterRulesCommand({ TrafficMirrorFilterId: FILTER }),
      );
      expect(rules.map(({ TrafficDirection: direction }) => direction)).toEqual(['egress']);
    }));

  test('a number twice in a direction is refused (TrafficMirrorFilterRuleAlreadyExists), an eleventh rule too (TrafficMirrorFilterRuleLimitExceeded)', () =>
    withFleet(async (bench) => {
      await add(bench);
      expect(await codeOf(add(bench))).toBe('TrafficMirrorFilterRuleAlreadyExists');
      for (let number = 1; number <= 9; number++) await add(bench, { TrafficDirection: 'egress', RuleNumber: number });
      expect(await codeOf(add(bench, { RuleNumber: 2 }))).toBe('TrafficMirrorFilterRuleLimitExceeded');
    }));

  test('blocks of two IP versions, ports without TCP or UDP (InvalidParameterCombination), and nonsense (InvalidParameterValue) are refused', () =>
    withFleet(async (bench) => {
      expect(await codeOf(add(bench, { SourceCidrBlock: '::/0' }))).toBe('InvalidParameterCombination');
      const ports = { DestinationPortRange: { FromPort: 1, ToPort: 2 } };
      expect(await codeOf(add(bench, ports))).toBe('InvalidParameterCombination');
      expect(await codeOf(add(bench, { ...ports, Protocol: 1 }))).toBe('InvalidParameterCombination');
      expect(await codeOf(add(bench, { SourceCidrBlock: '10.0.0.0/33' }))).toBe('InvalidParameterValue');
      expect(await codeOf(add(bench, { Protocol: 256 }))).toBe('InvalidParameterValue');
      expect(await codeOf(add(bench, { RuleAction: undefined }))).toBe('MissingParameter');
    }));

  test('Amazon DNS is let through and stopped again', () =>
    withFleet(async ({ ec2 }) => {
      const change = (input: Partial<ModifyTrafficMirrorFilterNetworkServicesCommandInput>) =>
        ec2.send(new ModifyTrafficMirrorFilterNetworkServicesCommand({ TrafficMirrorFilterId: FILTER, ...input }));
      const on = await change({ AddNetworkServices: ['amazon-dns'] });
      expect(on.TrafficMirrorFilter?.NetworkServices).toEqual(['amazon-dns']);
      const off = await change({ RemoveNetworkServices: ['amazon-dns'] });
      expect(off.TrafficMirrorFilter?.NetworkServices).toEqual([]);
      expect(await codeOf(change({ AddNetworkServices: ['ntp' as 'amazon-dns'] }))).toBe('InvalidParameterValue');
    }));

  test('a filter in use is kept (TrafficMirrorFilterInUse), a free one goes, too many are refused (TrafficMirrorFilterLimitExceeded)', () =>
    withFleet(
      async (bench) => {
        const [source] = await sourcesOf(bench);
        await create(bench, source);
        const remove = (TrafficMirrorFilterId: string) =>
          bench.ec2.send(new DeleteTrafficMirrorFilterCommand({ TrafficMirrorFilterId }));
        expect(await codeOf(remove(FILTER))).toBe('TrafficMirrorFilterInUse');
        const made = await bench.ec2.send(new CreateTrafficMirrorFilterCommand({ Description: 'free' }));
        const more = bench.ec2.send(new CreateTrafficMirrorFilterCommand({}));
        expect(await codeOf(more)).toBe('TrafficMirrorFilterLimitExceeded');
        expect(await codeOf(remove(made.TrafficMirrorFilter?.TrafficMirrorFilterId ?? ''))).toBe('none');
      },
      { rules: { filtersMax: 2 } },
    ));
});
