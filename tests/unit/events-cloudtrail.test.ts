import { describe, expect, test } from '@jest/globals';
import { readCloudTrailRecord } from '../../lib/events-cloudtrail.ts';

const instanceId = 'i-0123456789abcdef0';
const networkInterfaceId = 'eni-0123456789abcdef0';
const sessionId = 'tms-0123456789abcdef0';
const read = (eventName: string, requestParameters?: unknown, responseElements?: unknown, more: object = {}) =>
  readCloudTrailRecord({ eventName, requestParameters, responseElements, ...more });
const anInterfaceHint = (isDeparture: boolean) => [{ kind: 'interface', networkInterfaceId, isDeparture }];

describe('calls that changed nothing', () => {
  test.each(['Client.UnauthorizedOperation', 'Client.DryRunOperation', 'Server.InternalError', ''])(
    'errorCode %p: the call is skipped',
    (errorCode) => {
      expect(read('AttachNetworkInterface', { networkInterfaceId }, null, { errorCode })).toMatch(/^the call failed/);
    },
  );
  test('an errorCode of null is none', () => {
    expect(read('AttachNetworkInterface', { networkInterfaceId }, null, { errorCode: null })).toEqual(
      anInterfaceHint(false),
    );
  });
  test.each(['StopInstances', 'DescribeTrafficMirrorSessions', 'constructor', '__proto__', undefined])(
    'the call %p concerns no source',
    (eventName) => {
      expect(readCloudTrailRecord({ eventName })).toMatch(/concerns no source/);
    },
  );
});

describe('interfaces', () => {
  test.each([
    ['AttachNetworkInterface', { networkInterfaceId, instanceId }, undefined, false],
    ['CreateNetworkInterface', {}, { networkInterface: { networkInterfaceId } }, false],
    ['DeleteNetworkInterface', { networkInterfaceId }, undefined, true],
    ['DetachNetworkInterface', { networkInterfaceId }, undefined, true],
  ])('%s names its interface', (eventName, request, response, isDeparture) => {
    expect(read(eventName, request, response)).toEqual(anInterfaceHint(isDeparture));
  });
  test('a detach that names only an attachment is unlocated: only a sweep finds it', () => {
    expect(read('DetachNetworkInterface', { attachmentId: 'eni-attach-0123456789abcdef0', force: false })).toEqual([
      { kind: 'unlocated' },
    ]);
  });
  test.each(['AttachNetworkInterface', 'CreateNetworkInterface', 'DeleteNetworkInterface'])(
    '%s without its parameters (over 100 KB they are omitted) is ignored',
    (eventName) => {
      expect(read(eventName, null, null)).toBe('it names no interface');
      expect(read(eventName)).toBe('it names no interface');
    },
  );
});

describe('instances', () => {
  test('an instance whose type is changed is looked at again', () => {
    expect(read('ModifyInstanceAttribute', { instanceId, instanceType: { value: 'm3.large' } })).toEqual([
      { kind: 'instance', instanceId, isDeparture: false },
    ]);
    expect(read('ModifyInstanceAttribute', {})).toBe('it names no instance');
  });
  test('an interface that is put into other security groups is looked at again; its other attributes say nothing', () => {
    const groupSet = { items: [{ groupId: 'sg-0123456789abcdef0' }] };
    expect(read('ModifyNetworkInterfaceAttribute', { networkInterfaceId, groupSet })).toEqual(anInterfaceHint(false));
    expect(read('ModifyNetworkInterfaceAttribute', { groupSet })).toBe('it names no interface');
    expect(read('ModifyNetworkInterfaceAttribute', { networkInterfaceId, sourceDestCheck: false })).toBe(
      'it changes no security groups',
    );
  });
});

describe('tags', () => {
  const request = (...resourceIds: string[]) => ({
    resourcesSet: { items: resourceIds.map((resourceId) => ({ resourceId })) },
    tagSet: { items: [{ key: 'Mirror', value: 'true' }, { key: 'bare' }, { value: 'nameless' }] },
  });
  test('what was set is awaited; what was deleted is awaited to be gone, whatever its value', () => {
    expect(read('CreateTags', request(instanceId))).toEqual([
      { kind: 'instance', instanceId, isDeparture: false, tags: { Mirror: 'true', bare: undefined } },
    ]);
    expect(read('DeleteTags', request(networkInterfaceId))).toEqual([
      { ...anInterfaceHint(false)[0], tags: { Mirror: undefined, bare: undefined } },
    ]);
  });
  test('resources of several kinds: sources and sessions count, others do not', () => {
    expect(read('CreateTags', request('vol-0123456789abcdef0', sessionId, instanceId))).toMatchObject([
      { kind: 'session', sessionId },
      { kind: 'instance', instanceId },
    ]);
    expect(read('CreateTags', request('vol-0123456789abcdef0'))).toBe('the tagged resources are no sources');
  });
});

describe('tampering', () => {
  test.each([
    [
      'CreateTrafficMirrorSession',
      { CreateTrafficMirrorSessionRequest: { NetworkInterfaceId: networkInterfaceId } },
      { trafficMirrorSession: { trafficMirrorSessionId: sessionId } },
    ],
    [
      'ModifyTrafficMirrorSession',
      { trafficMirrorSessionId: sessionId },
      { trafficMirrorSession: { networkInterfaceId } },
    ],
  ])('%s names the session and its interface, wherever in the record they stand', (eventName, request, response) => {
    expect(read(eventName, request, response)).toEqual([{ kind: 'session', sessionId, networkInterfaceId }]);
  });
  test('DeleteTrafficMirrorSession names the session only', () => {
    expect(read('DeleteTrafficMirrorSession', { a: { b: { c: sessionId } } }, {})).toEqual([
      { kind: 'session', sessionId },
    ]);
  });
  test('a record without a session is ignored, however deep it is', () => {
    const deep = JSON.parse(`${'{"a":'.repeat(2000)}"${sessionId}"${'}'.repeat(2000)}`) as object;
    expect(read('DeleteTrafficMirrorSession', deep)).toBe('it names no session');
  });
  test.each(
    ['Create', 'Modify', 'Delete'].flatMap((verb) =>
      ['Target', 'Filter', 'FilterRule', 'FilterNetworkServices'].map((noun) => `${verb}TrafficMirror${noun}`),
    ),
  )('%s is a change of the infrastructure', (eventName) => {
    expect(read(eventName, {})).toEqual([{ kind: 'infrastructure' }]);
  });
});
