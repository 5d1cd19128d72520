import { describe, expect, test } from '@jest/globals';
import { toEc2Failure } from '../../../lib/aws/ec2-errors.ts';
import { type FailureKind, verdicts } from '../../../lib/failure.ts';

/** An error as the SDK throws it: the code is its name, and stands in `Code` as well. */
function anSdkError(code: string, httpStatusCode = 400): Error {
  return Object.assign(new Error(`EC2 says ${code}`), { name: code, Code: code, $metadata: { httpStatusCode } });
}
const kindOf = (code: string) => toEc2Failure('DescribeInstances', anSdkError(code)).kind;

/** The codes that AWS documents for Traffic Mirroring and for every action, and those that others observed [D: EC2 API errors]. */
const codes: readonly (readonly [FailureKind, readonly string[]])[] = [
  [
    'vanished',
    [
      ...['Session', 'Target', 'Filter', 'FilterRule'].flatMap((thing) => [
        `InvalidTrafficMirror${thing}Id.NotFound`,
        `InvalidTrafficMirror${thing}ID.NotFound`,
        `InvalidTrafficMirror${thing}NotFound`,
      ]),
      'InvalidTrafficMirrorTargetNoFound',
      'InvalidNetworkInterfaceID.NotFound',
      'InvalidNetworkInterfaceId.NotFound',
      'InvalidInstanceID.NotFound',
      'InvalidVpcEndpointId.NotFound',
      'InvalidNetworkLoadBalancerArn.NotFound',
      'NetworkLoadBalancerNotFoundException',
    ],
  ],
  [
    'conflict',
    [
      'InterfaceInUseByTrafficMirrorTarget',
      'InterfaceInUseByTrafficMirrorSession',
      'TrafficMirrorFilterRuleAlreadyExists',
      'TrafficMirrorFilterInUse',
      'TrafficMirrorTargetInUseException',
      'NetworkInterfaceNotSupported',
      'NlbInUseByTrafficMirrorTargetException',
      'ConcurrentTagAccess',
      'IdempotentParameterMismatch',
      'InvalidClientToken',
    ],
  ],
  [
    'limit',
    [
      'TrafficMirrorSessionsPerInterfaceLimitExceeded',
      'TrafficMirrorSourcesPerTargetLimitExceeded',
      'TrafficMirrorSessionsPerTargetLimitExceeded',
      'TrafficMirrorSessionLimitExceeded',
      'TrafficMirrorTargetLimitExceeded',
      'TrafficMirrorFilterLimitExceeded',
      'TrafficMirrorFilterRuleLimitExceeded',
      'TagLimitExceeded',
    ],
  ],
  [
    'invalid',
    [
      'InvalidNetworkLoadBalancerArn.Malformed',
      'InvalidNetworkInterfaceId.Malformed',
      'InvalidInstanceID.Malformed',
      'MissingParameter',
      'InvalidParameterValue',
      'InvalidParameter',
      'InvalidParameterCombination',
      'InvalidTagKey.Malformed',
      'FilterLimitExceeded',
      'InvalidFilter',
      'InvalidNextToken',
      'InvalidPaginationToken',
      'InvalidMaxResults',
    ],
  ],
  ['throttled', ['RequestLimitExceeded', 'Throttling', 'EC2ThrottledException', 'BandwidthLimitExceeded']],
  ['unavailable', ['InternalError', 'InternalFailure', 'ServiceUnavailable', 'ServerInternal', 'Unavailable']],
  ['denied', ['UnauthorizedOperation', 'AuthFailure', 'RequestExpired', 'OptInRequired', 'TagPolicyViolation']],
];

describe.each(codes)('%s', (kind, ofKind) => {
  test.each(ofKind)(`${kind}: %s`, (code) => {
    expect(kindOf(code)).toBe(kind);
  });
});

test('codes are matched exactly: no case, prefix or message is guessed', () => {
  expect(kindOf('requestlimitexceeded')).toBe('unknown');
  expect(kindOf('Client.RequestLimitExceeded')).toBe('unknown');
  expect(toEc2Failure('X', new Error('RequestLimitExceeded')).kind).toBe('unknown');
});
test('throttled: a 503 that says so is throttling, not a silent server', () => {
  expect(toEc2Failure('X', anSdkError('RequestLimitExceeded', 503)).kind).toBe('throttled');
});
test('unavailable: an unknown code with a status of 5xx may have taken effect', () => {
  expect(toEc2Failure('X', anSdkError('SomethingNew', 502)).kind).toBe('unavailable');
  expect(toEc2Failure('X', anSdkError('SomethingNew', 400)).kind).toBe('unknown');
});
test.each(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN'])(
  'unavailable: the network says %s',
  (code) => {
    expect(toEc2Failure('X', Object.assign(new Error('connect'), { code })).kind).toBe('unavailable');
  },
);
test('unavailable: a call that we have ended ourselves was not answered', () => {
  const aborted = Object.assign(new Error('Request aborted'), { name: 'AbortError' });
  expect(toEc2Failure('X', aborted)).toMatchObject({ kind: 'unavailable', code: 'AbortError' });
});
test('unavailable: a connection that no address answered has its code on the sum of errors', () => {
  const sum = Object.assign(new AggregateError([new Error('one'), new Error('two')]), { code: 'ECONNREFUSED' });
  expect(toEc2Failure('X', sum).kind).toBe('unavailable');
});
test('the failure names the operation and the code, and keeps its cause', () => {
  const cause = anSdkError('InvalidFilter');
  const failure = toEc2Failure('DescribeInstances', cause);
  expect(failure).toMatchObject({ operation: 'DescribeInstances', code: 'InvalidFilter', cause });
  expect(failure.message).toBe('DescribeInstances failed: InvalidFilter (EC2 says InvalidFilter)');
});
test.each(['text', undefined, null, { Code: 'Throttling' }, { $metadata: null }])(
  'unknown: %p was thrown',
  (thrown) => {
    expect(toEc2Failure('X', thrown)).toMatchObject({ kind: 'unknown', code: 'Unknown' });
  },
);
test('every kind has a verdict, and only what may help is tried again', () => {
  expect(verdicts).toEqual({
    throttled: 'retry-now',
    unavailable: 'retry-now',
    vanished: 'look-again',
    conflict: 'look-again',
    limit: 'look-again',
    denied: 'refuse',
    invalid: 'report',
    unknown: 'report',
  });
});
