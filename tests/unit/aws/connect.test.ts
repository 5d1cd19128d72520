import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connect } from '../../../lib/aws/connect.ts';

const folder = mkdtempSync(join(tmpdir(), 'fleetmirror-connect-'));
const variables = ['AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE'] as const;
const before = variables.map((name) => [name, process.env[name]] as const);

beforeAll(() => {
  for (const name of variables) delete process.env[name];
  process.env.AWS_SHARED_CREDENTIALS_FILE = join(folder, 'none');
  process.env.AWS_CONFIG_FILE = join(folder, 'config');
  writeFileSync(join(folder, 'config'), '[profile far]\nregion = eu-central-1\n');
});

afterAll(() => {
  for (const [name, value] of before) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  rmSync(folder, { recursive: true });
});

describe('the Region that is looked at', () => {
  test("is the one that was told, else the profile's", async () => {
    expect(await connect({ region: 'us-west-2', awsProfile: 'far' }).findRegion()).toBe('us-west-2');
    expect(await connect({ awsProfile: 'far' }).findRegion()).toBe('eu-central-1');
  });

  test('is us-east-1 at an emulator on this machine, and asked for where nobody has chosen one', async () => {
    expect(await connect({ endpointUrl: 'http://127.0.0.1:9' }).findRegion()).toBe('us-east-1');
    await expect(connect({}).findRegion()).rejects.toThrow('Region is missing');
  });
});
