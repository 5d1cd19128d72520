import {
  CreateTrafficMirrorFilterCommand,
  CreateTrafficMirrorFilterRuleCommand,
  CreateTrafficMirrorTargetCommand,
  DeleteTrafficMirrorFilterCommand,
  DeleteTrafficMirrorFilterRuleCommand,
  DeleteTrafficMirrorTargetCommand,
  DescribeTrafficMirrorFilterRulesCommand,
  DescribeTrafficMirrorFiltersCommand,
  DescribeTrafficMirrorTargetsCommand,
  ModifyTrafficMirrorFilterNetworkServicesCommand,
  ModifyTrafficMirrorFilterRuleCommand,
} from '@aws-sdk/client-ec2';
import { codeOf } from '../../support/witness.ts';
import { type Ec2, makeFilter, makeInterface, makeSession, makeTarget, type Rule, setScene } from './rule.ts';

const ERRORS = 'ec2/devguide/errors-overview';
const LOST = '00000000000000000';

function addRule({ ec2 }: Ec2, filter: string, number: number, more: object = {}) {
  return ec2.send(
    new CreateTrafficMirrorFilterRuleCommand({
      TrafficMirrorFilterId: filter,
      TrafficDirection: 'ingress',
      RuleNumber: number,
      RuleAction: 'accept',
      SourceCidrBlock: '0.0.0.0/0',
      DestinationCidrBlock: '10.0.0.0/8',
      ...more,
    }),
  );
}

/** What EC2 does with targets. */
export const targetRules: readonly Rule[] = [
  {
    rule: 'a target of an interface answers with its type, interface, owner and tags',
    page: 'AWSEC2/APIReference/API_CreateTrafficMirrorTarget',
    expected: ['network-interface', true, '123456789012', 'mine', [{ Key: 'a', Value: 'b' }]],
    observe: async (on) => {
      const id = await makeInterface(on);
      const { TrafficMirrorTarget: made } = await on.ec2.send(
        new CreateTrafficMirrorTargetCommand({
          NetworkInterfaceId: id,
          Description: 'mine',
          TagSpecifications: [{ ResourceType: 'traffic-mirror-target', Tags: [{ Key: 'a', Value: 'b' }] }],
        }),
      );
      return [made?.Type, made?.NetworkInterfaceId === id, made?.OwnerId, made?.Description, made?.Tags];
    },
  },
  {
    rule: 'a target of nothing is refused',
    page: 'not documented',
    expected: 'MissingParameter',
    observe: ({ ec2 }) => codeOf(ec2.send(new CreateTrafficMirrorTargetCommand({}))),
  },
  {
    rule: 'a target of two things is refused',
    page: 'not documented',
    expected: 'InvalidParameterCombination',
    observe: async (on) => {
      const two = { NetworkInterfaceId: await makeInterface(on), GatewayLoadBalancerEndpointId: `vpce-${LOST}` };
      return codeOf(on.ec2.send(new CreateTrafficMirrorTargetCommand(two)));
    },
  },
  {
    rule: 'a target of an unknown interface is refused',
    page: ERRORS,
    expected: 'InvalidNetworkInterfaceID.NotFound',
    observe: (on) => codeOf(makeTarget(on, `eni-${LOST}`)),
  },
  {
    rule: 'an interface is one target only',
    page: ERRORS,
    expected: 'InterfaceInUseByTrafficMirrorTarget',
    observe: async (on) => {
      const id = await makeInterface(on);
      await makeTarget(on, id);
      return codeOf(makeTarget(on, id));
    },
  },
  {
    rule: 'an interface is a source or a target, never both',
    page: ERRORS,
    expected: ['InterfaceInUseByTrafficMirrorTarget', 'InterfaceInUseByTrafficMirrorSession'],
    observe: async (on) => {
      const scene = await setScene(on);
      const id = await makeInterface(on);
      await makeTarget(on, id);
      const asSource = await codeOf(scene.create({ NetworkInterfaceId: id }));
      await makeSession(scene);
      return [asSource, await codeOf(makeTarget(on, scene.source))];
    },
  },
  {
    rule: 'targets are found by id and by interface',
    page: 'AWSEC2/APIReference/API_DescribeTrafficMirrorTargets',
    expected: [true, true],
    observe: async (on) => {
      const networkInterfaceId = await makeInterface(on);
      const id = await makeTarget(on, networkInterfaceId);
      await makeTarget(on);
      const byId = await on.ec2.send(new DescribeTrafficMirrorTargetsCommand({ TrafficMirrorTargetIds: [id] }));
      const filter = { Name: 'network-interface-id', Values: [networkInterfaceId] };
      const byFilter = await on.ec2.send(new DescribeTrafficMirrorTargetsCommand({ Filters: [filter] }));
      return [byId, byFilter].map(
        ({ TrafficMirrorTargets: found = [] }) => found.length === 1 && found[0]?.TrafficMirrorTargetId === id,
      );
    },
  },
  {
    rule: 'an unknown target is not found',
    page: ERRORS,
    expected: 'InvalidTrafficMirrorTargetId.NotFound',
    observe: ({ ec2 }) =>
      codeOf(ec2.send(new DescribeTrafficMirrorTargetsCommand({ TrafficMirrorTargetIds: [`tmt-${LOST}`] }))),
  },
  {
    rule: 'a target in use stays, a free one can be deleted',
    page: ERRORS,
    expected: ['TrafficMirrorTargetInUseException', 'none'],
    observe: async (on) => {
      const scene = await setScene(on);
      await makeSession(scene);
      const free = await makeTarget(on);
      const remove = (id: string) =>
        codeOf(on.ec2.send(new DeleteTrafficMirrorTargetCommand({ TrafficMirrorTargetId: id })));
      return [await remove(scene.target), await remove(free)];
    },
  },
];

