import { describe, expect, test } from '@jest/globals';
import { createEmulator } from '../../lib/emulator/emulator.ts';
import { startServer } from '../../lib/emulator/server.ts';
import { useEndpoint } from '../support/ec2-endpoint.ts';
import { withBench, witnesses } from '../support/witness.ts';
import { contract, observe } from './contract/contract.ts';
import { makeSession, setScene } from './contract/rule.ts';

describe.each(witnesses)('What any EC2 can be asked, $name', (witness) => {
  test.each(contract)('$rule', (rule) =>
    withBench(witness, {}, async ({ ec2 }) => {
      expect(await observe(rule, { ec2, imageId: 'ami-0123456789abcdef0' })).toEqual(rule.expected);
    }),
  );
});

describe('An endpoint that is there already', () => {
  test('is asked the whole contract in one account, which is emptied between the rules', async () => {
    await withServer(async (url) => {
      const { open, close } = await useEndpoint(url);
      for (const rule of contract) {
        expect([rule.rule, await observe(rule, await open())]).toEqual([rule.rule, rule.expected]);
      }
      close();
    });
  });

  test('is refused when something is mirrored in its account: the contract would delete it', async () => {
    await withServer(async (url) => {
      const { open, close } = await useEndpoint(url);
      await makeSession(await setScene(await open()));
      await expect(useEndpoint(url)).rejects.toThrow('has 1 sessions');
      close();
    });
  });

  test.each([
    'https://ec2.us-east-1.amazonaws.com',
    'https://ec2.cn-north-1.amazonaws.com.cn',
    'https://ec2.eu-west-1.api.aws',
  ])('is refused when it is AWS: %s', async (url) => {
    await expect(useEndpoint(url)).rejects.toThrow('only for emulators');
  });
});

async function withServer(use: (url: string) => Promise<void>): Promise<void> {
  const server = await startServer({ emulator: createEmulator({}) });
  try {
    await use(server.endpoint);
  } finally {
    await server.close();
  }
}
