import {
  CreateTagsCommand,
  DeleteNetworkInterfaceCommand,
  DeleteTagsCommand,
  DeleteTrafficMirrorSessionCommand,
  DescribeTagsCommand,
  DescribeTrafficMirrorSessionsCommand,
  ModifyTrafficMirrorSessionCommand,
} from '@aws-sdk/client-ec2';
import { codeOf } from '../../support/witness.ts';
import { findSessions, makeInterface, makeSession, type Rule, setScene } from './rule.ts';

const LOST = '00000000000000000';
const CREATE = 'AWSEC2/APIReference/API_CreateTrafficMirrorSession';
const MODIFY = 'AWSEC2/APIReference/API_ModifyTrafficMirrorSession';
const DESCRIBE = 'AWSEC2/APIReference/API_DescribeTrafficMirrorSessions';
const ERRORS = 'ec2/devguide/errors-overview';
const QUOTAS = 'vpc/mirroring/traffic-mirroring-quotas';

/** The filters that DESCRIBE lists, with a value for the session below. */
const FILTERS = {
  description: 'first',
  'owner-id': '123456789012',
  'packet-length': '128',
  'session-number': '10',
  'virtual-network-id': '77',
};

const givenCodes: readonly { rule: string; input: object; expected: string; page: string }[] = [
  { rule: 'a session number below 1', input: { SessionNumber: 0 }, expected: 'InvalidParameterValue', page: CREATE },
  {
    rule: 'a session number above 32766',
    input: { SessionNumber: 32_767 },
    expected: 'InvalidParameterValue',
    page: CREATE,
  },
  {
    rule: 'a packet length above 8500',
    input: { PacketLength: 8_501 },
    expected: 'InvalidParameterValue',
    page: CREATE,
  },
  {
    rule: 'a network id above 24 bits',
    input: { VirtualNetworkId: 16_777_216 },
    expected: 'InvalidParameterValue',
    page: 'vpc/mirroring/traffic-mirroring-packet-formats',
  },
  { rule: 'no session number', input: { SessionNumber: undefined }, expected: 'MissingParameter', page: ERRORS },
  { rule: 'no source', input: { NetworkInterfaceId: undefined }, expected: 'MissingParameter', page: ERRORS },
  {
    rule: 'an unknown source',
    input: { NetworkInterfaceId: `eni-${LOST}` },
    expected: 'InvalidNetworkInterfaceID.NotFound',
    page: ERRORS,
  },
  {
    rule: 'an unknown target',
    input: { TrafficMirrorTargetId: `tmt-${LOST}` },
    expected: 'InvalidTrafficMirrorTargetId.NotFound',
    page: ERRORS,
  },
  {
    rule: 'an unknown filter',
    input: { TrafficMirrorFilterId: `tmf-${LOST}` },
    expected: 'InvalidTrafficMirrorFilterId.NotFound',
    page: ERRORS,
  },
  {
    rule: 'tags for another kind of resource',
    input: { TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'a', Value: 'b' }] }] },
    expected: 'InvalidParameterValue',
    page: 'not documented',
  },
  {
    rule: 'a dry run',
    input: { DryRun: true },
    expected: 'DryRunOperation',
    page: CREATE,
  },
];