/** What EC2 does with filters and their rules. */
export const filterRules: readonly Rule[] = [
  {
    rule: 'a new filter is empty',
    page: 'AWSEC2/APIReference/API_CreateTrafficMirrorFilter',
    expected: ['mine', [], [], [], [{ Key: 'a', Value: 'b' }]],
    observe: async ({ ec2 }) => {
      const { TrafficMirrorFilter: made } = await ec2.send(
        new CreateTrafficMirrorFilterCommand({
          Description: 'mine',
          TagSpecifications: [{ ResourceType: 'traffic-mirror-filter', Tags: [{ Key: 'a', Value: 'b' }] }],
        }),
      );
      return [made?.Description, made?.IngressFilterRules, made?.EgressFilterRules, made?.NetworkServices, made?.Tags];
    },
  },
  {
    rule: 'filters are found by id and by description',
    page: 'AWSEC2/APIReference/API_DescribeTrafficMirrorFilters',
    expected: [1, 1],
    observe: async (on) => {
      await on.ec2.send(new CreateTrafficMirrorFilterCommand({ Description: 'mine' }));
      const id = await makeFilter(on);
      const byId = await on.ec2.send(new DescribeTrafficMirrorFiltersCommand({ TrafficMirrorFilterIds: [id] }));
      const filter = { Name: 'description', Values: ['mine'] };
      const byText = await on.ec2.send(new DescribeTrafficMirrorFiltersCommand({ Filters: [filter] }));
      return [byId.TrafficMirrorFilters?.length, byText.TrafficMirrorFilters?.length];
    },
  },
  {
    rule: 'an unknown filter is not found',
    page: ERRORS,
    expected: 'InvalidTrafficMirrorFilterId.NotFound',
    observe: ({ ec2 }) =>
      codeOf(ec2.send(new DescribeTrafficMirrorFiltersCommand({ TrafficMirrorFilterIds: [`tmf-${LOST}`] }))),
  },
  {
    rule: 'a filter in use stays, a free one can be deleted',
    page: ERRORS,
    expected: ['TrafficMirrorFilterInUse', 'none'],
    observe: async (on) => {
      const scene = await setScene(on);
      await makeSession(scene);
      const free = await makeFilter(on);
      const remove = (id: string) =>
        codeOf(on.ec2.send(new DeleteTrafficMirrorFilterCommand({ TrafficMirrorFilterId: id })));
      return [await remove(scene.filter), await remove(free)];
    },
  },
  {
    rule: 'a rule is added, changed, shown by its filter and removed',
    page: 'AWSEC2/APIReference/API_CreateTrafficMirrorFilterRule',
    expected: [[1, 6, 80], 9, 1, 0],
    observe: async (on) => {
      const filter = await makeFilter(on);
      const ports = { DestinationPortRange: { FromPort: 80, ToPort: 443 } };
      const added = await addRule(on, filter, 1, { Protocol: 6, ...ports }).catch((error: Error) => error.name);
      if (typeof added === 'string') return added;
      const made = added.TrafficMirrorFilterRule;
      const id = { TrafficMirrorFilterRuleId: made?.TrafficMirrorFilterRuleId };
      const changed = await on.ec2.send(new ModifyTrafficMirrorFilterRuleCommand({ ...id, RuleNumber: 9 }));
      const read = await on.ec2.send(new DescribeTrafficMirrorFiltersCommand({ TrafficMirrorFilterIds: [filter] }));
      await on.ec2.send(new DeleteTrafficMirrorFilterRuleCommand(id));
      const left = await on.ec2.send(new DescribeTrafficMirrorFilterRulesCommand({ TrafficMirrorFilterId: filter }));
      return [
        [made?.RuleNumber, made?.Protocol, made?.DestinationPortRange?.FromPort],
        changed.TrafficMirrorFilterRule?.RuleNumber,
        read.TrafficMirrorFilters?.[0]?.IngressFilterRules?.length,
        left.TrafficMirrorFilterRules?.length,
      ];
    },
  },
  {
    rule: 'a rule number serves once in a direction, and a filter has ten rules at most',
    page: ERRORS,
    expected: ['TrafficMirrorFilterRuleAlreadyExists', 'TrafficMirrorFilterRuleLimitExceeded'],
    observe: async (on) => {
      const filter = await makeFilter(on);
      await codeOf(addRule(on, filter, 1));
      const twice = await codeOf(addRule(on, filter, 1));
      for (let number = 2; number <= 10; number++) await codeOf(addRule(on, filter, number));
      return [twice, await codeOf(addRule(on, filter, 11))];
    },
  },
  {
    rule: 'Amazon DNS is let through and stopped again',
    page: 'AWSEC2/APIReference/API_ModifyTrafficMirrorFilterNetworkServices',
    expected: [['amazon-dns'], []],
    observe: async (on) => {
      const filter = { TrafficMirrorFilterId: await makeFilter(on) };
      const change = (input: object) =>
        on.ec2.send(new ModifyTrafficMirrorFilterNetworkServicesCommand({ ...filter, ...input })).then(
          ({ TrafficMirrorFilter: now }) => now?.NetworkServices,
          (error: Error) => error.name,
        );
      return [
        await change({ AddNetworkServices: ['amazon-dns'] }),
        await change({ RemoveNetworkServices: ['amazon-dns'] }),
      ];
    },
  },
];
