import * as sdk from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { HttpResponse } from '@smithy/core/protocols';
import type { NormalizedSchema } from '@smithy/core/schema';
import fc from 'fast-check';
import { AwsError } from '../../../lib/emulator/aws-error.ts';
import { readInput, readQuery } from '../../../lib/emulator/wire-read.ts';
import { findActionSchema, listActionNames } from '../../../lib/emulator/wire-schema.ts';
import { writeError, writeOutput } from '../../../lib/emulator/wire-write.ts';

const EC2_ACTIONS_MIN = 800;
/** Deep shapes are cut here: no action needs more to show how its parts are written. */
const DEPTH_MAX = 4;

/** Values of a shape, as the SDK takes and gives them. Lists are never empty: the Query protocol cannot write those. */
function valuesOf(schema: NormalizedSchema, depth = 0): fc.Arbitrary<unknown> {
  if (schema.isListSchema())
    return fc.array(valuesOf(schema.getValueSchema(), depth + 1), { minLength: 1, maxLength: 2 });
  if (schema.isStructSchema()) {
    const fields: Record<string, fc.Arbitrary<unknown>> = {};
    for (const [name, member] of schema.structIterator()) {
      const isTooDeep = depth >= DEPTH_MAX && (member.isStructSchema() || member.isListSchema());
      if (!isTooDeep) fields[name] = valuesOf(member, depth + 1);
    }
    return fc.record(fields, { requiredKeys: [] });
  }
  if (schema.isBooleanSchema()) return fc.boolean();
  if (schema.isNumericSchema()) return fc.integer();
  if (schema.isTimestampSchema()) {
    return fc.integer({ min: 0, max: 4_000_000_000 }).map((seconds) => new Date(seconds * 1000));
  }
  if (schema.isBlobSchema()) return fc.uint8Array({ minLength: 1, maxLength: 5 });
  return fc.constantFrom('a', 'web-1', 'a & b', '<x>', 'ü', '"q"', "it's", ' x ', '10.0.0.0/8', 'ünïcödé ✓');
}

/** What the real client makes of an input and of an answer: the oracle on both sides of the wire. */
async function throughTheSdk(action: string, input: object, answer: string): Promise<{ body: string; output: object }> {
  let body = '';
  const client = new sdk.EC2Client({
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'example' },
    maxAttempts: 1,
    requestHandler: {
      handle: async (request: { body?: unknown }) => {
        body = String(request.body);
        return { response: new HttpResponse({ statusCode: 200, headers: {}, body: Buffer.from(answer) }) };
      },
    },
  });
  const exported: Readonly<Record<string, unknown>> = { ...sdk };
  // biome-ignore lint/suspicious/noExplicitAny: one of some 800 command classes, by name
  const Command = exported[`${action}Command`] as new (input: object) => any;
  const { $metadata: _, ...output } = await client.send(new Command(input));
  return { body, output };
}

/** Neither side can write a struct without members or a list of those: they count as absent, as what is undefined does. */
function plain(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`;
  if (Array.isArray(value)) {
    const items = value.map(plain).filter((each) => each !== undefined);
    return items.length === 0 ? undefined : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value)
    .map(([name, each]) => [name, plain(each)] as const)
    .filter(([name, each]) => each !== undefined && name !== 'ClientToken');
  return fields.length === 0 ? undefined : Object.fromEntries(fields);
}

describe('The wire', () => {
  test('knows every action of the SDK', () => {
    const commands = Object.keys(sdk).filter((name) => name.endsWith('Command') && name !== '$Command');
    expect(listActionNames()).toEqual(commands.map((name) => name.slice(0, -'Command'.length)).sort());
    expect(commands.length).toBeGreaterThan(EC2_ACTIONS_MIN);
  });

  test('of every action, reads what the SDK writes and writes what the SDK reads', async () => {
    for (const [seed, action] of listActionNames().entries()) {
      const schema = findActionSchema(action);
      if (schema === undefined) throw new Error(`no schema for ${action}`);
      const inputs = fc.sample(valuesOf(schema.input), { numRuns: 2, seed }) as object[];
      const outputs = schema.output.isStructSchema()
        ? (fc.sample(valuesOf(schema.output), { numRuns: 2, seed }) as object[])
        : [{}, {}];
      for (const [index, output] of outputs.entries()) {
        const input = inputs[index] ?? {};
        const seen = await throughTheSdk(action, input, writeOutput(schema, output, 'request-1'));
        expect([action, plain(seen.output)]).toEqual([action, plain(output)]);
        const { action: asked, parameters } = readQuery(seen.body);
        expect(asked).toBe(action);
        expect([action, plain(readInput(schema, parameters))]).toEqual([action, plain(input)]);
      }
    }
  });

  test('lists may have gaps and come in any order', () => {
    const schema = findActionSchema('DescribeInstances');
    const parameters = new Map([
      ['InstanceId.10', 'i-c'],
      ['InstanceId.2', 'i-a'],
      ['InstanceId.3', 'i-b'],
    ]);
    expect(schema && readInput(schema, parameters)).toEqual({ InstanceIds: ['i-a', 'i-b', 'i-c'] });
  });

  test('an empty list is written as an empty element, an absent one not at all', () => {
    const schema = findActionSchema('DescribeTags');
    if (schema === undefined) throw new Error('no schema');
    expect(writeOutput(schema, { Tags: [] }, 'r')).toContain('<tagSet/>');
    expect(writeOutput(schema, {}, 'r')).not.toContain('tagSet');
  });

  test('an error is written as EC2 writes it', () => {
    const text = writeError(new AwsError('InvalidX', 'a < b'), 'r-1');
    expect(text).toContain(
      '<Response><Errors><Error><Code>InvalidX</Code><Message>a &lt; b</Message></Error></Errors>',
    );
    expect(text).toContain('<RequestID>r-1</RequestID>');
  });

  test.each([
    ['an unknown parameter (UnknownParameter)', 'Nonsense=1', 'UnknownParameter'],
    ['an unknown part of one (UnknownParameter)', 'Filter.1.Nonsense=1', 'UnknownParameter'],
    ['a name where an index belongs (UnknownParameter)', 'InstanceId.x=1', 'UnknownParameter'],
    ['a value where a list belongs (UnknownParameter)', 'InstanceId.1.2=1', 'UnknownParameter'],
    ['a name from the prototype (UnknownParameter)', '__proto__=1', 'UnknownParameter'],
    ['text for a number (InvalidParameterValue)', 'MaxResults=many', 'InvalidParameterValue'],
    ['text for a Boolean (InvalidParameterValue)', 'DryRun=yes', 'InvalidParameterValue'],
    ['a key of 200,000 dots (UnknownParameter)', `a${'.a'.repeat(200_000)}=1`, 'UnknownParameter'],
    ['no action (MissingAction)', '', 'MissingAction'],
    ['a body over a megabyte (RequestEntityTooLarge)', `a=${'x'.repeat(1024 * 1024)}`, 'RequestEntityTooLarge'],
  ])('refuses %s', (_, text, code) => {
    const schema = findActionSchema('DescribeInstances');
    if (schema === undefined) throw new Error('no schema');
    const read = () => {
      const { parameters } = readQuery(text === '' ? '' : `Action=DescribeInstances&${text}`);
      readInput(schema, parameters);
    };
    expect(read).toThrow(expect.objectContaining({ code }));
  });
});
