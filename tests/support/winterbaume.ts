import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Ec2 } from '../conformance/contract/rule.ts';
import { useEndpoint } from './ec2-endpoint.ts';

/** A running winterbaume: another EC2, and nothing of it is ours. */
export interface Winterbaume {
  /** The same EC2, emptied. */
  readonly open: () => Promise<Ec2>;
  readonly stop: () => Promise<void>;
}

const project = fileURLToPath(new URL('../witness/winterbaume/', import.meta.url));
const cacheFolder =
  process.env.WITNESS_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'fleetmirror');
/** Outside the tree, once for this machine: the crates take minutes to compile. */
const targetFolder = join(cacheFolder, 'winterbaume-1.0.0');

/** Builds winterbaume from its crate and starts it on a free port of this machine; rejects with what it said when it cannot. */
export async function startWinterbaume(): Promise<Winterbaume> {
  const options = ['build', '--quiet', '--locked', '--manifest-path', join(project, 'Cargo.toml')];
  const { status, error, stderr } = spawnSync('cargo', [...options, '--target-dir', targetFolder], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`cargo cannot build it: ${error ?? stderr}`);
  const server = spawn(join(targetFolder, 'debug', 'winterbaume-witness'), { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(server, 'close').catch((cause: unknown) => [cause]);
  const endpoint = await findEndpoint(server.stdout);
  const { open, close } = await useEndpoint(endpoint);
  return {
    open: async () => {
      await fetch(`${endpoint}/reset`);
      return open();
    },
    stop: async () => {
      close();
      server.kill();
      await ended;
    },
  };
}

async function findEndpoint(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: output })) {
    const address = /^Running on (http:\/\/127\.0\.0\.1:\d+)$/.exec(line)?.[1];
    if (address !== undefined) return address;
  }
  throw new Error('winterbaume ends before it names its address');
}
