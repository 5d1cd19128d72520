import type { Account, Session } from '../../lib/emulator/account.ts';
import { removeFilter, removeTarget } from '../../lib/emulator/account-change.ts';
import { type Chance, createChance } from './chance.ts';
import { drawTags, instanceTypes } from './fleet.ts';
import { isOurs } from './oracle.ts';
import { drawPolicy } from './policies.ts';
import type { PolicyShelf } from './policy-shelf.ts';
import { type Told, tellOfService } from './services.ts';
import type { Step } from './workload.ts';

/** What operators, strangers and AWS itself can do to the world. */
export interface Surroundings {
  readonly account: Account;
  /** Makes an EC2 call as an operator and returns EC2's answer; weather does not touch it. */
  readonly call: (action: string, parameters: Readonly<Record<string, string>>) => string;
  readonly shelf: PolicyShelf;
  /** The Parameter Store tells of a change. */
  readonly announcePolicy: () => void;
  /** Auto Scaling or ECS tells of something. */
  readonly tell: (event: Told) => void;
  readonly jump: (byMs: number) => void;
  readonly write: (what: string) => void;
}

/** Takes one step; what its objects are by then decides what it does, and nothing is lawful too. */
export function takeStep(step: Step, world: Surroundings): void {
  const chance = createChance(step.seed, step.kind);
  performers[step.kind](world, chance);
}

type Performer = (world: Surroundings, chance: Chance) => unknown;

const performers: Readonly<Record<Step['kind'], Performer>> = {
  launch: ({ call, account }, chance) => {
    if (account.instances.size > 12) return;
    const tags = Object.entries(drawTags(chance)).flatMap(([key, value], index) => [
      [`TagSpecification.1.Tag.${index + 1}.Key`, key],
      [`TagSpecification.1.Tag.${index + 1}.Value`, value],
    ]);
    call('RunInstances', {
      ImageId: 'ami-0123456789abcdef0',
      MinCount: '1',
      MaxCount: String(chance.between(1, 3)),
      InstanceType: chance.pick(instanceTypes),
      'Placement.AvailabilityZone': chance.pick(['us-east-1a', 'us-east-1b']),
      ...(tags.length > 0 && { 'TagSpecification.1.ResourceType': 'instance', ...Object.fromEntries(tags) }),
    });
  },
  lifecycle: (world, chance) => {
    const instance = pickInstance(world, chance);
    const action = chance.pick(['StopInstances', 'StartInstances', 'TerminateInstances']);
    if (instance !== undefined) world.call(action, { 'InstanceId.1': instance.instanceId });
  },
  retype: (world, chance) => {
    const instance = pickInstance(world, chance, 'stopped');
    if (instance === undefined) return;
    const { instanceId } = instance;
    world.call('ModifyInstanceAttribute', { InstanceId: instanceId, 'InstanceType.Value': chance.pick(instanceTypes) });
    if (chance.happens(0.7)) world.call('StartInstances', { 'InstanceId.1': instanceId });
  },
  tag: (world, chance) => {
    const resource = chance.happens(0.75)
      ? pickInstance(world, chance)?.instanceId
      : pick(chance, [...world.account.interfaces.rows()])?.networkInterfaceId;
    const value = drawTags(chance).Mirror;
    if (resource === undefined) return;
    if (value === undefined) world.call('DeleteTags', { 'ResourceId.1': resource, 'Tag.1.Key': 'Mirror' });
    else tag(world, resource, chance.pick(['Mirror', 'Mirror', 'Mirror', 'env']), value);
  },
  interface: moveInterface,
  stranger: (world, chance) => {
    const { account, call } = world;
    const session = pick(
      chance,
      [...account.sessions.rows()].filter((each) => !isOurs(account, each)),
    );
    if (session !== undefined && chance.happens(0.4)) {
      call('DeleteTrafficMirrorSession', { TrafficMirrorSessionId: session.sessionId });
      return;
    }
    const source = pick(chance, [...account.interfaces.rows()]);
    const filter = pick(chance, [...account.filters.rows()]);
    const target = pick(chance, [...account.targets.rows()]);
    if (source === undefined || filter === undefined || target === undefined) return;
    call('CreateTrafficMirrorSession', {
      NetworkInterfaceId: source.networkInterfaceId,
      TrafficMirrorTargetId: target.targetId,
      TrafficMirrorFilterId: filter.filterId,
      SessionNumber: String(chance.pick([5, 10, 20, 30, 99])),
      ClientToken: String(chance.integer(2 ** 30)),
    });
  },
  tamper: tamperWithSession,
  filter: tamperWithFilter,
  vanish: ({ account, call, write }, chance) => {
    const target = pick(chance, [...account.targets.rows()]);
    const carrier = account.interfaces.get(target?.networkInterfaceId ?? '')?.attachment?.instanceId;
    const filter = pick(chance, [...account.filters.rows()]);
    if (carrier !== undefined && chance.happens(0.4)) {
      // The target stays, and points at an interface that goes with its instance.
      call('TerminateInstances', { 'InstanceId.1': carrier });
    } else if (chance.happens(0.5) && target !== undefined) {
      write(`${target.targetId} vanishes`);
      removeTarget(account, target);
    } else if (filter !== undefined && account.sessionsByFilter.get(filter.filterId) === undefined) {
      write(`${filter.filterId} vanishes`);
      removeFilter(account, filter);
    }
  },
  policy: ({ shelf, announcePolicy, write }, chance) => {
    shelf.put(drawPolicy(chance));
    write('pushes another policy');
    announcePolicy();
  },
  'policy-trouble': ({ shelf, announcePolicy, write }, chance) => {
    const kind = chance.pick([undefined, 'missing', 'unreadable', 'empty', 'broken', 'foreign'] as const);
    shelf.trouble(kind);
    write(`the policy is ${kind ?? 'as it was'}`);
    if (kind !== 'unreadable') announcePolicy();
  },
  jump: ({ jump, write }, chance) => {
    const byMs = chance.pick([60_000, 600_000, 3_600_000]);
    write(`the clock jumps by ${byMs / 1000} s`);
    jump(byMs);
  },
  service: ({ account, tell }, chance) => tell(tellOfService(account, chance)),
};

