/** `fleetmirror simulate`: what a policy, or the sessions of an interface, would have mirrored of a capture. */
import { open, realpath } from 'node:fs/promises';
import cliProgress from 'cli-progress';
import type { Command } from 'commander';
import { type CaptureSource, openCaptureFile, sourceFromPieces } from '../capture/capture-source.ts';
import { guessInterfaceAddresses } from '../capture/guess-address.ts';
import { type Address, formatAddress, parseAddress } from '../core/cidr.ts';
import { rejectFallsThrough } from '../core/limits.ts';
import type { NetworkInterfaceId } from '../core/model.ts';
import { parsePolicy } from '../core/policy.ts';
import { isNetworkInterfaceId } from '../hints.ts';
import { addGlobalOptions, type GlobalOptions, renderIssue } from './context.ts';
import { makeFolder } from './make-folder.ts';
import { describeFileError, readTextFile } from './read-file.ts';
import { type Printer, stdout } from './render.ts';
import { noteAssumptions, renderSimulation, simulationAsJson } from './render-simulation.ts';
import { sessionsFromPolicy } from './simulated-sessions.ts';
import { readSourceInAccount, type SourceInAccount } from './simulated-source.ts';
import { fileOf, type MirrorOut, type SimulatedSession, simulate } from './simulation.ts';
import { endHelp, exitCodes, UsageError } from './usage.ts';

/** What the command needs of its surroundings. */
export interface SimulateServices {
  /** Reads an interface with its sessions; throws a `UsageError` when there is none. */
  readonly readSource: (eni: NetworkInterfaceId, options: GlobalOptions) => Promise<SourceInAccount>;
  readonly printer: Printer;
  readonly setExitCode: (code: number) => void;
}

interface SimulateOptions extends GlobalOptions {
  readonly eni?: string;
  readonly sourceAddress?: readonly string[];
  readonly targetAddress?: readonly string[];
  readonly resolver?: readonly string[];
  readonly profile?: string;
  readonly out?: string;
}

// Addresses for documentation [RFC 5737]: nobody takes them for real ones.
const documentationNetwork = 0xc0000200n;
const defaultSourceAddress: Address = { family: 4, value: documentationNetwork + 1n };
const firstTargetAddress = documentationNetwork + 101n;
/** A bar appears for work that takes longer. */
const progressAfterMs = 1000;

const usualServices: SimulateServices = {
  readSource: readSourceInAccount,
  printer: stdout,
  setExitCode: (code) => {
    process.exitCode = code;
  },
};

/** Adds the command to the program. */
export function registerSimulate(program: Command, services: SimulateServices = usualServices): Command {
  const command = program
    .command('simulate')
    .description('count what each session would mirror of a capture (pcap or pcapng; "-" reads standard input)')
    .argument('<capture>', 'the capture file');
  return addGlobalOptions(command)
    .option('--profile <name>', 'with --policy: simulate the tiers of this profile (default: default)')
    .option('--eni <id>', 'simulate this interface: its addresses, and its sessions unless a policy file is given')
    .option(
      '--source-address <ip>',
      'an address of the interface; what it sends is egress; the first is the outer source',
      collect,
    )
    .option(
      '--target-address <tier=ip>',
      'outer destination of a tier (default: the account’s, else in 192.0.2.0/24)',
      collect,
    )
    .option(
      '--resolver <ip>',
      "the VPC's resolver, for Amazon DNS (169.254.169.253 is always known, with --eni the VPC's own too)",
      collect,
    )
    .option('--out <dir>', 'write one capture per session: cut to its packet length, in VXLAN')
    .addHelpText(
      'after',
      endHelp(
        { failed: 'failed, or the capture is damaged' },
        'fleetmirror simulate web.pcap --policy policy.yml --profile default --source-address 10.0.1.5',
      ),
    )
    .action(async (file: string, options: SimulateOptions) => {
      services.setExitCode(await runSimulate(file, options, services));
    });
}

/** Runs the command; answers its exit code. A damaged capture is reported as far as it can be read, and fails. */
async function runSimulate(file: string, options: SimulateOptions, services: SimulateServices): Promise<number> {
  const { printer } = services;
  const notes: string[] = [];
  const inAccount = options.eni === undefined ? undefined : await readSource(options.eni, options, services);
  const sessions = findSessions(options, inAccount);
  const given = [...(options.sourceAddress ?? []), ...(inAccount?.addresses ?? [])].map(readAddress);
  const resolvers = [...(options.resolver ?? []).map(readAddress), ...(inAccount?.resolvers ?? [])];
  const setting = { rejectFallsThrough, resolvers };
  const interfaceAddresses = given.length > 0 ? given : await guessAddresses(file, notes);
  const capture = await openCapture(file);
  const progress = createProgress(capture.bytesTotal);
  try {
    const out = options.out === undefined ? undefined : await openOut(options.out, file, given, sessions, options);
    const result = await simulate({
      capture,
      sessions,
      interfaceAddresses,
      setting,
      onProgress: progress.show,
      ...(out && { out }),
    });
    progress.stop();
    if (result.end.kind === 'unreadable') throw new UsageError(`${file}: ${result.end.problem}.`);
    if (result.end.kind === 'damaged') notes.push(`the capture is damaged: ${result.end.problem}`);
    if (result.showsInterface === false) notes.push(describeUnseen(interfaceAddresses));
    notes.push(...noteAssumptions(result, setting));
    const text = options.json
      ? JSON.stringify(simulationAsJson(result, notes))
      : renderSimulation(result, notes, printer);
    printer.print(text);
    return result.end.kind === 'complete' ? exitCodes.ok : exitCodes.failed;
  } finally {
    progress.stop();
    await capture.close();
  }
}

