import {
  CreateTrafficMirrorFilterRuleCommand,
  DeleteTrafficMirrorFilterRuleCommand,
  ModifyTrafficMirrorFilterNetworkServicesCommand,
  ModifyTrafficMirrorFilterRuleCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import type { FleetDocument } from '../../lib/emulator/fleet-document.ts';
import { aStateChange } from '../support/event.ts';
import { filterIdsOf, managed, rulesOf } from '../support/managed-filter.ts';
import { aStage, ourTags, type Stage, sessionsIn } from '../support/stage.ts';

const mirrored = { Mirror: 'true' };
const web: FleetDocument = { instances: [{ name: 'web', tags: mirrored }] };
const minute = 60_000;

/** From now on EC2 answers one of its actions with an error only. */
function spoil({ emulator }: Stage, action: string, code: string): void {
  emulator.faults.add({ action, when: 'before', times: Number.POSITIVE_INFINITY, error: { code } });
}

/** Someone takes a rule out of the filter, and nothing tells of it. */
async function loseRule(stage: Stage): Promise<void> {
  const [rule] = stage.emulator.account.rules.rows();
  const TrafficMirrorFilterRuleId = rule?.ruleId;
  await stage.operator.send(new DeleteTrafficMirrorFilterRuleCommand({ TrafficMirrorFilterRuleId }));
  stage.events.length = 0;
}

async function changeRule(stage: Stage): Promise<void> {
  const [rule] = stage.emulator.account.rules.rows();
  const TrafficMirrorFilterRuleId = rule?.ruleId;
  await stage.operator.send(
    new ModifyTrafficMirrorFilterRuleCommand({ TrafficMirrorFilterRuleId, RuleAction: 'accept' }),
  );
}

async function addRule(stage: Stage, RuleAction: 'accept' | 'reject'): Promise<void> {
  const [TrafficMirrorFilterId] = filterIdsOf(stage);
  const everything = { SourceCidrBlock: '0.0.0.0/0', DestinationCidrBlock: '0.0.0.0/0' };
  const rule = { TrafficMirrorFilterId, TrafficDirection: 'ingress' as const, RuleNumber: 9, RuleAction };
  await stage.operator.send(new CreateTrafficMirrorFilterRuleCommand({ ...rule, ...everything }));
}

async function loseService(stage: Stage): Promise<void> {
  const [TrafficMirrorFilterId] = filterIdsOf(stage);
  const RemoveNetworkServices = ['amazon-dns' as const];
  await stage.operator.send(
    new ModifyTrafficMirrorFilterNetworkServicesCommand({ TrafficMirrorFilterId, RemoveNetworkServices }),
  );
}

describe('A managed filter that could not be made or repaired', () => {
  const pair: FleetDocument = { instances: [{ name: 'web', count: 2, tags: mirrored }] };
  const both = {
    ...managed,
    filters: { ...managed.filters, http: { id: 'tmf-0aaa1111bbbb2222c' } },
    tiers: [{ name: 'http', sessionNumber: 10, target: 'waf', filter: 'http' }, ...managed.tiers],
    profiles: { default: ['http', 'tcp'] },
  };
  const numbersIn = (stage: Stage) => sessionsIn(stage).map(({ sessionNumber }) => sessionNumber);
  const denied = 'UnauthorizedOperation';

  test.each([denied, 'SomethingNew', 'TrafficMirrorFilterRuleLimitExceeded'])(
    'gets no session in any sweep while its rules are refused (%s); sessions with another filter come',
    async (code) => {
      const stage = aStage({ document: web, differences: both });
      spoil(stage, 'CreateTrafficMirrorFilterRule', code);
      for (const failed of [1, 2]) {
        const report = await stage.sweep();
        expect(report?.filterFailures.length).toBeGreaterThan(0);
        expect(report?.outcomes.find(({ outcome }) => outcome === 'deferred')).toMatchObject({ code });
        expect(numbersIn(stage)).toEqual([10]);
        expect(stage.counts.get('ActionsFailed')).toBeGreaterThanOrEqual(failed);
      }
      stage.emulator.faults.calm();
      await stage.sweep();
      expect(numbersIn(stage)).toEqual([10, 20]);
      expect(rulesOf(stage, filterIdsOf(stage)[0])).toHaveLength(4);
    },
  );

  test('comes to rest when EC2 refuses its rules for good, whoever begins, and is tried by each sweep', async () => {
    const stage = aStage({ document: pair, differences: both });
    spoil(stage, 'CreateTrafficMirrorFilterRule', denied);
    for (const name of ['web-0', 'web-1']) expect(await stage.deliver([aStateChange(stage.idOf(name))])).toEqual([]);
    await stage.rest();
    await stage.sweep();
    await stage.rest();
    expect(numbersIn(stage)).toEqual([10, 10]);
    expect(filterIdsOf(stage)).toHaveLength(1);
    expect(stage.counts.get('LeftToSweep')).toBeGreaterThan(0);
  });

  test('gets no session from a warm function either, which would not read the filters for a minute', async () => {
    const stage = aStage({ document: pair, differences: managed });
    await stage.deliver([aStateChange(stage.idOf('web-0'))]);
    await loseRule(stage);
    stage.clock.advance(2 * minute);
    spoil(stage, 'CreateTrafficMirrorFilterRule', denied);
    for (let seconds = 0; seconds < 40; seconds += 10) {
      await stage.deliver([aStateChange(stage.idOf('web-1'))]);
      expect(numbersIn(stage)).toEqual([20]);
      stage.clock.advance(10_000);
    }
  });

  test.each([
    ['a rule that is missing', 'CreateTrafficMirrorFilterRule', loseRule],
    ['a rule that someone changed', 'ModifyTrafficMirrorFilterRule', changeRule],
    ["a stranger's reject", 'DeleteTrafficMirrorFilterRule', (stage: Stage) => addRule(stage, 'reject')],
    ['a network service that is missing', 'ModifyTrafficMirrorFilterNetworkServices', loseService],
  ])('%s holds new sessions back and leaves old ones', async (_what, action, harm) => {
    const stage = aStage({ document: pair, differences: managed });
    await stage.deliver([aStateChange(stage.idOf('web-0'))]);
    const before = sessionsIn(stage);
    await harm(stage);
    spoil(stage, action, denied);
    const report = await stage.sweep();
    expect(report?.filterFailures.map(({ code }) => code)).toEqual([denied]);
    expect(sessionsIn(stage)).toEqual(before);
    expect(stage.counts.get('ActionsFailed')).toBe(1);
  });

  test("a stranger's accept holds nothing back: the filter mirrors more, not less; it is counted all the same", async () => {
    const stage = aStage({ document: pair, differences: managed });
    await stage.deliver([aStateChange(stage.idOf('web-0'))]);
    await addRule(stage, 'accept');
    spoil(stage, 'DeleteTrafficMirrorFilterRule', denied);
    await stage.sweep();
    expect(numbersIn(stage)).toEqual([20, 20]);
    expect(stage.counts.get('ActionsFailed')).toBe(1);
  });

  test('is repaired at the next event, within the minute too: a repair in vain was none', async () => {
    const stage = aStage({ document: web, differences: managed });
    await stage.deliver([aStateChange(stage.idOf('web'))]);
    const [filterId] = filterIdsOf(stage);
    const before = rulesOf(stage, filterId);
    stage.events.length = 0;
    await changeRule(stage);
    const changes = stage.events.splice(0);
    spoil(stage, 'ModifyTrafficMirrorFilterRule', denied);
    await stage.deliver(changes);
    expect(rulesOf(stage, filterId)).not.toEqual(before);
    stage.emulator.faults.calm();
    await stage.deliver(changes);
    expect(rulesOf(stage, filterId)).toEqual(before);
  });

  test('gets no session of another filter either, and that one stays where it is', async () => {
    const tags = ourTags();
    const filter = 'tmf-0ccc1111bbbb2222c';
    const session = {
      source: 'web',
      target: 'tmt-0ccc1111bbbb2222a',
      filter,
      number: 20,
      description: 'tier tcp',
      tags,
    };
    const stage = aStage({ document: { ...web, sessions: [session] }, differences: managed });
    spoil(stage, 'CreateTrafficMirrorFilterRule', denied);
    for (const _ of [1, 2]) await stage.sweep();
    expect(sessionsIn(stage).map(({ filterId }) => filterId)).toEqual([filter]);
    stage.emulator.faults.calm();
    await stage.sweep();
    expect(sessionsIn(stage).map(({ filterId }) => filterId)).toEqual(filterIdsOf(stage));
  });

  test.each(['RequestLimitExceeded', 'Unavailable'])(
    "for want of EC2's patience (%s) is no failure; its sessions come when it is whole",
    async (code) => {
      const stage = aStage({ document: web, differences: managed });
      stage.emulator.faults.add({
        action: 'CreateTrafficMirrorFilterRule',
        when: 'before',
        times: 12,
        error: { code },
      });
      await stage.deliver([aStateChange(stage.idOf('web'))]);
      expect(numbersIn(stage)).toEqual([]);
      await stage.rest();
      expect(numbersIn(stage)).toEqual([20]);
      expect(rulesOf(stage, filterIdsOf(stage)[0])).toHaveLength(4);
      expect(stage.counts.get('ActionsFailed')).toBe(0);
    },
  );
});
