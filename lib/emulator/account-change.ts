import type {
  Account,
  Attachment,
  ChangeDue,
  Filter,
  Instance,
  NetworkInterface,
  Session,
  Subnet,
  Target,
} from './account.ts';
import type { Prng } from './prng.ts';

/** What a new network interface needs to be told; the rest follows from its subnet. */
export interface NewInterface {
  readonly subnet: Subnet;
  readonly now: number;
  readonly random: Prng;
  readonly networkInterfaceId?: string;
  readonly ownerId?: string;
  readonly interfaceType?: string;
  readonly requesterManaged?: boolean;
  readonly requesterId?: string | undefined;
  readonly operator?: NetworkInterface['operator'];
  readonly description?: string;
  readonly groupIds?: readonly string[];
  readonly privateIpAddress?: string | undefined;
}

/** Puts a new, unattached interface into the account. */
export function addInterface(account: Account, spec: NewInterface): NetworkInterface {
  const { subnet, random } = spec;
  const networkInterface: NetworkInterface = {
    networkInterfaceId: spec.networkInterfaceId ?? `eni-${random.hex(17)}`,
    ownerId: spec.ownerId ?? account.accountId,
    interfaceType: spec.interfaceType ?? 'interface',
    subnetId: subnet.subnetId,
    vpcId: subnet.vpcId,
    zone: subnet.zone,
    privateIpAddress: spec.privateIpAddress ?? giveAddress(subnet),
    macAddress: `0a:${random.hex(10).replace(/(..)(?=.)/g, '$1:')}`,
    requesterManaged: spec.requesterManaged ?? false,
    requesterId: spec.requesterId,
    operator: spec.operator,
    description: spec.description ?? '',
    groupIds: spec.groupIds ?? [account.vpcs.get(subnet.vpcId)?.securityGroupId ?? ''],
    createdAt: spec.now,
    attachment: undefined,
  };
  account.interfaces.add(networkInterface.networkInterfaceId, networkInterface);
  return networkInterface;
}

/** AWS keeps the first four addresses of a subnet (vpc/latest/userguide/subnet-sizing). */
const ADDRESSES_KEPT = 4;

