import { describe, expect, test } from '@jest/globals';
import { judgeSource } from '../../../lib/core/eligibility.ts';
import type { Instance, NetworkInterface, NetworkInterfaceId, Policy } from '../../../lib/core/model.ts';
import { anInstance } from '../../support/instance.ts';
import { aDetachedInterface, anInterface, anRdsInterface } from '../../support/interface.ts';
import { aPolicy } from '../../support/policy.ts';
import { aSituation } from '../../support/situation.ts';

interface Case {
  policy?: Policy;
  networkInterface?: NetworkInterface;
  instance?: Instance | undefined;
  targets?: NetworkInterfaceId[];
}
const judge = (given: Case) =>
  judgeSource(
    aSituation({ policy: given.policy ?? aPolicy(), targetInterfaceIds: new Set(given.targets ?? []) }),
    given.networkInterface ?? anInterface(),
    'instance' in given ? given.instance : anInstance(),
  );
const eligible = { kind: 'eligible', tentative: false };
const attachment = {
  status: 'attached',
  instanceId: 'i-0aaa0000000000001',
  deviceIndex: 0,
  networkCardIndex: 0,
} as const;
const guide = 'edition 2025-08: Traffic Mirroring guide, "Supported instance types"';
const types = (unknown: 'skip' | 'try', deny: string[] = []) =>
  aPolicy({ instanceTypes: { edition: '2025-08', unknown, allow: [], deny } });

test('an interface of a running instance of a supported type is eligible', () => {
  expect(judge({})).toEqual(eligible);
});
test('an interface of a pending instance, still attaching, is eligible', () => {
  const networkInterface = anInterface({ attachment: { ...attachment, status: 'attaching' } });
  expect(judge({ networkInterface, instance: anInstance({ state: 'pending' }) })).toEqual(eligible);
});

describe('not eligible, and why', () => {
  const id = 'eni-0aaa0000000000001';
  const { attachment: _, ...bare } = anInterface();
  const { requesterId: __, ...unnamed } = anRdsInterface();
  const { instanceId: ___, ...ofNobody } = attachment;
  const typed = (instanceType: string) => anInstance({ instanceType });
  test.each<[string, string, Case]>([
    [
      'interface-type',
      `The type of ${id} is \`trunk\`.`,
      { networkInterface: anInterface({ interfaceType: 'trunk' }) },
    ],
    [
      'interface-type',
      `The type of ${id} is \`a_type_of_tomorrow\`.`,
      { networkInterface: anInterface({ interfaceType: 'a_type_of_tomorrow' }) },
    ],
    ['is-mirror-target', `A Traffic Mirror target uses ${id}.`, { targets: [id] }],
    [
      'requester-managed',
      'The requester `amazon-elb` manages eni-0dbdb000000000001.',
      { networkInterface: anRdsInterface({ requesterId: 'amazon-elb' }) },
    ],
    ['requester-managed', 'An AWS service manages eni-0dbdb000000000001.', { networkInterface: unnamed }],
    [
      'interface-detached',
      'The status of eni-0dbdb000000000001 is `available`, not `in-use`.',
      { networkInterface: anRdsInterface({ status: 'available' }), instance: undefined },
    ],
    [
      'interface-detached',
      `${id} is attached to no instance.`,
      { networkInterface: aDetachedInterface(), instance: undefined },
    ],
    ['interface-detached', `${id} is attached to no instance.`, { networkInterface: bare }],
    [
      'interface-detached',
      `The attachment of ${id} is \`detaching\`, its status \`in-use\`.`,
      { networkInterface: anInterface({ attachment: { ...attachment, status: 'detaching' } }) },
    ],
    [
      'interface-detached',
      `The attachment of ${id} is \`detached\`, its status \`in-use\`.`,
      { networkInterface: anInterface({ attachment: { ...attachment, status: 'detached' } }) },
    ],
    [
      'interface-detached',
      `The attachment of ${id} is \`attached\`, its status \`detaching\`.`,
      { networkInterface: anInterface({ status: 'detaching' }) },
    ],
    [
      'interface-detached',
      `The attachment of ${id} is \`attached\`, its status \`available\`.`,
      { networkInterface: anInterface({ status: 'available' }) },
    ],
    [
      'requester-managed',
      `${id} is attached to an instance of account 298800981437, which cannot be seen from here.`,
      {
        networkInterface: anInterface({ attachment: { ...ofNobody, instanceOwnerId: '298800981437' } }),
        instance: undefined,
      },
    ],
    [
      'requester-managed',
      `${id} is attached to an instance of account 999999999999, which cannot be seen from here.`,
      { networkInterface: anInterface({ ownerId: '999999999999' }), instance: undefined },
    ],
    [
      'interface-detached',
      `${id} is attached to no instance.`,
      { networkInterface: aDetachedInterface({ ownerId: '999999999999' }), instance: undefined },
    ],
    ['read-incomplete', `${id} is attached to i-0aaa0000000000001, which was not read.`, { instance: undefined }],
    [
      'read-incomplete',
      `${id} is attached to i-0aaa0000000000001, which was not read.`,
      {
        networkInterface: anInterface({ attachment: { ...attachment, instanceOwnerId: '111122223333' } }),
        instance: undefined,
      },
    ],
    [
      'read-incomplete',
      `${id} is attached to an instance that EC2 does not name, which was not read.`,
      { networkInterface: anInterface({ attachment: ofNobody }), instance: undefined },
    ],
    ['instance-terminated', 'i-0aaa0000000000001 is terminated.', { instance: anInstance({ state: 'terminated' }) }],
    [
      'instance-terminated',
      'i-0aaa0000000000001 is shutting-down.',
      { instance: anInstance({ state: 'shutting-down' }) },
    ],
    ['instance-stopped', 'i-0aaa0000000000001 is stopped.', { instance: anInstance({ state: 'stopped' }) }],
    ['instance-stopped', 'i-0aaa0000000000001 is stopping.', { instance: anInstance({ state: 'stopping' }) }],
    [
      'bare-metal-unsupported',
      `i-0aaa0000000000001 is c5n.metal. AWS mirrors bare metal of the listed families only, c5n is none (${guide}).`,
      { instance: typed('c5n.metal') },
    ],
    [
      'type-unsupported',
      `i-0aaa0000000000001 is t2.micro. AWS does not list the family t2 (${guide}).`,
      { instance: typed('t2.micro') },
    ],
    [
      'type-unsupported',
      'i-0aaa0000000000001 is m5.metal. The policy denies it: `instanceTypes.deny` has *.metal.',
      { instance: typed('m5.metal'), policy: types('skip', ['*.metal']) },
    ],
    [
      'type-unknown',
      `i-0aaa0000000000001 is future9.large. The family future9 is newer than the list, or does not exist (${guide}).`,
      { instance: typed('future9.large') },
    ],
  ])('%s: %s', (because, detail, given) => {
    expect(judge(given)).toEqual({ kind: 'ineligible', because, detail });
  });
});

