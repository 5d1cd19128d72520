/** An instance changed its state, as EventBridge delivers it. */
export function aStateChange(instanceId: string, state = 'running', time = '2026-03-01T12:00:00Z'): object {
  return {
    source: 'aws.ec2',
    'detail-type': 'EC2 Instance State-change Notification',
    time,
    resources: [`arn:aws:ec2:us-east-1:123456789012:instance/${instanceId}`],
    detail: { 'instance-id': instanceId, state },
  };
}

/** Tags of an instance were set, as EventBridge delivers it: all that it carries now. */
export function aTagChange(instanceId: string, tags: Readonly<Record<string, string>>): object {
  return {
    source: 'aws.tag',
    'detail-type': 'Tag Change on Resource',
    time: '2026-03-01T12:00:00Z',
    resources: [`arn:aws:ec2:us-east-1:123456789012:instance/${instanceId}`],
    detail: { 'changed-tag-keys': Object.keys(tags), service: 'ec2', 'resource-type': 'instance', tags },
  };
}

/** An Auto Scaling group launched or ended an instance; `WarmPool` as destination means returned, not ended. */
export function anAutoScalingEvent(
  instanceId: string,
  what: 'Launch' | 'Terminate' = 'Launch',
  destination = what === 'Launch' ? 'AutoScalingGroup' : 'EC2',
): object {
  return {
    source: 'aws.autoscaling',
    'detail-type': `EC2 Instance ${what} Successful`,
    time: '2026-03-01T12:00:00Z',
    resources: [],
    detail: { EC2InstanceId: instanceId, Origin: 'AutoScalingGroup', Destination: destination },
  };
}

/** The CloudTrail record of an EC2 call by someone else. */
export function aCloudTrailEvent(eventName: string, record: Readonly<Record<string, unknown>> = {}): object {
  return {
    source: 'aws.ec2',
    'detail-type': 'AWS API Call via CloudTrail',
    time: '2026-03-01T12:00:00Z',
    resources: [],
    detail: { eventSource: 'ec2.amazonaws.com', eventName, requestParameters: {}, responseElements: {}, ...record },
  };
}
