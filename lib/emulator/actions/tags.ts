import type {
  CreateTagsRequest,
  DeleteTagsRequest,
  DescribeTagsRequest,
  DescribeTagsResult,
  ResourceType,
} from '@aws-sdk/client-ec2';
import type { TagState } from '../account.ts';
import { refuse, refuseUnauthorized } from '../aws-error.ts';
import type { Call, Effect } from '../call.ts';
import { findFilter, findInstance, findInterface, findRule, findSession, findTarget } from '../lookup.ts';
import { checkPageSize, PAGE_RANGE, takePage } from '../paging.ts';
import { compileFilters } from '../row-filters.ts';
import type { Placed } from '../table.ts';
import { checkTags, requireTagRoom, resourceTypeOf, writeTags } from '../tags.ts';

/** API_CreateTags: "up to 1000 resources". */
const RESOURCES_MAX = 1_000;

/** Adds or overwrites tags on resources of any kind, all or none. */
export function createTags(input: CreateTagsRequest, call: Call): Effect<object> {
  const resourceIds = checkResources(input.Resources ?? [], call);
  const added = checkTags(call, input.Tags ?? []);
  const changes = resourceIds.map((id) => ({ id, tags: { ...tagsNow(call, id), ...added } }));
  for (const { tags } of changes) requireTagRoom(call, Object.keys(tags).length);
  return () => {
    for (const { id, tags } of changes) writeTags(call, id, tags);
    return {};
  };
}

/** Removes tags: a key alone whatever its value, a key with a value only where the value is the same, no key all tags. */
export function deleteTags(input: DeleteTagsRequest, call: Call): Effect<object> {
  const resourceIds = checkResources(input.Resources ?? [], call);
  const removed = input.Tags;
  return () => {
    for (const id of resourceIds) {
      const tags = Object.entries(tagsNow(call, id)).filter(
        ([key, value]) =>
          removed !== undefined &&
          !removed.some((tag) => tag.Key === key && (tag.Value === undefined || tag.Value === value)),
      );
      writeTags(call, id, Object.fromEntries(tags));
    }
    return {};
  };
}

interface TagRow {
  readonly key: string;
  readonly value: string;
  readonly state: TagState;
}

/** Tags one by one, across resources; the way to find sessions by tag. */
export function describeTags(input: DescribeTagsRequest, call: Call): Effect<DescribeTagsResult> {
  checkPageSize(input.MaxResults, PAGE_RANGE);
  const filters = compileFilters<TagRow>(
    input.Filters,
    {
      key: ({ key }) => key,
      value: ({ value }) => value,
      'resource-id': ({ state }) => state.resourceId,
      'resource-type': ({ state }) => state.resourceType,
    },
    // `tag:<key>` looks at this one tag: its key must be the named one.
    (name) =>
      ({ key, value }: TagRow) =>
        key === name ? value : undefined,
  );
  const page = takePage(call, input, (start) =>
    listAfter(call, start, (row) => filters.every(({ accepts }) => accepts(row))),
  );
  return () => ({
    Tags: page.rows.map(({ key, value, state }) => ({
      Key: key,
      Value: value,
      ResourceId: state.resourceId,
      ResourceType: state.resourceType as ResourceType,
    })),
    NextToken: page.nextToken,
  });
}

/** More than a resource can have tags; gives each tag a place of its own in the order. */
const TAGS_APART = 64;

function* listAfter(call: Call, start: number, isWanted: (row: TagRow) => boolean): Iterable<Placed<TagRow>> {
  for (const { sequence, row: state } of call.account.tags.after(Math.floor(start / TAGS_APART) - 1)) {
    let place = sequence * TAGS_APART;
    for (const [key, value] of Object.entries(call.view.tagsOf(state.resourceId))) {
      place += 1;
      const row = { key, value, state };
      if (place > start && isWanted(row) && isVisible(call, state.resourceId)) yield { sequence: place, row };
    }
  }
}

function isVisible({ account, view }: Call, resourceId: string): boolean {
  const instance = account.instances.get(resourceId);
  if (instance !== undefined) return view.hasInstance(instance);
  const networkInterface = account.interfaces.get(resourceId);
  if (networkInterface !== undefined) return view.hasInterface(networkInterface);
  const mirroring =
    account.sessions.get(resourceId) ??
    account.targets.get(resourceId) ??
    account.filters.get(resourceId) ??
    account.rules.get(resourceId);
  return mirroring === undefined || view.hasMirroring(mirroring);
}

function tagsNow(call: Call, resourceId: string): Readonly<Record<string, string>> {
  return call.account.tags.get(resourceId)?.tags ?? {};
}

function checkResources(ids: readonly string[], call: Call): readonly string[] {
  if (ids.length > RESOURCES_MAX) {
    refuse('InvalidParameterValue', `The maximum number of resources in a single call is ${RESOURCES_MAX}`);
  }
  for (const id of ids) requireResource(id, call);
  return [...new Set(ids)];
}

const FINDERS: Readonly<Record<string, (call: Call, id: string) => object>> = {
  instance: findInstance,
  'network-interface': findInterface,
  'traffic-mirror-session': findSession,
  'traffic-mirror-target': findTarget,
  'traffic-mirror-filter': findFilter,
  'traffic-mirror-filter-rule': findRule,
};

function requireResource(id: string, call: Call): void {
  const type = resourceTypeOf(id);
  const find = type === undefined ? undefined : FINDERS[type];
  if (find !== undefined) {
    const found = find(call, id);
    if ('ownerId' in found && found.ownerId !== call.account.accountId) refuseUnauthorized();
  } else if (call.account.vpcs.get(id) === undefined && call.account.subnets.get(id) === undefined) {
    refuse('InvalidID', `The ID '${id}' is not valid`);
  }
}
