import type { SourceDecision } from './actions.ts';
import { type Address, parseAddress } from './cidr.ts';
import { evaluatePacket } from './evaluate.ts';
import { vxlanPort } from './limits.ts';
import type { InstanceId, NetworkInterface, NetworkInterfaceId, TargetId } from './model.ts';
import type { PacketFilter, PacketSession } from './packet.ts';
import type { Check, Destination, PreflightFacts } from './preflight-facts.ts';
import { about, findLoadBalancer } from './preflight-target.ts';
import { udp } from './protocols.ts';

/**
 * Whether an appliance is itself mirrored. Mirrored packets that arrive there would be mirrored again, each time one VXLAN
 * header longer, unless the filters of its sessions reject UDP 4789 first.
 */
export function checkLoops(targetId: TargetId, facts: PreflightFacts): readonly Check[] {
  const destination = facts.destinations.get(targetId);
  if (destination === undefined || destination.ownerId !== facts.accountId) return [];
  const appliances = findApplianceInterfaces(destination, facts);
  if (appliances === undefined) return [];
  const tell = about(targetId);
  if (appliances.length === 0) return [tell('pass', 'mirror-loop', 'No appliance behind it is in this account.')];
  const senders = findSenders(targetId, facts);
  const decisions = new Map(facts.decisions.map((decision) => [decision.networkInterfaceId, decision]));
  const checks = appliances.flatMap((appliance): Check[] => {
    const decision = decisions.get(appliance.networkInterfaceId);
    if (decision === undefined || decision.wanted.length === 0) return [];
    const remedy = `Put the appliance under \`exclude\`, by its tag or as networkInterfaceIds: [${appliance.networkInterfaceId}].`;
    const name = `${appliance.networkInterfaceId} of the appliance`;
    if (!carriesSession(decision)) {
      return [tell('warn', 'mirror-loop', `The policy selects ${name}, though it gets no session now.`, remedy)];
    }
    return acceptsVxlan(decision, appliance, senders, facts)
      ? [tell('fail', 'mirror-loop', `${name} is mirrored, and what is mirrored to it as well: a loop.`, remedy)]
      : [tell('warn', 'mirror-loop', `${name} is mirrored; only its filters keep mirrored packets out.`, remedy)];
  });
  return checks.length > 0 ? checks : [tell('pass', 'mirror-loop', 'No interface of its appliances is covered.')];
}

/** Every interface of the instances behind a target; `undefined` when they cannot be known. */
function findApplianceInterfaces(
  destination: Destination,
  facts: PreflightFacts,
): readonly NetworkInterface[] | undefined {
  const all = [...facts.interfaces.values()];
  if (destination.networkInterfaceId !== undefined) {
    return withSiblings(all, (each) => each.networkInterfaceId === destination.networkInterfaceId);
  }
  const seen = findLoadBalancer(destination, facts);
  if (seen?.kind !== 'seen') return undefined;
  const registered = new Set<string | undefined>(
    seen.value.listeners.flatMap(({ targets }) => targets.map(({ id }) => id)),
  );
  const isRegistered = ({ attachment, addresses = [], privateIpAddress }: NetworkInterface) =>
    [attachment?.instanceId, privateIpAddress, ...addresses].some((name) => registered.has(name));
  return withSiblings(all, isRegistered);
}

function withSiblings(
  all: readonly NetworkInterface[],
  isMeant: (networkInterface: NetworkInterface) => boolean,
): readonly NetworkInterface[] {
  const meant = all.filter(isMeant);
  const carriers = new Set<InstanceId | undefined>(meant.flatMap(({ attachment }) => attachment?.instanceId ?? []));
  const ids = new Set<NetworkInterfaceId>(meant.map(({ networkInterfaceId }) => networkInterfaceId));
  return all.filter((each) => ids.has(each.networkInterfaceId) || carriers.has(each.attachment?.instanceId));
}

function carriesSession({ actions }: SourceDecision): boolean {
  return actions.some(({ kind, because }) => kind === 'create' || kind === 'modify' || because === 'as-desired');
}

/** A stranger's address, for a target that no sampled source mirrors to [RFC 5737: 192.0.2.1]. */
const anyone: Address = { family: 4, value: 0xc0_00_02_01n };

/** From where mirrored packets come: a VXLAN packet carries the primary address of the source that it mirrors. */
function findSenders(targetId: TargetId, { paths }: PreflightFacts): readonly Address[] {
  const senders = paths
    .filter(({ destination }) => destination.targetId === targetId)
    .flatMap(({ source }) => parseAddress(source.privateIpAddress ?? '') ?? []);
  return senders.length > 0 ? senders : [anyone];
}

/** Asks the filters of its tiers about mirrored packets that arrive; a filter that nobody can see accepts them. */
function acceptsVxlan(
  { wanted }: SourceDecision,
  { privateIpAddress }: NetworkInterface,
  senders: readonly Address[],
  { policy, filters }: PreflightFacts,
): boolean {
  const destination = parseAddress(privateIpAddress ?? '');
  if (destination === undefined) return true;
  const sessions: PacketSession[] = [];
  for (const { name, sessionNumber, filter } of policy.tiers) {
    if (!wanted.includes(sessionNumber)) continue;
    const spec = policy.filters[filter];
    const rules: PacketFilter | undefined = spec?.kind === 'given' ? filters.get(spec.id) : spec;
    if (rules === undefined) return true;
    sessions.push({ sessionNumber, name, filter: rules });
  }
  const ports = { source: 49_152, destination: vxlanPort };
  return senders.some((source) => {
    const packet = { kind: 'ip', source, destination, protocol: udp, ports } as const;
    return evaluatePacket(packet, sessions, 'ingress').verdict.kind === 'mirrored';
  });
}
