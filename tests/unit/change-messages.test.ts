import { describe, expect, test } from '@jest/globals';
import type { PolicyReading } from '../../lib/ports.ts';
import { aCloudTrailEvent, anAutoScalingEvent, aStateChange, aTagChange } from '../support/event.ts';
import { policyText } from '../support/policy.ts';
import { aStage, numbersOn, type Stage, sessionsIn, writesOf } from '../support/stage.ts';

const mirrored = { Mirror: 'true' };
const web = { instances: [{ name: 'web', tags: mirrored }] };

/** AWS throttles the read of the policy. */
const throttledPolicy: PolicyReading = {
  kind: 'unreadable',
  where: '/fleetmirror/prod/policy',
  cause: 'ThrottlingException',
  isPassing: true,
};

/** True when not a single call went out, no message and no event. */
function isUntouched({ emulator, work, sweepRequests, published }: Stage): boolean {
  return emulator.calls.size + work.length + sweepRequests.length + published.length === 0;
}

describe('Messages that cannot be read', () => {
  const state = aStateChange('i-0aaa0000000000001') as { detail: object };
  test.each<[string, string | object]>([
    ['what is not JSON', '{"source":'],
    ['an empty body', ''],
    ['JSON that is no object', '[]'],
    ['the wrong envelope', { Type: 'Notification', Message: '{}' }],
    ['a detail that is a string', { ...state, detail: JSON.stringify(state.detail) }],
    ['a time that is none', { ...state, time: 'yesterday' }],
    ['an unknown detail-type', { ...state, 'detail-type': 'EBS Volume Notification' }],
    ['a detail-type named like a method', { ...state, source: 'constructor', 'detail-type': '' }],
  ])('%s is counted, logged, dropped and never comes back', async (_what, body) => {
    const stage = aStage({ document: web });
    expect(await stage.deliver([body])).toEqual([]);
    expect(isUntouched(stage)).toBe(true);
    expect(stage.counts.get('EventsUnreadable')).toBe(1);
    expect(stage.logs.map(({ level }) => level)).toEqual(['warn']);
  });

  test.each<[string, object]>([
    ['a failed call', aCloudTrailEvent('CreateTags', { errorCode: 'Client.UnauthorizedOperation' })],
    ['a dry run', aCloudTrailEvent('AttachNetworkInterface', { errorCode: 'Client.DryRunOperation' })],
    ['a launch, of which its state tells', aCloudTrailEvent('RunInstances')],
    ['a created interface whose response was omitted', aCloudTrailEvent('CreateNetworkInterface')],
    ['tags of a volume', aCloudTrailEvent('CreateTags', { requestParameters: { resourcesSet: { items: [{}] } } })],
    ['a malformed instance id', anAutoScalingEvent('i-*')],
  ])('%s asks nothing of us', async (_what, body) => {
    const stage = aStage({ document: web });
    expect(await stage.deliver([body])).toEqual([]);
    expect(isUntouched(stage)).toBe(true);
    expect(stage.counts.get('EventsIgnored')).toBe(1);
  });

  test('bad messages in a batch do not keep the good one from its sessions', async () => {
    const stage = aStage({ document: web });
    expect(await stage.deliver(['nonsense', aStateChange(stage.idOf('web')), '{}'])).toEqual([]);
    expect(numbersOn(stage, stage.interfacesOf('web')[0])).toEqual([10, 20]);
  });

  test('a detach that names only an attachment asks for a sweep, which finds what was detached', async () => {
    const stage = aStage({
      document: {
        interfaces: [{ name: 'loose', tags: mirrored }],
        sessions: [
          {
            source: 'loose',
            target: 'tmt-0aaa1111bbbb2222c',
            filter: 'tmf-0aaa1111bbbb2222c',
            number: 10,
            tags: { 'fleetmirror:fleet': 'prod', 'fleetmirror:created-at': '2026-02-01T00:00:00Z' },
          },
        ],
      },
    });
    const request = { requestParameters: { attachmentId: 'eni-attach-0aaa0000000000001', force: false } };
    await stage.deliver([aCloudTrailEvent('DetachNetworkInterface', request)]);
    expect(stage.sweepRequests).toEqual([{ because: 'detached', hop: 0 }]);
    await stage.rest();
    expect(sessionsIn(stage)).toEqual([]);
  });
});

