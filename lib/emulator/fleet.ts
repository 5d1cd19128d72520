import type { Account, Instance, NetworkInterface, Subnet, Target } from './account.ts';
import { addInterface, addSession, addTarget, attachInterface } from './account-change.ts';
import { type Fleet, type FleetDocument, fleetSchema } from './fleet-document.ts';
import type { Prng } from './prng.ts';
import { placeTags } from './tags.ts';

interface Loading {
  readonly account: Account;
  readonly random: Prng;
  readonly now: number;
  /** The ids behind the document's names. */
  readonly ids: Map<string, string>;
}

/** A fleet was there before anybody looked: no late read hides it. */
const ALWAYS = Number.NEGATIVE_INFINITY;
/** AWS's own instances, which carry RDS and other interfaces, belong to an account of AWS that nobody sees. */
const SERVICE_ACCOUNT = 'amazon-aws';

/**
 * Adds a fleet to an account without a single call: no rule is asked, no event is emitted.
 * Returns the ids behind the document's names. Throws on a document that does not fit the schema or names nothing.
 */
export function loadFleet(
  account: Account,
  document: FleetDocument,
  { random, now }: { readonly random: Prng; readonly now: number },
): ReadonlyMap<string, string> {
  const fleet = fleetSchema.parse(document);
  const loading: Loading = { account, random, now, ids: new Map() };
  for (const group of fleet.securityGroups) addSecurityGroup(loading, group);
  for (const acl of fleet.networkAcls) addNetworkAcl(loading, acl);
  for (const loadBalancer of fleet.loadBalancers) addLoadBalancer(loading, loadBalancer);
  for (const { name, id, type } of fleet.endpoints) {
    const endpointId = id ?? `vpce-${random.hex(17)}`;
    account.endpoints.set(endpointId, { endpointId, type });
    remember(loading, name, endpointId);
  }
  for (const group of fleet.instances) addInstances(loading, group);
  for (const { name, listeners } of fleet.loadBalancers) registerAppliances(loading, name, listeners);
  for (const group of fleet.interfaces) addServiceInterfaces(loading, group);
  for (const target of fleet.targets) loadTarget(loading, target);
  for (const filter of fleet.filters) loadFilter(loading, filter);
  for (const session of fleet.sessions) loadSession(loading, session);
  return loading.ids;
}

function remember({ ids }: Loading, name: string | undefined, id: string): void {
  if (name !== undefined) ids.set(name, id);
}

function idOf({ ids }: Loading, nameOrId: string): string {
  return ids.get(nameOrId) ?? nameOrId;
}

function tag({ account }: Loading, id: string, tags: Readonly<Record<string, string>>): void {
  if (Object.keys(tags).length > 0) placeTags(account, id, tags, ALWAYS);
}

function addSecurityGroup({ account }: Loading, { id: groupId, name, ingress }: Fleet['securityGroups'][number]): void {
  const vpcId = [...account.vpcs.rows()][0]?.vpcId ?? '';
  account.securityGroups.add(groupId, { groupId, vpcId, name, ingress });
}

function addNetworkAcl({ account }: Loading, { id: networkAclId, zones, entries }: Fleet['networkAcls'][number]): void {
  const subnets = subnetsFor(account, zones);
  const subnetIds = subnets.map(({ subnetId }) => subnetId);
  for (const acl of account.networkAcls.rows()) {
    acl.subnetIds = acl.subnetIds.filter((subnetId) => !subnetIds.includes(subnetId));
  }
  const vpcId = subnets[0]?.vpcId ?? '';
  account.networkAcls.add(networkAclId, { networkAclId, vpcId, isDefault: false, subnetIds, entries });
}

function addLoadBalancer(loading: Loading, given: Fleet['loadBalancers'][number]): void {
  const { account, random } = loading;
  const { name, securityGroupIds, crossZone: isCrossZone } = given;
  const zones = given.zones ?? [...account.subnets.rows()].map(({ zone }) => zone);
  const path = `loadbalancer/net/${name}/${random.hex(16)}`;
  const arn = given.arn ?? `arn:aws:elasticloadbalancing:${account.region}:${account.accountId}:${path}`;
  account.loadBalancers.set(arn, { arn, name, zones, securityGroupIds, isCrossZone, listeners: [] });
  remember(loading, name, arn);
}

