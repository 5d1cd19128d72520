import type { Instance, Match, NetworkInterface, Tags } from './model.ts';

/** An interface and, when it is attached to one that the read returned, its instance. */
export interface Candidate {
  readonly networkInterface: NetworkInterface;
  readonly instance: Instance | undefined;
}

/**
 * Whether a policy's match picks this interface. Keys AND, values within a key OR; an absent key matches everything, an
 * empty list nothing. Wildcards count in tag values and instance types only; everything else is literal and, as all of
 * EC2's names, case-sensitive.
 */
export function isMatch(match: Match, { networkInterface, instance }: Candidate): boolean {
  return (
    isAnyOf(match.vpcIds, networkInterface.vpcId) &&
    isAnyOf(match.subnetIds, networkInterface.subnetId) &&
    isAnyOf(match.availabilityZones, networkInterface.availabilityZone) &&
    (match.securityGroupIds === undefined ||
      match.securityGroupIds.some((id) => networkInterface.securityGroupIds.includes(id))) &&
    isAnyPattern(match.instanceTypes, instance?.instanceType) &&
    isAnyOf(match.requester, networkInterface.requesterId) &&
    isAnyOf(match.networkInterfaceIds, networkInterface.networkInterfaceId) &&
    isAnyOf(match.instanceIds, networkInterface.attachment?.instanceId) &&
    hasTags(match.tags, networkInterface.tags, instance?.tags ?? {})
  );
}

/**
 * The value that counts for a tag key: the interface's own tag, else its instance's. Undefined when neither has the key;
 * an empty value is a value.
 */
export function readTag(
  key: string,
  networkInterface: NetworkInterface,
  instance: Instance | undefined,
): string | undefined {
  return ownTag(networkInterface.tags, key) ?? ownTag(instance?.tags ?? {}, key);
}

/**
 * Whether a text is what a pattern with wildcards means: `*` any characters or none, `?` exactly one, all else itself.
 * There is no escape. Time is bounded by pattern × text, so that no policy can stall a run.
 */
export function isLike(pattern: string, text: string): boolean {
  const wanted = [...pattern];
  const given = [...text];
  let at = 0;
  let star = -1;
  let resume = 0;
  for (let i = 0; i < given.length; ) {
    if (wanted[at] === '*') {
      star = at++;
      resume = i;
    } else if (wanted[at] === '?' || wanted[at] === given[i]) {
      at++;
      i++;
    } else if (star >= 0) {
      at = star + 1;
      i = ++resume;
    } else {
      return false;
    }
  }
  return wanted.slice(at).every((character) => character === '*');
}

function isAnyOf(values: readonly (string | undefined)[] | undefined, value: string | undefined): boolean {
  return values === undefined || values.includes(value);
}

function isAnyPattern(patterns: readonly string[] | undefined, text: string | undefined): boolean {
  return patterns === undefined || (text !== undefined && patterns.some((pattern) => isLike(pattern, text)));
}

function hasTags(wanted: Match['tags'], ofInterface: Tags, ofInstance: Tags): boolean {
  return Object.entries(wanted ?? {}).every(([key, patterns]) =>
    isAnyPattern(patterns, ownTag(ofInterface, key) ?? ownTag(ofInstance, key)),
  );
}

/** Tag keys are foreign text: `constructor` is a tag like any other and must not reach the prototype. */
function ownTag(tags: Tags, key: string): string | undefined {
  return Object.hasOwn(tags, key) ? tags[key] : undefined;
}