describe('Ten messages of which one poisons', () => {
  test('only that one comes back, the other nine are done', async () => {
    const stage = aStage({ document: { instances: [{ name: 'web', count: 10, tags: mirrored }] } });
    const poisonous = stage.idOf('web-3');
    stage.emulator.faults.add({
      action: 'DescribeInstances',
      when: 'before',
      times: 100,
      matches: (input) => JSON.stringify(input).includes(poisonous),
      error: { code: 'InvalidParameterValue' },
    });
    const bodies = Array.from({ length: 10 }, (_, index) => aStateChange(stage.idOf(`web-${index}`)));
    expect(await stage.deliver(bodies)).toEqual([3]);
    expect(sessionsIn(stage)).toHaveLength(18);
    expect(numbersOn(stage, stage.interfacesOf('web-3')[0])).toEqual([]);
  });

  test('those that find no time to be tried alone come back as well, and EC2 is not asked about them again', async () => {
    const stage = aStage({ document: web });
    // It strikes the batch only: tried alone, each of them would succeed.
    stage.emulator.faults.add({
      action: 'DescribeInstances',
      when: 'before',
      error: { code: 'InvalidParameterValue' },
    });
    const event = aStateChange(stage.idOf('web'));
    expect(await stage.deliver([event, event, event], { timeMs: 0 })).toEqual([0, 1, 2]);
    expect(stage.emulator.calls.get('DescribeInstances')).toBe(1);
    expect(sessionsIn(stage)).toEqual([]);
  });

  test('those whose turn comes when the policy is another come back as well, and go by that one', async () => {
    const stage = aStage({ document: { instances: [{ name: 'web', count: 3, tags: mirrored }] } });
    const { faults } = stage.emulator;
    faults.add({ action: 'DescribeInstances', when: 'before', error: { code: 'InvalidParameterValue' } });
    const matches = () => {
      stage.setPolicy(policyText({ mode: 'observe' }));
      return false;
    };
    faults.add({ action: 'CreateTrafficMirrorSession', when: 'before', matches, error: { code: 'SomethingNew' } });
    const events = [0, 1, 2].map((index) => aStateChange(stage.idOf(`web-${index}`)));
    expect(await stage.deliver(events)).toEqual([1, 2]);
    expect(sessionsIn(stage)).toHaveLength(2);
    expect(await stage.deliver(events.slice(1))).toEqual([]);
    expect(sessionsIn(stage)).toHaveLength(2);
  });

  test('a source whose creation fails for an unknown reason sends back its own message only', async () => {
    const stage = aStage({ document: { instances: [{ name: 'web', count: 10, tags: mirrored }] } });
    const [eni] = stage.interfacesOf('web-7');
    stage.emulator.faults.add({
      action: 'CreateTrafficMirrorSession',
      when: 'before',
      times: 100,
      matches: ({ NetworkInterfaceId: id }) => id === eni,
      error: { code: 'SomethingNew' },
    });
    const bodies = Array.from({ length: 10 }, (_, index) => aStateChange(stage.idOf(`web-${index}`)));
    expect(await stage.deliver(bodies)).toEqual([7]);
    expect(sessionsIn(stage)).toHaveLength(18);
    expect(stage.counts.get('ActionsFailed')).toBe(2);
  });
});

