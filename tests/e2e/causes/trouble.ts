/** What fails around a fleet: EC2, the functions, their roles. */
import { CreateTrafficMirrorFilterCommand } from '@aws-sdk/client-ec2';
import { sweepReserveMs } from '../../../lib/core/limits.ts';
import type { Fault } from '../../../lib/emulator/faults.ts';
import type { DeployedFleet } from '../../support/deployed-fleet.ts';
import { eventually } from '../../support/eventually.ts';
import { policyText } from '../../support/policy.ts';
import { ourTags } from '../../support/stage.ts';
import {
  askForSweep,
  broken,
  type Case,
  functionIn,
  launch,
  patienceMs,
  stopped,
  sweep,
  sweepTwice,
  unfed,
  withoutStatement,
  withProperties,
} from './case.ts';
import { http, web } from './life.ts';

const all = { sourceCidr: '0.0.0.0/0', destinationCidr: '0.0.0.0/0' };
const managedFilter = { ingress: [{ rule: 10, action: 'accept', ...all }] };

/** From now on EC2 answers one of its actions with an error only. */
function spoil({ aws }: DeployedFleet, action: string, code: string): void {
  const fault: Fault = { action, when: 'before', times: Number.POSITIVE_INFINITY, error: { code } };
  aws.emulator.faults.add(fault);
}

/** A source whose tag says off, and the session that it had before. */
const optedOut = {
  instances: [{ name: 'off', tags: { Mirror: 'off' } }],
  sessions: [{ ...http, source: 'off', number: 10, tags: ourTags() }],
};

const throttled = 'RequestLimitExceeded';

