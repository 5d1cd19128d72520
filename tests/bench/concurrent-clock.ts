import type { Clock } from '../../lib/ports.ts';

/** Time for many sleepers at once: it jumps to the next one who wakes as soon as nobody has anything left to do. */
export interface ConcurrentClock extends Clock {
  /** Marks work that needs real time (the SDK's own), during which the clock stands still. */
  readonly busy: <T>(work: Promise<T>) => Promise<T>;
  /** Runs until the work is done, and returns its result. */
  readonly runUntil: <T>(work: Promise<T>) => Promise<T>;
}

interface Sleeper {
  readonly wakesAtMs: number;
  readonly wake: () => void;
}

export function createConcurrentClock(startMs: number): ConcurrentClock {
  let nowMs = startMs;
  let working = 0;
  const sleepers: Sleeper[] = [];
  return {
    now: () => nowMs,
    sleep: (delayMs) =>
      new Promise((wake) => {
        const sleeper = { wakesAtMs: nowMs + Math.max(0, delayMs), wake };
        const after = sleepers.findIndex(({ wakesAtMs }) => wakesAtMs > sleeper.wakesAtMs);
        sleepers.splice(after < 0 ? sleepers.length : after, 0, sleeper);
      }),
    busy: async (work) => {
      working += 1;
      try {
        return await work;
      } finally {
        working -= 1;
      }
    },
    runUntil: async (work) => {
      let isDone = false;
      const finish = () => {
        isDone = true;
      };
      work.then(finish, finish);
      while (!isDone) {
        // Promises settle before this returns: whoever then neither works nor sleeps is done.
        await new Promise(setImmediate);
        if (isDone || working > 0) continue;
        const next = sleepers.shift();
        if (next === undefined) throw new Error('nobody sleeps and nobody works, yet the work is not done');
        nowMs = next.wakesAtMs;
        next.wake();
      }
      return await work;
    },
  };
}
