import * as ec2 from '@aws-sdk/client-ec2';
import { NormalizedSchema } from '@smithy/core/schema';

/** The shape of one EC2 action on the wire, as AWS's own SDK knows it. */
export interface ActionSchema {
  readonly name: string;
  readonly input: NormalizedSchema;
  readonly output: NormalizedSchema;
}

/** The SDK marks an operation schema with this number in front. */
const OPERATION_MARK = 9;

const exported: Readonly<Record<string, unknown>> = ec2;
const known = new Map<string, ActionSchema>();

/** Finds how an action looks on the wire; undefined when EC2 has no such action. */
export function findActionSchema(name: string): ActionSchema | undefined {
  const before = known.get(name);
  if (before !== undefined) return before;
  const key = `${name}$`;
  if (!Object.hasOwn(exported, key)) return undefined;
  const operation = exported[key];
  if (!Array.isArray(operation) || operation[0] !== OPERATION_MARK) return undefined;
  const schema = { name, input: NormalizedSchema.of(operation[4]()), output: NormalizedSchema.of(operation[5]()) };
  known.set(name, schema);
  return schema;
}

/** Names every action of EC2, in alphabetical order. */
export function listActionNames(): readonly string[] {
  return Object.keys(exported)
    .filter((key) => key.endsWith('$') && Array.isArray(exported[key]) && exported[key][0] === OPERATION_MARK)
    .map((key) => key.slice(0, -1))
    .sort();
}

/** Names the members a caller must give; the SDK's schema lists them first and counts them. */
export function listRequiredMembers(schema: NormalizedSchema): readonly string[] {
  if (!schema.isStructSchema()) return [];
  const struct = schema.getSchema() as readonly unknown[];
  const count = struct[6];
  return typeof count === 'number' ? (struct[4] as readonly string[]).slice(0, count) : [];
}
