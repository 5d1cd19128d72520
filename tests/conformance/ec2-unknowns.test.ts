import { CreateTagsCommand, DescribeTrafficMirrorSessionsCommand } from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import type { EmulatorOptions } from '../../lib/emulator/emulator.ts';
import { type Bench, codeOf, inProcess, withBench } from '../support/witness.ts';
import { launch, makeSession, type Scene, setScene } from './contract/rule.ts';

function withScene(options: EmulatorOptions, use: (bench: Bench, scene: Scene) => Promise<void>): Promise<void> {
  return withBench(inProcess, options, async (bench) => use(bench, await setScene({ ec2: bench.ec2, imageId: '' })));
}

describe('What AWS does not document is an option', () => {
  test('how long a client token answers what it answered before: then it makes a second session', () => {
    let nowMs = 0;
    const rules = { clientTokenKeptMs: 60_000, duplicateSessionNumber: 'accepted' } as const;
    return withScene({ clock: { now: () => nowMs }, rules }, async ({ emulator }, scene) => {
      const first = await makeSession(scene, { ClientToken: 'once' });
      nowMs = 59_999;
      expect(await makeSession(scene, { ClientToken: 'once' })).toBe(first);
      nowMs = 60_000;
      expect(await makeSession(scene, { ClientToken: 'once' })).not.toBe(first);
      expect(emulator.account.sessions.size).toBe(2);
    });
  });

  test.each([
    ['accepted', 'none'],
    ['refused', 'InvalidParameterCombination'],
  ] as const)('ids together with MaxResults in the reads of Traffic Mirroring: %s (%s)', (choice, code) =>
    withScene({ rules: { mirroringIdsWithPage: choice } }, async ({ ec2 }, scene) => {
      const input = { TrafficMirrorSessionIds: [await makeSession(scene)], MaxResults: 5 };
      expect(await codeOf(ec2.send(new DescribeTrafficMirrorSessionsCommand(input)))).toBe(code);
    }),
  );

  test.each([
    ['observed', 'InvalidParameterValue'],
    ['documented', 'InvalidTagKey.Malformed'],
  ] as const)('the code for a tag key of AWS: %s (%s)', (choice, code) =>
    withBench(inProcess, { rules: { reservedTagKeyCode: choice } }, async ({ ec2 }) => {
      const id = await launch({ ec2, imageId: 'ami-0123456789abcdef0' });
      const write = new CreateTagsCommand({ Resources: [id], Tags: [{ Key: 'aws:a', Value: '' }] });
      expect(await codeOf(ec2.send(write))).toBe(code);
    }),
  );

  test('how many sessions an interface target takes (TrafficMirrorSessionsPerTargetLimitExceeded)', () =>
    withScene({ rules: { sessionsPerTargetMax: 2 } }, async (_, { create }) => {
      expect(await codeOf(create({ SessionNumber: 1 }))).toBe('none');
      expect(await codeOf(create({ SessionNumber: 2 }))).toBe('none');
      expect(await codeOf(create({ SessionNumber: 3 }))).toBe('TrafficMirrorSessionsPerTargetLimitExceeded');
    }));
});
