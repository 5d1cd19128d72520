import { CreateTagsCommand, DeleteTrafficMirrorFilterRuleCommand } from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { reportCoverage } from '../../lib/coverage-report.ts';
import { removeSession } from '../../lib/emulator/account-change.ts';
import type { PacerSettings } from '../../lib/pace.ts';
import type { Ec2 } from '../../lib/ports.ts';
import { aStateChange } from '../support/event.ts';
import { filterIdsOf, managed, rulesOf } from '../support/managed-filter.ts';
import { policyText } from '../support/policy.ts';
import { aStage, numbersOn, ourTags, reasonsOf, type Stage, sessionsIn, writesOf } from '../support/stage.ts';

const waf = 'tmt-0aaa1111bbbb2222c';
const http = { target: waf, filter: 'tmf-0aaa1111bbbb2222c', number: 10, description: 'tier http', tags: ourTags() };
const tcp = {
  target: 'tmt-0ccc1111bbbb2222a',
  filter: 'tmf-0bbb1111bbbb2222c',
  number: 20,
  description: 'tier tcp',
  tags: ourTags(),
};

/** One call of each kind in so many seconds: what a fleet of thousands takes, with some dozen sources. */
const everySeconds = (seconds: number): PacerSettings => ({
  rate: 1 / seconds,
  rateMin: 1 / seconds,
  rateMax: 1 / seconds,
  burst: 1,
});

const namesOf = (name: string, count: number) => Array.from({ length: count }, (_, index) => `${name}-${index}`);

/** Someone opts these instances out once so many sessions were made. */
function optingOut(stage: Stage, names: readonly string[], afterCreations: number): Ec2 {
  let created = 0;
  return {
    ...stage.world.ec2,
    createSession: async (session) => {
      created += 1;
      if (created === afterCreations) {
        const Resources = names.map(stage.idOf);
        await stage.operator.send(new CreateTagsCommand({ Resources, Tags: [{ Key: 'Mirror', Value: 'off' }] }));
      }
      return stage.world.ec2.createSession(session);
    },
  };
}

