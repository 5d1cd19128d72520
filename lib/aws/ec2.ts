/** EC2 as `lib/ports.ts` describes it, over the SDK. */
import {
  CreateTrafficMirrorFilterCommand,
  CreateTrafficMirrorFilterRuleCommand,
  CreateTrafficMirrorSessionCommand,
  DeleteTrafficMirrorFilterCommand,
  DeleteTrafficMirrorFilterRuleCommand,
  DeleteTrafficMirrorSessionCommand,
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeTagsCommand,
  DescribeTrafficMirrorFiltersCommand,
  DescribeTrafficMirrorSessionsCommand,
  DescribeTrafficMirrorTargetsCommand,
  type EC2Client,
  ModifyTrafficMirrorFilterNetworkServicesCommand,
  ModifyTrafficMirrorFilterRuleCommand,
  ModifyTrafficMirrorSessionCommand,
  type TrafficMirrorFilterRuleField,
  type TrafficMirrorNetworkService,
} from '@aws-sdk/client-ec2';
import type { FilterId, PortRange, RuleSpec, SessionId, Tags } from '../core/model.ts';
import type { Clock, Ec2, InterfaceQuery, Log, SessionQuery } from '../ports.ts';
import { attempt } from './attempt.ts';
import { filterFromEc2, instanceFromEc2, interfaceFromEc2, sessionFromEc2, targetFromEc2 } from './from-ec2.ts';
import { readListing, type Selector } from './read-listing.ts';

/**
 * The port, over SDK clients that make each call once (`maxAttempts: 1`): repeating is decided here. `reader` is the client
 * of listings, where they have one that waits longer. Reads that EC2 throttles are counted in `log`, when there is one;
 * writes are counted by whoever paces them.
 */
export function createEc2(
  client: EC2Client,
  clock: Clock,
  random: () => number,
  { log, reader = client }: { readonly log?: Pick<Log, 'count'>; readonly reader?: EC2Client } = {},
): Ec2 {
  const tools = { clock, random, log };
  return {
    readInterfaces: (query, deadlineAtMs) =>
      readListing(
        {
          operation: 'DescribeNetworkInterfaces',
          selector: interfaceSelector(query),
          deadlineAtMs,
          readPage: async (input, patience) => {
            const command = new DescribeNetworkInterfacesCommand({ ...input, IncludeManagedResources: true });
            const page = await reader.send(command, patience);
            return { rows: (page.NetworkInterfaces ?? []).map(interfaceFromEc2), nextToken: page.NextToken };
          },
        },
        tools,
      ),
    readInstances: (query, deadlineAtMs) =>
      readListing(
        {
          operation: 'DescribeInstances',
          selector: query === 'all' ? 'all' : { name: 'instance-id', values: query.instanceIds },
          deadlineAtMs,
          readPage: async (input, patience) => {
            const command = new DescribeInstancesCommand({ ...input, IncludeManagedResources: true });
            const page = await reader.send(command, patience);
            const shapes = (page.Reservations ?? []).flatMap(({ Instances }) => Instances ?? []);
            return { rows: shapes.map(instanceFromEc2), nextToken: page.NextToken };
          },
        },
        tools,
      ),
    readSessions: (query, deadlineAtMs) =>
      readListing(
        {
          operation: 'DescribeTrafficMirrorSessions',
          selector: sessionSelector(query),
          deadlineAtMs,
          readPage: async (input, patience) => {
            const page = await reader.send(new DescribeTrafficMirrorSessionsCommand(input), patience);
            return { rows: (page.TrafficMirrorSessions ?? []).map(sessionFromEc2), nextToken: page.NextToken };
          },
        },
        tools,
      ),
    readTargets: (deadlineAtMs) =>
      readListing(
        {
          operation: 'DescribeTrafficMirrorTargets',
          selector: 'all',
          deadlineAtMs,
          readPage: async (input, patience) => {
            const page = await reader.send(new DescribeTrafficMirrorTargetsCommand(input), patience);
            return { rows: (page.TrafficMirrorTargets ?? []).map(targetFromEc2), nextToken: page.NextToken };
          },
        },
        tools,
      ),
    readFilters: (deadlineAtMs) =>
      readListing(
        {
          operation: 'DescribeTrafficMirrorFilters',
          selector: 'all',
          deadlineAtMs,
          readPage: async (input, patience) => {
            const page = await reader.send(new DescribeTrafficMirrorFiltersCommand(input), patience);
            return { rows: (page.TrafficMirrorFilters ?? []).map(filterFromEc2), nextToken: page.NextToken };
          },
        },
        tools,
      ),
    findSessionIdsByTag: (key, values, deadlineAtMs) =>
      readListing(
        {
          operation: 'DescribeTags',
          selector: { name: 'value', values },
          extraFilters: [
            { Name: 'key', Values: [key] },
            { Name: 'resource-type', Values: ['traffic-mirror-session'] },
          ],
          deadlineAtMs,
          readPage: async (input, patience) => {
            const page = await reader.send(new DescribeTagsCommand(input), patience);
            const rows = (page.Tags ?? []).flatMap(({ ResourceId }) => ResourceId as SessionId);
            return { rows, nextToken: page.NextToken };
          },
        },
        tools,
      ),

    createSession: (input) =>
      attempt('CreateTrafficMirrorSession', async () => {
        const answer = await client.send(
          new CreateTrafficMirrorSessionCommand({
            NetworkInterfaceId: input.networkInterfaceId,
            TrafficMirrorTargetId: input.targetId,
            TrafficMirrorFilterId: input.filterId,
            SessionNumber: input.sessionNumber,
            PacketLength: input.packetLength,
            VirtualNetworkId: input.virtualNetworkId,
            Description: input.description,
            TagSpecifications: [{ ResourceType: 'traffic-mirror-session', Tags: tagsToEc2(input.tags) }],
            ClientToken: input.clientToken,
          }),
        );
        return sessionFromEc2(answer.TrafficMirrorSession ?? {});
      }),
    modifySession: (sessionId, changes) =>
      attempt('ModifyTrafficMirrorSession', async () => {
        const isWhole = changes.packetLength === 'whole';
        const answer = await client.send(
          new ModifyTrafficMirrorSessionCommand({
            TrafficMirrorSessionId: sessionId,
            TrafficMirrorTargetId: changes.targetId,
            TrafficMirrorFilterId: changes.filterId,
            SessionNumber: changes.sessionNumber,
            PacketLength: changes.packetLength === 'whole' ? undefined : changes.packetLength,
            VirtualNetworkId: changes.virtualNetworkId,
            Description: changes.description,
            RemoveFields: isWhole ? ['packet-length'] : undefined,
          }),
        );
        return sessionFromEc2(answer.TrafficMirrorSession ?? {});
      }),
    deleteSession: (TrafficMirrorSessionId) =>
      attempt('DeleteTrafficMirrorSession', async () => {
        await client.send(new DeleteTrafficMirrorSessionCommand({ TrafficMirrorSessionId }));
      }),
    createFilter: ({ tags, description, clientToken }) =>
      attempt('CreateTrafficMirrorFilter', async () => {
        const answer = await client.send(
          new CreateTrafficMirrorFilterCommand({
            Description: description,
            TagSpecifications: [{ ResourceType: 'traffic-mirror-filter', Tags: tagsToEc2(tags) }],
            ClientToken: clientToken,
          }),
        );
        return answer.TrafficMirrorFilter?.TrafficMirrorFilterId as FilterId;
      }),
    deleteFilter: (TrafficMirrorFilterId) =>
      attempt('DeleteTrafficMirrorFilter', async () => {
        await client.send(new DeleteTrafficMirrorFilterCommand({ TrafficMirrorFilterId }));
      }),
    createRule: (TrafficMirrorFilterId, rule, ClientToken) =>
      attempt('CreateTrafficMirrorFilterRule', async () => {
        const command = { ...ruleToEc2(rule), TrafficMirrorFilterId, ClientToken };
        await client.send(new CreateTrafficMirrorFilterRuleCommand(command));
      }),
    modifyRule: (TrafficMirrorFilterRuleId, from, to) =>
      attempt('ModifyTrafficMirrorFilterRule', async () => {
        const command = { ...ruleToEc2(to), TrafficMirrorFilterRuleId, RemoveFields: fieldsToRemove(from, to) };
        await client.send(new ModifyTrafficMirrorFilterRuleCommand(command));
      }),
    deleteRule: (TrafficMirrorFilterRuleId) =>
      attempt('DeleteTrafficMirrorFilterRule', async () => {
        await client.send(new DeleteTrafficMirrorFilterRuleCommand({ TrafficMirrorFilterRuleId }));
      }),
    changeNetworkServices: (TrafficMirrorFilterId, add, remove) =>
      attempt('ModifyTrafficMirrorFilterNetworkServices', async () => {
        await client.send(
          new ModifyTrafficMirrorFilterNetworkServicesCommand({
            TrafficMirrorFilterId,
            AddNetworkServices: add.length > 0 ? (add as TrafficMirrorNetworkService[]) : undefined,
            RemoveNetworkServices: remove.length > 0 ? (remove as TrafficMirrorNetworkService[]) : undefined,
          }),
        );
      }),
  };
}

