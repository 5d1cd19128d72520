import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Emulator } from './emulator.ts';
import { CONNECTION_RESET, type HttpRequest, type JsonAnswer } from './http.ts';
import { listenOnLoopback } from './loopback.ts';
import type { ObjectStore } from './object-store.ts';
import { BODY_BYTES_MAX } from './wire-read.ts';

/** What the server serves, and where. */
export interface ServerOptions {
  readonly emulator: Pick<Emulator, 'handleRequest' | 'calls' | 'clearCounts' | 'throttle' | 'settle'>;
  /** Takes the requests that carry an `X-Amz-Target` header, such as `AmazonSSM.GetParameter`. */
  readonly json?: (target: string, body: unknown, headers: HttpRequest['headers']) => JsonAnswer | Promise<JsonAnswer>;
  /** Takes what is put to or got from a path: S3 in path style. */
  readonly objectStore?: Pick<ObjectStore, 'handle'>;
  /** 0, the default, takes a free port. */
  readonly port?: number;
}

/** A server that is listening. */
export interface RunningServer {
  /** `http://127.0.0.1:` and the port: what `AWS_ENDPOINT_URL_EC2` takes. */
  readonly endpoint: string;
  readonly port: number;
  /** Answers what is under way and stops; destroy the clients before. */
  readonly close: () => Promise<void>;
}

/** S3 takes 5 GB in one call [S3 user guide, "Uploading objects"]; nobody here needs that. */
const OBJECT_BYTES_MAX = 256 * 1024 * 1024;

/** Instances change state with time; between calls somebody has to look. */
const SETTLE_INTERVAL_MS = 100;

/** Puts the emulator behind a port of this machine; never listens to the network. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { port, close } = await listenOnLoopback((request, response) => {
    serve(options, request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else send(response, 500, 'text/plain', String(error));
    });
  }, options.port);
  const timer = setInterval(options.emulator.settle, SETTLE_INTERVAL_MS);
  timer.unref();
  return {
    endpoint: `http://127.0.0.1:${port}`,
    port,
    close: () => {
      clearInterval(timer);
      return close();
    },
  };
}

async function serve(options: ServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { emulator, json } = options;
  const place = `${request.method} ${request.url ?? '/'}`;
  if (place === 'GET /_emulator/calls') return sendJson(response, 200, Object.fromEntries(emulator.calls));
  if (place === 'GET /_emulator/throttled')
    return sendJson(response, 200, Object.fromEntries(emulator.throttle.refused));
  if (place === 'POST /_emulator/reset') {
    emulator.clearCounts();
    return sendJson(response, 200, {});
  }
  if (options.objectStore !== undefined && (request.method === 'PUT' || request.method === 'GET')) {
    return serveObject(options.objectStore, request, response);
  }
  if (request.method !== 'POST') return send(response, 405, 'text/plain', 'Only POST is answered here.');
  const body = await readBody(request);
  if (body === undefined) return send(response, 413, 'text/plain', 'The request body is too large.');
  const headers = headersOf(request);
  const target = headers['x-amz-target'];
  if (target !== undefined) {
    if (json === undefined) return sendJson(response, 400, { __type: 'UnknownOperationException' });
    const parsed = parseJson(body);
    if (parsed === undefined) return sendJson(response, 400, { __type: 'SerializationException' });
    const { status, body: answer } = await json(target, parsed.value, headers);
    return sendJson(response, status, answer);
  }
  const answer = emulator.handleRequest({ headers, body });
  if (answer === CONNECTION_RESET) {
    request.socket.destroy();
    return;
  }
  response.writeHead(answer.status, { ...answer.headers, 'content-length': Buffer.byteLength(answer.body) });
  response.end(answer.body);
}

async function serveObject(
  store: Pick<ObjectStore, 'handle'>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBytes(request, OBJECT_BYTES_MAX);
  if (body === undefined) return send(response, 413, 'text/plain', 'The object is too large.');
  const { method = '', url = '/' } = request;
  const answer = store.handle({ method, url, headers: headersOf(request), body });
  response.writeHead(answer.status, { ...answer.headers, 'content-length': answer.body.length });
  response.end(answer.body);
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  return (await readBytes(request, BODY_BYTES_MAX))?.toString();
}

async function readBytes(request: IncomingMessage, bytesMax: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // The rest is read and thrown away, so that the refusal reaches a client that is still sending.
    if (bytes <= bytesMax) chunks.push(chunk);
  }
  return bytes > bytesMax ? undefined : Buffer.concat(chunks);
}

function headersOf(request: IncomingMessage): HttpRequest['headers'] {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value]),
  );
}

function parseJson(body: string): { readonly value: unknown } | undefined {
  try {
    return { value: body === '' ? {} : JSON.parse(body) };
  } catch {
    return undefined;
  }
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  send(response, status, 'application/x-amz-json-1.1', JSON.stringify(value));
}

function send(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) });
  response.end(text);
}
