import type { Action, Candidate, SourceDecision } from './actions.ts';
import { judgeSource } from './eligibility.ts';
import type { Eligibility, Policy, Selection } from './model.ts';
import { quote } from './quote.ts';
import { reasons } from './reasons.ts';
import { select } from './select.ts';
import type { Situation } from './situation.ts';

/** Why a source is as it is: facts, what the policy says, what AWS allows, and one line for each decision. */
export interface Explanation {
  readonly networkInterfaceId: string;
  readonly facts: readonly string[];
  readonly selection: string;
  readonly eligibility: string;
  readonly decisions: readonly string[];
}

/** Explains one source in sentences. Works for sources that the policy does not select as well. */
export function explainSource(candidate: Candidate, decision: SourceDecision, situation: Situation): Explanation {
  const { networkInterface, instance, networkInterfaceId } = candidate;
  if (networkInterface === undefined) {
    return {
      networkInterfaceId,
      facts: ['EC2 does not show this interface.'],
      selection: 'Nothing to select.',
      eligibility: reasons['interface-gone'],
      decisions: decision.actions.map(describeAction),
    };
  }
  const { attachment, interfaceType, vpcId, availabilityZone, requesterId } = networkInterface;
  const facts = [
    `Interface of type ${interfaceType} in ${vpcId}, ${availabilityZone}, status ${networkInterface.status}.`,
    ...(requesterId === undefined
      ? []
      : [`Requester ${requesterId}${networkInterface.requesterManaged ? ' manages it' : ''}.`]),
    attachment?.instanceId === undefined
      ? 'It is attached to no instance that we can see.'
      : `Attached to ${attachment.instanceId} as device ${attachment.deviceIndex}.`,
    ...(instance === undefined
      ? []
      : [`The instance type is ${instance.instanceType}, the instance is ${instance.state}.`]),
  ];
  const selection = select(situation.policy, networkInterface, instance);
  const eligibility = judgeSource(situation, networkInterface, instance);
  return {
    networkInterfaceId,
    facts,
    selection: describeSelection(selection, situation.policy),
    eligibility: describeEligibility(eligibility),
    decisions: decision.actions.length > 0 ? decision.actions.map(describeAction) : ['There is nothing to do.'],
  };
}

function describeSelection(selection: Selection, policy: Policy): string {
  switch (selection.kind) {
    case 'selected': {
      const tiers = selection.tiers.map(({ name, sessionNumber }) => `${name} (${sessionNumber})`).join(', ');
      const tag = selection.unknownProfile;
      const unknown = tag === undefined ? '' : ` The tag ${policy.optIn.tagKey}=${quote(tag)} names no profile.`;
      return `Wanted, ${selection.because}: ${tiers}. ${reasons[selection.because]}${unknown}`;
    }
    case 'unselected':
      return `Not wanted, ${selection.because}: ${reasons[selection.because]}`;
    case 'unknown-profile':
      return `${policy.optIn.tagKey}=${quote(selection.tagValue)} is unknown-profile: ${reasons['unknown-profile']}`;
  }
}

function describeEligibility(eligibility: Eligibility): string {
  if (eligibility.kind === 'ineligible') {
    return `Cannot be mirrored, ${eligibility.because}: ${eligibility.detail} ${reasons[eligibility.because]}`;
  }
  return eligibility.tentative
    ? 'Whether AWS mirrors this instance type is unknown; the policy says try.'
    : 'AWS can mirror it.';
}

function describeAction(action: Action): string {
  const number = action.sessionNumber === undefined ? '' : ` ${action.sessionNumber}`;
  const session = 'session' in action ? ` ${action.session.sessionId}` : '';
  const detail = action.detail === undefined ? '' : ` (${action.detail})`;
  return `${action.kind}${number}${session}, ${action.because}${detail}: ${reasons[action.because]}`;
}
