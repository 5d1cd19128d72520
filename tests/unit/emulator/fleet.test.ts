import { readFileSync } from 'node:fs';
import {
  CreateTrafficMirrorFilterCommand,
  DescribeInstancesCommand,
  DescribeTrafficMirrorSessionsCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { createEmulator, type EmulatorOptions } from '../../../lib/emulator/emulator.ts';
import type { FleetDocument } from '../../../lib/emulator/fleet-document.ts';
import { inProcess, withBench } from '../../support/witness.ts';

const FLEET: FleetDocument = {
  loadBalancers: [{ name: 'nlb' }],
  endpoints: [{ name: 'gwlbe' }],
  instances: [
    { name: 'web', count: 4, zones: ['us-east-1a', 'us-east-1b'], perReservation: 2, interfaces: 2, tags: { a: 'b' } },
    { name: 'gone', state: 'terminated' },
    { name: 'big', instanceType: 'm5.24xlarge', zone: 'us-east-1c' },
  ],
  interfaces: [{ name: 'database', requesterId: 'amazon-rds', tags: { a: 'b' } }],
  targets: [
    { name: 'on-interface', instance: 'big' },
    { name: 'on-balancer', loadBalancer: 'nlb' },
    { name: 'on-endpoint', endpoint: 'gwlbe' },
  ],
  filters: [{ name: 'all', rules: [{ direction: 'ingress', number: 1 }], networkServices: ['amazon-dns'] }],
  sessions: [
    { name: 'second', source: 'web-3/1', target: 'on-balancer', filter: 'all', number: 10, ownerId: '111122223333' },
  ],
};

describe('A fleet as data', () => {
  test('becomes instances over zones and reservations, interfaces, targets, filters and sessions', () =>
    withBench(inProcess, {}, async ({ ec2, emulator }) => {
      const ids = emulator.loadFleet(FLEET);
      const { Reservations: found = [] } = await ec2.send(
        new DescribeInstancesCommand({ Filters: [{ Name: 'tag:a', Values: ['b'] }] }),
      );
      expect(found.map(({ Instances: each = [] }) => each.map((one) => one.Placement?.AvailabilityZone))).toEqual([
        ['us-east-1a', 'us-east-1b'],
        ['us-east-1a', 'us-east-1b'],
      ]);
      const { TrafficMirrorSessions: sessions = [] } = await ec2.send(new DescribeTrafficMirrorSessionsCommand({}));
      const last = found[1]?.Instances?.[1];
      expect(sessions[0]).toMatchObject({
        TrafficMirrorSessionId: ids.get('second'),
        NetworkInterfaceId: last?.NetworkInterfaces?.[1]?.NetworkInterfaceId,
        TrafficMirrorTargetId: ids.get('on-balancer'),
        OwnerId: '111122223333',
        SessionNumber: 10,
      });
      expect(ids.get('web-3')).toBe(last?.InstanceId);
    }));

  test('is the same for the same seed', () => {
    const idsUnder = (seed: number) => [...createEmulator({ seed }).loadFleet(FLEET).values()];
    expect(idsUnder(5)).toEqual(idsUnder(5));
    expect(idsUnder(5)).not.toEqual(idsUnder(6));
  });

  test('is not hidden by late reads, since it was always there', () =>
    withBench(inProcess, { fleet: FLEET }, async ({ ec2, emulator }) => {
      emulator.faults.setStaleReads({ instancesMs: 90_000, interfacesMs: 90_000, tagsMs: 90_000 });
      const filter = { Name: 'tag:a', Values: ['b'] };
      const { Reservations: found } = await ec2.send(new DescribeInstancesCommand({ Filters: [filter] }));
      expect(found).toHaveLength(2);
    }));

  test('with an unknown key or zone is refused whole', () => {
    const load = (document: object) => () => createEmulator().loadFleet(document);
    expect(load({ instance: [] })).toThrow(/instance/);
    expect(load({ instances: [{ zone: 'eu-west-1a' }] })).toThrow('no subnet in zone eu-west-1a');
  });

  test('of 100,000 instances loads and is paged through', () => {
    const emulator = createEmulator({
      fleet: { instances: [{ count: 100_000, perReservation: 10, tags: { a: 'b' } }] },
    });
    const seen = new Set<string>();
    let pages = 0;
    for (let token: string | undefined = ''; token !== undefined; pages++) {
      const next = token === '' ? '' : `&NextToken=${token}`;
      const body = `Action=DescribeInstances&Version=2016-11-15&MaxResults=1000${next}`;
      const answer = emulator.handleRequest({ headers: {}, body });
      if (typeof answer === 'string') throw new Error(answer);
      for (const [, id = ''] of answer.body.matchAll(/<instanceId>([^<]+)/g)) seen.add(id);
      token = /<nextToken>([^<]+)/.exec(answer.body)?.[1];
    }
    expect([seen.size, pages]).toEqual([100_000, 100]);
  });
});

test('the list of large target types is the one of the quota page: 163 exact types', () => {
  const file = new URL('../../../lib/emulator/large-target-types.json', import.meta.url);
  const { types } = JSON.parse(readFileSync(file, 'utf8')) as { types: string[] };
  expect([types.length, new Set(types).size]).toEqual([163, 163]);
});

test('the ids of resources depend on the seed alone: neither reads nor listeners change them', async () => {
  const idsWith = async (options: EmulatorOptions, reads: number): Promise<unknown> => {
    let ids: unknown;
    await withBench(inProcess, options, async ({ ec2 }) => {
      for (let read = 0; read < reads; read++) await ec2.send(new DescribeInstancesCommand({}));
      const made = await ec2.send(new CreateTrafficMirrorFilterCommand({}));
      ids = made.TrafficMirrorFilter?.TrafficMirrorFilterId;
    });
    return ids;
  };
  expect(await idsWith({ seed: 3 }, 0)).toBe(await idsWith({ seed: 3, emit: () => {} }, 2));
});
