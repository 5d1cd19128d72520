import type { InstanceNetworkInterfaceSpecification, Reservation, RunInstancesRequest } from '@aws-sdk/client-ec2';
import type { Instance, NetworkInterface, Subnet } from '../account.ts';
import { addInterface, attachInterface } from '../account-change.ts';
import { refuse, refuseValue, requireParameter } from '../aws-error.ts';
import type { Call, Effect } from '../call.ts';
import { changeState } from '../instance-states.ts';
import { checkId, findInterface } from '../lookup.ts';
import { checkTagSpecifications, writeTags } from '../tags.ts';
import { showInstance } from './describe-instances.ts';

/** What AWS gives when the caller names no type (API_RunInstances). */
const INSTANCE_TYPE_DEFAULT = 'm1.small';
/** A reservation of the emulator; AWS limits by quota of vCPUs instead. */
const INSTANCES_PER_CALL_MAX = 1_000;

/** Launches instances, all in one reservation, each with its interfaces and their tags. */
export function runInstances(input: RunInstancesRequest, call: Call): Effect<Reservation> {
  const count = checkCount(input.MinCount ?? 1, input.MaxCount ?? 1);
  const imageId = requireParameter('ImageId', input.ImageId);
  checkId('ami', imageId, 'InvalidAMIID.Malformed', 'image');
  const instanceType = input.InstanceType ?? INSTANCE_TYPE_DEFAULT;
  checkInstanceType(instanceType);
  const specifications = input.NetworkInterfaces ?? [];
  if (specifications.length > 0 && input.SubnetId !== undefined) {
    refuse(
      'InvalidParameterCombination',
      'Network interfaces and an instance-level subnet ID may not be specified on the same request',
    );
  }
  const subnet = findSubnet(call, input.SubnetId ?? specifications[0]?.SubnetId, input.Placement?.AvailabilityZone);
  const plans = planInterfaces(call, specifications, subnet, count);
  const tags = checkTagSpecifications(call, input.TagSpecifications, ['instance', 'network-interface', 'volume']);
  return () => {
    const reservationId = `r-${call.random.hex(17)}`;
    const instances: Instance[] = [];
    for (let index = 0; index < count; index++) {
      const instance = addInstance(call, { input, imageId, instanceType, subnet, reservationId, index });
      for (const plan of plans) {
        const networkInterface = plan.existing ?? createPlanned(call, plan, input.SecurityGroupIds);
        attachInterface(call.account, networkInterface, instance, {
          attachmentId: `eni-attach-${call.random.hex(17)}`,
          deviceIndex: plan.deviceIndex,
          networkCardIndex: plan.networkCardIndex,
          attachedAt: call.now,
          deleteOnTermination: plan.deleteOnTermination,
        });
        if (plan.existing === undefined && tags['network-interface'] !== undefined) {
          writeTags(call, networkInterface.networkInterfaceId, tags['network-interface']);
        }
      }
      if (tags.instance !== undefined) writeTags(call, instance.instanceId, tags.instance);
      changeState(call, instance, 'pending');
      instances.push(instance);
    }
    const everything = { ...call, view: trueView(call) };
    return {
      ReservationId: reservationId,
      OwnerId: call.account.accountId,
      Groups: [],
      Instances: instances.map((instance) => showInstance(everything, instance)),
    };
  };
}

/** A launch answers with what it made, however late Describe is. */
function trueView(call: Call): Call['view'] {
  return {
    hasInstance: () => true,
    hasInterface: () => true,
    hasMirroring: () => true,
    tagsOf: (resourceId) => call.account.tags.get(resourceId)?.tags ?? {},
  };
}

function checkCount(min: number, max: number): number {
  if (!Number.isInteger(min) || min < 1) refuseValue('minCount', min, 'Expecting a value of at least 1.');
  if (!Number.isInteger(max) || max < min) refuseValue('maxCount', max, 'Expecting a value of at least minCount.');
  if (max > INSTANCES_PER_CALL_MAX && min > INSTANCES_PER_CALL_MAX) {
    refuse('InstanceLimitExceeded', `You have requested more instances (${min}) than your current instance limit.`);
  }
  return Math.min(max, INSTANCES_PER_CALL_MAX);
}

/** Stops the call for a text that is no instance type; new types come faster than lists, so the form decides. */
export function checkInstanceType(instanceType: string): void {
  if (!/^[a-z][a-z0-9-]*\.[a-z0-9-]+$/.test(instanceType)) {
    refuse('InvalidParameterValue', `Invalid value '${instanceType}' for InstanceType.`);
  }
}

