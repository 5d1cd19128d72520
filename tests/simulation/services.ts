import type { Account } from '../../lib/emulator/account.ts';
import type { AwsEvent } from '../../lib/emulator/notices.ts';
import type { Chance } from './chance.ts';

/** A part of an event: whose, which, about what. */
export type Told = Pick<AwsEvent, 'source' | 'detail-type' | 'resources' | 'detail'>;

/**
 * Auto Scaling or ECS tells of an instance or an interface, in the form of `tests/support/events`. What it says need not
 * be so any more, or ever: an event says where to look, never what is there.
 */
export function tellOfService({ instances, interfaces }: Account, chance: Chance): Told {
  const lost = 'f'.repeat(17);
  const one = <Row>(rows: Iterable<Row>) => [...rows].at(chance.integer(100) % Math.max(1, [...rows].length));
  if (chance.happens(0.3)) return tellOfTask(one(interfaces.rows())?.networkInterfaceId ?? `eni-${lost}`, chance);
  const instanceId = chance.happens(0.1) ? `i-${lost}` : (one(instances.rows())?.instanceId ?? `i-${lost}`);
  const isLaunch = chance.happens(0.5);
  const other = chance.pick(['EC2', 'WarmPool']);
  return {
    source: 'aws.autoscaling',
    'detail-type': isLaunch ? 'EC2 Instance Launch Successful' : 'EC2 Instance Terminate Successful',
    resources: [`arn:aws:ec2:us-east-1:123456789012:instance/${instanceId}`],
    detail: {
      EC2InstanceId: instanceId,
      AutoScalingGroupName: 'group',
      Origin: isLaunch ? other : 'AutoScalingGroup',
      Destination: isLaunch ? 'AutoScalingGroup' : other,
    },
  };
}

function tellOfTask(networkInterfaceId: string, chance: Chance): Told {
  const isEnd = chance.happens(0.5);
  const details = [{ name: 'networkInterfaceId', value: networkInterfaceId }];
  return {
    source: 'aws.ecs',
    'detail-type': 'ECS Task State Change',
    resources: ['arn:aws:ecs:us-east-1:123456789012:task/cluster/0123456789abcdef'],
    detail: {
      lastStatus: isEnd ? 'STOPPED' : 'RUNNING',
      launchType: 'EC2',
      attachments: [{ type: 'eni', status: isEnd ? 'DELETED' : 'ATTACHED', details }],
    },
  };
}
