import { EC2Client } from '@aws-sdk/client-ec2';
import { createEc2 } from '../../lib/aws/ec2.ts';
import type { Emulator } from '../../lib/emulator/emulator.ts';
import type { Ec2 } from '../../lib/ports.ts';
import type { VirtualClock } from './emulated-world.ts';

/** An account whose answers take their time. */
export interface SlowEc2 {
  readonly ec2: Ec2;
  /** How long each call was waited for. */
  readonly waitedMs: readonly number[];
}

/**
 * EC2 that needs so many milliseconds for each call in turn, the last number for all that follow. Callers hang up when
 * their patience ends.
 */
export function aSlowEc2(
  { emulator, clock }: { readonly emulator: Emulator; readonly clock: VirtualClock },
  ...answersMs: number[]
): SlowEc2 {
  const waitedMs: number[] = [];
  const { requestHandler } = emulator;
  const client = new EC2Client({
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
    requestHandler: {
      ...requestHandler,
      handle: async (
        request: Parameters<typeof requestHandler.handle>[0],
        { requestTimeout = Number.POSITIVE_INFINITY }: { readonly requestTimeout?: number } = {},
      ) => {
        const answerMs = answersMs[waitedMs.length] ?? answersMs.at(-1) ?? 0;
        const waitMs = Math.min(answerMs, requestTimeout);
        waitedMs.push(waitMs);
        clock.advance(waitMs);
        if (waitMs < answerMs) throw Object.assign(new Error('no answer'), { name: 'TimeoutError' });
        return requestHandler.handle(request);
      },
    },
  });
  return { ec2: createEc2(client, clock, () => 0.5), waitedMs };
}
