import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A server that takes every request, and says what `answer` says; without one it says nothing at all. */
export interface HesitantServer {
  readonly endpoint: string;
  /** How many requests have come so far. */
  readonly heard: () => number;
  readonly close: () => Promise<void>;
}

type Answer = (response: ServerResponse, body: string, request: IncomingMessage) => void;

export async function startHesitantServer(answer: Answer = () => {}): Promise<HesitantServer> {
  let heard = 0;
  const server = createServer(async (request, response) => {
    heard += 1;
    try {
      answer(response, await text(request), request);
    } catch {
      // Whoever asked has hung up in the middle of a sentence.
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard: () => heard,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
