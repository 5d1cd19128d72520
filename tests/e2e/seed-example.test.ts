import { expect, test } from '@jest/globals';
import { runCli } from '../support/run-cli.ts';

// "You can filter HTTP traffic in a higher priority traffic mirror session and send it to a specific monitoring
// appliance. At the same time, you can filter all other TCP traffic in a lower priority traffic mirror session and send
// it to another monitoring appliance." "Each packet is mirrored once." (Traffic Mirroring guide, sessions)
test('HTTP goes to one appliance, all other TCP to another, and each packet is counted once', async () => {
  const args = [
    'simulate',
    'docs/sample.pcap',
    '--policy',
    'docs/policy.yml',
    '--source-address',
    '10.0.1.5',
    '--json',
  ];
  const { exitCode, stdout } = await runCli(args);
  expect(exitCode).toBe(0);
  const { packets, bytes, sessions, unmirrored, targets } = JSON.parse(stdout);
  expect(
    sessions.map(({ sessionNumber, tier, packets: count }: Record<string, unknown>) => [sessionNumber, tier, count]),
  ).toEqual([
    [10, 'http', 40],
    [20, 'tcp', 48],
  ]);
  expect(targets.map(({ target }: { target: string }) => target)).toEqual(['waf', 'sensors']);
  const counted = [...sessions, unmirrored];
  expect(counted.reduce((sum, one) => sum + one.packets, 0)).toBe(packets);
  expect(counted.reduce((sum, one) => sum + one.bytes, 0)).toBe(bytes);
});
