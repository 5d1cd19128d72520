import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Answer, InitError, startRuntimeApi } from './runtime-api.ts';
import type { FunctionSpec } from './template.ts';

/** One execution environment of a function: a process under AWS's own runtime client, kept for the next invocation. */
export interface Sandbox {
  /** Never rejects: a crash, a timeout and a failed initialization are answers, with Lambda's error types. */
  readonly invoke: (event: unknown) => Promise<InvocationReport>;
  /** Whether it can still be used; false after a crash or a timeout. */
  readonly isAlive: () => boolean;
  readonly close: () => Promise<void>;
}

/** What became of one invocation. */
export interface InvocationReport {
  readonly functionName: string;
  readonly requestId: string;
  readonly answer: Answer;
  readonly durationMs: number;
  /** Present on the first invocation of a process. */
  readonly initMs?: number;
  /** Lambda did not start it, since the function's concurrency was used up: neither an invocation nor an error. */
  readonly isThrottled?: true;
}

export interface LogLine {
  readonly functionName: string;
  readonly line: string;
}

export interface SandboxSettings {
  /** The unpacked deployment package: the folder that handlers are named from. */
  readonly taskRoot: string;
  readonly region: string;
  /** Beside the function's own environment: endpoints, credentials. */
  readonly environmentOf: (spec: FunctionSpec) => Readonly<Record<string, string>>;
  readonly onLog: (line: LogLine) => void;
}

/** Initialization takes at most this long [Lambda developer guide, "Init phase"]. */
const initMaxMs = 10_000;

const preloadPath = fileURLToPath(new URL('./lambda-preload.ts', import.meta.url));
const runtimeClientPath = createRequire(import.meta.url).resolve('aws-lambda-ric');

/** Starts the process of a function. It sees nothing of our environment but the path. */
export async function startSandbox(spec: FunctionSpec, settings: SandboxSettings): Promise<Sandbox> {
  const api = await startRuntimeApi();
  const startedAt = Date.now();
  const child = spawn(process.execPath, ['--import', preloadPath, runtimeClientPath], {
    cwd: settings.taskRoot,
    env: { ...variablesOf(spec, settings, api.address), ...settings.environmentOf(spec), ...spec.environment },
    // Standard input is the lifeline: lambda-preload.ts ends the process when it closes.
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit').then(([code, signal]) => `${signal ?? `exit status ${code}`}`);
  let isAlive = true;
  void exited.then(() => {
    isAlive = false;
  });
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => settings.onLog({ functionName: spec.name, line }));
  }
  let initMs: number | undefined;

  const answerTo = async (requestId: string, event: unknown): Promise<Answer> => {
    const isFirst = initMs === undefined;
    await within(initMaxMs, api.ready(), `Init phase timed out after ${initMaxMs / 1000} seconds`);
    if (isFirst) initMs = Date.now() - startedAt;
    const timeoutMs = spec.timeoutSeconds * 1000;
    const answer = api.hand({
      requestId,
      deadlineMs: Date.now() + timeoutMs,
      functionArn: spec.arn,
      payload: JSON.stringify(event),
      isSampled: spec.isTraced ?? false,
    });
    return await within(timeoutMs, answer, `${requestId} Task timed out after ${spec.timeoutSeconds}.00 seconds`);
  };
  const kill = async () => {
    isAlive = false;
    child.kill('SIGKILL');
    await exited;
  };

  return {
    isAlive: () => isAlive,
    invoke: async (event) => {
      const requestId = randomUUID();
      const invokedAt = Date.now();
      const isFirst = initMs === undefined;
      const crashed = exited.then((how): Answer => fail('Runtime.ExitError', `${requestId} Runtime exited: ${how}`));
      const answer = await Promise.race([answerTo(requestId, event), crashed]).catch(
        (cause: unknown): Answer =>
          cause instanceof InitError
            ? { kind: 'failed', error: cause.error }
            : fail('Sandbox.Timedout', (cause as Error).message),
      );
      if (answer.kind === 'failed' && ['Sandbox.Timedout', 'Runtime.ExitError'].includes(answer.error.errorType)) {
        await kill();
      }
      const init = isFirst && initMs !== undefined ? { initMs } : {};
      const durationMs = Date.now() - Math.max(invokedAt, startedAt + (init.initMs ?? 0));
      return { functionName: spec.name, requestId, answer, durationMs, ...init };
    },
    close: async () => {
      await kill();
      await api.close();
    },
  };
}

function fail(errorType: string, errorMessage: string): Answer {
  return { kind: 'failed', error: { errorType, errorMessage } };
}

async function within<T>(limitMs: number, work: Promise<T>, message: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    // The work itself keeps the process alive; a limit must not do so after a close has cut the work short.
    timer = setTimeout(() => reject(new Error(message)), limitMs).unref();
  });
  return await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** The variables that Lambda sets (developer guide, "Defined runtime environment variables"). */
function variablesOf(spec: FunctionSpec, { taskRoot, region }: SandboxSettings, runtimeApi: string) {
  return {
    PATH: process.env.PATH ?? '',
    TZ: ':UTC',
    LANG: 'en_US.UTF-8',
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_FUNCTION_NAME: spec.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(spec.memoryMb),
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${spec.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'emulated',
    AWS_LAMBDA_RUNTIME_API: runtimeApi,
    LAMBDA_TASK_ROOT: taskRoot,
    LAMBDA_RUNTIME_DIR: '/var/runtime',
    _HANDLER: spec.handler,
  };
}
