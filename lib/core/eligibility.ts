import { judgeInstanceType } from './instance-types.ts';
import type { Eligibility, IneligibleBecause, Instance, NetworkInterface, Policy } from './model.ts';
import { isMirrorableRequester } from './requesters.ts';
import type { Situation } from './situation.ts';

/**
 * Judges whether AWS can mirror this interface now, whatever the policy selects. The first line that applies decides:
 *
 * | fact | because |
 * |---|---|
 * | attached to an instance of another account (the control plane of EKS, a participant of a shared VPC) | `requester-managed` |
 * | attached to an instance of ours that was not read | `read-incomplete` |
 * | type other than `interface` | `interface-type` |
 * | used by a mirror target | `is-mirror-target` |
 * | managed by a service other than RDS and ElastiCache | `requester-managed` |
 * | of RDS or ElastiCache: in use | eligible, since its instance is not visible and its type not checked |
 * | of RDS or ElastiCache: not in use | `interface-detached` |
 * | not attached, or detaching | `interface-detached` |
 * | terminated or shutting down | `instance-terminated` |
 * | stopped or stopping, and `whileStopped: remove` | `instance-stopped` |
 * | instance type | `bare-metal-unsupported`, `type-unsupported`, `type-unknown`, or eligible |
 *
 * Another account's instance is never visible: its state, its type and its tags stay unknown, however often we look.
 */
export function judgeSource(
  { policy, owner, targetInterfaceIds }: Pick<Situation, 'policy' | 'owner' | 'targetInterfaceIds'>,
  networkInterface: NetworkInterface,
  instance: Instance | undefined,
): Eligibility {
  const { networkInterfaceId, interfaceType, requesterManaged, requesterId, status } = networkInterface;
  if (isInstanceMissing(networkInterface, instance)) {
    const carrierOwnerId = networkInterface.attachment?.instanceOwnerId ?? networkInterface.ownerId;
    if (carrierOwnerId !== owner.accountId) {
      const carrier = `an instance of account ${carrierOwnerId}, which cannot be seen from here`;
      return ineligible('requester-managed', `${networkInterfaceId} is attached to ${carrier}.`);
    }
    const instanceId = networkInterface.attachment?.instanceId ?? 'an instance that EC2 does not name';
    return ineligible('read-incomplete', `${networkInterfaceId} is attached to ${instanceId}, which was not read.`);
  }
  if (interfaceType !== 'interface') {
    return ineligible('interface-type', `The type of ${networkInterfaceId} is \`${interfaceType}\`.`);
  }
  if (targetInterfaceIds.has(networkInterfaceId)) {
    return ineligible('is-mirror-target', `A Traffic Mirror target uses ${networkInterfaceId}.`);
  }
  if (requesterManaged && !isMirrorableRequester(requesterId)) {
    const manager = requesterId === undefined ? 'An AWS service' : `The requester \`${requesterId}\``;
    return ineligible('requester-managed', `${manager} manages ${networkInterfaceId}.`);
  }
  if (requesterManaged) {
    return status === 'in-use'
      ? { kind: 'eligible', tentative: false }
      : ineligible('interface-detached', `The status of ${networkInterfaceId} is \`${status}\`, not \`in-use\`.`);
  }
  if (instance === undefined || !isAttached(networkInterface)) {
    return ineligible('interface-detached', describeAttachment(networkInterface));
  }
  return judgeInstance(policy, instance);
}

/**
 * Whether an interface is attached to an instance that we should see and did not: nothing may be created or deleted on
 * such a read, since the tags and the state of the instance are missing.
 */
function isInstanceMissing(networkInterface: NetworkInterface, instance: Instance | undefined): boolean {
  return !networkInterface.requesterManaged && isAttached(networkInterface) && instance === undefined;
}

function judgeInstance(policy: Policy, { instanceId, instanceType, state }: Instance): Eligibility {
  if (state === 'terminated' || state === 'shutting-down') {
    return ineligible('instance-terminated', `${instanceId} is ${state}.`);
  }
  if (policy.whileStopped === 'remove' && (state === 'stopped' || state === 'stopping')) {
    return ineligible('instance-stopped', `${instanceId} is ${state}.`);
  }
  const { verdict, bareMetal, edition, because } = judgeInstanceType(instanceType, policy.instanceTypes);
  if (verdict === 'supported') return { kind: 'eligible', tentative: false };
  const detail = `${instanceId} is ${instanceType}. ${because}`;
  if (verdict === 'unknown') {
    return policy.instanceTypes.unknown === 'try'
      ? { kind: 'eligible', tentative: true }
      : ineligible('type-unknown', detail);
  }
  // A bare-metal type that the policy denies is denied for the policy's sake, not for being bare metal.
  return ineligible(bareMetal && edition !== 'policy' ? 'bare-metal-unsupported' : 'type-unsupported', detail);
}

/** An interface that is just being attached counts: the instance is pending, and its traffic is about to begin. */
function isAttached({ attachment, status }: NetworkInterface): boolean {
  if (attachment === undefined || status === 'available' || status === 'detaching') return false;
  return attachment.status !== 'detaching' && attachment.status !== 'detached';
}

function describeAttachment({ networkInterfaceId, attachment, status }: NetworkInterface): string {
  return attachment === undefined
    ? `${networkInterfaceId} is attached to no instance.`
    : `The attachment of ${networkInterfaceId} is \`${attachment.status}\`, its status \`${status}\`.`;
}

function ineligible(because: IneligibleBecause, detail: string): Eligibility {
  return { kind: 'ineligible', because, detail };
}
