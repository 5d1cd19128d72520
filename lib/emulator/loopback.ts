import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface LoopbackServer {
  readonly port: number;
  /** Takes no further request, and resolves when those under way are answered or their clients gone. */
  readonly close: () => Promise<void>;
}

/**
 * Serves a port of this machine, a free one when it is 0; never the network. Idle connections stay open until their client
 * closes them: Node.js would end them after six seconds, and a request that is sent at that moment gets no answer
 * (ECONNRESET), so that a function which took just as long seemed to have crashed.
 */
export async function listenOnLoopback(listener: RequestListener, port = 0): Promise<LoopbackServer> {
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    response.once('close', () => {
      if (!server.listening) server.closeIdleConnections();
    });
    listener(request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        server.closeIdleConnections();
      }),
  };
}
