import type { Tag, TagSpecification } from '@aws-sdk/client-ec2';
import type { Account } from './account.ts';
import { refuse, requireParameter } from './aws-error.ts';
import type { Call } from './call.ts';

/** ec2/UserGuide/Using_Tags, "Tag restrictions". */
const KEY_CHARACTERS_MAX = 127;
const VALUE_CHARACTERS_MAX = 256;
const RESERVED_PREFIX = 'aws:';
/** ec2/devguide/errors-overview: "Tag keys … cannot start with aws:"; and what CreateTags answers in clients' logs. */
const RESERVED_KEY = { documented: 'InvalidTagKey.Malformed', observed: 'InvalidParameterValue' } as const;

/** What may carry tags here, by id prefix, in EC2's resource-type words. */
const RESOURCE_TYPES: Readonly<Record<string, string>> = {
  i: 'instance',
  eni: 'network-interface',
  subnet: 'subnet',
  vpc: 'vpc',
  tms: 'traffic-mirror-session',
  tmt: 'traffic-mirror-target',
  tmf: 'traffic-mirror-filter',
  tmfr: 'traffic-mirror-filter-rule',
};

/** EC2's word for what an id names; undefined for an id of no taggable kind. */
export function resourceTypeOf(resourceId: string): string | undefined {
  return RESOURCE_TYPES[resourceId.slice(0, resourceId.lastIndexOf('-'))];
}

/** Stops the call unless these tags may be written: key and value lengths, the reserved prefix, no key twice. */
export function checkTags({ rules }: Call, tags: readonly Tag[]): Readonly<Record<string, string>> {
  const checked: Record<string, string> = {};
  for (const { Key: key = '', Value: value = '' } of tags) {
    requireParameter('Tag.Key', key);
    if (key.length > KEY_CHARACTERS_MAX) {
      refuse('InvalidParameterValue', `Tag key exceeds the maximum length of ${KEY_CHARACTERS_MAX} characters`);
    }
    if (value.length > VALUE_CHARACTERS_MAX) {
      refuse('InvalidParameterValue', `Tag value exceeds the maximum length of ${VALUE_CHARACTERS_MAX} characters`);
    }
    if (key.toLowerCase().startsWith(RESERVED_PREFIX)) {
      const message = `Value ( ${key} ) for parameter key is invalid. Tag keys starting with 'aws:' are reserved for internal use`;
      refuse(RESERVED_KEY[rules.reservedTagKeyCode], message);
    }
    if (Object.hasOwn(checked, key)) {
      refuse('InvalidParameterValue', `Duplicate tag key '${key}' specified.`);
    }
    checked[key] = value;
  }
  return checked;
}

/** Stops the call when a resource would have more tags than AWS allows. */
export function requireTagRoom(call: Call, count: number): void {
  if (count > call.rules.tagsPerResourceMax) {
    refuse('TagLimitExceeded', 'The maximum number of Tags for a resource has been reached.');
  }
}

/** Tags given at creation, by resource type; stops the call for a type that this action does not create. */
export function checkTagSpecifications(
  call: Call,
  specifications: readonly TagSpecification[] | undefined,
  allowedTypes: readonly string[],
): Readonly<Record<string, Readonly<Record<string, string>>>> {
  const byType: Record<string, Readonly<Record<string, string>>> = {};
  for (const { ResourceType: resourceType, Tags: tags } of specifications ?? []) {
    const type = requireParameter('TagSpecification.ResourceType', resourceType);
    if (!allowedTypes.includes(type)) {
      refuse('InvalidParameterValue', `'${type}' is not a valid taggable resource type for this operation.`);
    }
    if (byType[type] !== undefined) {
      refuse(
        'InvalidParameterValue',
        `The same resource type may not be specified more than once in tag specifications`,
      );
    }
    const checked = checkTags(call, tags ?? []);
    requireTagRoom(call, Object.keys(checked).length);
    byType[type] = checked;
  }
  return byType;
}

/** Replaces the tags of a resource and tells the world about it, if anything changed. */
export function writeTags(call: Call, resourceId: string, tags: Readonly<Record<string, string>>): void {
  const before = call.account.tags.get(resourceId)?.tags ?? {};
  const keys = new Set([...Object.keys(before), ...Object.keys(tags)]);
  const changedKeys = [...keys].filter((key) => before[key] !== tags[key]);
  if (changedKeys.length === 0) return;
  const state = placeTags(call.account, resourceId, tags, call.now);
  call.notify({
    kind: 'tag-change',
    resourceId,
    resourceType: state.resourceType,
    changedKeys,
    tags,
    version: state.version,
  });
}

/** A stale view looks back over no more changes than this. */
const CHANGES_REMEMBERED = 8;

/** Replaces the tags of a resource without telling anybody; counts the change. */
export function placeTags(account: Account, resourceId: string, tags: Readonly<Record<string, string>>, now: number) {
  let state = account.tags.get(resourceId);
  if (state === undefined) {
    state = { resourceId, resourceType: resourceTypeOf(resourceId) ?? 'unknown', tags: {}, version: 0, before: [] };
    account.tags.add(resourceId, state);
  }
  state.before = [...state.before, { until: now, tags: state.tags }].slice(-CHANGES_REMEMBERED);
  state.tags = tags;
  state.version += 1;
  return state;
}

/** Tags as EC2 lists them. */
export function listTags(tags: Readonly<Record<string, string>>): Tag[] {
  return Object.entries(tags).map(([key, value]) => ({ Key: key, Value: value }));
}