function moveInterface(world: Surroundings, chance: Chance): void {
  const { account, call } = world;
  const mobile = [...account.interfaces.rows()].filter(
    ({ requesterManaged, attachment }) => !requesterManaged && attachment?.deviceIndex !== 0,
  );
  const chosen = pick(chance, mobile);
  const instance = pickInstance(world, chance);
  const action = chance.pick(['create', 'attach', 'detach', 'delete', 'move']);
  if (action === 'create' && instance?.subnetId !== undefined) {
    const made = call('CreateNetworkInterface', { SubnetId: instance.subnetId });
    attach(world, /<networkInterfaceId>([^<]+)</.exec(made)?.[1], instance.instanceId);
  }
  if (chosen === undefined) return;
  const { networkInterfaceId: id, attachment } = chosen;
  if ((action === 'detach' || action === 'move') && attachment !== undefined) {
    call('DetachNetworkInterface', { AttachmentId: attachment.attachmentId });
  }
  if (action === 'attach' || action === 'move') attach(world, id, instance?.instanceId);
  if (action === 'delete') call('DeleteNetworkInterface', { NetworkInterfaceId: id });
}

function attach({ call }: Surroundings, id: string | undefined, instanceId: string | undefined): void {
  if (id === undefined || instanceId === undefined) return;
  call('AttachNetworkInterface', { NetworkInterfaceId: id, InstanceId: instanceId, DeviceIndex: '1' });
}

function tamperWithSession(world: Surroundings, chance: Chance): unknown {
  const { account, call } = world;
  const session = pick(
    chance,
    [...account.sessions.rows()].filter((each) => isOurs(account, each)),
  );
  if (session === undefined) return undefined;
  const { sessionId } = session;
  switch (chance.pick(['delete', 'number', 'fields', 'fields', 'age', 'disown', 'copy'])) {
    case 'delete':
      return call('DeleteTrafficMirrorSession', { TrafficMirrorSessionId: sessionId });
    case 'number':
      return call('ModifyTrafficMirrorSession', {
        TrafficMirrorSessionId: sessionId,
        SessionNumber: chance.pick(['10', '20', '30', '77']),
      });
    case 'fields':
      return call('ModifyTrafficMirrorSession', {
        TrafficMirrorSessionId: sessionId,
        ...chance.pick([
          { Description: 'mine now' },
          { PacketLength: '64' },
          { VirtualNetworkId: '99' },
          retarget(world, chance),
        ]),
      });
    case 'age':
      return tag(world, sessionId, 'fleetmirror:created-at', chance.pick(['yesterday', '2099-01-01T00:00:00.000Z']));
    case 'disown':
      return call('DeleteTags', { 'ResourceId.1': sessionId, 'Tag.1.Key': 'fleetmirror:fleet' });
    case 'copy':
      return copySession(world, session, chance);
  }
}

