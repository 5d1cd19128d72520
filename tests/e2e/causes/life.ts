/** What people do to a fleet and to its policy. */
import {
  CreateTagsCommand,
  CreateTrafficMirrorFilterCommand,
  DeleteTagsCommand,
  ModifyTrafficMirrorSessionCommand,
} from '@aws-sdk/client-ec2';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { policyParameter } from '../../../lib/aws/policy-source.ts';
import type { BusEvent } from '../../../lib/emulator/bus.ts';
import type { DeployedFleet } from '../../support/deployed-fleet.ts';
import { aStateChange } from '../../support/event.ts';
import { ourTags } from '../../support/stage.ts';
import { type Case, heardOf, launch, sweep } from './case.ts';

const mirrored = { Mirror: 'true' };
export const web = (count: number) => ({ instances: [{ name: 'web', count, tags: mirrored }] });
export const http = { target: 'tmt-0aaa1111bbbb2222c', filter: 'tmf-0aaa1111bbbb2222c', description: 'tier http' };
const smallTarget = 'tmt-0ddd1111bbbb2222a';

/** A sensor whose target takes ten sources. */
const sensor = {
  instances: [{ name: 'sensor', instanceType: 'c5.large' }],
  targets: [{ id: smallTarget, instance: 'sensor' }],
};

const twice = { match: { tags: { scope: ['pci'] } }, profile: 'default' };

const daily: Case = {
  what: 'a fleet in its daily life',
  fleet: {
    policy: {
      targets: {
        waf: { ids: ['tmt-0aaa1111bbbb2222c'] },
        sensors: { ids: ['tmt-0ccc1111bbbb2222a'] },
        spare: { ids: [smallTarget] },
      },
      coverage: [twice, twice],
      exclude: [{ tags: { role: ['sensor'] } }],
    },
    document: {
      ...sensor,
      instances: [...sensor.instances, ...web(2).instances],
      sessions: [{ ...http, source: 'web-0', number: 5, description: "another tool's" }],
    },
  },
  happen: async (fleet) => {
    const { aws, operator, idOf } = fleet;
    await sweep(fleet);
    await launch(fleet);
    await launch(fleet, 1, 't2.micro');
    const ours = [...aws.emulator.account.sessions.rows()].find(({ sessionNumber }) => sessionNumber === 10);
    const TrafficMirrorSessionId = ours?.sessionId;
    await operator.send(new ModifyTrafficMirrorSessionCommand({ TrafficMirrorSessionId, SessionNumber: 7 }));
    const [other = ''] = ['web-0', 'web-1'].map(idOf).filter((id) => !carries(fleet, id, ours?.networkInterfaceId));
    await operator.send(new DeleteTagsCommand({ Resources: [other], Tags: [{ Key: 'Mirror' }] }));
    await operator.send(new CreateTagsCommand({ Resources: [smallTarget], Tags: [{ Key: 'Name', Value: 'spare' }] }));
  },
  red: [],
  events: ['Sweep Completed', 'Mirror Attached', 'Mirror Refused', 'Mirror Drift Repaired', 'Mirror Detached'],
  metrics: [
    'SessionsCreated',
    'SessionsModified',
    'SessionsDeleted',
    'SessionsRefused',
    'ForeignSessions',
    'EligibleSources',
    'MirroredSources',
    'CoveragePercent',
    'AccountSessionHeadroom',
    'AccountSessionHeadroomPercent',
    'TargetHeadroom',
    'TargetHeadroomPercent',
    'TimeToMirrorMs',
    'EventAgeMs',
    'EventsIgnored',
    'SweepDurationMs',
    'SweepRemaining',
  ],
  lines: ['run', 'action', 'policy warning', 'A message was dropped: it asks nothing of us.'],
};

function carries({ aws }: DeployedFleet, instanceId: string, networkInterfaceId = ''): boolean {
  return aws.emulator.account.instances.get(instanceId)?.interfaceIds.includes(networkInterfaceId) ?? false;
}

export const life: readonly Case[] = [
  daily,
  {
    what: 'messages that nobody expects, and a stranger who makes filters again and again',
    happen: async (fleet) => {
      await sweep(fleet);
      await sendNonsense(fleet);
      const late = aStateChange('i-0aaa0000000000009', 'running', new Date(Date.now() - 6 * 60_000).toISOString());
      fleet.aws.bus.publish(late as BusEvent);
      await heardOf(fleet, 'HintsDropped');
      await fleet.operator.send(new CreateTrafficMirrorFilterCommand({}));
      await heardOf(fleet, 'SweepsRequested');
      await fleet.operator.send(new CreateTrafficMirrorFilterCommand({}));
    },
    red: [],
    metrics: ['EventsUnreadable', 'HintsDropped', 'SweepsRequested', 'TamperingLeftToSweep'],
    lines: ['A message was dropped: it cannot be read.', 'A hint was dropped: EC2 does not show what it names.'],
  },
  {
    what: 'a push of a broken policy',
    happen: async (fleet) => {
      await sweep(fleet);
      fleet.pushPolicy('version: 7');
    },
    red: ['policy-unusable'],
    metrics: ['PolicyUnusable'],
    lines: ['The policy is invalid; nothing is written.'],
  },
  {
    what: 'a policy that someone deletes',
    happen: async (fleet) => {
      await sweep(fleet);
      fleet.aws.parameterStore.actions.DeleteParameter?.({ Name: policyParameter('prod') });
    },
    red: ['policy-unusable'],
    lines: ['There is no policy; nothing is written. Run `fleetmirror policy push`.'],
  },
  {
    what: 'a dozen sources that all opt out at once',
    fleet: {
      document: {
        instances: [{ name: 'off', count: 12, tags: { Mirror: 'off' } }],
        sessions: Array.from({ length: 12 }, (_, index) => {
          return { ...http, source: `off-${index}`, number: 10, tags: ourTags() };
        }),
      },
    },
    happen: sweep,
    red: ['sweeps-halted'],
    events: ['Sweep Halted'],
    metrics: ['SweepsHalted', 'DeletesHeld'],
    lines: ['A guard held all guarded deletions of this run.'],
  },
  {
    what: 'as many sources as the target of the pool takes',
    fleet: {
      policy: { targets: { waf: { ids: [smallTarget] }, sensors: { ids: ['tmt-0ccc1111bbbb2222a'] } } },
      document: {
        ...sensor,
        instances: [...sensor.instances, { name: 'web', count: 10, tags: { Mirror: 'http' } }],
      },
    },
    happen: sweep,
    red: ['target-headroom-low'],
  },
];

/** Apart from the others: thousands of sessions keep the whole process busy for seconds. */
export const fullAccount: Case = {
  what: 'an account that other tools have filled with sessions',
  fleet: {
    document: {
      instances: [{ name: 'theirs', count: 3001 }],
      sessions: Array.from({ length: 3001 * 3 }, (_, index) => {
        return { ...http, source: `theirs-${Math.floor(index / 3)}`, number: (index % 3) + 1, description: '' };
      }),
    },
  },
  happen: sweep,
  red: ['account-headroom-low'],
};

async function sendNonsense({ deployment }: DeployedFleet): Promise<void> {
  const credentials = { accessKeyId: 'operator', secretAccessKey: 'operator' };
  const sqs = new SQSClient({ region: 'us-east-1', endpoint: deployment.queuesUrl, credentials });
  const QueueUrl = `${deployment.queuesUrl}/000000000000/fleetmirror-prod-change`;
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'nonsense' }));
  sqs.destroy();
}