export const trouble: readonly Case[] = [
  {
    what: 'EC2 that answers every read of a batch with an error that nobody knows',
    // Five attempts in seconds, not in an hour.
    fleet: { change: withProperties('ChangeQueue', { VisibilityTimeout: 3 }) },
    happen: async (fleet) => {
      await sweep(fleet);
      spoil(fleet, 'DescribeInstances', 'SomethingNew');
      await launch(fleet, 2);
    },
    red: ['change-dead-letters'],
    lines: ['The batch failed.', 'A message failed alone.'],
  },
  {
    what: 'EC2 that throttles every read of instances',
    happen: async (fleet) => {
      await sweep(fleet);
      spoil(fleet, 'DescribeInstances', throttled);
      await launch(fleet);
    },
    red: ['sweeps-failed'],
    metrics: ['Throttles', 'LeftToSweep', 'SweepsRequested', 'SweepsFailed'],
    lines: [
      'EC2 could not be read; the batch is handed on.',
      'Work is left to the sweep.',
      'The sweep could not read EC2.',
    ],
  },
  {
    what: 'EC2 that refuses sessions with an error that nobody knows',
    fleet: { document: web(2) },
    happen: async (fleet) => {
      spoil(fleet, 'CreateTrafficMirrorSession', 'SomethingNew');
      await sweep(fleet);
    },
    red: ['coverage-low'],
    metrics: ['ActionsFailed'],
  },
  {
    what: 'EC2 that refuses sessions with an error that nobody knows, sweep after sweep',
    fleet: { document: web(2) },
    happen: async (fleet) => {
      spoil(fleet, 'CreateTrafficMirrorSession', 'SomethingNew');
      await sweepTwice(fleet);
    },
    red: ['actions-failed', 'coverage-low'],
  },
  {
    what: 'EC2 that refuses to delete the sessions of those who opted out, once and then no more',
    fleet: { document: optedOut },
    happen: async (fleet) => {
      const error = { code: 'SomethingNew' };
      fleet.aws.emulator.faults.add({ action: 'DeleteTrafficMirrorSession', when: 'before', error });
      await sweepTwice(fleet);
    },
    red: [],
    metrics: ['ActionsFailed'],
  },
  {
    what: 'EC2 that refuses to delete the sessions of those who opted out, sweep after sweep',
    fleet: { document: optedOut },
    happen: async (fleet) => {
      spoil(fleet, 'DeleteTrafficMirrorSession', 'SomethingNew');
      await sweepTwice(fleet);
    },
    red: ['actions-failed'],
  },
  {
    what: 'EC2 that lets a sweep begin, but not look again at what its answers call into question',
    fleet: { document: web(1) },
    happen: async (fleet) => {
      const { faults } = fleet.aws.emulator;
      faults.add({
        action: 'CreateTrafficMirrorSession',
        when: 'before',
        matches: () => {
          const error = { code: 'UnauthorizedOperation' };
          faults.add({ action: 'DescribeTrafficMirrorSessions', when: 'before', error });
          return true;
        },
        error: { code: 'SomethingNew' },
      });
      await sweep(fleet);
    },
    red: [],
    lines: ['What changed under this run could not be read again.'],
  },
  {
    what: 'a policy that is replaced while a sweep is about to look again',
    fleet: { document: web(1) },
    happen: async (fleet) => {
      fleet.aws.emulator.faults.add({
        action: 'CreateTrafficMirrorSession',
        when: 'before',
        matches: () => {
          fleet.pushPolicy(policyText({ guards: { maxDeletes: 7 } }));
          return true;
        },
        error: { code: 'SomethingNew' },
      });
      await sweep(fleet);
    },
    red: [],
    lines: ['The policy is another by now, or cannot be used; what is left of this run goes to the next.'],
  },
  {
    what: 'EC2 that throttles creations until the sweep has no time left',
    fleet: {
      document: web(2),
      change: (resources) =>
        Object.assign(functionIn(resources, 'on-schedule'), { Timeout: sweepReserveMs / 1000 + 3 }),
    },
    happen: async (fleet) => {
      spoil(fleet, 'CreateTrafficMirrorSession', throttled);
      await sweep(fleet);
    },
    red: ['coverage-low'],
    metrics: ['LeftToSweep', 'Throttles'],
    lines: ['The rest is left to the next scheduled sweep.'],
  },
  {
    what: 'a role that may not make filters',
    fleet: {
      policy: { filters: { http: managedFilter, 'all-tcp': managedFilter, everything: managedFilter } },
      document: web(1),
      change: withoutStatement('on-schedule', 'CreateOwnFilters'),
    },
    happen: sweep,
    red: ['coverage-low'],
    lines: ['A managed filter could not be changed.'],
  },
  {
    what: 'a role that may not delete sessions',
    fleet: { document: optedOut, change: withoutStatement('on-schedule', 'ChangeOwnSessions') },
    happen: sweepTwice,
    red: ['actions-failed'],
  },
  {
    what: 'a role that may not put a filter right that has lost its rules',
    fleet: {
      policy: { filters: { http: managedFilter, 'all-tcp': managedFilter, everything: managedFilter } },
      document: {
        instances: [{ name: 'web', tags: { Mirror: 'http' } }],
        filters: [{ id: 'tmf-0eee1111bbbb2222c', tags: { ...ourTags(), 'fleetmirror:filter': 'http' } }],
        sessions: [{ ...http, source: 'web', number: 10, filter: 'tmf-0eee1111bbbb2222c', tags: ourTags() }],
      },
      change: withoutStatement('on-schedule', 'RepairOwnFilters'),
    },
    happen: sweepTwice,
    red: ['actions-failed'],
    lines: ['A managed filter could not be changed.'],
  },
  {
    what: 'a role that may not ask for a sweep when a stranger makes a filter',
    fleet: { change: withoutStatement('on-change', 'HandOn') },
    happen: async (fleet) => {
      await sweep(fleet);
      await fleet.operator.send(new CreateTrafficMirrorFilterCommand({}));
    },
    red: [],
    lines: ['Work could not be handed on; the batch comes back.'],
  },
  {
    what: 'a role that may not read the fleet',
    fleet: { change: withoutStatement('on-schedule', 'ReadFleet') },
    happen: askForSweep,
    red: ['no-sweep', 'sweeps-failed'],
    lines: ['The sweep could not read EC2.'],
  },
  {
    what: 'a role that may not read the policy',
    fleet: { change: withoutStatement('on-schedule', 'ReadPolicy') },
    happen: askForSweep,
    red: ['no-sweep', 'policy-unusable'],
    lines: ['The policy cannot be read; nothing is written.'],
  },
  {
    what: 'a role that may not publish events',
    fleet: { document: web(1), change: withoutStatement('on-schedule', 'TellOthers') },
    happen: sweep,
    red: ['events-lost'],
    metrics: ['EventsLost'],
    lines: ['Events could not be published.'],
  },
  {
    what: 'a role that may not write into the bucket of reports',
    fleet: { change: withoutStatement('on-schedule', 'KeepReports') },
    happen: sweep,
    red: ['reports-lost'],
    metrics: ['ReportsLost'],
    lines: ['The coverage report could not be kept.'],
  },
  {
    what: 'a role that may not read CloudWatch, although reports shall tell the health of mirrors',
    fleet: {
      document: web(1),
      parameters: { HealthMinutes: '60' },
      change: withoutStatement('on-schedule', 'ReadHealth'),
    },
    happen: sweep,
    red: [],
    lines: ['The health of the mirrors could not be read.'],
  },
  {
    what: 'an on-change that cannot be loaded',
    fleet: { change: broken('on-change') },
    happen: async (fleet) => {
      await sweep(fleet);
      await launch(fleet);
    },
    red: ['on-change-errors'],
  },
  {
    what: 'an on-schedule that cannot be loaded',
    fleet: {
      change: (resources) => {
        broken('on-schedule')(resources);
        withProperties('SweepQueue', { VisibilityTimeout: 1 })(resources);
      },
    },
    happen: askForSweep,
    red: ['no-sweep', 'on-schedule-errors', 'sweep-dead-letters'],
  },
  {
    what: 'an on-change without any concurrency',
    fleet: { change: stopped('on-change') },
    happen: async (fleet) => {
      await sweep(fleet);
      await launch(fleet);
    },
    red: ['on-change-throttles'],
  },
  {
    what: 'an on-change whose event source mapping is disabled',
    fleet: { change: unfed('on-change') },
    happen: async (fleet) => {
      await launch(fleet);
      const waiting = async () => (await fleet.deployment.inspectQueue('ChangeQueue')).ready[0];
      await eventually('the change that waits', waiting, patienceMs);
      fleet.letPass(90 * 60_000);
      await sweep(fleet);
    },
    red: ['change-queue-old'],
  },
  {
    what: 'an on-schedule without any concurrency',
    fleet: { change: stopped('on-schedule') },
    happen: askForSweep,
    red: ['no-sweep', 'on-schedule-throttles'],
  },
];