describe('What a run tells after it has looked again', () => {
  const names = namesOf('web', 40);

  /** Forty sources have a session and want a second; half of these are made before the plan is too old; eight have opted out. */
  const aLongSweep = (guards: { readonly maxDeletes: number; readonly maxDeletePercent: number }) => {
    const stage = aStage({
      document: {
        instances: [
          { name: 'web', count: names.length, tags: { Mirror: 'true' } },
          { name: 'off', count: 8, tags: { Mirror: 'off' } },
        ],
        sessions: [...names, ...namesOf('off', 8)].map((source) => ({ source, ...http })),
      },
      differences: { guards },
      pace: everySeconds(6),
    });
    return { stage, sweep: () => stage.sweep({ world: { ec2: optingOut(stage, names, 5) } }) };
  };

  test('held-by-guard: a guard that holds only then is heard of like any other', async () => {
    const { stage, sweep } = aLongSweep({ maxDeletes: 50, maxDeletePercent: 20 });
    const report = await sweep();
    const { decisions, halted } = report?.plan ?? { decisions: [] };
    const held = decisions.flatMap(({ actions }) => actions).filter(({ because }) => because === 'held-by-guard');
    expect(held.length).toBeGreaterThan(10);
    const before = reasonsOf(stage, 'Mirror Detached').length;
    expect(before).toBeGreaterThan(0);
    expect(halted).toMatchObject({ guarded: held.length + before, limit: 'maxDeletePercent: 20' });
    expect(sessionsIn(stage).length).toBeGreaterThan(40);
    expect([stage.counts.get('SweepsHalted'), stage.counts.get('DeletesHeld')]).toEqual([1, held.length]);
    expect(reasonsOf(stage, 'Sweep Halted')).toEqual(['held-by-guard']);
    expect(stage.logs.map(({ message }) => message)).toContain('A guard held all guarded deletions of this run.');
  });

  test('opted-out: sources that it stopped mirroring are neither wanted nor mirrored nor gaps', async () => {
    const { stage, sweep } = aLongSweep({ maxDeletes: 1000, maxDeletePercent: 100 });
    const report = await sweep();
    if (report === undefined) throw new Error('The sweep did nothing.');
    const left = new Set(sessionsIn(stage).map(({ networkInterfaceId }) => networkInterfaceId));
    expect(left.size).toBeGreaterThan(10);
    expect(left.size).toBeLessThan(30);
    const { size } = left;
    expect(report.coverage).toMatchObject({ wanted: size, eligible: size, complete: size, percent: 100 });
    expect(stage.counts.get('MirroredSources')).toBe(size);
    const told = reportCoverage(stage.world, report);
    expect(told.gaps).toEqual([]);
    const bare = told.interfaces.filter(({ sessions }) => sessions.length === 0);
    expect(new Set(bare.map(({ optIn, status }) => `${optIn} ${status}`))).toEqual(new Set(['off unwanted']));
    const ids = report.plan.decisions.map(({ networkInterfaceId }) => networkInterfaceId);
    expect(ids).toEqual([...new Set(ids)].sort());
    expect(ids).toHaveLength(48);
  });

  test('the share of deletions is of the sessions that there were before the run', async () => {
    const stage = aStage({
      document: {
        instances: [
          { name: 'on', count: 80, tags: { Mirror: 'http' } },
          { name: 'off', count: 20, tags: { Mirror: 'off' } },
        ],
        sessions: [...namesOf('on', 80), ...namesOf('off', 20)].map((source) => ({ source, ...http })),
      },
      differences: { guards: { maxDeletes: 50, maxDeletePercent: 20 } },
      pace: everySeconds(12),
    });
    const report = await stage.sweep();
    expect(report?.plan.halted).toBeUndefined();
    expect(sessionsIn(stage)).toHaveLength(80);
  });

  /** A filter that lacks a rule, beside an old spare of it, and a session on it that EC2 does not let us change at once. */
  const aFilterToRepair = async () => {
    const stage = aStage({ document: { instances: [{ name: 'web', tags: { Mirror: 'tcp' } }] }, differences: managed });
    await stage.deliver([aStateChange(stage.idOf('web'))]);
    const [filterId] = filterIdsOf(stage);
    const whole = rulesOf(stage, filterId);
    const [rule] = stage.emulator.account.rules.rows();
    await stage.operator.send(new DeleteTrafficMirrorFilterRuleCommand({ TrafficMirrorFilterRuleId: rule?.ruleId }));
    const tags = ourTags({ 'fleetmirror:filter': 'all-tcp' });
    stage.emulator.loadFleet({ filters: [{ id: 'tmf-fffffffffffffffff', tags }] });
    const [tier] = managed.tiers;
    stage.setPolicy(policyText({ ...managed, tiers: [{ ...tier, packetLength: 128 }] }));
    fail(stage, 'ModifyTrafficMirrorSession', 'IncorrectState');
    return { stage, rulesNow: () => rulesOf(stage, filterId), whole };
  };

  test('a repair of a filter that succeeds at the second look has not failed', async () => {
    const { stage, rulesNow, whole } = await aFilterToRepair();
    fail(stage, 'CreateTrafficMirrorFilterRule', 'SomethingNew');
    const report = await stage.sweep();
    expect(rulesNow()).toEqual(whole);
    expect(report?.filterFailures).toEqual([]);
    expect(report?.plan.filterActions.map(({ kind }) => kind).sort()).toEqual(['create-rule', 'delete-filter']);
    expect(stage.counts.get('ActionsFailed')).toBe(0);
  });

  test('a repair of a filter that fails again is told once, and so is the deletion of a spare', async () => {
    const { stage } = await aFilterToRepair();
    fail(stage, 'CreateTrafficMirrorFilterRule', 'SomethingNew', 100);
    fail(stage, 'DeleteTrafficMirrorFilter', 'SomethingElse', 100);
    const report = await stage.sweep();
    expect(report?.filterFailures.map(({ code }) => code).sort()).toEqual(['SomethingElse', 'SomethingNew']);
    expect(stage.counts.get('ActionsFailed')).toBe(2);
  });

  test('the plan is in the order of interfaces, whichever of them were looked at again', async () => {
    const stage = aStage({ document: { instances: [{ name: 'web', count: 2, tags: { Mirror: 'http' } }] } });
    const ids = [...stage.interfacesOf('web-0'), ...stage.interfacesOf('web-1')].sort();
    failOn(stage, ids[0]);
    const report = await stage.sweep();
    expect(report?.plan.decisions.map(({ networkInterfaceId }) => networkInterfaceId)).toEqual(ids);
  });
});

describe('A plan that grows too old', () => {
  test('is made anew as often as it takes', async () => {
    const stage = aStage({
      document: { instances: [{ name: 'web', count: 100, tags: { Mirror: 'http' } }] },
      pace: everySeconds(6),
    });
    await stage.sweep();
    expect(sessionsIn(stage)).toHaveLength(100);
    expect(stage.sweepRequests).toEqual([]);
  });
});

