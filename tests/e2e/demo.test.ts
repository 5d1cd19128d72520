import { expect, test } from '@jest/globals';
import { runCli } from '../support/run-cli.ts';

test('the demo mirrors every eligible source, removes the orphan and touches nobody else’s session', async () => {
  const { exitCode, stdout, stderr } = await runCli(['demo', '--json']);
  expect([exitCode, stderr]).toEqual([0, '']);
  const demo = JSON.parse(stdout);
  expect(demo.sources.mirrored).toBe(demo.sources.eligible);
  expect(demo.sources.eligible).toBeGreaterThan(10);
  expect(demo.foreignSessionsTouched).toBe(0);
  expect(demo.orphansRemoved).toBeGreaterThanOrEqual(1);
  expect(new Set(demo.refused.map(({ because }: { because: string }) => because))).toEqual(
    new Set([
      'instance-stopped',
      'number-held-by-another-owner',
      'unknown-profile',
      'is-mirror-target',
      'type-unsupported',
      'bare-metal-unsupported',
    ]),
  );
  expect(demo.timeToMirrorMs.p50).toBeGreaterThan(0);
  expect(demo.calls.CreateTrafficMirrorSession).toBe(demo.actions.create);
}, 180_000);
