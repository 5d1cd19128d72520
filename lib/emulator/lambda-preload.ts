/**
 * Loaded before AWS's Lambda runtime client (`aws-lambda-ric`) in the process of a function: answers its request for
 * the compiled client of the Runtime API with the few functions below, so that nobody needs a C++ compiler, and ends
 * the process when the emulator that started it is gone.
 */
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { registerHooks } from 'node:module';

const runtimeUrl = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;
/** One socket: the answer to an invocation is posted before the next one is asked for. */
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

registerHooks({
  resolve: (specifier, context, nextResolve) =>
    specifier === './rapid-client.node'
      ? { url: import.meta.url, format: 'module-typescript', shortCircuit: true }
      : nextResolve(specifier, context),
});

// The emulator holds the other end of our standard input. Its death, however sudden, closes it.
process.stdin.once('end', () => process.exit(0));
process.stdin.resume();

interface RuntimeAnswer {
  readonly bodyJson: string;
  readonly headers: IncomingHttpHeaders;
}

/** Waits for the next invocation of this function. */
export function next(): Promise<RuntimeAnswer> {
  return exchange('GET', '/next');
}

/** Reports the handler's result. */
export function done(requestId: string, bodyJson: string): void {
  void exchange('POST', `/${requestId}/response`, bodyJson);
}

/** Reports that the handler failed. */
export function error(requestId: string, bodyJson: string, xRayJson: string): void {
  void exchange('POST', `/${requestId}/error`, bodyJson, {
    'lambda-runtime-function-xray-error-cause': encodeURIComponent(xRayJson),
  });
}

function exchange(method: string, path: string, body = '', headers: Record<string, string> = {}) {
  return new Promise<RuntimeAnswer>((resolve, reject) => {
    const call = request(`${runtimeUrl}${path}`, { method, agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ bodyJson: Buffer.concat(chunks).toString(), headers: response.headers }));
      response.on('error', reject);
    });
    call.on('error', reject);
    call.end(body);
  });
}
