import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { EC2Client } from '@aws-sdk/client-ec2';
import type { Ec2 } from '../conformance/contract/rule.ts';

/** A running moto server: another EC2, and nothing of it is ours. */
export interface Moto {
  /** The same EC2, emptied. */
  readonly open: () => Promise<Ec2>;
  readonly stop: () => Promise<void>;
}

const START_MS_MAX = 60_000;
/** One of the images that moto brings along. */
const IMAGE_ID = 'ami-12c6146b';

/** Starts moto on a free port of this machine; rejects with what it said when it does not come up. */
export async function startMoto(bin: string): Promise<Moto> {
  const server = spawn(join(bin, 'moto_server'), ['-H', '127.0.0.1', '-p', '0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, MOTO_EC2_LOAD_DEFAULT_AMIS: 'true' },
  });
  const ended = once(server, 'close').catch((error: unknown) => [error]);
  const endpoint = await findEndpoint(server.stderr).catch((error: unknown) => {
    server.kill();
    throw error;
  });
  const ec2 = new EC2Client({
    region: 'us-east-1',
    endpoint,
    credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'example' },
    maxAttempts: 1,
  });
  return {
    open: async () => {
      const { ok, status } = await fetch(`${endpoint}/moto-api/reset`, { method: 'POST' });
      if (!ok) throw new Error(`moto does not forget: ${status}`);
      return { ec2, imageId: IMAGE_ID };
    },
    stop: async () => {
      ec2.destroy();
      server.kill();
      await ended;
    },
  };
}

/** Reads until moto names its address; what it says later is read and dropped, or its pipe would fill. */
function findEndpoint(log: NodeJS.ReadableStream): Promise<string> {
  const lines: string[] = [];
  const reader = createInterface({ input: log });
  return new Promise((resolve, reject) => {
    const fail = () => {
      // Or the timer would keep the process of the tests for a minute.
      clearTimeout(timer);
      reject(new Error(`moto does not start: ${lines.join('\n')}`));
    };
    const timer = setTimeout(fail, START_MS_MAX);
    reader.on('close', fail);
    reader.on('line', (line) => {
      const address = /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(line)?.[1];
      if (lines.length < 100) lines.push(line);
      if (address === undefined) return;
      clearTimeout(timer);
      resolve(address);
    });
  });
}
