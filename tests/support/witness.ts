import { EC2Client, type EC2ClientConfig } from '@aws-sdk/client-ec2';
import { createEmulator, type Emulator, type EmulatorOptions } from '../../lib/emulator/emulator.ts';
import { startServer } from '../../lib/emulator/server.ts';

/** An EC2 to put questions to, and the real SDK's client for it. */
export interface Bench {
  readonly ec2: EC2Client;
  readonly emulator: Emulator;
  readonly close: () => Promise<void>;
}

/** One way to reach an EC2; the contract must hold for each. */
export interface Witness {
  readonly name: string;
  readonly open: (options?: EmulatorOptions) => Promise<Bench>;
}

const CLIENT: EC2ClientConfig = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'example' },
  maxAttempts: 1,
};

/** The emulator reached without a socket. */
export const inProcess: Witness = {
  name: 'in the process',
  open: async (options = {}) => {
    const emulator = createEmulator(options);
    const ec2 = new EC2Client({ ...CLIENT, requestHandler: emulator.requestHandler });
    return { ec2, emulator, close: async () => ec2.destroy() };
  },
};

/** The emulator behind a port of this machine. */
export const overHttp: Witness = {
  name: 'over HTTP',
  open: async (options = {}) => {
    const emulator = createEmulator(options);
    const server = await startServer({ emulator });
    const ec2 = new EC2Client({ ...CLIENT, endpoint: server.endpoint });
    const close = async (): Promise<void> => {
      ec2.destroy();
      await server.close();
    };
    return { ec2, emulator, close };
  },
};

/** Every way there is. */
export const witnesses: readonly Witness[] = [inProcess, overHttp];

/** Opens an EC2, lets the test use it, and closes it whatever happens. */
export async function withBench(
  witness: Witness,
  options: EmulatorOptions,
  use: (bench: Bench) => Promise<void>,
): Promise<void> {
  const bench = await witness.open(options);
  try {
    await use(bench);
  } finally {
    await bench.close();
  }
}

/** The error code of a call that must fail; `none` when it does not. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'none',
    (error: unknown) => (error instanceof Error ? error.name : String(error)),
  );
}

/** The HTTP status of a call that must fail; 0 when there is none. */
export async function statusOf(call: Promise<unknown>): Promise<number> {
  return call.then(
    () => 0,
    (error: unknown) => (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode ?? 0,
  );
}

/** The text of a call that must fail. */
export async function messageOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'none',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}