function retarget({ account }: Surroundings, chance: Chance): Readonly<Record<string, string>> {
  const target = pick(chance, [...account.targets.rows()]);
  return target === undefined ? { Description: '' } : { TrafficMirrorTargetId: target.targetId };
}

/** Somebody creates a session with our tags: by them it is ours. */
function copySession({ account, call }: Surroundings, session: Session, chance: Chance): void {
  const tags = Object.entries(account.tags.get(session.sessionId)?.tags ?? {}).flatMap(([key, value], index) => [
    [`TagSpecification.1.Tag.${index + 1}.Key`, key],
    [`TagSpecification.1.Tag.${index + 1}.Value`, value],
  ]);
  call('CreateTrafficMirrorSession', {
    NetworkInterfaceId: session.networkInterfaceId,
    TrafficMirrorTargetId: session.targetId,
    TrafficMirrorFilterId: session.filterId,
    SessionNumber: chance.happens(0.5) ? String(session.sessionNumber) : '42',
    ClientToken: String(chance.integer(2 ** 30)),
    'TagSpecification.1.ResourceType': 'traffic-mirror-session',
    ...Object.fromEntries(tags),
  });
}

function tamperWithFilter({ account, call }: Surroundings, chance: Chance): unknown {
  const filter = pick(chance, [...account.filters.rows()]);
  if (filter === undefined) return undefined;
  const ruleId = pick(chance, filter.ruleIds);
  switch (chance.pick(['delete', 'add', 'remove', 'change', 'services'])) {
    case 'delete':
      return call('DeleteTrafficMirrorFilter', { TrafficMirrorFilterId: filter.filterId });
    case 'add':
      return call('CreateTrafficMirrorFilterRule', {
        TrafficMirrorFilterId: filter.filterId,
        TrafficDirection: chance.pick(['ingress', 'egress']),
        RuleNumber: String(chance.pick([5, 7, 10])),
        RuleAction: 'accept',
        SourceCidrBlock: '10.0.0.0/8',
        DestinationCidrBlock: '0.0.0.0/0',
        ClientToken: String(chance.integer(2 ** 30)),
      });
    case 'remove':
      return ruleId && call('DeleteTrafficMirrorFilterRule', { TrafficMirrorFilterRuleId: ruleId });
    case 'change':
      return void (
        ruleId && call('ModifyTrafficMirrorFilterRule', { TrafficMirrorFilterRuleId: ruleId, ...narrow(chance) })
      );
    case 'services':
      return call('ModifyTrafficMirrorFilterNetworkServices', {
        TrafficMirrorFilterId: filter.filterId,
        [chance.pick(['AddNetworkService.1', 'RemoveNetworkService.1'])]: 'amazon-dns',
      });
  }
}

/** What makes a rule pass less: by address, or by ports, which EC2 keeps until they are removed by name. */
function narrow(chance: Chance): Record<string, string> {
  return chance.pick([
    { SourceCidrBlock: '10.9.0.0/16' },
    { Protocol: '6', 'SourcePortRange.FromPort': '80', 'SourcePortRange.ToPort': '80' },
    { Protocol: '17', 'DestinationPortRange.FromPort': '53', 'DestinationPortRange.ToPort': '53', Description: 'DNS' },
  ]);
}

function tag({ call }: Surroundings, resourceId: string, key: string, value: string): void {
  call('CreateTags', { 'ResourceId.1': resourceId, 'Tag.1.Key': key, 'Tag.1.Value': value });
}

/** An instance that is not a sensor: nobody touches those here. */
function pickInstance({ account }: Surroundings, chance: Chance, state?: string) {
  const instances = [...account.instances.rows()].filter(
    (instance) =>
      account.tags.get(instance.instanceId)?.tags.role !== 'sensor' &&
      instance.state !== 'terminated' &&
      (state === undefined || instance.state === state),
  );
  return pick(chance, instances);
}

function pick<T>(chance: Chance, values: readonly T[]): T | undefined {
  return values.length === 0 ? undefined : chance.pick(values);
}
