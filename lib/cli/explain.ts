/** `explain`: why a source is (not) mirrored, and which session would mirror a given packet. */
import type { Command } from 'commander';
import type { Account } from '../aws/connect.ts';
import { startRun } from '../call.ts';
import type { Candidate } from '../core/actions.ts';
import { type Address, formatAddress, parseAddress } from '../core/cidr.ts';
import { tierOf } from '../core/desire.ts';
import { directionOf, evaluatePacket } from '../core/evaluate.ts';
import { type Explanation, explainSource } from '../core/explain.ts';
import { rejectFallsThrough } from '../core/limits.ts';
import type { NetworkInterface } from '../core/model.ts';
import type { PacketFacts, PacketSession } from '../core/packet.ts';
import { parsePacketText } from '../core/packet-text.ts';
import { planSource } from '../core/plan.ts';
import { printable } from '../core/quote.ts';
import { renderAccount } from '../core/render-account.ts';
import { openLedger } from '../core/targets.ts';
import { isInstanceId, isNetworkInterfaceId, isSessionId } from '../hints.ts';
import type { World } from '../ports.ts';
import { situate } from '../prepare.ts';
import type { ChangedScope } from '../read.ts';
import { type Report, reconcile } from '../reconcile.ts';
import { addGlobalOptions, type GlobalOptions, openContext, openPolicyToRead } from './context.ts';
import { paint, stdout } from './render.ts';
import { endHelp, UsageError } from './usage.ts';
import { findResolvers } from './vpc-resolver.ts';

interface ExplainOptions extends GlobalOptions {
  readonly packet?: string;
}

export function registerExplain(program: Command): void {
  addGlobalOptions(program.command('explain'))
    .argument('<id>', 'an interface (eni-…), an instance (i-…) or a session (tms-…)')
    .description('say why it is mirrored as it is, in sentences; reads only')
    .option('--packet <text>', 'which session mirrors this packet: "tcp 10.0.1.5:44321 > 10.0.2.9:443"')
    .addHelpText(
      'after',
      endHelp({}, 'fleetmirror explain eni-0123456789abcdef0 --packet "udp 10.0.1.5:53000 > 10.0.0.2:53"'),
    )
    .action(runExplain);
}

async function runExplain(id: string, options: ExplainOptions): Promise<void> {
  const scope = explainScope(id);
  const packet = options.packet === undefined ? undefined : readPacket(options.packet);
  const context = await openContext(options);
  const { policy, lastGood } = await openPolicyToRead(context, options);
  const { world } = context;
  const report = await reconcile(startRun(world, Number.POSITIVE_INFINITY), policy, scope, { writes: false });
  const candidates = report.reading.candidates;
  if (candidates.length === 0) return explainAbsence(id, report, options);
  const explanations = candidates.map((candidate) => explainOne(candidate, report, world));
  if (lastGood !== undefined) process.stderr.write(`${paint(stdout, 'yellow', lastGood.notice)}\n`);
  const packets: (readonly string[])[] = [];
  if (packet !== undefined) {
    for (const candidate of candidates) {
      packets.push(await explainPacket(candidate, report, packet, context.account));
    }
  }
  if (options.json) {
    stdout.print(
      JSON.stringify(
        explanations.map((one, index) => ({
          ...one,
          ...(packets[index] && { packet: packets[index] }),
          ...(lastGood && { lastGoodPolicy: lastGood }),
        })),
        null,
        2,
      ),
    );
    return;
  }
  for (const [index, explanation] of explanations.entries()) {
    printExplanation(explanation);
    for (const line of packets[index] ?? []) stdout.print(`  ${line}`);
  }
}

/** An instance that is terminated is shown for an hour, without interfaces; what is not shown at all is a slip. */
function explainAbsence(id: string, { reading }: Report, { json }: ExplainOptions): void {
  const instance = isInstanceId(id) ? reading.instances.get(id) : undefined;
  if (instance === undefined) throw new UsageError(`EC2 shows nothing by the id ${id} in this account and Region.`);
  const text = `${id} is ${instance.state} and has no network interface, so there is nothing to mirror.`;
  if (json) process.stderr.write(`${text}\n`);
  stdout.print(json ? '[]' : text);
}

function explainScope(id: string): ChangedScope {
  const nothing = {
    kind: 'changed',
    instanceIds: [],
    networkInterfaceIds: [],
    departedInstanceIds: [],
    sessionIds: [],
  } as const;
  if (isSessionId(id)) return { ...nothing, sessionIds: [id] };
  if (isNetworkInterfaceId(id)) return { ...nothing, networkInterfaceIds: [id] };
  if (isInstanceId(id)) return { ...nothing, instanceIds: [id], departedInstanceIds: [id] };
  throw new UsageError(`"${id}" is no id of an interface (eni-…), an instance (i-…) or a session (tms-…).`);
}

function readPacket(text: string): PacketFacts {
  const packet = parsePacketText(text);
  if (packet.ok) return packet.facts;
  throw new UsageError(`--packet "${text}": ${packet.problem}`);
}

function explainOne(candidate: Candidate, { policy, infrastructure }: Report, world: World): Explanation {
  const situation = situate(world, policy, 'changed', infrastructure);
  const ledger = openLedger(situation.accountSessions, situation.fullTargets, situation.guestSessions);
  return explainSource(candidate, planSource(candidate, situation, ledger), situation);
}

function printExplanation({ networkInterfaceId, facts, selection, eligibility, decisions }: Explanation): void {
  stdout.print(paint(stdout, 'bold', networkInterfaceId));
  for (const line of [...facts, selection, eligibility, ...decisions]) stdout.print(`  ${printable(line)}`);
}

/** Lines that tell which session of the source mirrors the packet, by the rules as EC2 has them now. */
async function explainPacket(
  { networkInterface, sessions }: Candidate,
  report: Report,
  packet: PacketFacts,
  account: Account,
): Promise<readonly string[]> {
  if (networkInterface === undefined) return ['EC2 does not show this interface, so nothing mirrors its packets.'];
  const asked = sessions.flatMap((session): PacketSession[] => {
    const filter = report.infrastructure.filters.get(session.filterId);
    const name = tierOf(session) ?? session.sessionId;
    return filter === undefined ? [] : [{ sessionNumber: session.sessionNumber, name, filter }];
  });
  const own = addressesOf(networkInterface);
  const direction = packet.kind === 'ip' ? directionOf(packet, own) : 'ingress';
  const { resolvers, note } = await findResolvers(account, networkInterface.vpcId);
  const told = renderAccount(evaluatePacket(packet, asked, direction, { rejectFallsThrough, resolvers }));
  return [...told, ...describeStranger(packet, own), ...(note === undefined ? [] : [note])];
}

/** A packet between two others would hardly pass this interface: more likely an address is mistyped. */
function describeStranger(packet: PacketFacts, own: readonly Address[]): string[] {
  if (packet.kind !== 'ip' || own.length === 0) return [];
  const ends = [packet.source, packet.destination].map(formatAddress);
  const written = own.map(formatAddress);
  if (written.some((address) => ends.includes(address))) return [];
  return [`neither address is one of this interface (${written.join(', ')}), so it counts as ingress`];
}

function addressesOf({ addresses = [] }: NetworkInterface): Address[] {
  return addresses.flatMap((address) => parseAddress(address) ?? []);
}
