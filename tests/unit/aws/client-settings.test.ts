import { EC2Client } from '@aws-sdk/client-ec2';
import { S3Client } from '@aws-sdk/client-s3';
import { afterEach, describe, expect, test } from '@jest/globals';
import { giveUpAfter } from '../../../lib/aws/client-settings.ts';
import { createEc2 } from '../../../lib/aws/ec2.ts';
import { createReports } from '../../../lib/aws/reports.ts';
import { leaveOpen } from '../../../lib/core/report-open.ts';
import { verdicts } from '../../../lib/failure.ts';
import { createVirtualClock } from '../../support/emulated-world.ts';
import { type HesitantServer, startHesitantServer } from '../../support/hesitant-server.ts';
import { aReport, aSource } from '../../support/report.ts';

let server: HesitantServer;
let client: EC2Client | S3Client;

afterEach(async () => {
  client.destroy();
  await server.close();
});

const ofServer = () => ({
  endpoint: server.endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'example', secretAccessKey: 'example' },
  maxAttempts: 1,
});

function anEc2(silenceMs: number) {
  client = new EC2Client({ ...giveUpAfter(silenceMs), ...ofServer() });
  return createEc2(client, createVirtualClock(), Math.random);
}

const deleted = [
  '<DeleteTrafficMirrorSessionResponse><traffic',
  'MirrorSessionId>tms-1</trafficMirrorSessionId></DeleteTrafficMirrorSessionResponse>',
];
const givenUp = expect.objectContaining({ kind: 'unavailable', code: 'TimeoutError' });

describe('A call to EC2', () => {
  test('TimeoutError: that is never answered is given up, and may be tried again at once', async () => {
    server = await startHesitantServer();
    await expect(anEc2(100).deleteSession('tms-1')).rejects.toEqual(givenUp);
    expect(server.heard()).toBe(1);
    expect(verdicts.unavailable).toBe('retry-now');
  });

  test('TimeoutError: whose answer stops halfway is given up', async () => {
    server = await startHesitantServer((response) => response.write(deleted[0]));
    await expect(anEc2(100).deleteSession('tms-1')).rejects.toEqual(givenUp);
  });

  test('that is answered slowly but in time, with a pause in the middle, is not cut off', async () => {
    server = await startHesitantServer((response) => {
      setTimeout(() => response.write(deleted[0]), 200);
      setTimeout(() => response.end(deleted[1]), 400);
    });
    await expect(anEc2(300).deleteSession('tms-1')).resolves.toBeUndefined();
  });
});

describe('A report', () => {
  const report = aReport([aSource(1)]);
  const aBucket = () => {
    client = new S3Client({ ...giveUpAfter(100, 60_000), ...ofServer(), forcePathStyle: true });
    return createReports({ bucket: 'evidence', fleet: 'prod' }, client);
  };

  test('has time to be sent: the limit of its upload is that of silence, and more by its size', async () => {
    server = await startHesitantServer((response) => setTimeout(() => response.end(), 150));
    await expect(aBucket().keep(report, '', leaveOpen(report))).resolves.toBeUndefined();
    expect(server.heard()).toBe(3);
  });

  test('TimeoutError: what the last one left open is not forgotten because S3 does not answer', async () => {
    server = await startHesitantServer();
    await expect(aBucket().recallOpen()).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});
