import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { listenOnLoopback } from './loopback.ts';

/** Lambda's Runtime API for one process: it asks for invocations and posts what became of them. */
export interface RuntimeApi {
  /** `host:port`, the value of AWS_LAMBDA_RUNTIME_API. */
  readonly address: string;
  /** Resolves when the process asks for work; rejects with InitError when it could not be initialized. */
  readonly ready: () => Promise<unknown>;
  /** Hands one invocation to the process that waits for it and resolves with its answer. One at a time. */
  readonly hand: (invocation: Invocation) => Promise<Answer>;
  /** End the process before: while it waits for work, this waits for it. */
  readonly close: () => Promise<void>;
}

export interface Invocation {
  readonly requestId: string;
  readonly deadlineMs: number;
  readonly functionArn: string;
  readonly payload: string;
  /** Whether X-Ray is to keep the trace of this invocation. */
  readonly isSampled: boolean;
}

export type Answer =
  | { readonly kind: 'done'; readonly payload: string }
  | { readonly kind: 'failed'; readonly error: FunctionError };

/** Lambda's error envelope. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** Starts a Runtime API on loopback (Lambda developer guide, "Using the Lambda runtime API for custom runtimes"). */
export async function startRuntimeApi(): Promise<RuntimeApi> {
  let asked = Promise.withResolvers<void>();
  let waiting: ServerResponse | undefined;
  // Whoever invokes awaits it; a process that nobody invokes may fail unheard.
  asked.promise.catch(() => undefined);
  let answered: ((answer: Answer) => void) | undefined;

  const { port, close } = await listenOnLoopback(async (request, response) => {
    const path = request.url?.replace('/2018-06-01/runtime/', '') ?? '';
    if (path === 'invocation/next') {
      waiting = response;
      asked.resolve();
      return;
    }
    if (path === 'init/error') asked.reject(new InitError(await readError(request)));
    else if (path.endsWith('/response')) answered?.({ kind: 'done', payload: await text(request) });
    else if (path.endsWith('/error')) answered?.({ kind: 'failed', error: await readError(request) });
    response.writeHead(202).end();
  });

  return {
    address: `127.0.0.1:${port}`,
    ready: () => asked.promise,
    hand: ({ requestId, deadlineMs, functionArn, payload, isSampled }) => {
      const response = waiting;
      if (response === undefined) throw new Error('The process does not wait for an invocation.');
      waiting = undefined;
      asked = Promise.withResolvers();
      asked.promise.catch(() => undefined);
      const answer = new Promise<Answer>((resolve) => {
        answered = resolve;
      });
      response.writeHead(200, {
        'content-type': 'application/json',
        'lambda-runtime-aws-request-id': requestId,
        'lambda-runtime-deadline-ms': String(deadlineMs),
        'lambda-runtime-invoked-function-arn': functionArn,
        'lambda-runtime-trace-id': traceId(requestId, isSampled),
      });
      response.end(payload);
      return answer;
    },
    close,
  };
}

/** The handler's module could not be loaded. */
export class InitError extends Error {
  override readonly name = 'InitError';
  readonly error: FunctionError;

  constructor(error: FunctionError) {
    super(error.errorMessage);
    this.error = error;
  }
}

async function readError(request: IncomingMessage): Promise<FunctionError> {
  const { errorType, errorMessage, trace } = JSON.parse(await text(request)) as Partial<FunctionError>;
  return { errorType: errorType ?? 'Error', errorMessage: errorMessage ?? '', ...(trace && { trace }) };
}

/** The tracing header of an invocation (X-Ray developer guide, "Tracing header"). */
function traceId(requestId: string, isSampled: boolean): string {
  const digits = requestId.replaceAll('-', '');
  return `Root=1-${digits.slice(0, 8)}-${digits.slice(8)};Parent=${digits.slice(0, 16)};Sampled=${isSampled ? 1 : 0}`;
}