/** What is registered stands behind names that are known only once the instances are there. */
function registerAppliances(
  loading: Loading,
  name: string,
  listeners: Fleet['loadBalancers'][number]['listeners'],
): void {
  const row = loading.account.loadBalancers.get(idOf(loading, name));
  if (row === undefined) return;
  row.listeners = listeners.map(({ protocol, port, targets }) => ({
    protocol,
    port,
    targets: targets.map(({ id, state }) => ({ id: idOf(loading, id), state })),
  }));
}

function addInstances(loading: Loading, group: Fleet['instances'][number]): void {
  const { account, random, now } = loading;
  const subnets = subnetsFor(account, group.zone === undefined ? group.zones : [group.zone]);
  let reservationId = '';
  for (let index = 0; index < group.count; index++) {
    const subnet = subnets[index % subnets.length];
    if (subnet === undefined) throw new Error(`The account has no subnet for instances in ${group.zone}.`);
    if (index % group.perReservation === 0) reservationId = `r-${random.hex(17)}`;
    const isGone = group.state === 'terminated';
    const instance: Instance = {
      instanceId: group.count === 1 && group.id !== undefined ? group.id : `i-${random.hex(17)}`,
      reservationId,
      ownerId: account.accountId,
      imageId: 'ami-0123456789abcdef0',
      zone: subnet.zone,
      clientToken: undefined,
      launchIndex: index % group.perReservation,
      operator: group.operator,
      createdAt: ALWAYS,
      instanceType: group.instanceType,
      state: group.state,
      stateReason: '',
      launchedAt: now,
      subnetId: isGone ? undefined : subnet.subnetId,
      vpcId: isGone ? undefined : subnet.vpcId,
      interfaceIds: [],
    };
    account.instances.add(instance.instanceId, instance);
    tag(loading, instance.instanceId, group.tags);
    if (group.metrics !== undefined) account.metricRates.set(instance.instanceId, group.metrics);
    if (!isGone) addInstanceInterfaces(loading, instance, subnet, group.interfaces);
    if (group.name !== undefined) {
      remember(loading, `${group.name}-${index}`, instance.instanceId);
      if (group.count === 1) remember(loading, group.name, instance.instanceId);
    }
  }
}

type InterfaceList = Exclude<Fleet['instances'][number]['interfaces'], number>;

const PLAIN: InterfaceList[number] = { type: 'interface', description: '', deleteOnTermination: true, tags: {} };

function addInstanceInterfaces(
  loading: Loading,
  instance: Instance,
  subnet: Subnet,
  wanted: Fleet['instances'][number]['interfaces'],
): void {
  const { account, random, now } = loading;
  const list: InterfaceList = typeof wanted === 'number' ? Array.from({ length: wanted }, () => PLAIN) : wanted;
  for (const [deviceIndex, each] of list.entries()) {
    const row = addInterface(account, {
      subnet,
      now: ALWAYS,
      random,
      interfaceType: each.type,
      description: each.description,
      operator: instance.operator,
      ...(each.id === undefined ? {} : { networkInterfaceId: each.id }),
      ...(each.groupIds === undefined ? {} : { groupIds: each.groupIds }),
    });
    attachInterface(account, row, instance, {
      attachmentId: `eni-attach-${random.hex(17)}`,
      deviceIndex,
      networkCardIndex: 0,
      attachedAt: now,
      deleteOnTermination: each.deleteOnTermination,
    });
    tag(loading, row.networkInterfaceId, each.tags);
  }
}

function addServiceInterfaces(loading: Loading, group: Fleet['interfaces'][number]): void {
  const { account, random, now } = loading;
  const subnets = subnetsFor(account, group.zone === undefined ? undefined : [group.zone]);
  const requesterManaged = group.requesterManaged ?? group.requesterId !== undefined;
  for (let index = 0; index < group.count; index++) {
    const subnet = subnets[index % subnets.length];
    if (subnet === undefined) throw new Error(`The account has no subnet for interfaces in ${group.zone}.`);
    const row: NetworkInterface = addInterface(account, {
      subnet,
      now: ALWAYS,
      random,
      interfaceType: group.type,
      description: group.description,
      requesterManaged,
      requesterId: group.requesterId,
      ...(group.ownerId === undefined ? {} : { ownerId: group.ownerId }),
      ...(group.count === 1 && group.id !== undefined ? { networkInterfaceId: group.id } : {}),
    });
    if (group.attached ?? requesterManaged) {
      row.attachment = {
        attachmentId: `eni-attach-${random.hex(17)}`,
        instanceId: undefined,
        instanceOwnerId: group.requesterId ?? SERVICE_ACCOUNT,
        deviceIndex: 1,
        networkCardIndex: 0,
        attachedAt: now,
        deleteOnTermination: false,
      };
    }
    tag(loading, row.networkInterfaceId, group.tags);
    if (group.name !== undefined) {
      remember(loading, `${group.name}-${index}`, row.networkInterfaceId);
      if (group.count === 1) remember(loading, group.name, row.networkInterfaceId);
    }
  }
}

