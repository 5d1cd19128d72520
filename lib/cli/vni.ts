/** `vni`: which VXLAN network identifier belongs to which session, for enrichment in Zeek, Suricata or Arkime. */
import type { Command } from 'commander';
import { tierOf } from '../core/desire.ts';
import type { NetworkInterface, Session } from '../core/model.ts';
import { isOurs, ownerTagKeys } from '../core/ownership.ts';
import { isMirrorableRequester } from '../core/requesters.ts';
import { isInstanceId, isNetworkInterfaceId } from '../hints.ts';
import { addGlobalOptions, type GlobalOptions, openContext } from './context.ts';
import { renderTable, stdout } from './render.ts';
import { describeEmptyFleet, endHelp, exitCodes, UsageError } from './usage.ts';

interface VniOptions extends GlobalOptions {
  readonly csv?: boolean;
}

const columns = ['virtualNetworkId', 'networkInterfaceId', 'instanceId', 'tier', 'sessionNumber', 'sessionId'] as const;

export function registerVni(program: Command): void {
  addGlobalOptions(program.command('vni'))
    .argument(
      '[id]',
      'a VXLAN network identifier, an interface (eni-…) or an instance (i-…); default: all of the fleet',
    )
    .description('map VXLAN network identifiers to interfaces, instances and tiers, and back')
    .option('--csv', 'print comma-separated values')
    .addHelpText(
      'after',
      endHelp({ failed: 'failed, or nothing has this id' }, 'fleetmirror vni 7001', 'fleetmirror vni --csv > vni.csv'),
    )
    .action(runVni);
}

async function runVni(id: string | undefined, options: VniOptions): Promise<void> {
  if (id !== undefined && !/^\d{1,8}$/.test(id) && !isNetworkInterfaceId(id) && !isInstanceId(id)) {
    throw new UsageError(`${id} is neither a number nor an interface (eni-…) nor an instance (i-…) id.`);
  }
  const { world } = await openContext(options);
  const sessions = (await world.ec2.readSessions('all')).filter((session) => isOurs(session, world));
  const networkInterfaceIds = [...new Set(sessions.map(({ networkInterfaceId }) => networkInterfaceId))];
  const interfaces = await world.ec2.readInterfaces({ networkInterfaceIds });
  const interfaceOf = new Map(interfaces.map((shown) => [shown.networkInterfaceId, shown]));
  const rows = sessions
    .map((session) => rowOf(session, interfaceOf.get(session.networkInterfaceId)))
    .filter((row) => id === undefined || [row.virtualNetworkId, row.networkInterfaceId, row.instanceId].includes(id))
    .sort(
      (one, other) =>
        Number(one.virtualNetworkId) - Number(other.virtualNetworkId) || compare(one.sessionId, other.sessionId),
    );
  const cells = rows.map((row) => columns.map((column) => row[column]));
  if (options.json) stdout.print(JSON.stringify(rows.map(toDocument), null, 2));
  else if (options.csv) stdout.print([columns, ...cells].map((line) => line.join(',')).join('\n'));
  else stdout.print(renderTable(stdout, columns, cells));
  if (sessions.length === 0) process.stderr.write(`${describeEmptyFleet(world.fleet)}\n`);
  else if (rows.length === 0) process.stderr.write(`No session of the fleet ${world.fleet} belongs to ${id}.\n`);
  process.exitCode = id !== undefined && rows.length === 0 ? exitCodes.failed : exitCodes.ok;
}

type Row = Readonly<Record<(typeof columns)[number], string>>;

/** Ids and tier names hold no comma and no quote, so the rows need no quoting in CSV. */
function rowOf(session: Session, networkInterface: NetworkInterface | undefined): Row {
  return {
    virtualNetworkId: String(session.virtualNetworkId ?? ''),
    networkInterfaceId: session.networkInterfaceId,
    instanceId: carrierOf(session, networkInterface),
    tier: tierOf(session) ?? '',
    sessionNumber: String(session.sessionNumber),
    sessionId: session.sessionId,
  };
}

/**
 * What carries the interface now: its instance, or the AWS service that has it instead of one. The session's tag says
 * for which instance it was made, which is the best that is known of an interface that is gone.
 */
function carrierOf(session: Session, networkInterface: NetworkInterface | undefined): string {
  if (networkInterface === undefined) {
    const carrier = session.tags[ownerTagKeys.instance] ?? '';
    return /^[a-z0-9-]+$/.test(carrier) ? carrier : '';
  }
  const { attachment, requesterId } = networkInterface;
  const service = isMirrorableRequester(requesterId) ? requesterId : undefined;
  return attachment?.instanceId ?? service ?? '';
}

function toDocument(row: Row): object {
  return { ...row, virtualNetworkId: Number(row.virtualNetworkId), sessionNumber: Number(row.sessionNumber) };
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
