import { expect, test } from '@jest/globals';
import { runCli } from '../support/run-cli.ts';

test('types --differences of named types says what each edition says of these, whether they differ or not', async () => {
  const { exitCode, stdout } = await runCli(['types', 't2.micro', 'm6i.large', '--differences', '--json']);
  expect([exitCode, JSON.parse(stdout)]).toEqual([
    0,
    [
      { instanceType: 't2.micro', '2023-06': 'unsupported', '2025-08': 'unsupported' },
      { instanceType: 'm6i.large', '2023-06': 'unsupported', '2025-08': 'supported' },
    ],
  ]);
});
