import { once } from 'node:events';
import { Agent, get, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from '@jest/globals';
import { listenOnLoopback } from '../../../lib/emulator/loopback.ts';

const agent = new Agent({ keepAlive: true });

// Whatever a test waited for in vain ends with its connection.
afterEach(() => agent.destroy());

test('A server that closes answers what is under way, and does not wait for the client to hang up', async () => {
  const asked = Promise.withResolvers<ServerResponse>();
  const server = await listenOnLoopback((_, response) => asked.resolve(response));
  const request = get({ port: server.port, agent });
  const answer = await asked.promise;
  const closed = server.close();
  answer.end('answered');
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  expect(await text(response)).toBe('answered');
  await closed;
});

test('A port that is taken is an error, not a server', async () => {
  const server = await listenOnLoopback(() => {});
  await expect(listenOnLoopback(() => {}, server.port)).rejects.toThrow('EADDRINUSE');
  await server.close();
});