describe('Without a usable policy nothing is written', () => {
  const tier = { name: 'http', sessionNumber: 10, target: 'waf', filter: 'http' };
  const document = {
    instances: [
      { name: 'web', tags: mirrored },
      { name: 'off', tags: { Mirror: 'off' } },
    ],
    sessions: [
      {
        source: 'off',
        target: 'tmt-0aaa1111bbbb2222c',
        filter: 'tmf-0aaa1111bbbb2222c',
        number: 10,
        tags: { 'fleetmirror:fleet': 'prod' },
      },
    ],
  };
  test.each<[string, Parameters<Stage['setPolicy']>[0], number]>([
    ['no policy at all', { kind: 'missing', where: '/fleetmirror/prod/policy' }, 0],
    ['an unreadable one', { kind: 'unreadable', where: '/fleetmirror/prod/policy', cause: 'AccessDenied' }, 0],
    ['an empty one', '', 1],
    ['an unknown key', policyText({ mirrors: [] }), 1],
    [
      'two tiers with one number',
      policyText({ tiers: [tier, { ...tier, name: 'tcp' }], profiles: { default: ['http'] } }),
      1,
    ],
    [
      'five problems at once',
      policyText({
        version: 2,
        mode: 'dry',
        interfaces: 'some',
        whileStopped: 'maybe',
        guards: { maxDeletes: -1 },
      }),
      5,
    ],
    ['the policy of another fleet', policyText({ fleet: 'staging' }), 1],
  ])('%s: messages are settled, the alarm is counted, the sweep does nothing', async (_what, policy, issuesMin) => {
    const stage = aStage({ document });
    stage.setPolicy(policy);
    expect(await stage.deliver([aStateChange(stage.idOf('web')), aStateChange(stage.idOf('off'))])).toEqual([]);
    expect(await stage.sweep()).toBeUndefined();
    expect(isUntouched(stage)).toBe(true);
    expect(stage.counts.get('PolicyUnusable')).toBe(2);
    const [error] = stage.logs.filter(({ level }) => level === 'error');
    const issues = (error?.fields.issues ?? []) as readonly { readonly line?: number }[];
    expect(issues.length).toBeGreaterThanOrEqual(issuesMin);
    for (const { line } of issues) expect(line).toBeGreaterThan(0);
  });

  test.each<[PolicyReading['kind'], PolicyReading | string]>([
    ['invalid', 'version: 7'],
    ['missing', { kind: 'missing', where: '/fleetmirror/prod/policy' }],
    ['unreadable', { kind: 'unreadable', where: '/fleetmirror/prod/policy', cause: 'AccessDenied' }],
  ])(
    '%s: the run still has its one line, which says what it came from and that it did nothing',
    async (kind, policy) => {
      const stage = aStage({ document });
      stage.setPolicy(policy);
      await stage.deliver([{ ...aStateChange(stage.idOf('web')), id: 'event-1' }]);
      await stage.sweep({ hop: 2 });
      const nothing = {
        policy: kind,
        sources: 0,
        actions: { create: 0, modify: 0, delete: 0, refuse: 0, failed: 0 },
        remaining: 0,
        isObserved: false,
        durationMs: 0,
        runId: expect.any(String),
      };
      expect(stage.logs.filter(({ message }) => message === 'run').map(({ fields }) => fields)).toEqual([
        { scope: 'changed', because: 'changes', eventIds: ['event-1'], ...nothing },
        { scope: 'fleet', because: 'schedule', hop: 2, ...nothing },
      ]);
    },
  );

  test('left-to-sweep: work that comes while AWS throttles the read of the policy is handed on, then left to a sweep', async () => {
    const stage = aStage({ document });
    stage.setPolicy(throttledPolicy);
    expect(await stage.deliver([aStateChange(stage.idOf('web'))])).toEqual([]);
    expect(stage.work).toMatchObject([{ delaySeconds: 10, work: { instanceIds: [stage.idOf('web')], hop: 1 } }]);
    await stage.rest();
    expect(isUntouched(stage)).toBe(true);
    expect(stage.counts.get('LeftToSweep')).toBe(1);
    // Nobody has anything to repair.
    expect(stage.counts.get('PolicyUnusable')).toBeUndefined();
    await stage.deliver([aStateChange(stage.idOf('web'))]);
    stage.setPolicy(policyText());
    await stage.rest();
    expect(numbersOn(stage, stage.interfacesOf('web')[0])).toEqual([10, 20]);
  });

  test('a launch is not lost among tags that the policy does not look at, when both are handed on together', async () => {
    const stage = aStage({
      document: { instances: [{ name: 'web', tags: { Name: 'web' } }] },
      differences: { coverage: [{ match: {}, profile: 'default' }] },
    });
    stage.setPolicy(throttledPolicy);
    await stage.deliver([aStateChange(stage.idOf('web')), aTagChange(stage.idOf('web'), { Name: 'web' })]);
    expect(stage.work).toHaveLength(1);
    stage.setPolicy(policyText({ coverage: [{ match: {}, profile: 'default' }] }));
    await stage.rest();
    expect(numbersOn(stage, stage.interfacesOf('web')[0])).toEqual([10, 20]);
  });

  test('of a tag that was set twice in a batch that is handed on, the newer value is waited for', async () => {
    const stage = aStage({ document });
    stage.setPolicy(throttledPolicy);
    const [older, newer] = [0, 1000].map((ms) => new Date(stage.clock.now() + ms).toISOString());
    const id = stage.idOf('web');
    await stage.deliver([
      { ...aTagChange(id, { Mirror: 'false' }), time: newer },
      { ...aTagChange(id, { Mirror: 'true' }), time: older },
    ]);
    expect(stage.work).toMatchObject([{ work: { tags: { [id]: { Mirror: 'false' } } } }]);
  });

  test('the repaired policy takes effect at the next message', async () => {
    const stage = aStage({ document });
    stage.setPolicy('');
    await stage.deliver([aStateChange(stage.idOf('web'))]);
    stage.setPolicy(policyText());
    await stage.deliver([aStateChange(stage.idOf('web'))]);
    expect(numbersOn(stage, stage.interfacesOf('web')[0])).toEqual([10, 20]);
  });

  test('observe mode plans and reports, and writes nothing', async () => {
    const stage = aStage({ document, differences: { mode: 'observe' } });
    expect(await stage.deliver([aStateChange(stage.idOf('web')), aStateChange(stage.idOf('off'))])).toEqual([]);
    const report = await stage.sweep();
    expect(writesOf(stage)).toEqual({});
    expect(report?.outcomes.map(({ action, outcome }) => [action.kind, outcome]).sort()).toEqual([
      ['create', 'observed'],
      ['create', 'observed'],
      ['delete', 'observed'],
    ]);
    expect(stage.published.map(({ detailType }) => detailType)).toEqual(['Sweep Completed']);
  });
});
