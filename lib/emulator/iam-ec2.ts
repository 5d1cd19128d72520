import type { Account } from './account.ts';
import type { Access } from './iam-statement.ts';
import type { IamTable } from './iam-table.ts';
import { findTouches, type Touch } from './iam-touch.ts';
import type { Rules } from './rules.ts';

type Input = Readonly<Record<string, unknown>>;
type Tags = Readonly<Record<string, string>>;

/**
 * What a call to EC2 asks IAM for: one access to each resource, and one more to tag what it creates. The condition keys
 * of each are those that AWS's table gives the action on this type of resource, as far as they have a value here.
 * Undefined for an action whose resources are not emulated.
 */
export function findEc2Accesses(
  table: IamTable,
  rules: Rules,
  account: Account,
  action: string,
  input: Input,
): readonly Access[] | undefined {
  if (table.get(action)?.resourceTypes.size === 0) {
    return [{ action: `ec2:${action}`, resource: '*', context: contextOf(table, action, undefined, { account }) }];
  }
  return findTouches(action, input, account)?.flatMap((touch) => {
    const tags = touch.id === undefined ? undefined : account.tags.get(touch.id)?.tags;
    if (touch.id !== undefined && rules.missingResource === 'not-found' && !exists(account, touch)) return [];
    const resource = arnOf(account, touch);
    const keys = { account, tags, givenTags: touch.givenTags };
    const access = { action: `ec2:${action}`, resource, context: contextOf(table, action, touch.type, keys) };
    if (touch.id !== undefined || touch.givenTags === undefined) return [access];
    // "Users must have explicit permissions to use CreateTags" (ec2/UserGuide/supported-iam-actions-tagging).
    const tagging = contextOf(table, 'CreateTags', touch.type, { ...keys, createAction: action });
    return [access, { action: 'ec2:CreateTags', resource, context: tagging }];
  });
}

interface KeySources {
  readonly account: Account;
  readonly tags?: Tags | undefined;
  readonly givenTags?: Tags | undefined;
  readonly createAction?: string;
}

/** The values that a request can have here; a policy that asks for others never fits. */
function contextOf(table: IamTable, action: string, type: string | undefined, sources: KeySources): Access['context'] {
  const { account, tags = {}, givenTags, createAction } = sources;
  const known = table.get(action);
  const keys = new Set([...(known?.keys ?? []), ...(known?.resourceTypes.get(type ?? '')?.keys ?? [])]);
  const values: [key: string, values: readonly string[]][] = [
    ['ec2:region', [account.region]],
    ...(createAction === undefined ? [] : [['ec2:createaction', [createAction]] as [string, string[]]]),
    ...(givenTags === undefined ? [] : [['aws:tagkeys', Object.keys(givenTags)] as [string, string[]]]),
    ...tagKeys('aws:requesttag', givenTags ?? {}),
    ...tagKeys('aws:resourcetag', tags),
    ...tagKeys('ec2:resourcetag', tags),
  ];
  return Object.fromEntries(values.filter(([key]) => keys.has(wildKey(key))));
}

/** The form in which AWS's table writes the key of one tag. */
function wildKey(key: string): string {
  const slash = key.indexOf('/');
  return slash < 0 ? key : `${key.slice(0, slash)}/\${tagkey}`;
}

function tagKeys(prefix: string, tags: Tags): [string, readonly string[]][] {
  return Object.entries(tags).map(([key, value]) => [`${prefix}/${key.toLowerCase()}`, [value]]);
}

function exists(account: Account, { id = '' }: Touch): boolean {
  return (
    ownerOf(account, id) !== undefined || account.vpcs.get(id) !== undefined || account.subnets.get(id) !== undefined
  );
}

function ownerOf(account: Account, id: string): string | undefined {
  const rule = account.rules.get(id);
  const owned =
    account.sessions.get(id) ??
    account.targets.get(id) ??
    account.filters.get(rule?.filterId ?? id) ??
    account.interfaces.get(id) ??
    account.instances.get(id);
  return owned?.ownerId;
}

function arnOf(account: Account, { type, id }: Touch): string {
  const owner = (id === undefined ? undefined : ownerOf(account, id)) ?? account.accountId;
  return `arn:aws:ec2:${account.region}:${owner}:${type}/${id ?? '*'}`;
}
