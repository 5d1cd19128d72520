/** `emulator`: an EC2 account on this machine, for trying policies and for other tools' tests. */
import { once } from 'node:events';
import type { Command } from 'commander';
import { startEmulatedAws } from './emulated-aws.ts';
import { stdout } from './render.ts';
import { endHelp, UsageError } from './usage.ts';

interface EmulatorCommandOptions {
  readonly port: number;
  readonly fleet?: string;
  readonly throttle?: boolean;
  readonly seed: number;
}

export function registerEmulator(program: Command): void {
  program
    .command('emulator')
    .description('run an EC2 account (with STS, Parameter Store and an event bus) on a loopback port until interrupted')
    .option('--port <n>', 'the port; 0 takes a free one', parseNumber('--port', 65_535), 0)
    .option('--fleet <file>', 'start with the fleet of this YAML document (see infra/demo/fleet.yml)')
    .option('--throttle', "apply EC2's token buckets")
    .option('--seed <n>', 'the seed of ids', parseNumber('--seed', 2 ** 31), 1)
    .addHelpText('after', endHelp({}, 'fleetmirror emulator --port 4566 --fleet infra/demo/fleet.yml'))
    .action(runEmulator);
}

/** A whole number between `min` and `max`. */
export function parseNumber(option: string, max: number, min = 0): (text: string) => number {
  return (text) => {
    if (!/^\d{1,10}$/.test(text) || Number(text) < min || Number(text) > max) {
      throw new UsageError(`${option} ${text}: give a whole number from ${min} to ${max}.`);
    }
    return Number(text);
  };
}

async function runEmulator(options: EmulatorCommandOptions): Promise<void> {
  const aws = await startEmulatedAws({
    port: options.port,
    seed: options.seed,
    isThrottling: options.throttle ?? false,
    ...(options.fleet !== undefined && { fleetFile: options.fleet }),
  });
  stdout.print(`EC2, STS and SSM at ${aws.endpoint}  (account 123456789012, us-east-1; stop with Ctrl-C)`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await aws.close();
}
