import { describe, expect, test } from '@jest/globals';
import { judgeSource } from '../../../lib/core/eligibility.ts';
import type { Instance, NetworkInterface, Policy } from '../../../lib/core/model.ts';
import { anInstance } from '../../support/instance.ts';
import { aDetachedInterface, anInterface, anRdsInterface } from '../../support/interface.ts';
import { aPolicy } from '../../support/policy.ts';

interface Case {
  policy?: Policy;
  networkInterface?: NetworkInterface;
  instance?: Instance | undefined;
  targets?: string[];
}
const judge = (given: Case) =>
  judgeSource(
    given.policy ?? aPolicy(),
    given.networkInterface ?? anInterface(),
    'instance' in given ? given.instance : anInstance(),
    new Set(given.targets ?? []),
  );
const eligible = { kind: 'eligible', tentative: false };
const attachment = {
  status: 'attached',
  instanceId: 'i-0aaa0000000000001',
  deviceIndex: 0,
  networkCardIndex: 0,
} as const;
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
  test.each<[string, Case]>([
    ['interface-type', { networkInterface: anInterface({ interfaceType: 'trunk' }) }],
    ['interface-type', { networkInterface: anInterface({ interfaceType: 'a_type_of_tomorrow' }) }],
    ['is-mirror-target', { targets: ['eni-0aaa0000000000001'] }],
    ['requester-managed', { networkInterface: anRdsInterface({ requesterId: 'amazon-elb' }) }],
    ['interface-detached', { networkInterface: anRdsInterface({ status: 'available' }), instance: undefined }],
    ['interface-detached', { networkInterface: aDetachedInterface(), instance: undefined }],
    ['interface-detached', { networkInterface: anInterface({ attachment: { ...attachment, status: 'detaching' } }) }],
    ['interface-detached', { networkInterface: anInterface({ attachment: { ...attachment, status: 'detached' } }) }],
    ['interface-detached', { networkInterface: anInterface({ status: 'detaching' }) }],
    ['read-incomplete', { instance: undefined }],
    ['instance-terminated', { instance: anInstance({ state: 'terminated' }) }],
    ['instance-terminated', { instance: anInstance({ state: 'shutting-down' }) }],
    ['instance-stopped', { instance: anInstance({ state: 'stopped' }) }],
    ['instance-stopped', { instance: anInstance({ state: 'stopping' }) }],
    ['bare-metal-unsupported', { instance: anInstance({ instanceType: 'c5n.metal' }) }],
    ['type-unsupported', { instance: anInstance({ instanceType: 't2.micro' }) }],
    ['type-unsupported', { instance: anInstance({ instanceType: 'm5.metal' }), policy: types('skip', ['*.metal']) }],
    ['type-unknown', { instance: anInstance({ instanceType: 'future9.large' }) }],
  ])('%s', (because, given) => {
    const judged = judge(given);
    expect(judged).toMatchObject({ kind: 'ineligible', because });
    expect(judged.kind === 'ineligible' && judged.detail).toMatch(/^\S.*\.$/);
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

test('an instance is missing only where we should see one', () => {
  const because = (eligibility: ReturnType<typeof judge>) =>
    'because' in eligibility ? eligibility.because : 'eligible';
  expect(because(judge({ instance: undefined }))).toBe('read-incomplete');
  expect(because(judge({ networkInterface: aDetachedInterface(), instance: undefined }))).toBe('interface-detached');
  expect(because(judge({ networkInterface: anRdsInterface(), instance: undefined }))).toBe('eligible');
});
