import { HttpResponse } from '@smithy/core/protocols';
import { CONNECTION_RESET, type HttpAnswer, type HttpRequest } from './http.ts';

/** The part of an SDK request that the emulator reads. */
interface SdkRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** What `new EC2Client({ requestHandler })` takes. */
export interface SdkRequestHandler {
  readonly handle: (request: SdkRequest) => Promise<{ response: HttpResponse }>;
  readonly updateHttpClientConfig: () => void;
  readonly httpHandlerConfigs: () => Record<string, never>;
  readonly destroy: () => void;
}

/** Carries the SDK's requests to the emulator within the process: the real client, without a socket. */
export function createTransport(
  handleRequest: (request: HttpRequest) => HttpAnswer | typeof CONNECTION_RESET,
): SdkRequestHandler {
  return {
    handle: async ({ headers, body }) => {
      const answer = handleRequest({ headers: lowerCaseNames(headers), body: textOf(body) });
      if (answer === CONNECTION_RESET) throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
      const { status, headers: answerHeaders, body: text } = answer;
      const response = new HttpResponse({ statusCode: status, headers: { ...answerHeaders }, body: Buffer.from(text) });
      return { response };
    },
    updateHttpClientConfig: () => {},
    httpHandlerConfigs: () => ({}),
    destroy: () => {},
  };
}

function lowerCaseNames(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function textOf(body: unknown): string {
  if (typeof body === 'string') return body;
  return body instanceof Uint8Array ? Buffer.from(body).toString() : '';
}
