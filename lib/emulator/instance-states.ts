import type { Account, Instance, InstanceState } from './account.ts';
import { detachInterface, removeInterface, scheduleChange } from './account-change.ts';
import type { Notice } from './notices.ts';
import type { Rules } from './rules.ts';

/** What a state becomes by itself (ec2/UserGuide/ec2-instance-lifecycle). */
const BECOMES: Readonly<Partial<Record<InstanceState, InstanceState>>> = {
  pending: 'running',
  stopping: 'stopped',
  'shutting-down': 'terminated',
};

interface Changing {
  readonly account: Account;
  readonly rules: Rules;
  readonly now: number;
  readonly notify: (notice: Notice) => void;
}

/** Puts an instance into a state, tells the world, and plans what the state becomes by itself. */
export function changeState(changing: Changing, instance: Instance, state: InstanceState): void {
  const { account, rules, now, notify } = changing;
  const { instanceId } = instance;
  instance.state = state;
  if (state === 'terminated') releaseInterfaces(account, instance);
  notify({ kind: 'state-change', instanceId, state });
  const next = BECOMES[state];
  if (next !== undefined)
    scheduleChange(account, { dueAt: now + rules.transitionMs, instanceId, from: state, to: next });
  if (state === 'terminated') {
    scheduleChange(account, { dueAt: now + rules.terminatedVisibleMs, instanceId, from: state, to: 'forgotten' });
  }
}

/** Lets happen what is due by now: instances come up, stop, end and are forgotten. */
export function settleAccount(changing: Changing): void {
  const { account, now } = changing;
  for (let due = account.changesDue[0]; due !== undefined && due.dueAt <= now; due = account.changesDue[0]) {
    account.changesDue.shift();
    const instance = account.instances.get(due.instanceId);
    if (instance === undefined || instance.state !== due.from) continue;
    if (due.to === 'forgotten') {
      account.instances.remove(due.instanceId);
      account.tags.remove(due.instanceId);
    } else {
      changeState(changing, instance, due.to);
    }
  }
}

/** Interfaces made to go with the instance go; the others stay, and their sessions with them. */
function releaseInterfaces(account: Account, instance: Instance): void {
  for (const id of [...instance.interfaceIds]) {
    const networkInterface = account.interfaces.get(id);
    if (networkInterface === undefined) continue;
    if (networkInterface.attachment?.deleteOnTermination) removeInterface(account, networkInterface);
    else detachInterface(account, networkInterface);
  }
  instance.subnetId = undefined;
  instance.vpcId = undefined;
}