/** Finds the subnet by id, else a default subnet of the zone, else the first default subnet. */
export function findSubnet(call: Call, subnetId: string | undefined, zone: string | undefined): Subnet {
  if (subnetId !== undefined) {
    const found = call.account.subnets.get(subnetId);
    return found ?? refuse('InvalidSubnetID.NotFound', `The subnet ID '${subnetId}' does not exist`);
  }
  for (const subnet of call.account.subnets.rows()) {
    if (subnet.isDefaultForZone && (zone === undefined || subnet.zone === zone)) return subnet;
  }
  return refuse('InvalidParameterValue', `Invalid availability zone: [${zone}]`);
}

interface InterfacePlan {
  readonly existing: NetworkInterface | undefined;
  readonly subnet: Subnet;
  readonly deviceIndex: number;
  readonly networkCardIndex: number;
  readonly deleteOnTermination: boolean;
  readonly interfaceType: string;
  readonly description: string;
  readonly groupIds: readonly string[] | undefined;
  readonly privateIpAddress: string | undefined;
}

function planInterfaces(
  call: Call,
  specifications: readonly InstanceNetworkInterfaceSpecification[],
  subnet: Subnet,
  count: number,
): readonly InterfacePlan[] {
  const listed = specifications.length > 0 ? specifications : [{ DeviceIndex: 0 }];
  const indexes = new Set<string>();
  return listed.map((specification) => {
    const deviceIndex = requireParameter('NetworkInterface.DeviceIndex', specification.DeviceIndex);
    const networkCardIndex = specification.NetworkCardIndex ?? 0;
    const place = `${networkCardIndex}/${deviceIndex}`;
    if (indexes.has(place)) {
      refuse('InvalidParameterValue', `Each network interface requires a unique device index.`);
    }
    indexes.add(place);
    const existing =
      specification.NetworkInterfaceId === undefined
        ? undefined
        : checkFree(findInterface(call, specification.NetworkInterfaceId), count);
    return {
      existing,
      subnet: findSubnet(call, specification.SubnetId ?? subnet.subnetId, undefined),
      deviceIndex,
      networkCardIndex,
      // New interfaces go with the instance, existing ones stay (API_InstanceNetworkInterfaceSpecification).
      deleteOnTermination: specification.DeleteOnTermination ?? existing === undefined,
      interfaceType: specification.InterfaceType ?? 'interface',
      description: specification.Description ?? '',
      groupIds: specification.Groups,
      privateIpAddress: count === 1 ? specification.PrivateIpAddress : undefined,
    };
  });
}

function checkFree(networkInterface: NetworkInterface, count: number): NetworkInterface {
  if (count > 1) {
    refuse('InvalidParameterCombination', 'A network interface ID cannot be given for more than one instance.');
  }
  if (networkInterface.attachment !== undefined) {
    const { networkInterfaceId } = networkInterface;
    refuse('InvalidNetworkInterface.InUse', `Interface: [${networkInterfaceId}] in use.`);
  }
  return networkInterface;
}

function createPlanned(call: Call, plan: InterfacePlan, groupIds: readonly string[] | undefined): NetworkInterface {
  const groups = plan.groupIds ?? groupIds;
  return addInterface(call.account, {
    subnet: plan.subnet,
    now: call.now,
    random: call.random,
    interfaceType: plan.interfaceType,
    description: plan.description,
    privateIpAddress: plan.privateIpAddress,
    ...(groups === undefined ? {} : { groupIds: groups }),
  });
}

interface NewInstance {
  readonly input: RunInstancesRequest;
  readonly imageId: string;
  readonly instanceType: string;
  readonly subnet: Subnet;
  readonly reservationId: string;
  readonly index: number;
}

function addInstance(
  call: Call,
  { input, imageId, instanceType, subnet, reservationId, index }: NewInstance,
): Instance {
  const instance: Instance = {
    instanceId: `i-${call.random.hex(17)}`,
    reservationId,
    ownerId: call.account.accountId,
    imageId,
    zone: subnet.zone,
    clientToken: input.ClientToken,
    launchIndex: index,
    operator: undefined,
    createdAt: call.now,
    instanceType,
    state: 'pending',
    stateReason: '',
    launchedAt: call.now,
    subnetId: subnet.subnetId,
    vpcId: subnet.vpcId,
    interfaceIds: [],
  };
  call.account.instances.add(instance.instanceId, instance);
  return instance;
}
