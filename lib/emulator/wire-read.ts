import type { NormalizedSchema } from '@smithy/core/schema';
import { refuse, refuseValue } from './aws-error.ts';
import { type ActionSchema, listRequiredMembers } from './wire-schema.ts';

/** A request of EC2's Query protocol before its action is known. */
export interface QueryRequest {
  readonly action: string;
  readonly version: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** No EC2 request needs more; a larger one is refused before it is read. */
export const BODY_BYTES_MAX = 1024 * 1024;
/** `NetworkInterface.1.PrivateIpAddresses.1.Primary` has five parts; deeper keys would only cost stack. */
const KEY_DEPTH_MAX = 16;
const PARAMETERS_MAX = 20_000;

/** Reads the form body of a Query request; says which action it asks for. Never looks at the meaning of a parameter. */
export function readQuery(body: string): QueryRequest {
  if (body.length > BODY_BYTES_MAX) refuse('RequestEntityTooLarge', 'The request body is too large.', 413);
  const parameters = new Map<string, string>();
  let action = '';
  let version = '';
  for (const [key, value] of new URLSearchParams(body)) {
    if (key === 'Action') action = value;
    else if (key === 'Version') version = value;
    else parameters.set(key, value);
    if (parameters.size > PARAMETERS_MAX) refuse('MalformedQueryString', 'The request has too many parameters.');
  }
  if (action === '') refuse('MissingAction', 'The request is missing an action or a required parameter.');
  return { action, version, parameters };
}

interface Node {
  value: string | undefined;
  readonly children: Map<string, Node>;
}

type Reader = (node: Node, path: string) => unknown;

/**
 * Reads the parameters of an action into the SDK's input shape, refusing what EC2 does not know.
 * `InstanceId.1=i-1&Filter.1.Name=vpc-id&Filter.1.Value.1=vpc-1` becomes
 * `{ InstanceIds: ['i-1'], Filters: [{ Name: 'vpc-id', Values: ['vpc-1'] }] }`.
 * Never asks whether something is missing: `requireMembers` does.
 */
export function readInput(schema: ActionSchema, parameters: ReadonlyMap<string, string>): Record<string, unknown> {
  const root: Node = { value: undefined, children: new Map() };
  for (const [key, value] of parameters) placeParameter(root, key, value);
  return schema.input.isStructSchema() ? (readerOf(schema.input)(root, '') as Record<string, unknown>) : {};
}

/** Stops the call when a parameter is missing that AWS's own model requires. */
export function requireMembers(schema: ActionSchema, input: Readonly<Record<string, unknown>>): void {
  for (const member of listRequiredMembers(schema.input)) {
    const value = input[member];
    if (value === undefined || value === '') {
      refuse('MissingParameter', `The request must contain the parameter ${nameOnWire(schema.input, member)}`);
    }
  }
}

function placeParameter(root: Node, key: string, value: string): void {
  const parts = key.split('.', KEY_DEPTH_MAX + 1);
  if (parts.length > KEY_DEPTH_MAX) refuse('UnknownParameter', `The parameter ${key.slice(0, 100)} is not recognized`);
  let node = root;
  for (const part of parts) {
    let child = node.children.get(part);
    if (child === undefined) {
      child = { value: undefined, children: new Map() };
      node.children.set(part, child);
    }
    node = child;
  }
  node.value = value;
}

const structReaders = new WeakMap<object, Reader>();

/** Compiled once for each structure; members are looked into on first use because structures may contain themselves. */
function readerOf(schema: NormalizedSchema): Reader {
  if (schema.isListSchema()) return readerOfList(schema);
  if (!schema.isStructSchema()) return (node, path) => readScalar(schema, node, path);
  const key = schema.getSchema() as object;
  let reader = structReaders.get(key);
  if (reader === undefined) {
    reader = readerOfStruct(schema);
    structReaders.set(key, reader);
  }
  return reader;
}

function readerOfStruct(schema: NormalizedSchema): Reader {
  const members = new Map<string, { name: string; schema: NormalizedSchema; read: Reader | undefined }>();
  for (const [name, member] of schema.structIterator()) {
    members.set(wireNameOf(name, member), { name, schema: member, read: undefined });
  }
  return (node, path) => {
    const value: Record<string, unknown> = {};
    for (const [part, child] of node.children) {
      const member = members.get(part);
      const childPath = path === '' ? part : `${path}.${part}`;
      if (member === undefined) return refuse('UnknownParameter', `The parameter ${childPath} is not recognized`);
      member.read ??= readerOf(member.schema);
      value[member.name] = member.read(child, childPath);
    }
    return value;
  };
}

function readerOfList(schema: NormalizedSchema): Reader {
  const item = schema.getValueSchema();
  let read: Reader | undefined;
  return (node, path) => {
    read ??= readerOf(item);
    const readItem = read;
    const indexed = [...node.children].map(([part, child]) => ({ index: indexOf(part, path), part, child }));
    // Indexes may have gaps and arrive in any order; only their numeric order counts.
    indexed.sort((one, other) => one.index - other.index);
    return indexed.map(({ part, child }) => readItem(child, `${path}.${part}`));
  };
}

function indexOf(part: string, path: string): number {
  if (!/^\d{1,9}$/.test(part)) refuse('UnknownParameter', `The parameter ${path}.${part} is not recognized`);
  return Number(part);
}

function readScalar(schema: NormalizedSchema, node: Node, path: string): unknown {
  if (node.children.size > 0 || node.value === undefined) {
    const inner = node.children.keys().next().value ?? '';
    return refuse('UnknownParameter', `The parameter ${path}.${inner} is not recognized`);
  }
  const text = node.value;
  if (schema.isBooleanSchema()) {
    if (text === 'true') return true;
    if (text === 'false') return false;
    return refuseValue(path, text, 'Expecting a Boolean.');
  }
  if (schema.isNumericSchema()) {
    const number = Number(text);
    return text.trim() === '' || !Number.isFinite(number) ? refuseValue(path, text, 'Expecting a number.') : number;
  }
  if (schema.isTimestampSchema()) {
    const date = new Date(text);
    return Number.isNaN(date.getTime()) ? refuseValue(path, text, 'Expecting a time.') : date;
  }
  if (schema.isBlobSchema()) return new Uint8Array(Buffer.from(text, 'base64'));
  return text;
}

/** Request keys use the EC2 Query name, else the XML name or the member's own name with a capital. */
function wireNameOf(name: string, member: NormalizedSchema): string {
  const traits = member.getMergedTraits() as { ec2QueryName?: string; xmlName?: string };
  const plain = traits.xmlName ?? name;
  return traits.ec2QueryName ?? plain.charAt(0).toUpperCase() + plain.slice(1);
}

function nameOnWire(struct: NormalizedSchema, member: string): string {
  return wireNameOf(member, struct.getMemberSchema(member));
}
