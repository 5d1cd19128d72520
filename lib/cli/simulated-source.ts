import { type Address, parseAddress } from '../core/cidr.ts';
import { tierOf } from '../core/desire.ts';
import type { Filter, NetworkInterface, NetworkInterfaceId, Session, Target } from '../core/model.ts';
import { type GlobalOptions, openContext } from './context.ts';
import type { SimulatedSession } from './simulation.ts';
import { UsageError } from './usage.ts';
import { findResolvers } from './vpc-resolver.ts';

/** A source as an account has it. */
export interface SourceInAccount {
  /** Of the interface, the primary IPv4 address first. */
  readonly addresses: readonly string[];
  readonly sessions: readonly SimulatedSession[];
  readonly filters: readonly Filter[];
  /** Of the VPC's own resolver. */
  readonly resolvers?: readonly Address[];
}

/** Reads an interface with its sessions, and the addresses of their targets. An unknown interface is wrong usage. */
export async function readSourceInAccount(eni: NetworkInterfaceId, options: GlobalOptions): Promise<SourceInAccount> {
  const { account, world } = await openContext(options);
  const { ec2 } = world;
  const [networkInterface] = await ec2.readInterfaces({ networkInterfaceIds: [eni] });
  if (networkInterface === undefined) throw new UsageError(`EC2 shows no interface ${eni} in this account and Region.`);
  const [sessions, filters, targets] = [
    await ec2.readSessions({ networkInterfaceIds: [eni] }),
    await ec2.readFilters(),
    await ec2.readTargets(),
  ];
  const used = targets.filter(({ targetId }) => sessions.some((session) => session.targetId === targetId));
  const carriers = await ec2.readInterfaces({
    networkInterfaceIds: used.flatMap(({ networkInterfaceId }) => networkInterfaceId ?? []),
  });
  const { addresses = [], privateIpAddress } = networkInterface;
  return {
    addresses: [...new Set([...(privateIpAddress === undefined ? [] : [privateIpAddress]), ...addresses])],
    sessions: sessions.map((session) => simulatedSession(session, filters, addressOf(session, used, carriers))),
    filters,
    resolvers: (await findResolvers(account, networkInterface.vpcId)).resolvers,
  };
}

function simulatedSession(
  session: Session,
  filters: readonly Filter[],
  targetAddress: Address | undefined,
): SimulatedSession {
  const { sessionNumber, sessionId, targetId, filterId, packetLength, virtualNetworkId = sessionNumber } = session;
  const filter = filters.find((candidate) => candidate.filterId === filterId);
  if (filter === undefined) {
    throw new UsageError(
      `EC2 does not show the filter ${filterId} of session ${sessionId}: what it mirrors is unknown.`,
    );
  }
  return {
    sessionNumber,
    name: tierOf(session) ?? sessionId,
    filter,
    target: targetId,
    virtualNetworkId,
    ...(packetLength !== undefined && { packetLength }),
    ...(targetAddress && { targetAddress }),
  };
}

function addressOf(
  { targetId }: Session,
  targets: readonly Target[],
  carriers: readonly NetworkInterface[],
): Address | undefined {
  const carrierId = targets.find((target) => target.targetId === targetId)?.networkInterfaceId;
  const carrier = carriers.find(({ networkInterfaceId }) => networkInterfaceId === carrierId);
  return parseAddress(carrier?.privateIpAddress ?? '');
}
