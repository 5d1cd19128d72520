import type {
  AttachNetworkInterfaceRequest,
  AttachNetworkInterfaceResult,
  CreateNetworkInterfaceRequest,
  CreateNetworkInterfaceResult,
  DeleteNetworkInterfaceRequest,
  DetachNetworkInterfaceRequest,
  ModifyNetworkInterfaceAttributeRequest,
  NetworkInterfaceStatus,
} from '@aws-sdk/client-ec2';
import type { NetworkInterface } from '../account.ts';
import { addInterface, attachInterface, detachInterface, removeInterface } from '../account-change.ts';
import { refuse, requireParameter } from '../aws-error.ts';
import type { Call, Effect } from '../call.ts';
import { checkId, findInstance, findInterface } from '../lookup.ts';
import { checkTagSpecifications, listTags, writeTags } from '../tags.ts';
import { showInterface } from './describe-interfaces.ts';
import { findSubnet } from './run-instances.ts';

/** What CreateNetworkInterface may be asked for (API_CreateNetworkInterface). */
const TYPES = new Set<string>(['interface', 'efa', 'efa-only', 'branch', 'trunk']);

/** Makes an interface of the caller's own, unattached. */
export function createNetworkInterface(
  input: CreateNetworkInterfaceRequest,
  call: Call,
): Effect<CreateNetworkInterfaceResult> {
  const subnet = findSubnet(call, requireParameter('SubnetId', input.SubnetId), undefined);
  const interfaceType = input.InterfaceType ?? 'interface';
  if (!TYPES.has(interfaceType)) {
    refuse('InvalidParameterValue', `Invalid value '${interfaceType}' for InterfaceType.`);
  }
  const tags = checkTagSpecifications(call, input.TagSpecifications, ['network-interface']);
  return () => {
    const row = addInterface(call.account, {
      subnet,
      now: call.now,
      random: call.random,
      interfaceType,
      description: input.Description ?? '',
      privateIpAddress: input.PrivateIpAddress,
      ...(input.Groups === undefined ? {} : { groupIds: input.Groups }),
    });
    const given = tags['network-interface'] ?? {};
    writeTags(call, row.networkInterfaceId, given);
    // A new interface answers "pending", which the SDK's list of states does not have.
    const shown = { ...showInterface(call, row), Status: 'pending' as NetworkInterfaceStatus, TagSet: listTags(given) };
    return { NetworkInterface: shown, ClientToken: input.ClientToken };
  };
}

/** Gives an instance one more interface; the moment when a new source can appear on a running instance. */
export function attachNetworkInterface(
  input: AttachNetworkInterfaceRequest,
  call: Call,
): Effect<AttachNetworkInterfaceResult> {
  const row = findInterface(call, requireParameter('NetworkInterfaceId', input.NetworkInterfaceId));
  const instance = findInstance(call, requireParameter('InstanceId', input.InstanceId));
  const deviceIndex = requireParameter('DeviceIndex', input.DeviceIndex);
  const networkCardIndex = input.NetworkCardIndex ?? 0;
  requireOwnInterface(row);
  if (row.attachment !== undefined) {
    refuse('InvalidNetworkInterface.InUse', `Interface: [${row.networkInterfaceId}] in use.`);
  }
  if (instance.state !== 'running' && instance.state !== 'stopped' && instance.state !== 'pending') {
    refuse('IncorrectState', `Instance '${instance.instanceId}' is not 'running' or 'stopped'.`);
  }
  if (instance.zone !== row.zone) {
    const message = `You may not attach a network interface to an instance if they are not in the same availability zone`;
    refuse('InvalidParameterCombination', message);
  }
  for (const id of instance.interfaceIds) {
    const other = call.account.interfaces.get(id)?.attachment;
    if (other?.deviceIndex === deviceIndex && other.networkCardIndex === networkCardIndex) {
      const message = `Instance '${instance.instanceId}' already has an interface attached at device index '${deviceIndex}'.`;
      refuse('InvalidParameterValue', message);
    }
  }
  return () => {
    const attachmentId = `eni-attach-${call.random.hex(17)}`;
    attachInterface(call.account, row, instance, {
      attachmentId,
      deviceIndex,
      networkCardIndex,
      attachedAt: call.now,
      deleteOnTermination: false,
    });
    return { AttachmentId: attachmentId, NetworkCardIndex: networkCardIndex };
  };
}

/** Takes an interface from its instance; its sessions stay. The first interface of an instance cannot be taken. */
export function detachNetworkInterface(input: DetachNetworkInterfaceRequest, call: Call): Effect<object> {
  const attachmentId = requireParameter('AttachmentId', input.AttachmentId);
  checkId('eni-attach', attachmentId, 'InvalidNetworkInterfaceAttachmentId.Malformed', 'attachment');
  const row = call.account.interfaces.get(call.account.interfaceByAttachment.get(attachmentId) ?? '');
  if (row?.attachment === undefined) {
    return refuse('InvalidAttachmentID.NotFound', `The attachment '${attachmentId}' does not exist`);
  }
  if (row.attachment.deviceIndex === 0 && row.attachment.networkCardIndex === 0) {
    const message = `The network interface at device index 0 and networkCard index 0 cannot be detached.`;
    refuse('OperationNotPermitted', message);
  }
  return () => {
    detachInterface(call.account, row);
    return {};
  };
}

/** Deletes an unattached interface, and with it the sessions whose source it was. */
export function deleteNetworkInterface(input: DeleteNetworkInterfaceRequest, call: Call): Effect<object> {
  const row = findInterface(call, requireParameter('NetworkInterfaceId', input.NetworkInterfaceId));
  requireOwnInterface(row);
  if (row.attachment !== undefined) {
    refuse('InvalidNetworkInterface.InUse', `Network interface '${row.networkInterfaceId}' is currently in use.`);
  }
  return () => {
    removeInterface(call.account, row);
    return {};
  };
}

/** Puts an interface into other security groups; the attributes that mirroring does not look at are refused, not ignored. */
export function modifyNetworkInterfaceAttribute(
  input: ModifyNetworkInterfaceAttributeRequest,
  call: Call,
): Effect<object> {
  const { NetworkInterfaceId: id, Groups: groupIds, DryRun: _, ...others } = input;
  const [other] = Object.keys(others);
  if (other !== undefined) refuse('UnsupportedOperation', `The emulator changes the groups only, not ${other}.`);
  const row = findInterface(call, requireParameter('NetworkInterfaceId', id));
  requireOwnInterface(row);
  const groups = requireParameter('Groups', groupIds);
  for (const groupId of groups) {
    checkId('sg', groupId, 'InvalidGroupId.Malformed', 'security group');
    if (call.account.securityGroups.get(groupId)?.vpcId !== row.vpcId) {
      refuse('InvalidGroup.NotFound', `The security group '${groupId}' does not exist in the VPC '${row.vpcId}'`);
    }
  }
  return () => {
    row.groupIds = groups;
    return {};
  };
}

/** "You cannot modify or detach a requester-managed network interface" (ec2/UserGuide/requester-managed-eni). */
function requireOwnInterface({ requesterManaged, networkInterfaceId }: NetworkInterface): void {
  if (requesterManaged) {
    const message = `You do not have permission to access the specified resource: ${networkInterfaceId}.`;
    refuse('OperationNotPermitted', message);
  }
}
