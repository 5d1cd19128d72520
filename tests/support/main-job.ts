import {
  CreateTrafficMirrorFilterRuleCommand,
  DeleteTagsCommand,
  DeleteTrafficMirrorFilterRuleCommand,
  ModifyTrafficMirrorFilterNetworkServicesCommand,
  ModifyTrafficMirrorFilterRuleCommand,
  ModifyTrafficMirrorSessionCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import type { EmulatorOptions } from '../../lib/emulator/emulator.ts';
import { policyText } from './policy.ts';
import { aStage, type Stage, sessionsIn } from './stage.ts';

const everything = { action: 'accept', sourceCidr: '0.0.0.0/0', destinationCidr: '0.0.0.0/0' };

/** One tier through a filter that Fleetmirror makes itself. */
const managed = {
  filters: {
    all: {
      networkServices: ['amazon-dns'],
      ingress: [{ rule: 10, ...everything }],
      egress: [{ rule: 10, ...everything }],
    },
  },
  tiers: [{ name: 'all', sessionNumber: 10, target: 'sensors', filter: 'all' }],
  profiles: { default: ['all'] },
};

/** The door through which the job is done: by events, or by the sweep alone, all events lost. */
export type Door = 'on-change' | 'on-schedule';

/**
 * Everything that Fleetmirror does in an account's life, once: launch, a stranger's changes of a session and of each
 * part of a filter, the loss of a tag, the end of an instance, a filter that nobody needs any more.
 */
export async function doMainJob(door: Door, emulator: EmulatorOptions): Promise<Stage> {
  const tags = { Mirror: 'true' };
  const stage = aStage({
    emulator,
    differences: managed,
    document: {
      instances: [
        { name: 'kept', tags },
        { name: 'untagged', tags },
        { name: 'ended', interfaces: [{}, { deleteOnTermination: false }], tags },
      ],
    },
  });
  const { account } = stage.emulator;
  const answer = async () => {
    if (door === 'on-change') await stage.deliverEvents();
    else await stage.sweep();
    stage.events.length = 0;
  };
  const bodies = ['kept', 'untagged', 'ended'].map((name) => ({
    source: 'aws.ec2',
    'detail-type': 'EC2 Instance State-change Notification',
    time: new Date(stage.clock.now()).toISOString(),
    detail: { 'instance-id': stage.idOf(name), state: 'running' },
  }));
  if (door === 'on-change') await stage.deliver(bodies);
  else await answer();

  const [filterId] = [...account.filters.rows()]
    .map((row) => row.filterId)
    .filter((id) => account.tags.get(id)?.tags['fleetmirror:filter'] === 'all');
  const [first, second] = [...account.rules.rows()].map(({ ruleId }) => ruleId);
  const { operator } = stage;
  await operator.send(
    new ModifyTrafficMirrorFilterRuleCommand({
      TrafficMirrorFilterRuleId: first,
      RuleAction: 'accept',
      SourceCidrBlock: '192.0.2.0/24',
    }),
  );
  await operator.send(new DeleteTrafficMirrorFilterRuleCommand({ TrafficMirrorFilterRuleId: second }));
  await operator.send(
    new CreateTrafficMirrorFilterRuleCommand({
      TrafficMirrorFilterId: filterId,
      TrafficDirection: 'ingress',
      RuleNumber: 99,
      RuleAction: 'accept',
      SourceCidrBlock: '0.0.0.0/0',
      DestinationCidrBlock: '0.0.0.0/0',
    }),
  );
  await operator.send(
    new ModifyTrafficMirrorFilterNetworkServicesCommand({
      TrafficMirrorFilterId: filterId,
      RemoveNetworkServices: ['amazon-dns'],
    }),
  );
  const [touched] = sessionsIn(stage, stage.interfacesOf('kept')[0]);
  await operator.send(
    new ModifyTrafficMirrorSessionCommand({
      TrafficMirrorSessionId: touched?.sessionId,
      TrafficMirrorTargetId: 'tmt-0aaa1111bbbb2222c',
      TrafficMirrorFilterId: 'tmf-0aaa1111bbbb2222c',
    }),
  );
  await answer();

  await operator.send(new DeleteTagsCommand({ Resources: [stage.idOf('untagged')], Tags: [{ Key: 'Mirror' }] }));
  await operator.send(new TerminateInstancesCommand({ InstanceIds: [stage.idOf('ended')] }));
  await answer();

  // The policy returns to the given filter: the one that was made for it goes, which is the sweep's alone.
  stage.setPolicy(policyText({ ...managed, filters: { all: { id: 'tmf-0bbb1111bbbb2222c' } } }));
  stage.clock.advance(16 * 60_000);
  if (door === 'on-change') {
    await stage.deliver(bodies.slice(0, 1));
  } else {
    await answer();
    await answer();
  }
  return stage;
}
