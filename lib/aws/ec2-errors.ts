import { Ec2Failure, type FailureKind } from '../failure.ts';

/**
 * EC2's error codes by kind, exactly. AWS documents one spelling of "not found" for Traffic Mirroring and answers with
 * another, so both are here [D: EC2 API errors; O: Terraform's acceptance tests].
 */
const codesOf: Readonly<Record<Exclude<FailureKind, 'unknown'>, readonly string[]>> = {
  throttled: [
    'RequestLimitExceeded',
    'Throttling',
    'ThrottlingException',
    'EC2ThrottledException',
    'BandwidthLimitExceeded',
    'RequestThrottled',
    'TooManyRequestsException',
  ],
  unavailable: [
    'InternalError',
    'InternalFailure',
    'ServiceUnavailable',
    'ServerInternal',
    'Unavailable',
    'TimeoutError',
    'RequestTimeout',
    // Ours: the time for the call was over.
    'AbortError',
    'NetworkingError',
    'ECONNRESET',
    'ECONNREFUSED',
    'EPIPE',
    'ETIMEDOUT',
    'ENOTFOUND',
    'EAI_AGAIN',
  ],
  vanished: [
    'InvalidTrafficMirrorSessionNotFound',
    'InvalidTrafficMirrorSessionId.NotFound',
    'InvalidTrafficMirrorSessionID.NotFound',
    'InvalidTrafficMirrorTargetNoFound',
    'InvalidTrafficMirrorTargetNotFound',
    'InvalidTrafficMirrorTargetId.NotFound',
    'InvalidTrafficMirrorTargetID.NotFound',
    'InvalidTrafficMirrorFilterNotFound',
    'InvalidTrafficMirrorFilterId.NotFound',
    'InvalidTrafficMirrorFilterID.NotFound',
    'InvalidTrafficMirrorFilterRuleNotFound',
    'InvalidTrafficMirrorFilterRuleId.NotFound',
    'InvalidTrafficMirrorFilterRuleID.NotFound',
    'InvalidNetworkInterfaceID.NotFound',
    'InvalidNetworkInterfaceId.NotFound',
    'InvalidInstanceID.NotFound',
    'InvalidVpcEndpointId.NotFound',
    'InvalidNetworkLoadBalancerArn.NotFound',
    'NetworkLoadBalancerNotFoundException',
  ],
  conflict: [
    'InterfaceInUseByTrafficMirrorTarget',
    'InterfaceInUseByTrafficMirrorSession',
    'TrafficMirrorFilterInUse',
    'TrafficMirrorTargetInUseException',
    'TrafficMirrorFilterRuleAlreadyExists',
    'NetworkInterfaceNotSupported',
    'NlbInUseByTrafficMirrorTargetException',
    'IdempotentParameterMismatch',
    'InvalidClientToken',
    'ConcurrentTagAccess',
    'IncorrectState',
    'DependencyViolation',
  ],
  limit: [
    'TrafficMirrorSessionsPerInterfaceLimitExceeded',
    'TrafficMirrorSourcesPerTargetLimitExceeded',
    'TrafficMirrorSessionsPerTargetLimitExceeded',
    'TrafficMirrorSessionLimitExceeded',
    'TrafficMirrorTargetLimitExceeded',
    'TrafficMirrorFilterLimitExceeded',
    'TrafficMirrorFilterRuleLimitExceeded',
    'TagLimitExceeded',
  ],
  denied: [
    'UnauthorizedOperation',
    'AuthFailure',
    'RequestExpired',
    'OptInRequired',
    'AccessDenied',
    'AccessDeniedException',
    'ExpiredToken',
    'ExpiredTokenException',
    'InvalidClientTokenId',
    'UnrecognizedClientException',
    'SignatureDoesNotMatch',
    'CredentialsProviderError',
    'TagPolicyViolation',
    'Blocked',
  ],
  invalid: [
    'MissingParameter',
    'InvalidParameter',
    'InvalidParameterValue',
    'InvalidParameterCombination',
    'UnknownParameter',
    'InvalidNetworkInterfaceId.Malformed',
    'InvalidInstanceID.Malformed',
    'InvalidNetworkLoadBalancerArn.Malformed',
    'InvalidTagKey.Malformed',
    'InvalidNextToken',
    'InvalidPaginationToken',
    'InvalidMaxResults',
    'InvalidFilter',
    'FilterLimitExceeded',
    'InvalidAction',
  ],
};

const kindOf: ReadonlyMap<string, FailureKind> = new Map(
  Object.entries(codesOf).flatMap(([kind, codes]) => codes.map((code) => [code, kind as FailureKind] as const)),
);

/** Makes one failure of whatever the SDK threw; a code that is not in the table is `unknown`, or by its HTTP status. */
export function toEc2Failure(operation: string, error: unknown): Ec2Failure {
  const code = codeOf(error);
  return new Ec2Failure(kindOf.get(code) ?? kindByStatus(error), operation, code, error);
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'Unknown';
  if ('Code' in error && typeof error.Code === 'string') return error.Code;
  if (kindOf.has(error.name)) return error.name;
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

/** A status of 5xx without a known code is the server's trouble, and may have taken effect. */
function kindByStatus(error: unknown): FailureKind {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return 'unknown';
  const metadata = error.$metadata;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return 'unknown';
  const status = metadata.httpStatusCode;
  return typeof status === 'number' && status >= 500 ? 'unavailable' : 'unknown';
}
