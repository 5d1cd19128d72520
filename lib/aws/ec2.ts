/**
 * EC2 as `lib/ports.ts` describes it, over the SDK. Reads go page by page (an empty page with a token is not the end),
 * at most 200 filter values a call, never with an empty list of ids, which EC2 would take for "everything".
 */
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
  type Filter as Ec2Filter,
  ModifyTrafficMirrorFilterNetworkServicesCommand,
  ModifyTrafficMirrorFilterRuleCommand,
  ModifyTrafficMirrorSessionCommand,
  type TrafficMirrorFilterRuleField,
  type TrafficMirrorNetworkService,
} from '@aws-sdk/client-ec2';
import { filterValuesPerCallMax, pageRowsMax } from '../core/limits.ts';
import type { FilterId, PortRange, RuleSpec, SessionId, Tags } from '../core/model.ts';
import type { Ec2Failure } from '../failure.ts';
import { retryRead } from '../pace.ts';
import type { Clock, Ec2, InterfaceQuery, Log, SessionQuery } from '../ports.ts';
import { attempt } from './attempt.ts';
import { filterFromEc2, instanceFromEc2, interfaceFromEc2, sessionFromEc2, targetFromEc2 } from './from-ec2.ts';

/** What EC2 is asked for: everything, or rows whose field has one of some values. */
type Selector = 'all' | { readonly name: string; readonly values: readonly string[] };

interface Page<Row> {
  readonly rows: readonly Row[];
  readonly nextToken: string | undefined;
}

/**
 * The port, over one SDK client that makes each call once (`maxAttempts: 1`): repeating is decided here. Reads that EC2
 * throttles are counted in `log`, when there is one; writes are counted by whoever paces them.
 */
export function createEc2(client: EC2Client, clock: Clock, random: () => number, log?: Pick<Log, 'count'>): Ec2 {
  const attemptRead = <T>(operation: string, call: () => Promise<T>): Promise<T> =>
    attempt(operation, call).catch((error: Ec2Failure) => {
      if (error.kind === 'throttled') log?.count('Throttles');
      throw error;
    });

  const readPages = async <Row>(
    operation: string,
    filters: Ec2Filter[] | undefined,
    readPage: (filters: Ec2Filter[] | undefined, nextToken: string | undefined) => Promise<Page<Row>>,
  ): Promise<Row[]> => {
    const rows: Row[] = [];
    let nextToken: string | undefined;
    do {
      const token = nextToken;
      const page = await retryRead(() => attemptRead(operation, () => readPage(filters, token)), clock, random);
      for (const row of page.rows) rows.push(row);
      nextToken = page.nextToken || undefined;
    } while (nextToken !== undefined);
    return rows;
  };

  const read = async <Row>(
    operation: string,
    selector: Selector,
    readPage: (filters: Ec2Filter[] | undefined, nextToken: string | undefined) => Promise<Page<Row>>,
    extraFilters: Ec2Filter[] = [],
  ): Promise<Row[]> => {
    if (selector === 'all') return readPages(operation, undefined, readPage);
    const rows: Row[] = [];
    const valuesMax = filterValuesPerCallMax - extraFilters.length;
    for (let start = 0; start < selector.values.length; start += valuesMax) {
      const values = selector.values.slice(start, start + valuesMax);
      const filters = [{ Name: selector.name, Values: values }, ...extraFilters];
      for (const row of await readPages(operation, filters, readPage)) rows.push(row);
    }
    return rows;
  };

  return {
    readInterfaces: (query) =>
      read('DescribeNetworkInterfaces', interfaceSelector(query), async (Filters, NextToken) => {
        const input = pageInput(Filters, NextToken);
        const page = await client.send(
          new DescribeNetworkInterfacesCommand({ ...input, IncludeManagedResources: true }),
        );
        return { rows: (page.NetworkInterfaces ?? []).map(interfaceFromEc2), nextToken: page.NextToken };
      }),
    readInstances: (query) =>
      read(
        'DescribeInstances',
        query === 'all' ? 'all' : { name: 'instance-id', values: query.instanceIds },
        async (Filters, NextToken) => {
          const input = pageInput(Filters, NextToken);
          const page = await client.send(new DescribeInstancesCommand({ ...input, IncludeManagedResources: true }));
          const shapes = (page.Reservations ?? []).flatMap(({ Instances }) => Instances ?? []);
          return { rows: shapes.map(instanceFromEc2), nextToken: page.NextToken };
        },
      ),
    readSessions: (query) =>
      read('DescribeTrafficMirrorSessions', sessionSelector(query), async (Filters, NextToken) => {
        const page = await client.send(new DescribeTrafficMirrorSessionsCommand(pageInput(Filters, NextToken)));
        return { rows: (page.TrafficMirrorSessions ?? []).map(sessionFromEc2), nextToken: page.NextToken };
      }),
    readTargets: () =>
      read('DescribeTrafficMirrorTargets', 'all', async (Filters, NextToken) => {
        const page = await client.send(new DescribeTrafficMirrorTargetsCommand(pageInput(Filters, NextToken)));
        return { rows: (page.TrafficMirrorTargets ?? []).map(targetFromEc2), nextToken: page.NextToken };
      }),
    readFilters: () =>
      read('DescribeTrafficMirrorFilters', 'all', async (Filters, NextToken) => {
        const page = await client.send(new DescribeTrafficMirrorFiltersCommand(pageInput(Filters, NextToken)));
        return { rows: (page.TrafficMirrorFilters ?? []).map(filterFromEc2), nextToken: page.NextToken };
      }),
    findSessionIdsByTag: (key, values) =>
      read(
        'DescribeTags',
        { name: 'value', values },
        async (Filters, NextToken) => {
          const page = await client.send(new DescribeTagsCommand(pageInput(Filters, NextToken)));
          return {
            rows: (page.Tags ?? []).flatMap(({ ResourceId }) => ResourceId as SessionId),
            nextToken: page.NextToken,
          };
        },
        [
          { Name: 'key', Values: [key] },
          { Name: 'resource-type', Values: ['traffic-mirror-session'] },
        ],
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

function pageInput(filters: Ec2Filter[] | undefined, nextToken: string | undefined) {
  return { Filters: filters, NextToken: nextToken, MaxResults: pageRowsMax };
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
