import { describe, expect, test } from '@jest/globals';
import { aStateChange } from '../support/event.ts';
import { aStage, ourTags, type Stage, sessionsIn, writesOf } from '../support/stage.ts';

const mirrored = { Mirror: 'true' };

describe('VXLAN network identifiers of `per-source` tiers', () => {
  const perSource = (from: number, to: number) => ({
    tiers: [{ name: 'http', sessionNumber: 10, target: 'waf', filter: 'http', virtualNetworkId: 'per-source' }],
    profiles: { default: ['http'] },
    virtualNetworkIdRange: { from, to },
  });
  const numbersIn = (stage: Stage) => sessionsIn(stage).map(({ virtualNetworkId }) => virtualNetworkId);

  test('differ from source to source, lie in the range and do not move', async () => {
    const stage = aStage({
      document: { instances: [{ name: 'web', count: 20, tags: mirrored }] },
      differences: perSource(7000, 7029),
    });
    await stage.deliver(Array.from({ length: 10 }, (_, index) => aStateChange(stage.idOf(`web-${index}`))));
    await stage.sweep();
    const numbers = numbersIn(stage);
    expect(new Set(numbers).size).toBe(20);
    for (const number of numbers) expect(number).toBeGreaterThanOrEqual(7000);
    for (const number of numbers) expect(number).toBeLessThanOrEqual(7029);
    await stage.sweep();
    expect(numbersIn(stage)).toEqual(numbers);
    expect(writesOf(stage).ModifyTrafficMirrorSession).toBeUndefined();
  });

  test('avoid those of others, also of sessions that came since the loads were read', async () => {
    const stage = aStage({
      document: { instances: [{ name: 'web', count: 2, tags: mirrored }, { name: 'other' }] },
      differences: perSource(7000, 7002),
    });
    await stage.deliver([aStateChange(stage.idOf('web-0'))]);
    const [mine] = numbersIn(stage);
    const taken = [7000, 7001, 7002].filter((number) => number !== mine)[0] ?? 0;
    stage.emulator.loadFleet({
      sessions: [
        {
          source: stage.interfacesOf('other')[0] ?? '',
          target: 'tmt-0aaa1111bbbb2222c',
          filter: 'tmf-0aaa1111bbbb2222c',
          number: 1,
          virtualNetworkId: taken,
        },
      ],
    });
    await stage.deliver([aStateChange(stage.idOf('web-1'))]);
    expect([...numbersIn(stage)].sort()).toEqual([7000, 7001, 7002]);
  });

  test('are left to EC2 when the range is used up: mirrored under a strange number beats not mirrored', async () => {
    const stage = aStage({
      document: { instances: [{ name: 'web', count: 5, tags: mirrored }] },
      differences: perSource(7000, 7002),
    });
    await stage.sweep();
    expect(numbersIn(stage)).toHaveLength(5);
    expect(numbersIn(stage).filter((number) => number >= 7000 && number <= 7002)).toHaveLength(3);
  });

  test('of two sessions of ours on one number the one with the lowest id keeps it, the other moves in place', async () => {
    const stage = aStage({
      document: {
        instances: [{ name: 'web', count: 2, tags: mirrored }],
        sessions: [0, 1].map((index) => ({
          source: `web-${index}`,
          target: 'tmt-0aaa1111bbbb2222c',
          filter: 'tmf-0aaa1111bbbb2222c',
          number: 10,
          virtualNetworkId: 7000,
          description: 'tier http',
          tags: ourTags(),
        })),
      },
      differences: perSource(7000, 7999),
    });
    await stage.sweep();
    expect(new Set(numbersIn(stage)).size).toBe(2);
    expect(numbersIn(stage)).toContain(7000);
    expect(writesOf(stage)).toEqual({ ModifyTrafficMirrorSession: 1 });
  });
});