function interfaceSelector(query: InterfaceQuery): Selector {
  if (query === 'all') return 'all';
  if ('instanceIds' in query) return { name: 'attachment.instance-id', values: query.instanceIds };
  return { name: 'network-interface-id', values: query.networkInterfaceIds };
}

function sessionSelector(query: SessionQuery): Selector {
  if (query === 'all') return 'all';
  if ('networkInterfaceIds' in query) return { name: 'network-interface-id', values: query.networkInterfaceIds };
  if ('sessionIds' in query) return { name: 'traffic-mirror-session-id', values: query.sessionIds };
  return { name: 'virtual-network-id', values: query.virtualNetworkIds.map(String) };
}

function tagsToEc2(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

function ruleToEc2(rule: RuleSpec) {
  return {
    TrafficDirection: rule.direction,
    RuleNumber: rule.ruleNumber,
    RuleAction: rule.action,
    Protocol: rule.protocol,
    SourceCidrBlock: rule.sourceCidr,
    DestinationCidrBlock: rule.destinationCidr,
    SourcePortRange: portsToEc2(rule.sourcePorts),
    DestinationPortRange: portsToEc2(rule.destinationPorts),
    Description: rule.description,
  };
}

function portsToEc2(ports: PortRange | undefined) {
  return ports && { FromPort: ports.from, ToPort: ports.to };
}

/** A field that the new rule leaves out must be removed by name: an absent one stays as it was. */
function fieldsToRemove(from: RuleSpec, to: RuleSpec): TrafficMirrorFilterRuleField[] | undefined {
  const fields: TrafficMirrorFilterRuleField[] = [];
  if (from.protocol !== undefined && to.protocol === undefined) fields.push('protocol');
  if (from.sourcePorts && !to.sourcePorts) fields.push('source-port-range');
  if (from.destinationPorts && !to.destinationPorts) fields.push('destination-port-range');
  if (from.description && !to.description) fields.push('description');
  return fields.length > 0 ? fields : undefined;
}
