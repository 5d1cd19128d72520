import { type Ec2Failure, isEc2Failure, type Verdict, verdicts } from './failure.ts';
import { backoffMs, triesMax } from './pace.ts';
import type { Ec2, Log, World } from './ports.ts';

/** One invocation's work: the world, how long it may take, and what makes its creations its own. */
export interface Run {
  readonly world: World;
  /** Milliseconds since 1970; no call starts after it, and no read lasts longer. */
  readonly deadlineAtMs: number;
  /** Random text, at most 16 characters. In every client token of the run, so that CloudTrail's records name the run. */
  readonly nonce: string;
}

/** Starts a run that must be over at `deadlineAtMs`: its reads end then. Every line that it logs carries its nonce as `runId`. */
export function startRun(world: World, deadlineAtMs: number): Run {
  const nonce = Array.from({ length: 2 }, () => Math.floor(world.random() * 2 ** 30).toString(36)).join('');
  const ec2 = endReads(world.ec2, deadlineAtMs);
  return { world: { ...world, ec2, log: nameRun(world.log, nonce) }, deadlineAtMs, nonce };
}

function endReads(ec2: Ec2, deadlineAtMs: number): Ec2 {
  return {
    ...ec2,
    readInterfaces: (query) => ec2.readInterfaces(query, deadlineAtMs),
    readInstances: (query) => ec2.readInstances(query, deadlineAtMs),
    readSessions: (query) => ec2.readSessions(query, deadlineAtMs),
    readTargets: () => ec2.readTargets(deadlineAtMs),
    readFilters: () => ec2.readFilters(deadlineAtMs),
    findSessionIdsByTag: (key, values) => ec2.findSessionIdsByTag(key, values, deadlineAtMs),
  };
}

/** The same run with a nonce that no call has carried: those before may stand for calls that EC2 has refused for good. */
export function renewNonce(run: Run): Run {
  const [first, turn = '0'] = run.nonce.split('-');
  return { ...run, nonce: `${first}-${Number(turn) + 1}` };
}

function nameRun(log: Log, runId: string): Log {
  return {
    info: (message, fields) => log.info(message, { runId, ...fields }),
    warn: (message, fields) => log.warn(message, { runId, ...fields }),
    error: (message, fields) => log.error(message, { runId, ...fields }),
    count: log.count,
  };
}

export type CallResult<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'failure'; readonly failure: Ec2Failure; readonly verdict: Verdict }
  /** The deadline left no room for the call. */
  | { readonly kind: 'no-time' };

/**
 * Makes one write, paced, and again after a pause while EC2 throttles it or does not answer. The call must be safe to
 * repeat: creations carry a client token, changes and deletions are what they are.
 */
export async function tryCall<T>(run: Run, operation: string, call: () => Promise<T>): Promise<CallResult<T>> {
  const { world, deadlineAtMs } = run;
  for (let attempt = 1; ; attempt++) {
    if (!(await world.pacer.take(operation, deadlineAtMs))) return { kind: 'no-time' };
    try {
      const value = await call();
      world.pacer.speedUp(operation);
      return { kind: 'ok', value };
    } catch (error) {
      if (!isEc2Failure(error)) throw error;
      const verdict = verdicts[error.kind];
      if (error.kind === 'throttled') {
        world.pacer.slowDown(operation);
        world.log.count('Throttles');
      }
      if (verdict !== 'retry-now' || attempt >= triesMax) return { kind: 'failure', failure: error, verdict };
      const pauseMs = backoffMs(attempt, world.random);
      if (world.clock.now() + pauseMs >= deadlineAtMs) return { kind: 'no-time' };
      await world.clock.sleep(pauseMs);
    }
  }
}