function subnetsFor(account: Account, zones: readonly string[] | undefined): readonly Subnet[] {
  const all = [...account.subnets.rows()];
  if (zones === undefined) return all;
  return zones.map((zone) => {
    const found = all.find((subnet) => subnet.zone === zone);
    if (found === undefined) throw new Error(`The account has no subnet in zone ${zone}.`);
    return found;
  });
}

/** `web-3` is the first interface of that instance, `web-3/1` the second; anything else stands for itself. */
function interfaceOf(loading: Loading, place: string): string {
  const [name = '', index = '0'] = place.split('/');
  const id = idOf(loading, name);
  const instance = loading.account.instances.get(id);
  return instance === undefined ? id : (instance.interfaceIds[Number(index)] ?? place);
}

function loadTarget(loading: Loading, target: Fleet['targets'][number]): void {
  const { account, random } = loading;
  const eni = target.instance ?? target.interface;
  const type =
    eni !== undefined
      ? 'network-interface'
      : target.loadBalancer !== undefined
        ? 'network-load-balancer'
        : 'gateway-load-balancer-endpoint';
  const row: Target = {
    targetId: target.id ?? `tmt-${random.hex(17)}`,
    ownerId: target.ownerId ?? account.accountId,
    type,
    networkInterfaceId: eni === undefined ? undefined : interfaceOf(loading, eni),
    networkLoadBalancerArn: target.loadBalancer === undefined ? undefined : idOf(loading, target.loadBalancer),
    endpointId: target.endpoint === undefined ? undefined : idOf(loading, target.endpoint),
    description: target.description,
    createdAt: ALWAYS,
  };
  addTarget(account, row);
  remember(loading, target.name, row.targetId);
  tag(loading, row.targetId, target.tags);
}

function loadFilter(loading: Loading, filter: Fleet['filters'][number]): void {
  const { account, random } = loading;
  const filterId = filter.id ?? `tmf-${random.hex(17)}`;
  const ruleIds = filter.rules.map((rule) => {
    const ruleId = `tmfr-${random.hex(17)}`;
    account.rules.add(ruleId, {
      ruleId,
      filterId,
      createdAt: ALWAYS,
      direction: rule.direction,
      ruleNumber: rule.number,
      action: rule.action,
      protocol: rule.protocol,
      sourceCidrBlock: rule.source,
      destinationCidrBlock: rule.destination,
      sourcePortRange: portRange(rule.sourcePorts),
      destinationPortRange: portRange(rule.destinationPorts),
      description: rule.description,
    });
    return ruleId;
  });
  account.filters.add(filterId, {
    filterId,
    ownerId: account.accountId,
    description: filter.description,
    createdAt: ALWAYS,
    networkServices: [...filter.networkServices],
    ruleIds,
  });
  remember(loading, filter.name, filterId);
  tag(loading, filterId, filter.tags);
}

function portRange(ports: { readonly from: number; readonly to: number } | undefined) {
  return ports === undefined ? undefined : { FromPort: ports.from, ToPort: ports.to };
}

function loadSession(loading: Loading, session: Fleet['sessions'][number]): void {
  const { account, random } = loading;
  const sessionId = session.id ?? `tms-${random.hex(17)}`;
  addSession(account, {
    sessionId,
    ownerId: session.ownerId ?? account.accountId,
    networkInterfaceId: interfaceOf(loading, session.source),
    createdAt: ALWAYS,
    targetId: idOf(loading, session.target),
    filterId: idOf(loading, session.filter),
    sessionNumber: session.number,
    virtualNetworkId: session.virtualNetworkId ?? 1 + random.integer(16_777_214),
    packetLength: session.packetLength,
    description: session.description,
  });
  remember(loading, session.name, sessionId);
  tag(loading, sessionId, session.tags);
}
