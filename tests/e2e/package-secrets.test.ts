import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { strFromU8, unzipSync } from 'fflate';
import { buildBundles } from '../../build.ts';
import { packageStack } from '../../infra/packaged-template.ts';
import { findSecrets } from '../support/secrets.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetmirror-secrets-'));
  await buildBundles({ outFolder: join(folder, 'bundles') });
  const template = await packageStack({ params: { fleet: 'prod' }, bundlesFolder: join(folder, 'bundles') }, folder);
  expect(Object.keys(template.Resources).length).toBeGreaterThan(10);
}, 300_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

test.each(['on-change', 'on-schedule'])(
  '%s ships no secret, account, address, folder or endpoint of anybody',
  async (name) => {
    const files = Object.entries(unzipSync(await readFile(join(folder, `${name}.zip`))));
    expect(files.length).toBeGreaterThan(1);
    expect(
      files.flatMap(([file, bytes]) => findSecrets(strFromU8(bytes)).map((found) => `${file} has ${found}`)),
    ).toEqual([]);
  },
);

test('the packaged template names no secret, account, address or folder of anybody', async () => {
  const text = await readFile(join(folder, 'cloudformation-template-update-stack.json'), 'utf8');
  expect(findSecrets(text)).toEqual([]);
});

describe('The net catches', () => {
  // Put together here, so that no scanner of this repository stumbles over them.
  const made = ['AKIA', 'ABCDEFGHIJKLMNOP'].join('');
  test.each([
    [`const key = "${made}"`, `an access key or unique id: ${made}`],
    ['-----BEGIN RSA PRIVATE ' + 'KEY-----', 'a private key: -----BEGIN RSA PRIVATE KEY-----'],
    [`token: gh${'p_'}${'a'.repeat(36)}`, `a token: ghp_${'a'.repeat(36)}`],
    ['arn:aws:iam::210987654321:role/x', 'an account number: 210987654321'],
    ['"198.51.100.7"', 'an address: 198.51.100.7'],
    ['http://localhost:4566', 'a local port: localhost:4566'],
    ['/home/someone/fleetmirror/lib', 'a folder of whoever built it: /home/someone'],
    ['fetch("https://collector.example.net/in")', 'an endpoint: collector.example.net'],
    ['https://sqs.eu-central-1.amazonaws.com/x', 'an endpoint: sqs.eu-central-1.amazonaws.com'],
    ['https://abc123.execute-api.eu-west-1.amazonaws.com', 'an endpoint: abc123.execute-api.eu-west-1.amazonaws.com'],
  ])('%s', (text, found) => {
    expect(findSecrets(text)).toContain(found);
  });

  test.each([
    '00000000-0000-0000-0000-000000000000',
    'https://sqs.{Region}.amazonaws.com',
    'https://docs.aws.amazon.com/lambda',
    '169.254.169.254',
  ])('not %s', (text) => {
    expect(findSecrets(text)).toEqual([]);
  });
});
