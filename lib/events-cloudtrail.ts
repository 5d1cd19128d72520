/** CloudTrail records of EC2 calls: which interfaces, instances and sessions a call concerned. */
import type { NetworkInterfaceId, SessionId } from './core/model.ts';
import { asRecord, listOf } from './foreign.ts';
import { type Hint, isInstanceId, isNetworkInterfaceId, isSessionId } from './hints.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * Reads the `detail` of an `AWS API Call via CloudTrail` event. Failed and dry-run calls have an `errorCode` and
 * changed nothing. Request or response may be missing: CloudTrail omits what is larger than 100 KB.
 */
export function readCloudTrailRecord(detail: Json): readonly Hint[] | string {
  if (detail.errorCode !== undefined && detail.errorCode !== null)
    return `the call failed (${String(detail.errorCode).slice(0, 100)})`;
  const name = String(detail.eventName);
  const request = asRecord(detail.requestParameters);
  const response = asRecord(detail.responseElements);
  const read = Object.hasOwn(calls, name) ? calls[name] : undefined;
  if (read !== undefined) return read(request, response);
  if (/TrafficMirrorSession$/.test(name)) return readSessionCall(request, response);
  if (/TrafficMirror(Target|Filter|FilterRule|FilterNetworkServices)$/.test(name)) return [{ kind: 'infrastructure' }];
  return `the call ${name.slice(0, 100)} is told by other events, or concerns no source`;
}

const calls: Readonly<Record<string, (request: Json, response: Json) => readonly Hint[] | string>> = {
  /** `{"networkInterfaceId": "eni-0a9…", "instanceId": "i-0f3…", "deviceIndex": 1}` */
  AttachNetworkInterface: (request) => readInterface(request.networkInterfaceId, false),
  /** `{"networkInterface": {"networkInterfaceId": "eni-0e2…"}}` in the response. */
  CreateNetworkInterface: (_request, response) =>
    readInterface(asRecord(response.networkInterface).networkInterfaceId, false),
  /** `{"networkInterfaceId": "eni-0e2…"}` */
  DeleteNetworkInterface: (request) => readInterface(request.networkInterfaceId, true),
  /** `{"attachmentId": "eni-attach-00e…", "force": false}`: it does not say which interface that was. */
  DetachNetworkInterface: (request) =>
    isNetworkInterfaceId(request.networkInterfaceId)
      ? readInterface(request.networkInterfaceId, true)
      : [{ kind: 'unlocated' }],
  /** `{"networkInterfaceId": "eni-0e2…", "groupSet": {"items": [{"groupId": "sg-0a1…"}]}}`: one attribute a call. */
  ModifyNetworkInterfaceAttribute: (request) =>
    request.groupSet === undefined ? 'it changes no security groups' : readInterface(request.networkInterfaceId, false),
  /** `{"instanceId": "i-08b…", "instanceType": {"value": "m5.large"}}` */
  ModifyInstanceAttribute: (request) =>
    isInstanceId(request.instanceId)
      ? [{ kind: 'instance', instanceId: request.instanceId, isDeparture: false }]
      : 'it names no instance',
  /** `{"resourcesSet": {"items": [{"resourceId": "i-08b…"}]}, "tagSet": {"items": [{"key": "Mirror", "value": "true"}]}}` */
  CreateTags: (request) => readTags(request, true),
  /** The same; a key without a value was removed whatever its value. */
  DeleteTags: (request) => readTags(request, false),
};

function readInterface(networkInterfaceId: unknown, isDeparture: boolean): readonly Hint[] | string {
  if (!isNetworkInterfaceId(networkInterfaceId)) return 'it names no interface';
  return [{ kind: 'interface', networkInterfaceId, isDeparture }];
}

function readTags(request: Json, isSet: boolean): readonly Hint[] | string {
  const tags: Record<string, string | undefined> = {};
  for (const { key, value } of itemsOf(request.tagSet)) {
    if (typeof key === 'string') tags[key] = isSet && typeof value === 'string' ? value : undefined;
  }
  const hints = itemsOf(request.resourcesSet).flatMap(({ resourceId }): Hint[] => {
    if (isInstanceId(resourceId)) return [{ kind: 'instance', instanceId: resourceId, isDeparture: false, tags }];
    if (isNetworkInterfaceId(resourceId)) {
      return [{ kind: 'interface', networkInterfaceId: resourceId, isDeparture: false, tags }];
    }
    return isSessionId(resourceId) ? [{ kind: 'session', sessionId: resourceId }] : [];
  });
  return hints.length > 0 ? hints : 'the tagged resources are no sources';
}

/**
 * Where in these records the ids stand is not documented [U], so they are found by their form: a create has the
 * interface in its request and the session in its response, a modify both in its response, a delete the session only.
 */
function readSessionCall(request: Json, response: Json): readonly Hint[] | string {
  const texts = [...collectTexts(request), ...collectTexts(response)];
  const sessionId: SessionId | undefined = texts.find(isSessionId);
  const networkInterfaceId: NetworkInterfaceId | undefined = texts.find(isNetworkInterfaceId);
  if (sessionId === undefined) return 'it names no session';
  return [{ kind: 'session', sessionId, ...(networkInterfaceId && { networkInterfaceId }) }];
}

/** Deeper than any record of these calls; bounds what a hostile one can cost. */
const depthMax = 6;

function collectTexts(value: unknown, depth = 0): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null || depth > depthMax) return [];
  return Object.values(value).flatMap((member) => collectTexts(member, depth + 1));
}

/** CloudTrail wraps lists as `{"items": […]}`; an empty one is `{}`. */
function itemsOf(value: unknown): readonly Json[] {
  return listOf(asRecord(value).items).map(asRecord);
}
