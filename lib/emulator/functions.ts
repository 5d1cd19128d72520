import { randomUUID } from 'node:crypto';
import { type InvocationReport, type Sandbox, type SandboxSettings, startSandbox } from './sandbox.ts';
import type { FunctionSpec } from './template.ts';

/** The Lambda functions of a stack. */
export interface Functions {
  /**
   * Runs the function in a free process, starting one when all are busy, and reports what became of it. Beyond its
   * reserved concurrency the invocation is throttled, as Lambda's Invoke answers [developer guide, "Reserved concurrency"].
   */
  readonly invoke: (functionName: string, event: unknown) => Promise<InvocationReport>;
  /** Ends every process and waits until they are gone. */
  readonly close: () => Promise<void>;
}

export interface FunctionsSettings extends SandboxSettings {
  readonly onInvocation: (report: InvocationReport) => void;
}

/** Functions by name; their processes start with the first invocation and stay warm. */
export function createFunctions(specs: readonly FunctionSpec[], settings: FunctionsSettings): Functions {
  const specByName = new Map(specs.map((spec) => [spec.name, spec]));
  const idle = new Map<string, Sandbox[]>(specs.map(({ name }) => [name, []]));
  const sandboxes = new Set<Promise<Sandbox>>();
  const running = new Map<string, number>();
  let isClosed = false;

  const start = (spec: FunctionSpec): Promise<Sandbox> => {
    const starting = startSandbox(spec, settings);
    sandboxes.add(starting);
    return starting;
  };

  const run = async (spec: FunctionSpec, free: Sandbox[], event: unknown): Promise<InvocationReport> => {
    const count = running.get(spec.name) ?? 0;
    if (count >= (spec.concurrencyMax ?? Number.POSITIVE_INFINITY)) return throttle(spec);
    running.set(spec.name, count + 1);
    try {
      const sandbox = free.pop() ?? (await start(spec));
      const report = await sandbox.invoke(event);
      if (sandbox.isAlive()) free.push(sandbox);
      return report;
    } finally {
      running.set(spec.name, (running.get(spec.name) ?? 1) - 1);
    }
  };

  return {
    invoke: async (functionName, event) => {
      const spec = specByName.get(functionName);
      const free = idle.get(functionName);
      if (spec === undefined || free === undefined) throw new Error(`There is no function ${functionName}.`);
      if (isClosed) throw new Error('The functions are closed.');
      const report = await run(spec, free, event);
      settings.onInvocation(report);
      return report;
    },
    close: async () => {
      isClosed = true;
      await Promise.all([...sandboxes].map(async (sandbox) => (await sandbox).close()));
    },
  };
}

function throttle({ name }: FunctionSpec): InvocationReport {
  const error = { errorType: 'TooManyRequestsException', errorMessage: 'Rate Exceeded.' };
  const answer = { kind: 'failed' as const, error };
  return { functionName: name, requestId: randomUUID(), answer, durationMs: 0, isThrottled: true };
}