/** An option that may be given more than once. */
function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}

function readSource(eni: string, options: SimulateOptions, services: SimulateServices): Promise<SourceInAccount> {
  if (!isNetworkInterfaceId(eni)) throw new UsageError(`"${eni}" is no interface id (eni-…).`);
  return services.readSource(eni, options);
}

function findSessions(options: SimulateOptions, inAccount: SourceInAccount | undefined): readonly SimulatedSession[] {
  const { policy: policyFile, profile = 'default' } = options;
  if (policyFile === undefined) {
    if (inAccount !== undefined && options.profile === undefined) return inAccount.sessions;
    throw new UsageError('Which sessions? Give --policy FILE and --profile NAME, or --eni for those of an interface.');
  }
  const parsed = parsePolicy(readTextFile(policyFile), { fleet: options.fleet });
  if (parsed.ok) return sessionsFromPolicy(parsed.policy, profile, inAccount?.filters);
  throw new UsageError([`The policy ${policyFile} is invalid.`, ...parsed.issues.map(renderIssue)].join('\n'));
}

function readAddress(text: string): Address {
  const address = parseAddress(text);
  if (address === undefined) throw new UsageError(`"${text}" is no IP address.`);
  return address;
}

function describeUnseen(addresses: readonly Address[]): string {
  const written = addresses.map(formatAddress).join(' or ');
  return `no packet of the capture is from or to ${written}, so all of them count as ingress: is that the interface on which it was made?`;
}

/** Without any address, who the source is must be seen from the capture; of a pipe it cannot be. */
async function guessAddresses(file: string, notes: string[]): Promise<Address[]> {
  if (file === '-') {
    notes.push('without --source-address every packet of a pipe counts as ingress (Linux cooked captures excepted)');
    return [];
  }
  const capture = await openCapture(file);
  try {
    const addresses = await guessInterfaceAddresses(capture);
    const written = addresses.map(formatAddress).join(' and ');
    if (written !== '') {
      notes.push(`egress is what ${written} sends: judged from the capture, say otherwise with --source-address`);
    }
    return addresses;
  } finally {
    await capture.close();
  }
}

async function openOut(
  directory: string,
  file: string,
  given: readonly Address[],
  sessions: readonly SimulatedSession[],
  options: SimulateOptions,
): Promise<MirrorOut> {
  const chosen = readTargetAddresses(options.targetAddress ?? [], sessions);
  const targets = [...new Set(sessions.map(({ target }) => target))];
  const out: MirrorOut = {
    directory,
    sourceAddress: given.find(({ family }) => family === 4) ?? defaultSourceAddress,
    targetAddressOf: ({ name, target, targetAddress }) =>
      chosen.get(name) ?? targetAddress ?? { family: 4, value: firstTargetAddress + BigInt(targets.indexOf(target)) },
  };
  try {
    await makeFolder(directory);
  } catch (error) {
    throw new UsageError(`The directory ${directory} cannot be made: ${describeFileError(error)}.`);
  }
  const input = file === '-' ? undefined : await realpath(file).catch(() => undefined);
  for (const session of sessions) {
    const output = await realpath(fileOf(out, session)).catch(() => undefined);
    if (output !== undefined && output === input) throw new UsageError(`${file} would be overwritten by --out.`);
  }
  for (const session of sessions) await requireWritable(fileOf(out, session));
  return out;
}

/** Told before a long capture is read, not after. */
async function requireWritable(file: string): Promise<void> {
  try {
    await (await open(file, 'a')).close();
  } catch (error) {
    throw new UsageError(`The file ${file} cannot be written: ${describeFileError(error)}.`);
  }
}

function readTargetAddresses(texts: readonly string[], sessions: readonly SimulatedSession[]): Map<string, Address> {
  const tiers = sessions.map(({ name }) => name);
  return new Map(
    texts.map((text) => {
      const [, tier = '', addressText = ''] = /^([^=]+)=(.+)$/.exec(text) ?? [];
      const address = parseAddress(addressText);
      if (address?.family !== 4) throw new UsageError(`"${text}" is not TIER=IPV4, such as http=10.0.9.9.`);
      if (!tiers.includes(tier)) throw new UsageError(`No session is called "${tier}". Sessions: ${tiers.join(', ')}.`);
      return [tier, address];
    }),
  );
}

async function openCapture(file: string): Promise<CaptureSource> {
  if (file === '-') return sourceFromPieces(process.stdin);
  try {
    return await openCaptureFile(file);
  } catch (error) {
    throw new UsageError(`The capture ${file} cannot be read: ${describeFileError(error)}.`);
  }
}

/** A bar on a terminal, for captures that take long; nothing in a pipe. */
function createProgress(bytesTotal: number | undefined): { show: (bytesRead: number) => void; stop: () => void } {
  if (bytesTotal === undefined || process.stderr.isTTY !== true) return { show: () => {}, stop: () => {} };
  const startedAt = performance.now();
  const bar = new cliProgress.SingleBar({
    format: '{bar} {percentage} % of {megabytes} MB, {eta_formatted} left',
    stream: process.stderr,
    clearOnComplete: true,
  });
  let isShown = false;
  return {
    show: (bytesRead) => {
      if (!isShown && performance.now() - startedAt > progressAfterMs) {
        isShown = true;
        bar.start(bytesTotal, bytesRead, { megabytes: Math.ceil(bytesTotal / 1e6) });
      } else if (isShown) {
        bar.update(bytesRead);
      }
    },
    stop: () => {
      if (isShown) bar.stop();
      isShown = false;
    },
  };
}
