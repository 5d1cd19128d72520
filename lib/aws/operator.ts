/** What people and other tools do to an account, for the demo: launch, tag, terminate, and meddle with mirroring. */
import {
  DeleteTagsCommand,
  DeleteTrafficMirrorSessionCommand,
  DescribeTrafficMirrorFiltersCommand,
  EC2Client,
  ModifyTrafficMirrorFilterRuleCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { clientSettings } from './client-settings.ts';

/** Someone with credentials of their own, who knows nothing of Fleetmirror. */
export interface Operator {
  /** Returns the interfaces of the new instances. */
  launch(launch: Launch): Promise<readonly string[]>;
  removeTag(resourceId: string, key: string): Promise<void>;
  terminate(instanceId: string): Promise<void>;
  deleteSession(sessionId: string): Promise<void>;
  /** Narrows the first accepting rule of a filter to one host. */
  narrowFilter(filterName: string): Promise<void>;
  leave(): void;
}

export interface Launch {
  readonly count: number;
  readonly instanceType: string;
  readonly tags: Readonly<Record<string, string>>;
}

export function createOperator(endpoint: string): Operator {
  const credentials = { accessKeyId: 'operator', secretAccessKey: 'operator' };
  const client = new EC2Client({ ...clientSettings, region: 'us-east-1', endpoint, credentials });
  return {
    async launch({ count, instanceType, tags }) {
      const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
      const answer = await client.send(
        new RunInstancesCommand({
          ImageId: 'ami-00000000000000001',
          InstanceType: instanceType as 'm5.large',
          MinCount: count,
          MaxCount: count,
          TagSpecifications: [{ ResourceType: 'instance', Tags }],
        }),
      );
      const interfaces = (answer.Instances ?? []).flatMap(({ NetworkInterfaces }) => NetworkInterfaces ?? []);
      return interfaces.flatMap(({ NetworkInterfaceId }) => NetworkInterfaceId ?? []);
    },
    async removeTag(resourceId, key) {
      await client.send(new DeleteTagsCommand({ Resources: [resourceId], Tags: [{ Key: key }] }));
    },
    async terminate(instanceId) {
      await client.send(new TerminateInstancesCommand({ InstanceIds: [instanceId] }));
    },
    async deleteSession(sessionId) {
      await client.send(new DeleteTrafficMirrorSessionCommand({ TrafficMirrorSessionId: sessionId }));
    },
    async narrowFilter(filterName) {
      const { TrafficMirrorFilters = [] } = await client.send(new DescribeTrafficMirrorFiltersCommand({}));
      const filter = TrafficMirrorFilters.find(({ Tags = [] }) =>
        Tags.some(({ Key, Value }) => Key === 'fleetmirror:filter' && Value === filterName),
      );
      const rule = filter?.IngressFilterRules?.find(({ RuleAction }) => RuleAction === 'accept');
      const TrafficMirrorFilterRuleId = rule?.TrafficMirrorFilterRuleId;
      if (TrafficMirrorFilterRuleId === undefined) throw new Error(`There is no managed filter ${filterName}.`);
      const input = { TrafficMirrorFilterRuleId, SourceCidrBlock: '192.0.2.1/32' };
      await client.send(new ModifyTrafficMirrorFilterRuleCommand(input));
    },
    leave: () => client.destroy(),
  };
}
