import {
  CreateTagsCommand,
  CreateTrafficMirrorFilterCommand,
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeTrafficMirrorFiltersCommand,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { createEmulator } from '../../../lib/emulator/emulator.ts';
import { codeOf, statusOf, withBench, witnesses } from '../../support/witness.ts';

describe.each(witnesses)('Faults, $name', (witness) => {
  test('a fault before strikes as often as planned and leaves nothing behind', () =>
    withBench(witness, {}, async ({ ec2, emulator }) => {
      const error = { code: 'Unavailable' };
      emulator.faults.add({ action: 'CreateTrafficMirrorFilter', when: 'before', times: 2, error });
      const create = () => ec2.send(new CreateTrafficMirrorFilterCommand({}));
      expect(await codeOf(create())).toBe('Unavailable');
      expect(await statusOf(create())).toBe(503);
      expect(emulator.account.filters.size).toBe(0);
      expect(await codeOf(create())).toBe('none');
    }));

  test('a fault after loses the answer and keeps the change', () =>
    withBench(witness, {}, async ({ ec2, emulator }) => {
      emulator.faults.add({ when: 'after', error: { code: 'InternalError' } });
      expect(await statusOf(ec2.send(new CreateTrafficMirrorFilterCommand({})))).toBe(500);
      emulator.faults.add({ when: 'after', reset: true });
      expect(await codeOf(ec2.send(new CreateTrafficMirrorFilterCommand({})))).not.toBe('none');
      expect(emulator.account.filters.size).toBe(2);
    }));

  test('a fault can pick its calls by their input', () =>
    withBench(witness, {}, async ({ ec2, emulator }) => {
      const error = { code: 'UnauthorizedOperation' };
      emulator.faults.add({ when: 'before', matches: ({ Description: text }) => text === 'no', error });
      expect(await codeOf(ec2.send(new CreateTrafficMirrorFilterCommand({ Description: 'yes' })))).toBe('none');
      expect(await statusOf(ec2.send(new CreateTrafficMirrorFilterCommand({ Description: 'no' })))).toBe(403);
    }));

  test('late reads hide what is young, interfaces and tags each for their own time', () => {
    let now = 0;
    return withBench(witness, { clock: { now: () => now } }, async ({ ec2, emulator }) => {
      emulator.faults.setStaleReads({ instancesMs: 1_000, interfacesMs: 2_000, tagsMs: 90_000, mirroringMs: 1_000 });
      const tags = [{ Key: 'mirror', Value: 'gold' }];
      const run = await ec2.send(
        new RunInstancesCommand({
          ImageId: 'ami-0123456789abcdef0',
          MinCount: 1,
          MaxCount: 1,
          TagSpecifications: [{ ResourceType: 'instance', Tags: tags }],
        }),
      );
      const id = run.Instances?.[0]?.InstanceId ?? '';
      expect(run.Instances?.[0]?.Tags).toEqual(tags);
      const see = async () => {
        const { Reservations: found = [] } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
        const { NetworkInterfaces: interfaces = [] } = await ec2.send(new DescribeNetworkInterfacesCommand({}));
        return [found[0]?.Instances?.[0]?.Tags?.length, interfaces.length];
      };
      expect(await codeOf(see())).toBe('InvalidInstanceID.NotFound');
      now = 1_000;
      expect(await see()).toEqual([0, 0]);
      now = 2_000;
      expect(await see()).toEqual([0, 1]);
      now = 90_000;
      expect(await see()).toEqual([1, 1]);
      await ec2.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key: 'new', Value: '' }] }));
      expect(await see()).toEqual([1, 1]);
      await ec2.send(new CreateTrafficMirrorFilterCommand({}));
      expect((await ec2.send(new DescribeTrafficMirrorFiltersCommand({}))).TrafficMirrorFilters).toEqual([]);
      emulator.faults.calm();
      expect(await see()).toEqual([2, 1]);
    });
  });
});

describe('Weather', () => {
  const weather = { errorRate: 0.2, resetRate: 0.1, lostAnswerRate: 0.2, emptyPageRate: 0.2 };

  function runUnder(seed: number): string[] {
    const emulator = createEmulator({ seed, clock: { now: () => 0 }, fleet: { instances: [{ count: 3 }] } });
    emulator.faults.setWeather(weather);
    return Array.from({ length: 60 }, (_, index) => {
      const action = index % 2 === 0 ? 'CreateTrafficMirrorFilter' : 'DescribeInstances';
      const answer = emulator.handleRequest({ headers: {}, body: `Action=${action}&Version=2016-11-15` });
      return typeof answer === 'string' ? answer : `${answer.status} ${answer.body}`;
    });
  }

  test('is the same for the same seed, another for another, and gone when calm', () => {
    expect(runUnder(7)).toEqual(runUnder(7));
    expect(runUnder(7)).not.toEqual(runUnder(8));
    expect(runUnder(7).filter((answer) => !answer.startsWith('200')).length).toBeGreaterThan(5);
  });
});
