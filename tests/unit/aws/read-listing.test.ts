import { EC2Client } from '@aws-sdk/client-ec2';
import { afterEach, describe, expect, test } from '@jest/globals';
import { giveUpAfter, listingSilenceMsMax } from '../../../lib/aws/client-settings.ts';
import { createEc2 } from '../../../lib/aws/ec2.ts';
import { ec2ClientSettings, ec2ReaderSettings, systemClock } from '../../../lib/aws/world.ts';
import { createEmulator } from '../../../lib/emulator/emulator.ts';
import { createVirtualClock } from '../../support/emulated-world.ts';
import { type HesitantServer, startHesitantServer } from '../../support/hesitant-server.ts';
import { aSlowEc2 } from '../../support/slow-ec2.ts';
import { mirroring } from '../../support/stage.ts';

const identity = { region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };

/** Two targets behind EC2 that needs so many milliseconds for each call in turn. */
function aSlowListing(...answersMs: number[]) {
  const clock = createVirtualClock(0);
  const emulator = createEmulator({ clock });
  emulator.loadFleet(mirroring);
  return { clock, ...aSlowEc2({ emulator, clock }, ...answersMs) };
}

describe('A listing', () => {
  test('TimeoutError: on a day when EC2 takes nine seconds for a page is read at the second try', async () => {
    const { ec2, waitedMs } = aSlowListing(9000);
    expect(await ec2.readTargets()).toHaveLength(2);
    expect(waitedMs).toEqual([7000, 9000]);
  });

  test('TimeoutError: whose connection has died costs seven seconds, not the patience for a slow EC2', async () => {
    const { ec2, clock } = aSlowListing(Number.POSITIVE_INFINITY, 10);
    expect(await ec2.readTargets()).toHaveLength(2);
    expect(clock.now()).toBeLessThan(8000);
  });

  test('TimeoutError: that nobody answers is given up after six tries, none longer than half a minute', async () => {
    const { ec2, waitedMs } = aSlowListing(Number.POSITIVE_INFINITY);
    await expect(ec2.readTargets()).rejects.toMatchObject({ kind: 'unavailable', code: 'TimeoutError' });
    expect(waitedMs).toEqual([7000, 14_000, 28_000, 30_000, 30_000, 30_000]);
  });

  test('TimeoutError: that nobody answers ends with its run, so that there is time to hand on', async () => {
    const { ec2, clock, waitedMs } = aSlowListing(Number.POSITIVE_INFINITY);
    await expect(ec2.readTargets(30_000)).rejects.toMatchObject({ kind: 'unavailable', code: 'TimeoutError' });
    expect(waitedMs).toEqual([7000, 14_000, 30_000 - 21_000 - 200 - 400]);
    expect(clock.now()).toBe(30_000);
  });

  test('TimeoutError: is begun at the last moment and not a moment later', async () => {
    const { ec2, clock, waitedMs } = aSlowListing(0);
    clock.advance(30_000);
    expect(await ec2.readTargets(30_000)).toHaveLength(2);
    clock.advance(1);
    await expect(ec2.readTargets(30_000)).rejects.toMatchObject({
      kind: 'unavailable',
      operation: 'DescribeTrafficMirrorTargets',
      code: 'TimeoutError',
    });
    expect(waitedMs).toHaveLength(1);
  });

  test('TimeoutError: has at least a moment, since no time at all means no limit to the SDK', async () => {
    const { ec2, waitedMs } = aSlowListing(Number.POSITIVE_INFINITY);
    await expect(ec2.readTargets(0)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(waitedMs).toEqual([1]);
  });

  test('has a socket that may be silent for as long as it is waited for, unlike a write', () => {
    expect(ec2ReaderSettings.requestHandler.socketTimeout).toBeGreaterThanOrEqual(listingSilenceMsMax);
    expect(ec2ClientSettings.requestHandler.socketTimeout).toBeLessThan(10_000);
  });

  test('of every kind ends with its run', async () => {
    const { ec2, clock, waitedMs } = aSlowListing(0);
    clock.advance(2);
    const late = [
      ec2.readInterfaces('all', 1),
      ec2.readInstances('all', 1),
      ec2.readSessions('all', 1),
      ec2.readTargets(1),
      ec2.readFilters(1),
      ec2.findSessionIdsByTag('key', ['value'], 1),
    ];
    for (const { status } of await Promise.allSettled(late)) expect(status).toBe('rejected');
    expect(waitedMs).toEqual([]);
  });
});

describe('A listing over a connection', () => {
  let server: HesitantServer;
  let client: EC2Client;

  afterEach(async () => {
    client.destroy();
    await server.close();
  });

  test('AbortError: whose answer stops halfway is given up at the deadline, although the socket may be silent for longer', async () => {
    server = await startHesitantServer((response) => response.write('<DescribeTrafficMirrorTargetsResponse>'));
    client = new EC2Client({ ...giveUpAfter(60_000), ...identity, endpoint: server.endpoint, maxAttempts: 1 });
    const ec2 = createEc2(client, systemClock, Math.random);
    const startedAtMs = Date.now();
    await expect(ec2.readTargets(startedAtMs + 300)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(Date.now() - startedAtMs).toBeLessThan(30_000);
    expect(server.heard()).toBe(1);
  });
});
