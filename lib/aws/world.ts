/** The one composition root: fills `lib/ports.ts` with AWS. */
import { EC2Client } from '@aws-sdk/client-ec2';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { Config } from '../config.ts';
import { createMemory } from '../memory.ts';
import { createPacer, type PacerSettings } from '../pace.ts';
import type { Clock, Log, Trace, World } from '../ports.ts';
import { clientSettings, giveUpAfter, listingSilenceMsMax, silenceMsMax } from './client-settings.ts';
import { createEc2 } from './ec2.ts';
import { createBus } from './event-bridge.ts';
import { readPolicyParameter } from './policy-source.ts';
import { createQueues } from './queues.ts';

/** The time of this machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (delayMs) => new Promise((resolve) => setTimeout(resolve, delayMs)),
};

/** EC2 calls are made once each: what is repeated, and when, is decided in `lib/pace.ts` and `lib/call.ts`. */
export const ec2ClientSettings = { ...clientSettings, maxAttempts: 1 } as const;

/**
 * A socket is silent, too, while an answer is awaited, so that only a client of their own can give listings more time than
 * a write may take.
 */
export const ec2ReaderSettings = { ...giveUpAfter(silenceMsMax, listingSilenceMsMax), maxAttempts: 1 } as const;

/** The world of a deployed function; `trace` where its invocations are traced. */
export function createFunctionWorld(config: Config, log: Log, pace: PacerSettings, trace?: Trace): World {
  const ssm = new SSMClient(clientSettings);
  return {
    ec2: createEc2(new EC2Client(ec2ClientSettings), systemClock, Math.random, {
      log,
      reader: new EC2Client(ec2ReaderSettings),
    }),
    clock: systemClock,
    random: Math.random,
    bus: createBus(new EventBridgeClient(clientSettings), systemClock, Math.random),
    queues: createQueues(new SQSClient(clientSettings), config, systemClock),
    log,
    pacer: createPacer(pace, systemClock),
    memory: createMemory(),
    fleet: config.fleet,
    accountId: config.accountId,
    region: config.region,
    readPolicy: () => readPolicyParameter(ssm, config.fleet),
    ...(trace !== undefined && { trace }),
  };
}
