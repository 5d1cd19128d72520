import type {
  InstanceStateChange,
  ModifyInstanceAttributeRequest,
  StartInstancesRequest,
  StartInstancesResult,
  StopInstancesRequest,
  StopInstancesResult,
  TerminateInstancesRequest,
  TerminateInstancesResult,
} from '@aws-sdk/client-ec2';
import type { Instance, InstanceState } from '../account.ts';
import { refuse, requireParameter } from '../aws-error.ts';
import type { Call, Effect } from '../call.ts';
import { changeState } from '../instance-states.ts';
import { findInstance } from '../lookup.ts';
import { STATE_CODES } from './describe-instances.ts';
import { checkInstanceType } from './run-instances.ts';

/** Starts stopped instances; a running one stays as it is. */
export function startInstances(input: StartInstancesRequest, call: Call): Effect<StartInstancesResult> {
  const instances = (input.InstanceIds ?? []).map((id) => findInstance(call, id));
  for (const instance of instances) requireState(instance, ['stopped', 'running', 'pending'], 'started');
  return () => ({
    StartingInstances: instances.map((instance) =>
      move(call, instance, instance.state === 'stopped' ? 'pending' : undefined, ''),
    ),
  });
}

/** Stops running instances; their interfaces and sessions stay (mirroring/what-is-traffic-mirroring, Pricing). */
export function stopInstances(input: StopInstancesRequest, call: Call): Effect<StopInstancesResult> {
  const instances = (input.InstanceIds ?? []).map((id) => findInstance(call, id));
  for (const instance of instances) requireState(instance, ['running', 'pending', 'stopping', 'stopped'], 'stopped');
  return () => ({
    StoppingInstances: instances.map((instance) => {
      const isUp = instance.state === 'running' || instance.state === 'pending';
      return move(call, instance, isUp ? 'stopping' : undefined, 'User initiated');
    }),
  });
}

/** Ends instances; allowed in every state, also twice. */
export function terminateInstances(input: TerminateInstancesRequest, call: Call): Effect<TerminateInstancesResult> {
  const instances = (input.InstanceIds ?? []).map((id) => findInstance(call, id));
  return () => ({
    TerminatingInstances: instances.map((instance) => {
      const isEnding = instance.state === 'shutting-down' || instance.state === 'terminated';
      return move(call, instance, isEnding ? undefined : 'shutting-down', 'User initiated');
    }),
  });
}

/** Changes the type of a stopped instance; the attributes that mirroring does not look at are refused, not ignored. */
export function modifyInstanceAttribute(input: ModifyInstanceAttributeRequest, call: Call): Effect<object> {
  const { InstanceId: id, Attribute: attribute, Value: text, InstanceType: type, DryRun: _, ...others } = input;
  const other = Object.keys(others)[0] ?? (attribute === 'instanceType' ? undefined : attribute);
  if (other !== undefined) refuse('UnsupportedOperation', `The emulator changes the instance type only, not ${other}.`);
  const instance = findInstance(call, requireParameter('InstanceId', id));
  const instanceType = requireParameter('InstanceType', type?.Value ?? text);
  checkInstanceType(instanceType);
  if (instance.state !== 'stopped') {
    refuse('IncorrectInstanceState', `The instance '${instance.instanceId}' is not in the 'stopped' state.`);
  }
  return () => {
    instance.instanceType = instanceType;
    return {};
  };
}

function requireState({ instanceId, state }: Instance, allowed: readonly InstanceState[], done: string): void {
  if (!allowed.includes(state)) {
    const message = `The instance '${instanceId}' is not in a state from which it can be ${done}.`;
    refuse('IncorrectInstanceState', message);
  }
}

function move(call: Call, instance: Instance, to: InstanceState | undefined, reason: string): InstanceStateChange {
  const previous = instance.state;
  if (to !== undefined) {
    instance.stateReason = reason;
    if (to === 'pending') instance.launchedAt = call.now;
    changeState(call, instance, to);
  }
  return {
    InstanceId: instance.instanceId,
    CurrentState: { Code: STATE_CODES[instance.state], Name: instance.state },
    PreviousState: { Code: STATE_CODES[previous], Name: previous },
  };
}