describe('the first reason of the table wins', () => {
  test('interface-type before is-mirror-target', () => {
    const networkInterface = anInterface({ interfaceType: 'efa' });
    expect(judge({ networkInterface, targets: [networkInterface.networkInterfaceId] })).toMatchObject({
      because: 'interface-type',
    });
  });
  test('is-mirror-target before a stopped instance of an unsupported type', () => {
    const instance = anInstance({ state: 'stopped', instanceType: 't2.micro' });
    expect(judge({ instance, targets: ['eni-0aaa0000000000001'] })).toMatchObject({ because: 'is-mirror-target' });
  });
  test('instance-terminated before type-unsupported', () => {
    const instance = anInstance({ state: 'terminated', instanceType: 't2.micro' });
    expect(judge({ instance })).toMatchObject({ because: 'instance-terminated' });
  });
});

test.each(['amazon-rds', 'amazon-elasticache'])('an interface of %s in use is eligible without its instance', (id) => {
  expect(judge({ networkInterface: anRdsInterface({ requesterId: id }), instance: undefined })).toEqual(eligible);
});
test('an interface of RDS in a subnet of ours is eligible though a participant of the shared VPC owns it', () => {
  const attached = { ...attachment, instanceOwnerId: 'amazon-rds' };
  const networkInterface = anRdsInterface({ ownerId: '999999999999', attachment: attached });
  expect(judge({ networkInterface, instance: undefined })).toEqual(eligible);
});
test('whileStopped: keep leaves the interface of a stopped instance eligible', () => {
  const policy = aPolicy({ whileStopped: 'keep' });
  expect(judge({ policy, instance: anInstance({ state: 'stopped' }) })).toEqual(eligible);
});
test('type-unsupported: whileStopped: keep still sees that the type of the stopped instance was changed', () => {
  const instance = anInstance({ state: 'stopped', instanceType: 't2.micro' });
  expect(judge({ policy: aPolicy({ whileStopped: 'keep' }), instance })).toMatchObject({ because: 'type-unsupported' });
});
test('unknown: try makes a type that the edition does not know eligible on trial', () => {
  const instance = anInstance({ instanceType: 'future9.large' });
  expect(judge({ policy: types('try'), instance })).toEqual({ kind: 'eligible', tentative: true });
});
