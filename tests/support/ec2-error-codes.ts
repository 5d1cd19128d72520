/** Every error code that the emulated EC2 answers with, by where it comes from. */
export const ec2ErrorCodes = {
  /** ec2/devguide/errors-overview lists them. */
  documented: [
    ...['DryRunOperation', 'IdempotentParameterMismatch', 'InvalidAction', 'InvalidClientToken', 'InvalidID'],
    ...['InvalidParameterCombination', 'InvalidParameterValue', 'MalformedQueryString', 'MissingAction'],
    ...['MissingParameter', 'UnauthorizedOperation', 'UnknownParameter', 'UnsupportedOperation'],
    ...['FilterLimitExceeded', 'IncorrectInstanceState', 'IncorrectState', 'InstanceLimitExceeded'],
    ...['InterfaceInUseByTrafficMirrorSession', 'InterfaceInUseByTrafficMirrorTarget', 'InvalidAMIID.Malformed'],
    ...['InvalidAttachmentID.NotFound', 'InvalidInstanceID.Malformed', 'InvalidInstanceID.NotFound'],
    ...['InvalidGroup.NotFound', 'InvalidGroupId.Malformed', 'InvalidNetworkAclID.NotFound'],
    ...['InvalidInstanceType', 'InvalidMaxResults', 'InvalidNetworkInterface.InUse'],
    ...['InvalidNetworkInterfaceAttachmentId.Malformed', 'InvalidNetworkInterfaceID.NotFound'],
    ...['InvalidNetworkInterfaceId.Malformed', 'InvalidNetworkLoadBalancerArn.Malformed'],
    ...['InvalidNetworkLoadBalancerArn.NotFound', 'InvalidNextToken', 'InvalidSubnetID.Malformed'],
    ...['InvalidSubnetID.NotFound', 'InvalidTrafficMirrorFilterNotFound', 'InvalidTrafficMirrorFilterRuleNotFound'],
    ...['InvalidTrafficMirrorSessionNotFound', 'InvalidTrafficMirrorTargetNoFound', 'InvalidVpcEndpointId.Malformed'],
    ...['InvalidTagKey.Malformed', 'TrafficMirrorSessionsPerTargetLimitExceeded'],
    ...['InvalidVpcEndpointId.NotFound', 'InvalidVpcID.Malformed', 'InvalidVpcID.NotFound'],
    ...['NetworkInterfaceNotSupported', 'NlbInUseByTrafficMirrorTargetException', 'OperationNotPermitted'],
    ...['RequestLimitExceeded', 'TagLimitExceeded', 'TrafficMirrorFilterInUse', 'TrafficMirrorFilterLimitExceeded'],
    ...['TrafficMirrorFilterRuleAlreadyExists', 'TrafficMirrorFilterRuleLimitExceeded'],
    ...['TrafficMirrorSessionLimitExceeded', 'TrafficMirrorSessionsPerInterfaceLimitExceeded'],
    ...['TrafficMirrorSourcesPerTargetLimitExceeded', 'TrafficMirrorTargetInUseException'],
    ...['TrafficMirrorTargetLimitExceeded', 'InternalError', 'Unavailable', 'ServiceUnavailable'],
  ],
  /** Not on that page, but in the code of clients that match what AWS answers; see `notFoundSpelling` of the rules. */
  observed: [
    ...['InvalidTrafficMirrorFilterId.NotFound', 'InvalidTrafficMirrorFilterRuleId.NotFound'],
    ...['InvalidTrafficMirrorSessionId.NotFound', 'InvalidTrafficMirrorTargetId.NotFound'],
  ],
  /** The emulator's own, for what AWS names no code for: a body over a megabyte, an id of the wrong form. */
  own: ['RequestEntityTooLarge', 'Invalid{name}Id.Malformed', 'InvalidNetworkAclId.Malformed'],
} as const;