/** What EC2 does with sessions. */
export const sessionRules: readonly Rule[] = [
  {
    rule: 'a session answers with what it was made of',
    page: CREATE,
    expected: [10, 77, 128, 'first', '123456789012', [{ Key: 'fleet', Value: 'demo' }], true],
    observe: async (on) => {
      const scene = await setScene(on);
      const { TrafficMirrorSession: made } = await scene.create({
        SessionNumber: 10,
        VirtualNetworkId: 77,
        PacketLength: 128,
        Description: 'first',
        TagSpecifications: [{ ResourceType: 'traffic-mirror-session', Tags: [{ Key: 'fleet', Value: 'demo' }] }],
      });
      const isOfScene =
        made?.NetworkInterfaceId === scene.source &&
        made.TrafficMirrorTargetId === scene.target &&
        made.TrafficMirrorFilterId === scene.filter;
      return [
        made?.SessionNumber,
        made?.VirtualNetworkId,
        made?.PacketLength,
        made?.Description,
        made?.OwnerId,
        made?.Tags,
        isOfScene,
      ];
    },
  },
  {
    rule: 'ids are tms-, tmt- and tmf- with 17 hexadecimal digits',
    page: CREATE,
    expected: [true, true, true],
    observe: async (on) => {
      const scene = await setScene(on);
      const id = await makeSession(scene);
      return [
        /^tms-[0-9a-f]{17}$/.test(id),
        /^tmt-[0-9a-f]{17}$/.test(scene.target),
        /^tmf-[0-9a-f]{17}$/.test(scene.filter),
      ];
    },
  },
  {
    rule: 'without a network id one is chosen, and no two sessions get the same',
    page: CREATE,
    expected: ['number', 'number', true],
    observe: async (on) => {
      const scene = await setScene(on);
      const one = (await scene.create()).TrafficMirrorSession?.VirtualNetworkId;
      const two = (await scene.create({ SessionNumber: 2 })).TrafficMirrorSession?.VirtualNetworkId;
      return [typeof one, typeof two, one !== two];
    },
  },
  {
    rule: 'a session changes number, description and packet length, and keeps the rest',
    page: MODIFY,
    expected: [20, 'second', 64, 77],
    observe: async (on) => {
      const id = await makeSession(await setScene(on), { SessionNumber: 10, VirtualNetworkId: 77, PacketLength: 128 });
      const input = { TrafficMirrorSessionId: id, SessionNumber: 20, Description: 'second', PacketLength: 64 };
      const { TrafficMirrorSession: now } = await on.ec2.send(new ModifyTrafficMirrorSessionCommand(input));
      return [now?.SessionNumber, now?.Description, now?.PacketLength, now?.VirtualNetworkId];
    },
  },
  {
    rule: 'removed fields go back to their defaults',
    page: MODIFY,
    expected: [null, null, true],
    observe: async (on) => {
      const input = { VirtualNetworkId: 77, PacketLength: 128, Description: 'first' };
      const id = await makeSession(await setScene(on), input);
      const { TrafficMirrorSession: now } = await on.ec2.send(
        new ModifyTrafficMirrorSessionCommand({
          TrafficMirrorSessionId: id,
          RemoveFields: ['packet-length', 'description', 'virtual-network-id'],
        }),
      );
      return [now?.PacketLength ?? null, now?.Description ?? null, now?.VirtualNetworkId !== 77];
    },
  },
  {
    rule: 'a deleted session is gone',
    page: 'AWSEC2/APIReference/API_DeleteTrafficMirrorSession',
    expected: [1, true, 0],
    observe: async (on) => {
      const id = await makeSession(await setScene(on));
      const before = await findSessions(on);
      const remove = new DeleteTrafficMirrorSessionCommand({ TrafficMirrorSessionId: id });
      const { TrafficMirrorSessionId: gone } = await on.ec2.send(remove);
      return [before.length, gone === id, (await findSessions(on)).length];
    },
  },
  {
    rule: 'an unknown session cannot be read, changed or deleted',
    page: ERRORS,
    expected: [
      'InvalidTrafficMirrorSessionId.NotFound',
      'InvalidTrafficMirrorSessionId.NotFound',
      'InvalidTrafficMirrorSessionId.NotFound',
    ],
    observe: async ({ ec2 }) => {
      const id = `tms-${LOST}`;
      return [
        await codeOf(ec2.send(new DescribeTrafficMirrorSessionsCommand({ TrafficMirrorSessionIds: [id] }))),
        await codeOf(ec2.send(new ModifyTrafficMirrorSessionCommand({ TrafficMirrorSessionId: id, SessionNumber: 2 }))),
        await codeOf(ec2.send(new DeleteTrafficMirrorSessionCommand({ TrafficMirrorSessionId: id }))),
      ];
    },
  },
  ...givenCodes.map(
    ({ rule, input, expected, page }): Rule => ({
      rule: `a new session with ${rule} is answered ${expected}, and none is made`,
      page,
      expected: [expected, 0],
      observe: async (on) => {
        const { create } = await setScene(on);
        return [await codeOf(create(input)), (await findSessions(on)).length];
      },
    }),
  ),
  {
    rule: 'a source has three sessions at most',
    page: QUOTAS,
    expected: ['none', 'none', 'none', 'TrafficMirrorSessionsPerInterfaceLimitExceeded'],
    observe: async (on) => {
      const { create } = await setScene(on);
      const codes = [];
      for (const SessionNumber of [1, 2, 3, 4]) codes.push(await codeOf(create({ SessionNumber })));
      return codes;
    },
  },
  {
    rule: 'a number serves once on a source',
    page: 'not documented',
    expected: ['none', 'InvalidParameterValue'],
    observe: async (on) => {
      const { create } = await setScene(on);
      return [await codeOf(create()), await codeOf(create())];
    },
  },
  {
    rule: 'an interface target has ten sources at most',
    page: QUOTAS,
    expected: [10, 'TrafficMirrorSourcesPerTargetLimitExceeded'],
    observe: async (on) => {
      const { create } = await setScene(on);
      let count = 0;
      for (let n = 0; n < 10; n++) {
        const NetworkInterfaceId = await makeInterface(on);
        if ((await codeOf(create({ NetworkInterfaceId }))) === 'none') count++;
      }
      return [count, await codeOf(create())];
    },
  },
  {
    rule: 'a deleted source takes its sessions along',
    page: 'vpc/mirroring/traffic-mirroring-sessions',
    expected: [1, 0],
    observe: async (on) => {
      const scene = await setScene(on);
      await makeSession(scene);
      const before = await findSessions(on);
      await on.ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId: scene.source }));
      return [before.length, (await findSessions(on)).length];
    },
  },
  ...Object.entries(FILTERS).map(
    ([name, value]): Rule => ({
      rule: `sessions are found by ${name}`,
      page: DESCRIBE,
      expected: [1, 0],
      observe: async (on) => {
        const input = { SessionNumber: 10, VirtualNetworkId: 77, PacketLength: 128, Description: 'first' };
        await makeSession(await setScene(on), input);
        const count = (Values: string[]) =>
          findSessions(on, [{ Name: name, Values }]).then(
            (ids) => ids.length,
            (error: Error) => error.name,
          );
        return [await count([value]), await count(['9'])];
      },
    }),
  ),
  {
    rule: 'sessions are found by their source, target, filter and own id',
    page: DESCRIBE,
    expected: [1, 1, 1, 1],
    observe: async (on) => {
      const scene = await setScene(on);
      const id = await makeSession(scene);
      await makeSession(await setScene(on));
      const count = async (name: string, value: string) =>
        (await findSessions(on, [{ Name: name, Values: [value] }])).length;
      return [
        await count('network-interface-id', scene.source),
        await count('traffic-mirror-target-id', scene.target),
        await count('traffic-mirror-filter-id', scene.filter),
        await count('traffic-mirror-session-id', id),
      ];
    },
  },
  {
    rule: 'a filter that is not listed is refused',
    page: DESCRIBE,
    expected: 'InvalidParameterValue',
    observe: async (on) => {
      await makeSession(await setScene(on));
      return codeOf(findSessions(on, [{ Name: 'bogus-filter', Values: ['x'] }]));
    },
  },
  {
    rule: 'pages hold as many sessions as asked for, from 5 on',
    page: DESCRIBE,
    expected: ['InvalidParameterValue', 5, 'string', 1, 'undefined'],
    observe: async (on) => {
      const one = await setScene(on);
      const two = await setScene(on);
      for (const SessionNumber of [1, 2, 3]) {
        await one.create({ SessionNumber });
        await two.create({ SessionNumber });
      }
      const read = (MaxResults: number, NextToken?: string) =>
        on.ec2.send(
          new DescribeTrafficMirrorSessionsCommand(
            NextToken === undefined ? { MaxResults } : { MaxResults, NextToken },
          ),
        );
      const tooSmall = await codeOf(read(4));
      const first = await read(5);
      const second = await read(5, first.NextToken);
      return [
        tooSmall,
        first.TrafficMirrorSessions?.length,
        typeof first.NextToken,
        second.TrafficMirrorSessions?.length,
        typeof second.NextToken,
      ];
    },
  },
  {
    rule: 'a client token makes one session, and refuses another request',
    page: 'ec2/devguide/ec2-api-idempotency',
    expected: [true, 'IdempotentParameterMismatch', 1],
    observe: async (on) => {
      const scene = await setScene(on);
      const first = await makeSession(scene, { ClientToken: 'once' });
      const again = await makeSession(scene, { ClientToken: 'once' });
      const other = await codeOf(scene.create({ ClientToken: 'once', SessionNumber: 2 }));
      return [first === again, other, (await findSessions(on)).length];
    },
  },
  {
    rule: 'tags of a session are written, read with it, listed and removed',
    page: 'AWSEC2/APIReference/API_CreateTags',
    expected: [[{ Key: 'a', Value: 'b' }], ['traffic-mirror-session a=b'], []],
    observe: async (on) => {
      const { ec2 } = on;
      const id = await makeSession(await setScene(on));
      await ec2.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key: 'a', Value: 'b' }] }));
      const tagsOf = async () =>
        (await ec2.send(new DescribeTrafficMirrorSessionsCommand({}))).TrafficMirrorSessions?.[0]?.Tags;
      const read = await tagsOf();
      const filter = { Name: 'resource-id', Values: [id] };
      const { Tags: listed = [] } = await ec2.send(new DescribeTagsCommand({ Filters: [filter] }));
      await ec2.send(new DeleteTagsCommand({ Resources: [id], Tags: [{ Key: 'a' }] }));
      return [read, listed.map(({ ResourceType, Key, Value }) => `${ResourceType} ${Key}=${Value}`), await tagsOf()];
    },
  },
];