describe('A pool of targets that others have filled', () => {
  test('target-full: every target of it is tried until one has room', async () => {
    const ids = Array.from({ length: 8 }, (_, index) => `tmt-0dad1111bbbb2222${index}`);
    const last = ids.at(-1) ?? '';
    const tokens = new Set<unknown>();
    const stage = aStage({
      document: {
        // The one with room has a session of ours already, so that it ranks last: of the others' we see none.
        instances: [{ name: 'web', count: 2, tags: { Mirror: 'http' } }],
        loadBalancers: ids.map((id) => ({ name: `nlb-${id}` })),
        targets: ids.map((id) => ({ id, loadBalancer: `nlb-${id}`, ownerId: '999988887777' })),
        sessions: [{ source: 'web-1', ...http, target: last }],
      },
      differences: { targets: { waf: { ids }, sensors: { ids: [tcp.target] } } },
    });
    stage.emulator.faults.add({
      when: 'before',
      action: 'CreateTrafficMirrorSession',
      times: 100,
      matches: ({ TrafficMirrorTargetId: targetId, ClientToken: token }) => {
        tokens.add(token);
        return targetId !== last;
      },
      error: { code: 'TrafficMirrorSourcesPerTargetLimitExceeded' },
    });
    await stage.deliver([aStateChange(stage.idOf('web-0'))]);
    expect(sessionsIn(stage, stage.interfacesOf('web-0')[0]).map(({ targetId }) => targetId)).toEqual([last]);
    expect(writesOf(stage)).toEqual({ CreateTrafficMirrorSession: 8 });
    // EC2 may answer a token that it has refused with the same refusal.
    expect(tokens.size).toBe(8);
    expect(reasonsOf(stage, 'Mirror Refused')).toEqual([]);
  });
});

describe('A policy that changes under a sweep', () => {
  /** A sweep that takes four minutes, and somebody who changes the policy after ten creations. */
  async function aSweepUnder(next: Parameters<Stage['setPolicy']>[0]) {
    const stage = aStage({
      document: { instances: [{ name: 'web', count: 60, tags: { Mirror: 'http' } }] },
      pace: everySeconds(4),
    });
    const createSession: Ec2['createSession'] = async (session) => {
      if (sessionsIn(stage).length === 10) stage.setPolicy(next);
      return stage.world.ec2.createSession(session);
    };
    const report = await stage.sweep({ world: { ec2: { ...stage.world.ec2, createSession } } });
    return { stage, report };
  }

  test.each<[string, Parameters<Stage['setPolicy']>[0], string]>([
    ['mode: observe', policyText({ mode: 'observe' }), 'valid'],
    ['other tiers', policyText({ profiles: { default: ['tcp'] } }), 'valid'],
    ['a broken text', 'nonsense', 'invalid'],
    ['none at all', { kind: 'missing', where: '/fleetmirror/prod/policy' }, 'missing'],
    [
      'one that nobody can read',
      { kind: 'unreadable', where: '', cause: 'AccessDenied', isPassing: false },
      'unreadable',
    ],
  ])('%s: two minutes after it was planned the sweep ends, and asks for the next', async (_what, next, policy) => {
    const { stage, report } = await aSweepUnder(next);
    const made = sessionsIn(stage).length;
    expect(made).toBeGreaterThan(10);
    expect(made).toBeLessThanOrEqual(40);
    const outcomes = Object.entries(Object.groupBy(report?.outcomes ?? [], ({ outcome }) => outcome));
    expect(outcomes.map(([outcome, all]) => [outcome, all?.length])).toEqual([
      ['done', made],
      ['deferred', 60 - made],
    ]);
    expect(stage.sweepRequests).toEqual([{ because: 'continue', hop: 1 }]);
    const message = 'The policy is another by now, or cannot be used; what is left of this run goes to the next.';
    expect(stage.logs.filter((line) => line.message === message)).toMatchObject([
      { level: 'warn', fields: { policy } },
    ]);
  });

  test('the same once more, or in other words, ends nothing', async () => {
    const { stage, report } = await aSweepUnder(`# Pushed again.\n${policyText()}`);
    expect(sessionsIn(stage)).toHaveLength(60);
    expect(new Set(report?.outcomes.map(({ outcome }) => outcome))).toEqual(new Set(['done']));
    expect(stage.sweepRequests).toEqual([]);
  });

  test('a batch of changes that has to look again is handed on as well', async () => {
    const stage = aStage({ document: { instances: [{ name: 'web', tags: { Mirror: 'http' } }] } });
    const matches = () => {
      stage.setPolicy(policyText({ mode: 'observe' }));
      return true;
    };
    const error = { code: 'SomethingNew' };
    stage.emulator.faults.add({ action: 'CreateTrafficMirrorSession', when: 'before', matches, error });
    expect(await stage.deliver([aStateChange(stage.idOf('web'))])).toEqual([]);
    expect(stage.work).toMatchObject([{ work: { instanceIds: [stage.idOf('web')], hop: 1 } }]);
    await stage.rest();
    expect(writesOf(stage)).toEqual({ CreateTrafficMirrorSession: 1 });
    expect(sessionsIn(stage)).toEqual([]);
  });

  test('mode: observe: what follows writes nothing, and comes to rest', async () => {
    const { stage } = await aSweepUnder(policyText({ mode: 'observe' }));
    const made = sessionsIn(stage).length;
    await stage.rest();
    expect(sessionsIn(stage)).toHaveLength(made);
  });
});