/** Gives out addresses in order; a fleet larger than its subnet goes on in 10.0.0.0/8, since no rule here needs addresses. */
function giveAddress(subnet: Subnet): string {
  const [network = '', prefix = '20'] = subnet.cidrBlock.split('/');
  const size = 2 ** (32 - Number(prefix));
  const given = subnet.addressesGiven + ADDRESSES_KEPT;
  subnet.addressesGiven += 1;
  const start = network.split('.').reduce((number, part) => number * 256 + Number(part), 0);
  const address = given < size - 1 ? start + given : 10 * 2 ** 24 + given;
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

/** Ties an interface to an instance. */
export function attachInterface(
  account: Account,
  networkInterface: NetworkInterface,
  instance: Instance,
  attachment: Omit<Attachment, 'instanceId' | 'instanceOwnerId'>,
): void {
  const { instanceId, ownerId } = instance;
  networkInterface.attachment = { ...attachment, instanceId, instanceOwnerId: ownerId };
  instance.interfaceIds.push(networkInterface.networkInterfaceId);
  account.interfaceByAttachment.set(attachment.attachmentId, networkInterface.networkInterfaceId);
}

/** Unties an interface from its instance; its sessions stay, and stay billed (mirroring/what-is-traffic-mirroring, Pricing). */
export function detachInterface(account: Account, networkInterface: NetworkInterface): void {
  const { attachment } = networkInterface;
  if (attachment === undefined) return;
  networkInterface.attachment = undefined;
  account.interfaceByAttachment.delete(attachment.attachmentId);
  const instance = account.instances.get(attachment.instanceId ?? '');
  if (instance !== undefined) {
    instance.interfaceIds = instance.interfaceIds.filter((id) => id !== networkInterface.networkInterfaceId);
  }
}

/** Removes an interface and, as AWS does, the sessions whose source it was (mirroring/traffic-mirroring-sessions). */
export function removeInterface(account: Account, networkInterface: NetworkInterface): void {
  const { networkInterfaceId } = networkInterface;
  detachInterface(account, networkInterface);
  for (const sessionId of [...(account.sessionsByInterface.get(networkInterfaceId) ?? [])]) {
    const session = account.sessions.get(sessionId);
    if (session !== undefined) removeSession(account, session);
  }
  account.interfaces.remove(networkInterfaceId);
  account.tags.remove(networkInterfaceId);
}

/** Puts a session into the account and its indexes; never checks a rule. */
export function addSession(account: Account, session: Session): void {
  account.sessions.add(session.sessionId, session);
  if (session.ownerId !== account.accountId) account.foreignSessions += 1;
  addTo(account.sessionsByInterface, session.networkInterfaceId, session.sessionId);
  addTo(account.sessionsByTarget, session.targetId, session.sessionId);
  addTo(account.sessionsByFilter, session.filterId, session.sessionId);
  countVirtualNetworkId(account, session.virtualNetworkId, 1);
}

/** Takes a session out of the account and its indexes. */
export function removeSession(account: Account, session: Session): void {
  account.sessions.remove(session.sessionId);
  if (session.ownerId !== account.accountId) account.foreignSessions -= 1;
  account.tags.remove(session.sessionId);
  removeFrom(account.sessionsByInterface, session.networkInterfaceId, session.sessionId);
  removeFrom(account.sessionsByTarget, session.targetId, session.sessionId);
  removeFrom(account.sessionsByFilter, session.filterId, session.sessionId);
  countVirtualNetworkId(account, session.virtualNetworkId, -1);
}

/** Gives a session another VXLAN network id. */
export function renumberSession(account: Account, session: Session, virtualNetworkId: number): void {
  countVirtualNetworkId(account, session.virtualNetworkId, -1);
  session.virtualNetworkId = virtualNetworkId;
  countVirtualNetworkId(account, virtualNetworkId, 1);
}

function countVirtualNetworkId({ virtualNetworkIdUses: uses }: Account, id: number, change: 1 | -1): void {
  const count = (uses.get(id) ?? 0) + change;
  if (count > 0) uses.set(id, count);
  else uses.delete(id);
}

/** Sends a session to another target or through another filter. */
export function redirectSession(account: Account, session: Session, targetId: string, filterId: string): void {
  removeFrom(account.sessionsByTarget, session.targetId, session.sessionId);
  removeFrom(account.sessionsByFilter, session.filterId, session.sessionId);
  session.targetId = targetId;
  session.filterId = filterId;
  addTo(account.sessionsByTarget, targetId, session.sessionId);
  addTo(account.sessionsByFilter, filterId, session.sessionId);
}

/** Puts a target into the account; never checks a rule. */
export function addTarget(account: Account, target: Target): void {
  account.targets.add(target.targetId, target);
  if (target.networkInterfaceId !== undefined)
    account.targetByInterface.set(target.networkInterfaceId, target.targetId);
}

/** Takes a target out of the account. */
export function removeTarget(account: Account, target: Target): void {
  account.targets.remove(target.targetId);
  account.tags.remove(target.targetId);
  if (target.networkInterfaceId !== undefined) account.targetByInterface.delete(target.networkInterfaceId);
}

/** Removes a filter and its rules. */
export function removeFilter(account: Account, filter: Filter): void {
  for (const ruleId of filter.ruleIds) {
    account.rules.remove(ruleId);
    account.tags.remove(ruleId);
  }
  account.filters.remove(filter.filterId);
  account.tags.remove(filter.filterId);
}

/** Notes a state change that comes with time, keeping the earliest first. */
export function scheduleChange(account: Account, change: ChangeDue): void {
  const { changesDue } = account;
  let at = changesDue.length;
  while (at > 0 && (changesDue[at - 1]?.dueAt ?? 0) > change.dueAt) at -= 1;
  changesDue.splice(at, 0, change);
}

function addTo(index: Map<string, Set<string>>, key: string, id: string): void {
  const ids = index.get(key);
  if (ids === undefined) index.set(key, new Set([id]));
  else ids.add(id);
}

function removeFrom(index: Map<string, Set<string>>, key: string, id: string): void {
  const ids = index.get(key);
  ids?.delete(id);
  if (ids?.size === 0) index.delete(key);
}
