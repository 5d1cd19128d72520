import { describe, expect, test } from '@jest/globals';
import { createEmulator } from '../../../lib/emulator/emulator.ts';
import { type RunningServer, type ServerOptions, startServer } from '../../../lib/emulator/server.ts';

async function withServer(
  options: Partial<ServerOptions>,
  use: (server: RunningServer) => Promise<void>,
): Promise<void> {
  const server = await startServer({ emulator: createEmulator(), ...options });
  try {
    await use(server);
  } finally {
    await server.close();
  }
}

const DESCRIBE = { method: 'POST', body: 'Action=DescribeVpcs&Version=2016-11-15' };

describe('The server', () => {
  test('counts calls by action and forgets them on request', () =>
    withServer({}, async ({ endpoint }) => {
      await fetch(endpoint, DESCRIBE);
      await fetch(endpoint, DESCRIBE);
      expect(await (await fetch(`${endpoint}/_emulator/calls`)).json()).toEqual({ DescribeVpcs: 2 });
      await fetch(`${endpoint}/_emulator/reset`, { method: 'POST' });
      expect(await (await fetch(`${endpoint}/_emulator/calls`)).json()).toEqual({});
      expect(await (await fetch(`${endpoint}/_emulator/throttled`)).json()).toEqual({});
    }));

  test('announces no end of an idle connection, which a request could meet', () =>
    withServer({}, async ({ endpoint }) => {
      expect((await fetch(endpoint, DESCRIBE)).headers.get('keep-alive')).toBeNull();
    }));

  test('hands requests with a target to the JSON hook, and refuses them when there is none', async () => {
    const request = { method: 'POST', headers: { 'x-amz-target': 'AmazonSSM.GetParameter' }, body: '{"Name":"/p"}' };
    await withServer({ json: (target, body) => ({ status: 200, body: { target, body } }) }, async ({ endpoint }) => {
      const answer = await (await fetch(endpoint, request)).json();
      expect(answer).toEqual({ target: 'AmazonSSM.GetParameter', body: { Name: '/p' } });
      expect((await fetch(endpoint, { ...request, body: '{' })).status).toBe(400);
    });
    await withServer({}, async ({ endpoint }) => {
      expect((await fetch(endpoint, request)).status).toBe(400);
    });
  });

  test.each([
    ['an action that EC2 does not have (InvalidAction)', 'Action=Nonsense', 400, 'InvalidAction'],
    ['an action that only AWS performs (InvalidAction)', 'Action=CreateVpc', 400, 'InvalidAction'],
    ['no action (MissingAction)', '', 400, 'MissingAction'],
    ['a body over a megabyte', `a=${'x'.repeat(1024 * 1024)}`, 413, 'too large'],
  ])('refuses %s', (_, body, status, text) =>
    withServer({}, async ({ endpoint }) => {
      const answer = await fetch(endpoint, { method: 'POST', body });
      expect([answer.status, await answer.text()]).toEqual([status, expect.stringContaining(text)]);
    }),
  );

  test('answers nothing but POST, apart from its own pages', () =>
    withServer({}, async ({ endpoint }) => {
      expect((await fetch(endpoint)).status).toBe(405);
    }));
});
