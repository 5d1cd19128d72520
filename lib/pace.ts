/**
 * Keeps one worker within EC2's token buckets (50 tokens, 5 a second for each mutating action, per account and Region
 * [D: EC2 API throttling]) while others draw from them too: additive increase, multiplicative decrease.
 */
import { isEc2Failure, verdicts } from './failure.ts';
import type { Clock, Pacer } from './ports.ts';

export interface PacerSettings {
  /** Calls a second and action that the worker starts with. */
  readonly rate: number;
  readonly rateMin: number;
  readonly rateMax: number;
  /** Calls that may go at once after a pause: our share of the 50 tokens. */
  readonly burst: number;
}

/** Two workers of `on-change` share the bucket, so each starts with half of it. */
export const changePace: PacerSettings = { rate: 2.5, rateMin: 0.2, rateMax: 5, burst: 25 };
/** The sweep is in no hurry: it leaves 15 of the 50 tokens to whoever works beside it. */
export const sweepPace: PacerSettings = { rate: 3, rateMin: 0.2, rateMax: 5, burst: 35 };

/**
 * How a worker looks for its share without knowing who else draws from the bucket. Gentle, because EC2's bucket evens
 * out what a worker asks too much or too little: two workers stay within 1.05 of what the bucket gives, with less than
 * 2 of 100 calls throttled (`npm run bench -- burst`; half the rate at each throttled call took 1.57).
 */
const decrease = 0.9;
/** Added to the rate after an accepted call, calls a second; more when the last throttled one is long ago. */
const rateStep = 0.003;
const acceptedPerStep = 50;
/** A new worker begins as if so many calls had been accepted: it finds out soon whether it is alone. */
const acceptedAtStart = 500;

interface Bucket {
  rate: number;
  tokens: number;
  filledAtMs: number;
  /** Calls since the last throttled one. */
  accepted: number;
}

/** A pacer with one bucket for each action, all full at the start. */
export function createPacer(settings: PacerSettings, clock: Clock): Pacer {
  const buckets = new Map<string, Bucket>();
  const bucketOf = (operation: string): Bucket => {
    const known = buckets.get(operation);
    if (known !== undefined) return known;
    const { rate, burst: tokens } = settings;
    const bucket = { rate, tokens, filledAtMs: clock.now(), accepted: acceptedAtStart };
    buckets.set(operation, bucket);
    return bucket;
  };
  return {
    async take(operation, deadlineAtMs) {
      const bucket = bucketOf(operation);
      fill(bucket, settings.burst, clock.now());
      // The debt below zero is the queue of those who wait already.
      const waitMs = bucket.tokens >= 1 ? 0 : ((1 - bucket.tokens) / bucket.rate) * 1000;
      if (clock.now() + waitMs >= deadlineAtMs) return false;
      bucket.tokens -= 1;
      if (waitMs > 0) await clock.sleep(waitMs);
      return true;
    },
    speedUp(operation) {
      const bucket = bucketOf(operation);
      // The time that has passed was at the old rate.
      fill(bucket, settings.burst, clock.now());
      bucket.accepted += 1;
      const step = rateStep * Math.max(1, bucket.accepted / acceptedPerStep);
      bucket.rate = Math.min(settings.rateMax, bucket.rate + step);
    },
    slowDown(operation) {
      const bucket = bucketOf(operation);
      fill(bucket, settings.burst, clock.now());
      bucket.accepted = 0;
      bucket.rate = Math.max(settings.rateMin, bucket.rate * decrease);
      bucket.tokens = Math.min(bucket.tokens, 0);
    },
  };
}

function fill(bucket: Bucket, burst: number, nowMs: number): void {
  const elapsedMs = Math.max(0, nowMs - bucket.filledAtMs);
  bucket.tokens = Math.min(burst, bucket.tokens + (elapsedMs / 1000) * bucket.rate);
  bucket.filledAtMs = nowMs;
}

/** A pause before try number `attempt` (from 1): full jitter over a range that doubles, at most 10 s. */
export function backoffMs(attempt: number, random: () => number): number {
  return random() * Math.min(10_000, 200 * 2 ** attempt);
}

/** How often one call is tried before the work is handed on. */
export const triesMax = 6;

/** What repeating a read takes. */
export interface ReadPace {
  readonly clock: Clock;
  readonly random: () => number;
  /** Milliseconds since 1970; no try starts after it. */
  readonly deadlineAtMs: number;
}

/**
 * Repeats a read while EC2 throttles it or does not answer, and while there is time; throws the last failure when it does
 * not get better.
 */
export async function retryRead<T>(call: () => Promise<T>, { clock, random, deadlineAtMs }: ReadPace): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      const mayRetry = isEc2Failure(error) && verdicts[error.kind] === 'retry-now';
      if (!mayRetry || attempt >= triesMax) throw error;
      const pauseMs = backoffMs(attempt, random);
      if (clock.now() + pauseMs >= deadlineAtMs) throw error;
      await clock.sleep(pauseMs);
    }
  }
}
