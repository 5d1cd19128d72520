import type { NormalizedSchema } from '@smithy/core/schema';
import type { AwsError } from './aws-error.ts';
import type { ActionSchema } from './wire-schema.ts';

const NAMESPACE = 'http://ec2.amazonaws.com/doc/2016-11-15/';
const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>';

type Writer = (value: unknown) => string;

/** Writes what an action answers as EC2's XML; on one line, as AWS does since July 2025. */
export function writeOutput(schema: ActionSchema, output: object, requestId: string): string {
  const content = schema.output.isStructSchema() ? writerOf(schema.output)(output) : '<return>true</return>';
  const root = `${schema.name}Response`;
  return `${DECLARATION}<${root} xmlns="${NAMESPACE}"><requestId>${requestId}</requestId>${content}</${root}>`;
}

/** Writes a refusal as EC2's error document. */
export function writeError(error: AwsError, requestId: string): string {
  const detail = `<Code>${escapeText(error.code)}</Code><Message>${escapeText(error.message)}</Message>`;
  return `${DECLARATION}<Response><Errors><Error>${detail}</Error></Errors><RequestID>${requestId}</RequestID></Response>`;
}

const structWriters = new WeakMap<object, Writer>();

function writerOf(schema: NormalizedSchema): Writer {
  if (schema.isListSchema()) return writerOfList(schema);
  if (!schema.isStructSchema()) return writerOfScalar(schema);
  const key = schema.getSchema() as object;
  let writer = structWriters.get(key);
  if (writer === undefined) {
    writer = writerOfStruct(schema);
    structWriters.set(key, writer);
  }
  return writer;
}

function writerOfStruct(schema: NormalizedSchema): Writer {
  const members = new Map<string, { tag: string; schema: NormalizedSchema; write: Writer | undefined }>();
  for (const [name, member] of schema.structIterator()) {
    const traits = member.getMemberTraits() as { xmlName?: string };
    members.set(name, { tag: traits.xmlName ?? name, schema: member, write: undefined });
  }
  return (value) => {
    let text = '';
    const fields = value as Record<string, unknown>;
    for (const name in fields) {
      const field = fields[name];
      if (field === undefined || field === null) continue;
      const member = members.get(name);
      if (member === undefined) throw new Error(`${schema.getName()} has no member ${name}`);
      member.write ??= writerOf(member.schema);
      text += element(member.tag, member.write(field));
    }
    return text;
  };
}

function writerOfList(schema: NormalizedSchema): Writer {
  const item = schema.getValueSchema();
  const tag = (item.getMergedTraits() as { xmlName?: string }).xmlName ?? 'member';
  let write: Writer | undefined;
  return (value) => {
    write ??= writerOf(item);
    let text = '';
    for (const each of value as readonly unknown[]) text += element(tag, write(each));
    return text;
  };
}

function writerOfScalar(schema: NormalizedSchema): Writer {
  if (schema.isTimestampSchema()) return (value) => (value as Date).toISOString();
  if (schema.isBlobSchema()) return (value) => Buffer.from(value as Uint8Array).toString('base64');
  if (schema.isStringSchema()) return (value) => escapeText(String(value));
  return (value) => String(value);
}

/** An empty list is written as an empty element, which clients read as `[]`; an absent one is not written at all. */
function element(tag: string, content: string): string {
  return content === '' ? `<${tag}/>` : `<${tag}>${content}</${tag}>`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#xD;',
};

/** Makes a text safe inside an XML element. */
export function escapeText(text: string): string {
  return /[&<>"\r]/.test(text) ? text.replace(/[&<>"\r]/g, (character) => ESCAPES[character] ?? character) : text;
}
