import {
  CreateTrafficMirrorFilterRuleCommand,
  DeleteTagsCommand,
  DeleteTrafficMirrorFilterRuleCommand,
  DeleteTrafficMirrorSessionCommand,
  DeleteTrafficMirrorTargetCommand,
  ModifyTrafficMirrorSessionCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { createMemory } from '../../lib/memory.ts';
import { aStateChange } from '../support/event.ts';
import { aStage, numbersOn, reasonsOf, type Stage, sessionsIn, writesOf } from '../support/stage.ts';

const document = { instances: [{ name: 'web', tags: { Mirror: 'true' } }] };

async function aMirroredStage(options: Parameters<typeof aStage>[0] = {}): Promise<Stage> {
  const stage = aStage({ document, ...options });
  await stage.deliver([aStateChange(stage.idOf('web'))]);
  stage.events.length = 0;
  stage.published.length = 0;
  return stage;
}

function sessionIdOn(stage: Stage, sessionNumber = 10): string {
  return sessionsIn(stage).find((session) => session.sessionNumber === sessionNumber)?.sessionId ?? 'tms-none';
}

async function deleteSession(stage: Stage, sessionNumber = 10): Promise<void> {
  const TrafficMirrorSessionId = sessionIdOn(stage, sessionNumber);
  await stage.operator.send(new DeleteTrafficMirrorSessionCommand({ TrafficMirrorSessionId }));
}

describe('Sessions that a stranger touches', () => {
  test('a deleted session is made again, and needs no sweep where it is remembered', async () => {
    const stage = await aMirroredStage();
    await deleteSession(stage);
    await stage.deliverEvents();
    expect(numbersOn(stage, stage.interfacesOf('web')[0])).toEqual([10, 20]);
    expect(stage.sweepRequests).toEqual([]);
  });

  test('a deleted session that a cold function does not know is made again by a sweep', async () => {
    const stage = await aMirroredStage();
    await deleteSession(stage);
    await stage.deliverEvents({ world: { memory: createMemory() } });
    expect(stage.sweepRequests).toEqual([{ because: 'tampered', hop: 0 }]);
    await stage.rest();
    expect(numbersOn(stage, stage.interfacesOf('web')[0])).toEqual([10, 20]);
  });

  test('drifted: a changed session is put right in place, field by field', async () => {
    const stage = await aMirroredStage();
    const before = sessionsIn(stage);
    await stage.operator.send(
      new ModifyTrafficMirrorSessionCommand({
        TrafficMirrorSessionId: sessionIdOn(stage),
        SessionNumber: 7,
        PacketLength: 64,
        TrafficMirrorFilterId: 'tmf-0ccc1111bbbb2222c',
        Description: 'mine now',
      }),
    );
    await stage.deliverEvents();
    const after = sessionsIn(stage);
    // `8500` is what AWS makes of a whole packet at a load balancer.
    expect(after).toEqual(before.map((session) => ({ ...session, packetLength: 8500 })));
    expect(stage.published).toHaveLength(1);
    expect(stage.published[0]?.detail).toMatchObject({
      changed: ['sessionNumber', 'filterId', 'packetLength', 'description'],
    });
  });

  test('left-to-sweep: a second deletion within a minute waits, one after a minute does not', async () => {
    const stage = await aMirroredStage();
    for (let round = 0; round < 2; round++) {
      await deleteSession(stage);
      await stage.deliverEvents();
    }
    expect(numbersOn(stage, stage.interfacesOf('web')[0])).toEqual([20]);
    expect(stage.counts.get('TamperingLeftToSweep')).toBe(1);
    expect(reasonsOf(stage, 'Mirror Refused')).toEqual([]);
    stage.clock.advance(60_000);
    await deleteSession(stage, 20);
    await stage.deliverEvents();
    expect(numbersOn(stage, stage.interfacesOf('web')[0])).toEqual([10, 20]);
  });
});

describe('It comes to rest', () => {
  test('two controllers that undo each other on a session', async () => {
    const stage = await aMirroredStage();
    const react = () => (sessionIdOn(stage) === 'tms-none' ? Promise.resolve() : deleteSession(stage));
    await react();
    const rounds = await stage.rest({ roundsMax: 20, react });
    expect(rounds).toBeLessThan(10);
    // The scheduled sweep wakes the quarrel again, and again it ends.
    for (let hour = 0; hour < 4; hour++) {
      stage.clock.advance(15 * 60_000);
      await stage.sweep();
      await react();
      await stage.rest({ roundsMax: 20, react });
    }
    expect(writesOf(stage).CreateTrafficMirrorSession).toBeLessThan(30);
  });

  test('two controllers that undo each other on a rule of a managed filter', async () => {
    const ingress = [{ rule: 10, action: 'accept', sourceCidr: '0.0.0.0/0', destinationCidr: '0.0.0.0/0' }];
    const stage = await aMirroredStage({
      differences: { filters: { http: { ingress }, 'all-tcp': { ingress }, everything: { ingress } } },
    });
    const { account } = stage.emulator;
    const ruleId = () => [...account.rules.rows()].find(({ ruleNumber }) => ruleNumber === 10)?.ruleId;
    const filterId = [...account.rules.rows()].find(({ ruleNumber }) => ruleNumber === 10)?.filterId;
    const react = async () => {
      const mine = [...account.rules.rows()].find((rule) => rule.ruleNumber === 10 && rule.filterId === filterId);
      if (mine === undefined) return;
      await stage.operator.send(new DeleteTrafficMirrorFilterRuleCommand({ TrafficMirrorFilterRuleId: mine.ruleId }));
    };
    await react();
    expect(await stage.rest({ roundsMax: 20, react })).toBeLessThan(10);
    expect(ruleId()).toBeDefined();
  });

  test('our own calls that come back as events lead to no write', async () => {
    const stage = aStage({ document });
    await stage.deliver([aStateChange(stage.idOf('web'))]);
    const echoes = stage.events.splice(0);
    expect(echoes.length).toBeGreaterThan(0);
    const before = writesOf(stage);
    expect(await stage.deliver(echoes)).toEqual([]);
    await stage.rest();
    expect(writesOf(stage)).toEqual(before);
  });

  test('our own deletions that come back as events lead to one sweep and no write', async () => {
    const stage = await aMirroredStage();
    await stage.operator.send(new DeleteTagsCommand({ Resources: [stage.idOf('web')], Tags: [{ Key: 'Mirror' }] }));
    await stage.deliverEvents();
    expect(sessionsIn(stage)).toEqual([]);
    const echoes = stage.events.splice(0);
    const before = writesOf(stage);
    await stage.deliver(echoes);
    expect(stage.sweepRequests).toEqual([{ because: 'tampered', hop: 0 }]);
    await stage.rest();
    expect(writesOf(stage)).toEqual(before);
  });
});

describe('Targets and filters that a stranger touches', () => {
  test('target-withdrawn is not claimed of a target that was deleted and replaced: target-gone', async () => {
    const stage = await aMirroredStage({
      differences: {
        targets: {
          waf: { ids: ['tmt-0aaa1111bbbb2222c', 'tmt-0ccc1111bbbb2222a'], spread: 'least-sources' },
          sensors: { ids: ['tmt-0ccc1111bbbb2222a'] },
        },
      },
    });
    const [http] = sessionsIn(stage);
    const targetId = http?.targetId ?? '';
    // EC2 refuses to delete a target in use, but the owner of a shared one can take it away.
    stage.emulator.account.targets.remove(targetId);
    await stage.deliver([aStateChange(stage.idOf('web'))]);
    stage.clock.advance(60_000);
    await stage.deliver([aStateChange(stage.idOf('web'))]);
    const moved = sessionsIn(stage)[0];
    expect(moved?.sessionId).toBe(http?.sessionId);
    expect(moved?.targetId).not.toBe(targetId);
    expect(reasonsOf(stage, 'Mirror Drift Repaired')).toContain('target-gone');
  });

  test('a stranger’s target that goes away makes the function read targets afresh', async () => {
    const stage = await aMirroredStage({
      document: {
        ...document,
        interfaces: [{ name: 'free' }],
        targets: [{ id: 'tmt-0eee1111bbbb2222a', interface: 'free' }],
      },
    });
    const readAtMs = stage.world.memory.infrastructure?.readAtMs ?? 0;
    stage.clock.advance(1000);
    await stage.operator.send(new DeleteTrafficMirrorTargetCommand({ TrafficMirrorTargetId: 'tmt-0eee1111bbbb2222a' }));
    await stage.deliverEvents();
    expect(stage.world.memory.infrastructure?.readAtMs).toBeGreaterThan(readAtMs);
    expect(stage.world.memory.infrastructure?.targets.has('tmt-0eee1111bbbb2222a')).toBe(false);
  });

  test('a rule that someone adds to a filter of the user’s own is left alone', async () => {
    const stage = await aMirroredStage();
    const before = writesOf(stage);
    await stage.operator.send(
      new CreateTrafficMirrorFilterRuleCommand({
        TrafficMirrorFilterId: 'tmf-0aaa1111bbbb2222c',
        TrafficDirection: 'ingress',
        RuleNumber: 5,
        RuleAction: 'reject',
        SourceCidrBlock: '0.0.0.0/0',
        DestinationCidrBlock: '0.0.0.0/0',
      }),
    );
    await stage.rest();
    expect(writesOf(stage)).toEqual({ ...before, CreateTrafficMirrorFilterRule: 1 });
  });
});
