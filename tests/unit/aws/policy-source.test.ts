import { SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { readPolicyObject } from '../../../lib/aws/policy-object.ts';
import {
  findObjectPlace,
  policyParameter,
  readLastGoodPolicy,
  readPolicyParameter,
} from '../../../lib/aws/policy-source.ts';
import { AwsError } from '../../../lib/emulator/aws-error.ts';
import { createEmulator } from '../../../lib/emulator/emulator.ts';
import { createJsonServices } from '../../../lib/emulator/json-services.ts';
import { createObjectStore, type ObjectStore } from '../../../lib/emulator/object-store.ts';
import { createParameterStore, type ParameterStore } from '../../../lib/emulator/parameter-store.ts';
import { type RunningServer, startServer } from '../../../lib/emulator/server.ts';
import { policyText } from '../../support/policy.ts';

const place = { accountId: '123456789012', region: 'us-east-1', now: () => Date.UTC(2026, 0, 1) };
const name = policyParameter('prod');
const pointer = 's3://policies/fleets/prod.yml';

let server: RunningServer;
let ssm: SSMClient;
let parameters: ParameterStore;
let objects: ObjectStore;
let handler: { json: ReturnType<typeof createJsonServices> };

beforeAll(async () => {
  objects = createObjectStore();
  objects.createBucket('policies');
  server = await startServer({
    emulator: createEmulator(),
    objectStore: objects,
    json: (target, body, headers) => handler.json(target, body, headers),
  });
  ssm = new SSMClient(settings());
});

afterAll(async () => {
  ssm.destroy();
  await server.close();
});

beforeEach(() => {
  parameters = createParameterStore({ ...place, emit: () => {} });
  handler = { json: createJsonServices({ AmazonSSM: parameters.actions }) };
});

function settings() {
  const credentials = { accessKeyId: 'example', secretAccessKey: 'example' };
  return { endpoint: server.endpoint, region: place.region, credentials };
}

const readObject = (object: Parameters<typeof readPolicyObject>[0]) =>
  readPolicyObject(object, { ...settings(), forcePathStyle: true });

function putObject(key: string, text: string): void {
  objects.handle({ method: 'PUT', url: `/policies/${key}`, headers: {}, body: Buffer.from(text) });
}

describe('a parameter that names an object of S3', () => {
  test('stands for the policy in the object, however large', async () => {
    const tags = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`key-${index}`, [`value-${index}`]]));
    putObject('fleets/prod.yml', policyText({ exclude: [{ tags }] }));
    parameters.seed(name, ` ${pointer}\n`);
    const reading = await readPolicyParameter(ssm, 'prod', readObject);
    expect(reading).toMatchObject({ kind: 'valid', policy: { fleet: 'prod' } });
  });

  test('with an invalid policy in it is invalid, and tells both places', async () => {
    putObject('fleets/prod.yml', 'version: 7');
    parameters.seed(name, pointer);
    const reading = await readPolicyParameter(ssm, 'prod', readObject);
    expect(reading).toMatchObject({ kind: 'invalid', where: `${pointer} (named by ${name})` });
  });

  test('that is not there is unreadable, which stops all writes', async () => {
    parameters.seed(name, 's3://policies/nothing.yml');
    const reading = await readPolicyParameter(ssm, 'prod', readObject);
    expect(reading).toMatchObject({ kind: 'unreadable', cause: expect.stringContaining('does not exist') });
  });

  test('larger than any policy is unreadable', async () => {
    putObject('fleets/prod.yml', '#'.repeat(1_000_001));
    parameters.seed(name, pointer);
    expect(await readPolicyParameter(ssm, 'prod', readObject)).toMatchObject({
      kind: 'unreadable',
      cause: expect.stringContaining('more than any policy'),
    });
  });
});

describe('a policy that cannot be read', () => {
  const readRefused = (code: string, status = 400) => {
    const GetParameter = () => {
      throw new AwsError(code, 'It is refused.', status);
    };
    handler = { json: createJsonServices({ AmazonSSM: { GetParameter } }) };
    return readPolicyParameter(new SSMClient({ ...settings(), maxAttempts: 1 }), 'prod', readObject);
  };

  test.each([
    ['ThrottlingException', 400],
    ['InternalServerError', 500],
  ])('%s: passes by itself, so that nothing is lost', async (code, status) => {
    expect(await readRefused(code, status)).toMatchObject({ kind: 'unreadable', isPassing: true });
  });

  test('AccessDeniedException: does not pass before somebody repairs it', async () => {
    expect(await readRefused('AccessDeniedException')).toMatchObject({ kind: 'unreadable', isPassing: false });
  });

  test('NoSuchKey: does not pass before somebody puts the object there', async () => {
    parameters.seed(name, 's3://policies/nothing.yml');
    expect(await readPolicyParameter(ssm, 'prod', readObject)).toMatchObject({ kind: 'unreadable', isPassing: false });
  });
});

describe('the last good policy', () => {
  test('is the newest version that is valid, whatever came after it', async () => {
    for (const value of [
      policyText({ mode: 'observe' }),
      policyText(),
      'nonsense',
      'gzip:damaged',
      's3://policies/gone',
    ]) {
      parameters.seed(name, value);
    }
    const good = await readLastGoodPolicy(ssm, 'prod', readObject);
    expect([good?.version, good?.policy.mode]).toEqual([2, 'enforce']);
    expect(good?.writtenAtMs).toBe(place.now());
  });

  test('is found behind more than a page of broken versions', async () => {
    parameters.seed(name, policyText());
    for (let version = 2; version <= 60; version++) parameters.seed(name, `broken ${version}`);
    expect((await readLastGoodPolicy(ssm, 'prod', readObject))?.version).toBe(1);
  });

  test('is none when no version is valid, or all are of another fleet', async () => {
    parameters.seed(name, 'nonsense');
    parameters.seed(name, policyText({ fleet: 'other' }));
    expect(await readLastGoodPolicy(ssm, 'prod', readObject)).toBeUndefined();
  });
});

test.each([
  ['s3://bucket/key', { bucket: 'bucket', key: 'key' }],
  [' s3://my.bucket-1/a/b.yml\n', { bucket: 'my.bucket-1', key: 'a/b.yml' }],
  ['s3://bucket', undefined],
  ['s3://Bucket/key', undefined],
  ['s3://bucket/two words', undefined],
  ['policy.yml', undefined],
  ['version: 1 # see s3://bucket/key', undefined],
])('%j names %j', (value, expected) => {
  expect(findObjectPlace(value)).toEqual(expected);
});