describe('Room that a run makes', () => {
  const sensor = 'tmt-0dad1111bbbb2222d';
  /** A target for ten sources with ten, of which one is stopped, and a source that wants its place. */
  const aFullPool = (differences: Readonly<Record<string, unknown>> = {}) =>
    aStage({
      document: {
        instances: [
          { name: 'sensor' },
          { name: 'web', count: 9, tags: { Mirror: 'http' } },
          { name: 'old', state: 'stopped', tags: { Mirror: 'http' } },
          { name: 'new', tags: { Mirror: 'http' } },
        ],
        targets: [{ id: sensor, instance: 'sensor' }],
        sessions: [...namesOf('web', 9), 'old'].map((source) => ({ source, ...http, target: sensor })),
      },
      differences: { targets: { waf: { ids: [sensor] }, sensors: { ids: [tcp.target] } }, ...differences },
    });
  const numbersOfNew = (stage: Stage) => numbersOn(stage, stage.interfacesOf('new')[0]);

  test('target-full: a rolling replacement in one batch gives the old instance’s place to the new one', async () => {
    const stage = aFullPool();
    await stage.deliver([aStateChange(stage.idOf('old'), 'stopped'), aStateChange(stage.idOf('new'))]);
    expect(numbersOfNew(stage)).toEqual([10]);
    expect(reasonsOf(stage, 'Mirror Refused')).toEqual(['instance-stopped']);
    expect([stage.work, stage.sweepRequests]).toEqual([[], []]);
  });

  test('target-full: a sweep fills the place that it frees', async () => {
    const stage = aFullPool();
    const report = await stage.sweep();
    expect(numbersOfNew(stage)).toEqual([10]);
    expect(report?.coverage).toMatchObject({ eligible: 10, complete: 10 });
  });

  test('target-full: a place that somebody else has freed in the same moment is given away, too', async () => {
    const stage = aFullPool();
    const [old] = sessionsIn(stage, stage.interfacesOf('old')[0]);
    stage.emulator.faults.add({
      when: 'before',
      action: 'DeleteTrafficMirrorSession',
      matches: () => {
        const { account } = stage.emulator;
        if (old !== undefined && account.sessions.get(old.sessionId)) removeSession(account, old);
        return false;
      },
    });
    await stage.sweep();
    expect(numbersOfNew(stage)).toEqual([10]);
  });

  test('target-full: a place that a session leaves for its tier’s own pool is given away', async () => {
    const stage = aStage({
      document: {
        instances: [
          { name: 'sensor' },
          { name: 'web', count: 9, tags: { Mirror: 'http' } },
          { name: 'a', tags: { Mirror: 'tcp' } },
          { name: 'new', tags: { Mirror: 'http' } },
        ],
        targets: [{ id: sensor, instance: 'sensor' }],
        sessions: [
          ...namesOf('web', 9).map((source) => ({ source, ...http, target: sensor })),
          { source: 'a', ...tcp, target: sensor },
        ],
      },
      differences: { targets: { waf: { ids: [sensor] }, sensors: { ids: [tcp.target] } } },
    });
    await stage.sweep();
    expect(numbersOfNew(stage)).toEqual([10]);
  });

  test('account-full: a session that is deleted makes room for another', async () => {
    const stage = aFullPool({ targets: { waf: { ids: [sensor, waf] }, sensors: { ids: [tcp.target] } } });
    fail(stage, 'CreateTrafficMirrorSession', 'TrafficMirrorSessionLimitExceeded');
    await stage.sweep();
    expect(numbersOfNew(stage)).toEqual([10]);
  });

  test('target-full: a place at a target of another pool is none, and nobody reads again for it', async () => {
    const stage = aFullPool({ whileStopped: 'keep' });
    stage.emulator.loadFleet({
      instances: [{ name: 'off', tags: { Mirror: 'off' } }],
      sessions: [{ source: 'off', ...tcp }],
    });
    await stage.sweep();
    expect(sessionsIn(stage)).toHaveLength(10);
    expect(numbersOfNew(stage)).toEqual([]);
    expect(stage.emulator.calls.get('DescribeTrafficMirrorTargets')).toBe(1);
  });
});

