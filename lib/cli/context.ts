/** From a command's options to a world and a policy. */
import type { Command } from 'commander';
import { type Account, connect } from '../aws/connect.ts';
import { findObjectPlace } from '../aws/policy-source.ts';
import type { Policy } from '../core/model.ts';
import type { PolicyIssue } from '../core/policy.ts';
import { nameSchema } from '../core/policy-scalars.ts';
import { printable } from '../core/quote.ts';
import { judgePolicy } from '../judge-policy.ts';
import type { Log, PolicyReading, World } from '../ports.ts';
import { readTextFile } from './read-file.ts';
import { UsageError } from './usage.ts';

/** The options that every command takes but `emulator` and `demo`, which have an account of their own. */
export interface GlobalOptions {
  readonly json?: boolean;
  readonly fleet?: string;
  readonly region?: string;
  readonly awsProfile?: string;
  readonly endpointUrl?: string;
  readonly policy?: string;
  readonly verbose?: boolean;
}

/** Adds the options that every command takes. */
export function addGlobalOptions(command: Command): Command {
  return command
    .option('--json', 'print one JSON document instead of text')
    .option(
      '--fleet <name>',
      'the fleet (default: the policy file’s, FLEETMIRROR_FLEET, or the only one in the Region)',
      (name) => readFleetName('--fleet', name),
    )
    .option('--region <region>', 'the AWS Region (default: AWS_REGION)')
    .option('--aws-profile <name>', 'a profile of the shared AWS configuration')
    .option('--endpoint-url <url>', 'talk to this endpoint instead of AWS, for example an emulator', readEndpointUrl)
    .option('--policy <file>', 'use this policy file instead of the one in the Parameter Store')
    .option('--verbose', 'log every step to stderr as JSON lines');
}

/** What can be seen to be wrong is told before anything is asked of AWS. */
function readFleetName(option: string, name: string): string {
  const parsed = nameSchema.safeParse(name);
  if (parsed.success) return name;
  throw new UsageError(`${option} ${name} ${parsed.error.issues.map(({ message }) => message).join('; ')}.`);
}

function readEndpointUrl(text: string): string {
  if (/^https?:$/.test(URL.parse(text)?.protocol ?? '')) return text;
  throw new UsageError(
    `--endpoint-url ${text}: give an address with http:// or https://, such as http://127.0.0.1:4566.`,
  );
}

export interface Context {
  readonly account: Account;
  readonly world: World;
}

/** Opens the world of the fleet that the options mean. A policy file is judged before anything is asked of AWS. */
export async function openContext(options: GlobalOptions): Promise<Context> {
  const fleetOfFile = options.policy === undefined ? undefined : readPolicyFile(options.policy).fleet;
  const account = connect(options);
  const fleet = options.fleet ?? fleetOfFile ?? (await findFleet(account));
  const world = await account.openWorld(fleet, createLog(options.verbose ?? false));
  return { account, world };
}

async function findFleet(account: Account): Promise<string> {
  const usual = process.env.FLEETMIRROR_FLEET;
  if (usual !== undefined) return readFleetName('FLEETMIRROR_FLEET', usual);
  const fleets = await account.findFleets();
  if (fleets.length === 1 && fleets[0] !== undefined) return fleets[0];
  const found = fleets.length === 0 ? 'no fleet has a policy here' : `there are several: ${fleets.join(', ')}`;
  throw new UsageError(
    `Which fleet? ${found} (${await account.findRegion()}). Name it with --fleet, or give a file with --policy.`,
  );
}

/** The text of a policy file, or of the object of S3 that an `s3://` name means. */
export async function readPolicyText(name: string, options: GlobalOptions): Promise<string> {
  const place = findObjectPlace(name);
  if (place === undefined) return readTextFile(name);
  try {
    return await connect(options).readObject(place);
  } catch (error) {
    throw new UsageError(`${name} cannot be read (${error instanceof Error ? error.message : String(error)}).`);
  }
}

/** A policy file without an account behind it; wrong is wrong usage, with every problem named. */
export function readPolicyFile(file: string): Policy {
  return usablePolicy(judgePolicy(readTextFile(file), file));
}

/** The policy that this command works with; wrong or missing is wrong usage, with every problem named. */
export function openPolicy({ world }: Context, options: GlobalOptions): Promise<Policy> {
  if (options.policy === undefined) return openPolicyOf(world);
  return Promise.resolve(usablePolicy(judgePolicy(readTextFile(options.policy), options.policy, world.fleet)));
}

/** A policy to read by, with what to say first when it is not the one that stands. */
export interface PolicyToRead {
  readonly policy: Policy;
  /** Set when the pushed policy is broken and this is the last good one: nothing is written anywhere until it is repaired. */
  readonly lastGood?: { readonly version: number; readonly writtenAt?: string; readonly notice: string };
}

/**
 * The policy for a command that only explains. While the pushed one is broken, the newest version of it that is valid,
 * marked as such; a command that plans or writes must never take this for the policy.
 */
export async function openPolicyToRead(context: Context, options: GlobalOptions): Promise<PolicyToRead> {
  if (options.policy !== undefined) return { policy: await openPolicy(context, options) };
  const { account, world } = context;
  const reading = await world.readPolicy();
  if (reading.kind === 'valid') return { policy: reading.policy };
  const good = reading.kind === 'missing' ? undefined : await account.readLastGoodPolicy(world.fleet);
  if (good === undefined) throw new UsageError(describeUnusablePolicy(reading));
  const { policy, version, writtenAtMs } = good;
  const writtenAt = writtenAtMs === undefined ? undefined : new Date(writtenAtMs).toISOString();
  const notice = [
    describeUnusablePolicy(reading),
    `What follows rests on version ${version}${writtenAt ? ` of ${writtenAt}` : ''}, the last that is valid.`,
  ].join('\n');
  return { policy, lastGood: { version, ...(writtenAt && { writtenAt }), notice } };
}

/** The policy in the Parameter Store of the world's fleet. */
export async function openPolicyOf(world: World): Promise<Policy> {
  return usablePolicy(await world.readPolicy());
}

/** The policy of a reading; `UsageError` with every problem named when it cannot be used. */
export function usablePolicy(reading: PolicyReading): Policy {
  if (reading.kind === 'valid') return reading.policy;
  throw new UsageError(describeUnusablePolicy(reading));
}

function describeUnusablePolicy(reading: Exclude<PolicyReading, { kind: 'valid' }>): string {
  switch (reading.kind) {
    case 'missing':
      return `There is no policy at ${reading.where}. Write one with \`fleetmirror policy push FILE\`.`;
    case 'unreadable':
      return `The policy at ${reading.where} cannot be read: ${reading.cause}`;
    case 'invalid':
      return [`The policy ${reading.where} is invalid; nothing is written.`, ...reading.issues.map(renderIssue)].join(
        '\n',
      );
  }
}

/** `error: line 12, tiers[1].sessionNumber: what is wrong. What to do.` in one line. */
export function renderIssue({ line, path, message, hint, severity }: PolicyIssue): string {
  const where = path === '' ? `line ${line}` : `line ${line}, ${path}`;
  return printable(`  ${severity}: ${where}: ${message.replace(/\.?$/, '.')} ${hint}`);
}

/** The log of the command line: silent unless asked, since what a command has to say is its output. */
function createLog(isVerbose: boolean): Log {
  const write = (level: string) => (message: string, fields?: Readonly<Record<string, unknown>>) => {
    if (isVerbose) process.stderr.write(`${JSON.stringify({ level, message, ...fields })}\n`);
  };
  return { info: write('info'), warn: write('warn'), error: write('error'), count: () => {} };
}
