import { DescribeTagsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { expect, test } from '@jest/globals';
import { HttpResponse } from '@smithy/core/protocols';
import fc from 'fast-check';
import { createEmulator } from '../../lib/emulator/emulator.ts';
import { CONNECTION_RESET } from '../../lib/emulator/http.ts';
import { findActionSchema, listActionNames } from '../../lib/emulator/wire-schema.ts';
import { writeOutput } from '../../lib/emulator/wire-write.ts';

const emulator = createEmulator({ clock: { now: () => 0 }, fleet: { instances: [{ count: 2, tags: { a: 'b' } }] } });

/** What must hold of every answer, whatever was asked: a status, XML, and for an error a code and a text. */
function checkAnswer(body: string): string {
  const answer = emulator.handleRequest({ headers: {}, body });
  if (answer === CONNECTION_RESET) throw new Error('no fault was planned');
  expect(answer.status).toBeGreaterThanOrEqual(200);
  if (answer.status === 200) expect(answer.body).toContain('<requestId>');
  else expect(answer.body).toMatch(/<Code>[A-Za-z][A-Za-z0-9.]*<\/Code><Message>[^<]+<\/Message>/);
  return answer.body;
}

const served = listActionNames().filter((name) => !checkAnswer(`Action=${name}`).includes('InvalidAction'));
const names = [
  ...['InstanceId', 'NetworkInterfaceId', 'TrafficMirrorSessionId', 'TrafficMirrorTargetId', 'TrafficMirrorFilterId'],
  ...['SessionNumber', 'PacketLength', 'VirtualNetworkId', 'MaxResults', 'NextToken', 'ClientToken', 'DryRun'],
  ...['Filter', 'Name', 'Value', 'Tag', 'Key', 'TagSpecification', 'ResourceType', 'ResourceId', 'RemoveField'],
  ...['MinCount', 'MaxCount', 'ImageId', 'SubnetId', '__proto__', 'constructor', '1', '2', '0', '999999999', ''],
];
const key = fc.array(fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...names) }, fc.string()), {
  minLength: 1,
  maxLength: 5,
});
const value = fc.oneof(
  fc.constantFrom('', '1', '-1', '1e309', 'NaN', '4294967296', 'true', 'instance', 'tag:a', 'i-0123456789abcdef0'),
  fc.string({ unit: 'binary' }),
);

test('no body makes EC2 stumble: every answer is XML with a status', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (body) => void checkAnswer(body)));
});

test('no parameters of any served action make EC2 stumble', () => {
  const request = fc.tuple(fc.constantFrom(...served), fc.array(fc.tuple(key, value), { maxLength: 8 }));
  fc.assert(
    fc.property(request, ([action, parameters]) => {
      const query = new URLSearchParams([
        ['Action', action],
        ...parameters.map(([parts, v]): [string, string] => [parts.join('.'), v]),
      ]);
      checkAnswer(query.toString());
    }),
    { numRuns: 2000 },
  );
});

test('UnknownParameter: a refused parameter is named', () => {
  const strange = fc.string({ minLength: 1, maxLength: 20, unit: fc.constantFrom(...'abcxyzABCXYZ') });
  fc.assert(
    fc.property(fc.constantFrom(...served), strange, (action, name) => {
      const body = checkAnswer(`Action=${action}&x${name}.1=v`);
      expect(body).toContain('UnknownParameter');
      expect(body).toContain(`x${name}`);
    }),
  );
});

test('InvalidParameterValue: a number that is none is named with its place', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: fc.constantFrom(...'abc xyz,') }), (text) => {
      const body = checkAnswer(new URLSearchParams({ Action: 'DescribeInstances', MaxResults: text }).toString());
      expect(body).toContain('InvalidParameterValue');
      expect(body).toContain('MaxResults');
    }),
  );
});

test('whatever text an answer carries, the SDK reads the same', async () => {
  const schema = findActionSchema('DescribeTags');
  if (schema === undefined) throw new Error('no schema');
  let answer = '';
  const ec2 = new EC2Client({
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'example' },
    requestHandler: {
      handle: async () => ({ response: new HttpResponse({ statusCode: 200, headers: {}, body: Buffer.from(answer) }) }),
    },
  });
  // XML 1.0 has no way to write the control characters that are left out here, and neither has EC2.
  const text = fc
    .string({ unit: 'grapheme', minLength: 1 })
    .filter((each) => each.trim() !== '' && !/\p{Cc}|\p{Cs}|[\uFFFE\uFFFF]/u.test(each));
  await fc.assert(
    fc.asyncProperty(text, text, async (Key, Value) => {
      answer = writeOutput(schema, { Tags: [{ Key, Value }] }, 'r');
      expect((await ec2.send(new DescribeTagsCommand({}))).Tags).toEqual([{ Key, Value }]);
    }),
  );
});
