import { gunzipSync } from 'node:zlib';
import { S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createReports } from '../../../lib/aws/reports.ts';
import { leaveOpen } from '../../../lib/core/report-open.ts';
import { AwsError } from '../../../lib/emulator/aws-error.ts';
import { createEmulator } from '../../../lib/emulator/emulator.ts';
import { createObjectStore, type ObjectStore } from '../../../lib/emulator/object-store.ts';
import { startServer } from '../../../lib/emulator/server.ts';
import type { Reports } from '../../../lib/ports.ts';
import { aReport, aSource } from '../../support/report.ts';

let store: ObjectStore;
let reports: Reports;
let stop: () => Promise<void>;
let denied: string | undefined;

beforeEach(async () => {
  denied = undefined;
  store = createObjectStore({
    authorize: ({ action }) => {
      if (action === denied) throw new AwsError('AccessDenied', 'Access Denied', 403);
    },
  });
  store.createBucket('evidence');
  const server = await startServer({ emulator: createEmulator(), objectStore: store });
  const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'example' };
  const client = new S3Client({ endpoint: server.endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
  reports = createReports({ bucket: 'evidence', fleet: 'prod' }, client);
  stop = async () => {
    client.destroy();
    await server.close();
  };
});

afterEach(() => stop());

const report = aReport([aSource(1)]);
const open = leaveOpen(report);

describe('the bucket of reports, by the AWS SDK', () => {
  test('keeps a report by fleet, date and time, as data and as a page, compressed', async () => {
    await reports.keep(report, '<!doctype html>', open);
    expect([...store.objects.keys()]).toEqual([
      'evidence/reports/prod/2026-03-01/120000Z.json',
      'evidence/reports/prod/2026-03-01/120000Z.html',
      'evidence/reports/prod/gaps.json',
    ]);
    const [data] = store.objects.get('evidence/reports/prod/2026-03-01/120000Z.json') ?? [];
    expect(data).toMatchObject({ contentType: 'application/json; charset=utf-8', contentEncoding: 'gzip' });
    expect(JSON.parse(gunzipSync(data?.body ?? '').toString())).toEqual(report);
  });

  test('recalls what the last report left open', async () => {
    expect(await reports.recallOpen()).toBeUndefined();
    await reports.keep(report, '', open);
    expect(await reports.recallOpen()).toEqual(open);
  });

  test('AccessDenied: a report that is not kept is an error, gaps that cannot be read are unknown', async () => {
    denied = 's3:GetObject';
    await reports.keep(report, '', open);
    expect(await reports.recallOpen()).toBeUndefined();
    denied = 's3:PutObject';
    await expect(reports.keep(report, '', open)).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  test('NoSuchBucket: a bucket that was removed refuses the report', async () => {
    const elsewhere = createObjectStore();
    const answer = elsewhere.handle({ method: 'PUT', url: '/gone/key', headers: {}, body: Buffer.from('text') });
    expect([answer.status, answer.body.toString()]).toEqual([404, expect.stringContaining('NoSuchBucket')]);
  });

  test('BadDigest: what was damaged on the way is not kept', () => {
    const headers = { 'x-amz-checksum-crc32': 'AAAAAA==' };
    const answer = store.handle({ method: 'PUT', url: '/evidence/key', headers, body: Buffer.from('text') });
    expect(answer.body.toString()).toContain('BadDigest');
    expect(store.objects.size).toBe(0);
  });
});
