import {
  CreateTrafficMirrorFilterRuleCommand,
  DeleteTrafficMirrorFilterRuleCommand,
  ModifyTrafficMirrorFilterNetworkServicesCommand,
  ModifyTrafficMirrorFilterRuleCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { removeFilter } from '../../lib/emulator/account-change.ts';
import type { FleetDocument } from '../../lib/emulator/fleet-document.ts';
import { aStateChange } from '../support/event.ts';
import { filterIdsOf, managed, rulesOf } from '../support/managed-filter.ts';
import { policyText } from '../support/policy.ts';
import { aStage, ourTags, type Stage, sessionsIn, writesOf } from '../support/stage.ts';

const mirrored = { Mirror: 'true' };
const web: FleetDocument = { instances: [{ name: 'web', tags: mirrored }] };
const minute = 60_000;

const launch = (stage: Stage) => stage.deliver([aStateChange(stage.idOf('web'))]);

function ourFilterTags(createdAtMs: number, name = 'all-tcp'): Record<string, string> {
  return {
    'fleetmirror:fleet': 'prod',
    'fleetmirror:filter': name,
    'fleetmirror:created-at': new Date(createdAtMs).toISOString(),
  };
}

describe('A managed filter is made', () => {
  test('on first need, with all its rules, VXLAN guards and tags, before the first session', async () => {
    const stage = aStage({ document: web, differences: managed });
    let rulesAtFirstSession = 0;
    stage.emulator.faults.add({
      when: 'before',
      action: 'CreateTrafficMirrorSession',
      matches: () => {
        rulesAtFirstSession = stage.emulator.account.rules.size;
        return false;
      },
    });
    expect(await launch(stage)).toEqual([]);
    const [filterId] = filterIdsOf(stage);
    expect(sessionsIn(stage).map((session) => session.filterId)).toEqual([filterId]);
    const rules = rulesOf(stage, filterId);
    expect(rulesAtFirstSession).toBe(rules.length);
    expect(rules.filter((rule) => rule.includes('reject 17 4789-4789'))).toHaveLength(2);
    expect(rules.filter((rule) => rule.includes('accept 6'))).toHaveLength(2);
    expect(stage.emulator.account.filters.get(filterId ?? '')?.networkServices).toEqual(['amazon-dns']);
    expect(stage.emulator.account.tags.get(filterId ?? '')?.tags).toMatchObject(ourFilterTags(stage.clock.now()));
  });

  test('also under the longest name and rule number: EC2 takes client tokens of 64 characters', async () => {
    const name = `f${'-'.repeat(30)}`;
    const { ingress, ...others } = managed.filters['all-tcp'];
    const filters = { [name]: { ...others, ingress: ingress.map((each) => ({ ...each, rule: 32_766 })) } };
    const tiers = managed.tiers.map((tier) => ({ ...tier, filter: name }));
    const stage = aStage({ document: web, differences: { ...managed, filters, tiers } });
    await launch(stage);
    expect(rulesOf(stage, filterIdsOf(stage, name)[0])).toContain('ingress 32766 accept 6 1-65535');
    expect(sessionsIn(stage)).toHaveLength(1);
  });

  test('once: the next launches use it, on a warm function and on a cold one', async () => {
    const stage = aStage({
      document: { instances: [{ name: 'web', count: 3, tags: mirrored }] },
      differences: managed,
    });
    for (const name of ['web-0', 'web-1']) await stage.deliver([aStateChange(stage.idOf(name))]);
    stage.world.memory.infrastructure = undefined;
    await stage.deliver([aStateChange(stage.idOf('web-2'))]);
    expect(filterIdsOf(stage)).toHaveLength(1);
    expect(sessionsIn(stage)).toHaveLength(3);
  });

  test('once, also while EC2 does not show it yet', async () => {
    const stage = aStage({
      document: { instances: [{ name: 'web', count: 3, tags: mirrored }] },
      differences: managed,
    });
    stage.emulator.faults.setStaleReads({ mirroringMs: 30_000, tagsMs: 30_000 });
    for (const name of ['web-0', 'web-1', 'web-2']) {
      expect(await stage.deliver([aStateChange(stage.idOf(name))])).toEqual([]);
      stage.clock.advance(5000);
    }
    expect(filterIdsOf(stage)).toHaveLength(1);
    expect(sessionsIn(stage)).toHaveLength(3);
  });

  test('not in observe mode, and not without a source that needs it', async () => {
    const observed = aStage({ document: web, differences: { ...managed, mode: 'observe' } });
    await launch(observed);
    await observed.sweep();
    expect(writesOf(observed)).toEqual({});
    const idle = aStage({ document: { instances: [{ name: 'web' }] }, differences: managed });
    await idle.sweep();
    expect(writesOf(idle)).toEqual({});
  });

  test('again, when someone deleted it together with the sessions that used it', async () => {
    const stage = aStage({ document: web, differences: managed });
    await launch(stage);
    const { account } = stage.emulator;
    const [before] = filterIdsOf(stage);
    const filter = account.filters.get(before ?? '');
    for (const { sessionId } of sessionsIn(stage)) account.sessions.remove(sessionId);
    account.sessionsByInterface.clear();
    if (filter !== undefined) removeFilter(account, filter);
    // The warm function still remembers the filter; EC2 says that it is gone.
    expect(await launch(stage)).toEqual([]);
    const [after] = filterIdsOf(stage);
    expect(after).not.toBe(before);
    expect(sessionsIn(stage).map(({ filterId }) => filterId)).toEqual([after]);
  });

  test('with its remaining rules by the next run, when the first run was cut off', async () => {
    const stage = aStage({ document: web, differences: managed });
    stage.emulator.faults.add({
      when: 'before',
      action: 'CreateTrafficMirrorFilterRule',
      matches: () => stage.emulator.account.rules.size === 2,
      times: 6,
      error: { code: 'Unavailable' },
    });
    expect(await launch(stage)).toEqual([]);
    expect(sessionsIn(stage)).toEqual([]);
    await stage.rest();
    expect(filterIdsOf(stage)).toHaveLength(1);
    expect(rulesOf(stage, filterIdsOf(stage)[0])).toHaveLength(4);
    expect(sessionsIn(stage)).toHaveLength(1);
  });
});

describe('A managed filter is repaired', () => {
  test('rule by rule and in place, by the event that tells of the change', async () => {
    const stage = aStage({ document: web, differences: managed });
    await launch(stage);
    const { account } = stage.emulator;
    const [filterId] = filterIdsOf(stage);
    const wanted = rulesOf(stage, filterId);
    const ids = [...account.rules.rows()].map(({ ruleId }) => ruleId);
    const [first, second] = ids;
    await stage.operator.send(
      new ModifyTrafficMirrorFilterRuleCommand({
        TrafficMirrorFilterRuleId: first,
        RuleAction: 'accept',
        Description: 'mine',
      }),
    );
    await stage.operator.send(new DeleteTrafficMirrorFilterRuleCommand({ TrafficMirrorFilterRuleId: second }));
    await stage.operator.send(
      new CreateTrafficMirrorFilterRuleCommand({
        TrafficMirrorFilterId: filterId,
        TrafficDirection: 'ingress',
        RuleNumber: 99,
        RuleAction: 'accept',
        SourceCidrBlock: '0.0.0.0/0',
        DestinationCidrBlock: '0.0.0.0/0',
      }),
    );
    await stage.operator.send(
      new ModifyTrafficMirrorFilterNetworkServicesCommand({
        TrafficMirrorFilterId: filterId,
        RemoveNetworkServices: ['amazon-dns'],
      }),
    );
    await stage.deliverEvents();
    expect(rulesOf(stage, filterId)).toEqual(wanted);
    expect(account.filters.get(filterId ?? '')?.networkServices).toEqual(['amazon-dns']);
    expect(account.rules.get(first ?? '')).toMatchObject({
      action: 'reject',
      description: 'VXLAN guard: no mirror of a mirror',
    });
    // What nobody touched was not touched by us either.
    expect([...account.rules.rows()].map(({ ruleId }) => ruleId)).toEqual(expect.arrayContaining(ids.slice(2)));
    expect(filterIdsOf(stage)).toEqual([filterId]);
  });

  test('by a sweep when the policy changes its rules, without touching a session', async () => {
    const stage = aStage({ document: web, differences: managed });
    await launch(stage);
    const before = sessionsIn(stage);
    const { 'all-tcp': filter } = managed.filters;
    const ingress = [{ ...filter.ingress[0], destinationPorts: '443' }];
    stage.setPolicy(policyText({ ...managed, filters: { 'all-tcp': { ...filter, ingress } } }));
    await stage.sweep();
    expect(rulesOf(stage, filterIdsOf(stage)[0]).filter((rule) => rule.endsWith('443-443'))).toHaveLength(1);
    expect(sessionsIn(stage)).toEqual(before);
    const writes = writesOf(stage);
    await stage.sweep();
    expect(writesOf(stage)).toEqual(writes);
  });

  test('in vain when EC2 denies it: told, and the sessions are left as they are', async () => {
    const stage = aStage({ document: web, differences: managed });
    await launch(stage);
    const ruleId = [...stage.emulator.account.rules.rows()][0]?.ruleId;
    await stage.operator.send(new DeleteTrafficMirrorFilterRuleCommand({ TrafficMirrorFilterRuleId: ruleId }));
    stage.emulator.faults.add({
      when: 'before',
      action: 'CreateTrafficMirrorFilterRule',
      times: 10,
      error: { code: 'UnauthorizedOperation' },
    });
    const report = await stage.sweep();
    expect(report?.filterFailures.map(({ code }) => code)).toEqual(['UnauthorizedOperation']);
    expect(sessionsIn(stage)).toHaveLength(1);
  });
});

describe('Filters that nobody needs', () => {
  const startMs = Date.parse('2026-03-01T12:00:00Z');
  const old = startMs - 16 * minute;

  test('spare: of several of one name the lowest id serves, the others go when older than 15 minutes', async () => {
    const stage = aStage({
      document: {
        ...web,
        filters: [
          { id: 'tmf-00000000000000002', tags: ourFilterTags(old) },
          { id: 'tmf-00000000000000001', tags: ourFilterTags(old) },
          { id: 'tmf-00000000000000003', tags: ourFilterTags(startMs) },
        ],
      },
      differences: managed,
    });
    await stage.sweep();
    expect(filterIdsOf(stage)).toEqual(['tmf-00000000000000001', 'tmf-00000000000000003']);
    expect(sessionsIn(stage).map(({ filterId }) => filterId)).toEqual(['tmf-00000000000000001']);
    expect(rulesOf(stage, 'tmf-00000000000000001')).toHaveLength(4);
    stage.clock.advance(16 * minute);
    await stage.sweep();
    expect(filterIdsOf(stage)).toEqual(['tmf-00000000000000001']);
  });

  test('spare, its time of creation unreadable: only when a second read of the sweep agrees', async () => {
    const [serving, spare] = ['tmf-00000000000000001', 'tmf-00000000000000002'];
    const stage = aStage({
      document: {
        ...web,
        filters: [
          { id: serving, tags: ourFilterTags(old) },
          { id: spare, tags: { ...ourFilterTags(old), 'fleetmirror:created-at': 'long ago' } },
        ],
      },
      differences: managed,
    });
    // A run beside us takes the spare between the two reads.
    let reads = 0;
    const readFilters = () => {
      reads += 1;
      if (reads === 2) {
        stage.emulator.loadFleet({
          instances: [{ name: 'other' }],
          sessions: [{ source: 'other', target: 'tmt-0ccc1111bbbb2222a', filter: spare, number: 20 }],
        });
      }
      return stage.world.ec2.readFilters();
    };
    await stage.sweep({ world: { ec2: { ...stage.world.ec2, readFilters } } });
    expect(filterIdsOf(stage)).toEqual([serving, spare]);
    for (const { sessionId, filterId } of sessionsIn(stage)) {
      if (filterId === spare) stage.emulator.account.sessions.remove(sessionId);
    }
    stage.emulator.account.sessionsByFilter.delete(spare ?? '');
    await stage.sweep();
    expect(filterIdsOf(stage)).toEqual([serving]);
  });

  /** Two old filters of one name, and a session that still uses the second. */
  function aStageWithSpare(): Stage {
    const session = { source: 'web', target: 'tmt-0ccc1111bbbb2222a', filter: 'tmf-00000000000000002', number: 20 };
    const filters = ['tmf-00000000000000001', 'tmf-00000000000000002'].map((id) => ({ id, tags: ourFilterTags(old) }));
    return aStage({ document: { ...web, filters, sessions: [{ ...session, tags: ourTags() }] }, differences: managed });
  }

  test('spare and in use: by the sweep that moves its last session, not by the one after that', async () => {
    const stage = aStageWithSpare();
    await stage.sweep();
    expect(filterIdsOf(stage)).toEqual(['tmf-00000000000000001']);
    expect(sessionsIn(stage).map(({ filterId }) => filterId)).toEqual(['tmf-00000000000000001']);
  });

  test('spare and in use: EC2 is not asked to delete it when the move of its last session was refused', async () => {
    const stage = aStageWithSpare();
    const asked: unknown[] = [];
    stage.emulator.faults.add({
      when: 'before',
      action: 'DeleteTrafficMirrorFilter',
      matches: (input) => asked.push(input.TrafficMirrorFilterId) < 0,
    });
    const error = { code: 'UnauthorizedOperation', status: 403 };
    stage.emulator.faults.add({ when: 'before', action: 'ModifyTrafficMirrorSession', error });
    await stage.sweep();
    expect(asked).toEqual([]);
    await stage.sweep();
    expect([asked, filterIdsOf(stage)]).toEqual([['tmf-00000000000000002'], ['tmf-00000000000000001']]);
  });

  test('unused: one that the policy no longer names goes, once no session uses it', async () => {
    const stage = aStage({ document: web, differences: managed });
    await launch(stage);
    stage.setPolicy(
      policyText({
        tiers: [{ name: 'tcp', sessionNumber: 20, target: 'sensors', filter: 'all-tcp' }],
        profiles: { default: ['tcp'] },
      }),
    );
    stage.clock.advance(16 * minute);
    await stage.sweep();
    expect(sessionsIn(stage).map(({ filterId }) => filterId)).toEqual(['tmf-0bbb1111bbbb2222c']);
    await stage.sweep();
    expect(filterIdsOf(stage)).toEqual([]);
  });

  test('a filter that a foreign session uses stays', async () => {
    const stage = aStage({
      document: {
        instances: [{ name: 'other' }],
        filters: [{ id: 'tmf-00000000000000009', tags: ourFilterTags(old, 'dropped') }],
        sessions: [{ source: 'other', target: 'tmt-0aaa1111bbbb2222c', filter: 'tmf-00000000000000009', number: 1 }],
      },
      differences: managed,
    });
    await stage.sweep();
    expect(writesOf(stage)).toEqual({});
  });

  test('two hundred filters of others, and those of another fleet, are left alone', async () => {
    const foreign = Array.from({ length: 200 }, (_, index) => ({
      description: `filter ${index}`,
      rules: [{ direction: 'ingress' as const, number: 1 }],
      tags: index % 2 === 0 ? { Name: 'all-tcp' } : { ...ourFilterTags(old), 'fleetmirror:fleet': 'staging' },
    }));
    const stage = aStage({ document: { ...web, filters: foreign }, differences: managed });
    const before = [...stage.emulator.account.filters.rows()].map(({ filterId }) => filterId);
    await launch(stage);
    stage.clock.advance(16 * minute);
    await stage.sweep();
    const after = [...stage.emulator.account.filters.rows()].map(({ filterId }) => filterId);
    expect(after.slice(0, before.length)).toEqual(before);
    expect(after).toHaveLength(before.length + 1);
    expect(writesOf(stage).DeleteTrafficMirrorFilter).toBeUndefined();
  });
});