describe('A run that looks again near its deadline', () => {
  /** Reads take their time, as in a large account. */
  const slowly = ({ world, clock }: Stage, takeMs: (read: number) => number): Ec2 => {
    let reads = 0;
    const late =
      <Arguments extends unknown[], Result>(read: (...given: Arguments) => Promise<Result>) =>
      async (...given: Arguments) => {
        reads += 1;
        clock.advance(takeMs(reads));
        return read(...given);
      };
    const { ec2 } = world;
    return {
      ...ec2,
      readInterfaces: late(ec2.readInterfaces),
      readInstances: late(ec2.readInstances),
      readSessions: late(ec2.readSessions),
      readTargets: late(ec2.readTargets),
      readFilters: late(ec2.readFilters),
    };
  };

  test.each([
    { timeMs: 55_000, second: [], requests: [{ because: 'continue', hop: 1 }] },
    { timeMs: 100_000, second: [10], requests: [] },
  ])('does so in $timeMs ms only if a reading like the last one ends before it', async (expected) => {
    const stage = aStage({ document: { instances: [{ name: 'web', count: 2, tags: { Mirror: 'http' } }] } });
    const [first, second] = [...stage.interfacesOf('web-0'), ...stage.interfacesOf('web-1')].sort();
    failOn(stage, second);
    const startedAtMs = stage.clock.now();
    await stage.sweep({ timeMs: expected.timeMs, world: { ec2: slowly(stage, () => 6000) } });
    expect(stage.clock.now() - startedAtMs).toBeLessThanOrEqual(expected.timeMs);
    expect(numbersOn(stage, first)).toEqual([10]);
    expect(numbersOn(stage, second)).toEqual(expected.second);
    expect(stage.sweepRequests).toEqual(expected.requests);
  });

  test('goes by the last reading, not by the first', async () => {
    const stage = aStage({ document: { instances: [{ name: 'web', count: 2, tags: { Mirror: 'http' } }] } });
    failOn(stage, stage.interfacesOf('web-0')[0], 2);
    const startedAtMs = stage.clock.now();
    const ec2 = slowly(stage, (read) => (read <= 5 ? 1000 : 5000));
    await stage.sweep({ timeMs: 100_000, world: { ec2 } });
    expect(stage.clock.now() - startedAtMs).toBeLessThan(80_000);
    expect(sessionsIn(stage)).toHaveLength(1);
    expect(stage.sweepRequests).toEqual([{ because: 'continue', hop: 1 }]);
  });
});

describe('A filter that a run has just made', () => {
  test('is not made again when the run looks again and EC2 does not show it yet', async () => {
    const stage = aStage({ document: { instances: [{ name: 'web', tags: { Mirror: 'tcp' } }] }, differences: managed });
    stage.emulator.faults.setStaleReads({ mirroringMs: 5000 });
    fail(stage, 'CreateTrafficMirrorSession', 'TrafficMirrorSessionsPerInterfaceLimitExceeded');
    await stage.deliver([aStateChange(stage.idOf('web'))]);
    expect(filterIdsOf(stage)).toHaveLength(1);
    expect(sessionsIn(stage).map(({ filterId }) => filterId)).toEqual(filterIdsOf(stage));
  });
});

/** EC2 refuses the next calls of this action. */
function fail(stage: Stage, action: string, code: string, times = 1): void {
  stage.emulator.faults.add({ when: 'before', action, times, error: { code } });
}

/** EC2 refuses the next sessions on this source, as if a run beside us had been first. */
function failOn(stage: Stage, networkInterfaceId: string | undefined, times = 1): void {
  stage.emulator.faults.add({
    when: 'before',
    action: 'CreateTrafficMirrorSession',
    times,
    matches: ({ NetworkInterfaceId: id }) => id === networkInterfaceId,
    error: { code: 'TrafficMirrorSessionsPerInterfaceLimitExceeded' },
  });
}
