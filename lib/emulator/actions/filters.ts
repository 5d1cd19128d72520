import type {
  CreateTrafficMirrorFilterRequest,
  CreateTrafficMirrorFilterResult,
  DeleteTrafficMirrorFilterRequest,
  DeleteTrafficMirrorFilterResult,
  DescribeTrafficMirrorFiltersRequest,
  DescribeTrafficMirrorFiltersResult,
  ModifyTrafficMirrorFilterNetworkServicesRequest,
  ModifyTrafficMirrorFilterNetworkServicesResult,
  TrafficMirrorFilter,
  TrafficMirrorNetworkService,
} from '@aws-sdk/client-ec2';
import type { Filter } from '../account.ts';
import { removeFilter } from '../account-change.ts';
import { refuse, refuseValue, requireParameter } from '../aws-error.ts';
import type { Call, Effect } from '../call.ts';
import { describe } from '../describe.ts';
import { checkMirroringId, findFilter, refuseMissingMirroring } from '../lookup.ts';
import { checkTagSpecifications, listTags, writeTags } from '../tags.ts';
import { showRule } from './filter-rules.ts';

/** Makes a filter without rules, which mirrors nothing yet. */
export function createTrafficMirrorFilter(
  input: CreateTrafficMirrorFilterRequest,
  call: Call,
): Effect<CreateTrafficMirrorFilterResult> {
  const tags = checkTagSpecifications(call, input.TagSpecifications, ['traffic-mirror-filter']);
  if (call.account.filters.size >= call.rules.filtersMax) {
    refuse('TrafficMirrorFilterLimitExceeded', `Filter limit reached (${call.rules.filtersMax}).`);
  }
  return () => {
    const filter: Filter = {
      filterId: `tmf-${call.random.hex(17)}`,
      ownerId: call.account.accountId,
      description: input.Description,
      createdAt: call.now,
      networkServices: [],
      ruleIds: [],
    };
    call.account.filters.add(filter.filterId, filter);
    const given = tags['traffic-mirror-filter'] ?? {};
    writeTags(call, filter.filterId, given);
    return { TrafficMirrorFilter: showFilter(call, filter, given), ClientToken: input.ClientToken };
  };
}

/** Removes a filter and its rules, unless a session uses it. */
export function deleteTrafficMirrorFilter(
  input: DeleteTrafficMirrorFilterRequest,
  call: Call,
): Effect<DeleteTrafficMirrorFilterResult> {
  const filter = findFilter(call, requireParameter('TrafficMirrorFilterId', input.TrafficMirrorFilterId));
  if (call.account.sessionsByFilter.has(filter.filterId)) {
    refuse('TrafficMirrorFilterInUse', `The filter '${filter.filterId}' is in use by a session.`);
  }
  return () => {
    removeFilter(call.account, filter);
    return { TrafficMirrorFilterId: filter.filterId };
  };
}

/** Lets Amazon DNS through a filter, or stops it: the one network service there is. */
export function modifyTrafficMirrorFilterNetworkServices(
  input: ModifyTrafficMirrorFilterNetworkServicesRequest,
  call: Call,
): Effect<ModifyTrafficMirrorFilterNetworkServicesResult> {
  const filter = findFilter(call, requireParameter('TrafficMirrorFilterId', input.TrafficMirrorFilterId));
  const added = checkServices(input.AddNetworkServices ?? []);
  const removed = new Set(checkServices(input.RemoveNetworkServices ?? []));
  return () => {
    const services = new Set([...filter.networkServices, ...added]);
    filter.networkServices = [...services].filter((service) => !removed.has(service));
    const tags = call.account.tags.get(filter.filterId)?.tags ?? {};
    return { TrafficMirrorFilter: showFilter(call, filter, tags) };
  };
}

function checkServices(services: readonly TrafficMirrorNetworkService[]): readonly TrafficMirrorNetworkService[] {
  for (const service of services) {
    if (service !== 'amazon-dns') refuseValue('NetworkService', service, "Expecting 'amazon-dns'.");
  }
  return services;
}

/** Filters with their rules. No filter by tag: AWS documents none here. */
export function describeTrafficMirrorFilters(
  input: DescribeTrafficMirrorFiltersRequest,
  call: Call,
): Effect<DescribeTrafficMirrorFiltersResult> {
  const page = describe<Filter>(call, input, input.TrafficMirrorFilterIds, {
    table: call.account.filters,
    unpagedIds: call.rules.mirroringIdsWithPage === 'refused' ? 'trafficMirrorFilterIdSet' : undefined,
    isVisible: call.view.hasMirroring,
    checkId: (id) => checkMirroringId('filter', id),
    refuseMissing: (id) => refuseMissingMirroring(call, 'filter', id),
    fields: {
      description: ({ description }) => description,
      'traffic-mirror-filter-id': ({ filterId }) => filterId,
    },
    indexes: { 'traffic-mirror-filter-id': (id) => [id] },
  });
  return () => ({
    TrafficMirrorFilters: page.rows.map((filter) => showFilter(call, filter, call.view.tagsOf(filter.filterId))),
    NextToken: page.nextToken,
  });
}

function showFilter(call: Call, filter: Filter, tags: Readonly<Record<string, string>>): TrafficMirrorFilter {
  const rules = filter.ruleIds.map((id) => call.account.rules.get(id)).filter((rule) => rule !== undefined);
  const shown = rules.sort((one, other) => one.ruleNumber - other.ruleNumber).map((rule) => showRule(rule, undefined));
  return {
    TrafficMirrorFilterId: filter.filterId,
    IngressFilterRules: shown.filter(({ TrafficDirection: direction }) => direction === 'ingress'),
    EgressFilterRules: shown.filter(({ TrafficDirection: direction }) => direction === 'egress'),
    NetworkServices: filter.networkServices,
    Description: filter.description,
    Tags: listTags(tags),
  };
}
