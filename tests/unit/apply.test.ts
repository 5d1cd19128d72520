import { describe, expect, test } from '@jest/globals';
import { removeInterface } from '../../lib/emulator/account-change.ts';
import type { FleetDocument } from '../../lib/emulator/fleet-document.ts';
import { aStateChange } from '../support/event.ts';
import { aStage, numbersOn, ourTags, reasonsOf, type Stage, sessionsIn, writesOf } from '../support/stage.ts';

const mirrored = { Mirror: 'true' };
const web: FleetDocument = { instances: [{ name: 'web', tags: mirrored }] };
const waf = 'tmt-0aaa1111bbbb2222c';
const foreign = { source: 'web', target: waf, filter: 'tmf-0aaa1111bbbb2222c', number: 10 };

const launch = (stage: Stage, name = 'web') => stage.deliver([aStateChange(stage.idOf(name))]);
const numbers = (stage: Stage, name = 'web') => numbersOn(stage, stage.interfacesOf(name)[0]);

describe('EC2 that does not answer as it should', () => {
  test.each([
    ['a server error before the change', { when: 'before', error: { code: 'InternalError' } }],
    ['a server error after the change', { when: 'after', error: { code: 'InternalError' } }],
    ['a server error without a known code', { when: 'after', error: { code: 'Surprise', status: 500 } }],
    ['a connection that breaks before the change', { when: 'before', reset: true }],
    ['a connection that breaks after the change', { when: 'after', reset: true }],
    ['throttling', { when: 'before', error: { code: 'RequestLimitExceeded' } }],
  ] as const)('%s: no session is missing and none is made twice', async (_what, fault) => {
    const stage = aStage({ document: web, emulator: { rules: { duplicateSessionNumber: 'accepted' } } });
    stage.emulator.faults.add({ ...fault, action: 'CreateTrafficMirrorSession', times: 3 });
    expect(await launch(stage)).toEqual([]);
    expect(numbers(stage)).toEqual([10, 20]);
    expect(stage.work).toEqual([]);
    expect(reasonsOf(stage, 'Mirror Attached')).toEqual(['opted-in', 'opted-in']);
  });

  test('a number that others take twice is asked for a third time, each time under a token of its own', async () => {
    const stage = aStage({ document: web, differences: { profiles: { default: ['http'] } } });
    const tokens: unknown[] = [];
    stage.emulator.faults.add({
      when: 'before',
      action: 'CreateTrafficMirrorSession',
      times: Number.POSITIVE_INFINITY,
      matches: ({ ClientToken }) => tokens.push(ClientToken) < 3,
      // What EC2 answers to a number that is taken is unknown; this is what it answers to much else.
      error: { code: 'InvalidParameterValue' },
    });
    expect(await launch(stage)).toEqual([]);
    expect(numbers(stage)).toEqual([10]);
    expect(stage.counts.get('ActionsFailed')).toBeUndefined();
    expect(new Set(tokens).size).toBe(3);
  });

  test('answers that stay lost after the change leave two sessions, found by the work that was handed on', async () => {
    const stage = aStage({ document: web, emulator: { rules: { duplicateSessionNumber: 'accepted' } } });
    stage.emulator.faults.add({ when: 'after', reset: true, action: 'CreateTrafficMirrorSession', times: 12 });
    await launch(stage);
    expect(stage.work).toHaveLength(1);
    await stage.rest();
    expect(numbers(stage)).toEqual([10, 20]);
  });

  test('a deletion whose answer is lost is done once and announced', async () => {
    const stage = aStage({
      document: {
        instances: [{ name: 'web', tags: { Mirror: 'off' } }],
        sessions: [{ ...foreign, tags: ourTags() }],
      },
    });
    stage.emulator.faults.add({ when: 'after', reset: true, action: 'DeleteTrafficMirrorSession' });
    expect(await launch(stage)).toEqual([]);
    expect(sessionsIn(stage)).toEqual([]);
    expect(reasonsOf(stage, 'Mirror Detached')).toEqual(['opted-out']);
  });

  test('a change whose answer is lost is made once and announced', async () => {
    const stage = aStage({ document: { ...web, sessions: [{ ...foreign, tags: ourTags() }] } });
    stage.emulator.faults.add({ when: 'after', error: { code: 'Unavailable' }, action: 'ModifyTrafficMirrorSession' });
    expect(await launch(stage)).toEqual([]);
    expect(sessionsIn(stage)[0]?.description).toBe('tier http');
    expect(reasonsOf(stage, 'Mirror Drift Repaired')).toEqual(['drifted']);
  });

  test('any call, once each, in the worst weather: nothing is lost and nothing is made twice', async () => {
    const stage = aStage({ document: { instances: [{ name: 'web', count: 20, tags: mirrored }] } });
    stage.emulator.faults.setWeather({ errorRate: 0.2, lostAnswerRate: 0.1, resetRate: 0.1, emptyPageRate: 0.2 });
    await stage.deliver(Array.from({ length: 20 }, (_, index) => aStateChange(stage.idOf(`web-${index}`))));
    await stage.rest();
    expect(sessionsIn(stage)).toHaveLength(40);
  });
});

describe('What EC2 refuses', () => {
  test('denied: creation only, told as a refusal, not as a failure', async () => {
    const stage = aStage({ document: web });
    stage.emulator.faults.add({
      when: 'before',
      action: 'CreateTrafficMirrorSession',
      times: 100,
      error: { code: 'UnauthorizedOperation' },
    });
    expect(await launch(stage)).toEqual([]);
    expect(sessionsIn(stage)).toEqual([]);
    expect(reasonsOf(stage, 'Mirror Refused')).toEqual(['denied', 'denied']);
    expect([stage.work, stage.counts.get('SessionsRefused')]).toEqual([[], 2]);
  });

  test('denied: a deletion that may not be made is heard of as well', async () => {
    const stage = aStage({
      document: { instances: [{ name: 'web', tags: { Mirror: 'off' } }], sessions: [{ ...foreign, tags: ourTags() }] },
    });
    stage.emulator.faults.add({
      when: 'before',
      action: 'DeleteTrafficMirrorSession',
      error: { code: 'UnauthorizedOperation' },
    });
    expect(await launch(stage)).toEqual([]);
    expect(reasonsOf(stage, 'Mirror Refused')).toEqual(['denied']);
  });

  test('type-refused-by-ec2: under `unknown: try` the first refusals settle the type for the run', async () => {
    const stage = aStage({
      document: {
        instances: [{ name: 'new', count: 30, instanceType: 'zz9.large', tags: mirrored }, ...(web.instances ?? [])],
      },
      differences: { instanceTypes: { unknown: 'try' } },
      emulator: { rules: { isUnsupportedType: (type) => type.startsWith('zz9') } },
    });
    const names = [...Array.from({ length: 30 }, (_, index) => `new-${index}`), 'web'];
    expect(await stage.deliver(names.map((name) => aStateChange(stage.idOf(name))))).toEqual([]);
    expect(numbers(stage)).toEqual([10, 20]);
    expect(sessionsIn(stage)).toHaveLength(2);
    expect(new Set(reasonsOf(stage, 'Mirror Refused'))).toEqual(new Set(['type-refused-by-ec2']));
    expect(reasonsOf(stage, 'Mirror Refused')).toHaveLength(60);
    // Ten lanes meet the first refusal side by side; nobody asks after that.
    expect(writesOf(stage).CreateTrafficMirrorSession).toBeLessThanOrEqual(10 + 2);
    expect(stage.work).toEqual([]);
  });

  test('is-mirror-target: an interface that became a target since the read is refused', async () => {
    const stage = aStage({ document: web });
    stage.emulator.faults.add({
      when: 'before',
      action: 'CreateTrafficMirrorSession',
      times: 10,
      error: { code: 'InterfaceInUseByTrafficMirrorTarget' },
    });
    expect(await launch(stage)).toEqual([]);
    expect(new Set(reasonsOf(stage, 'Mirror Refused'))).toEqual(new Set(['is-mirror-target']));
  });

  test('account-full: the account has no room for another session', async () => {
    const stage = aStage({ document: web, emulator: { rules: { sessionsMax: 1 } } });
    expect(await launch(stage)).toEqual([]);
    expect(numbers(stage)).toEqual([10]);
    expect(reasonsOf(stage, 'Mirror Refused')).toEqual(['account-full']);
  });

  test('source-full: sessions of someone else that came between read and create take the slots', async () => {
    const stage = aStage({ document: web });
    stage.emulator.faults.add({
      when: 'before',
      action: 'CreateTrafficMirrorSession',
      matches: () => {
        if (sessionsIn(stage).length === 0) {
          stage.emulator.loadFleet({
            sessions: [1, 2, 3].map((number) => ({ ...foreign, source: stage.interfacesOf('web')[0] ?? '', number })),
          });
        }
        return false;
      },
      error: { code: 'never' },
    });
    expect(await launch(stage)).toEqual([]);
    expect(numbers(stage)).toEqual([1, 2, 3]);
    expect(new Set(reasonsOf(stage, 'Mirror Refused'))).toEqual(new Set(['source-full']));
  });
});

describe('Targets with ten places', () => {
  const appliances: FleetDocument = {
    instances: [
      { name: 'sensor', count: 2, zone: 'us-east-1a' },
      { name: 'web', count: 15, zone: 'us-east-1a', tags: mirrored },
    ],
    targets: [
      { id: 'tmt-0000000000000000a', instance: 'sensor-0' },
      { id: 'tmt-0000000000000000b', instance: 'sensor-1' },
    ],
  };
  const oneTier = (ids: readonly string[]) => ({
    targets: { waf: { ids } },
    tiers: [{ name: 'http', sessionNumber: 10, target: 'waf', filter: 'http' }],
    profiles: { default: ['http'] },
  });
  const all = Array.from({ length: 15 }, (_, index) => `web-${index}`);

  test('target-full: the eleventh source of the only target is refused, the ten are mirrored', async () => {
    const stage = aStage({ document: appliances, differences: oneTier(['tmt-0000000000000000a']) });
    expect(await stage.deliver(all.map((name) => aStateChange(stage.idOf(name))))).toEqual([]);
    expect(sessionsIn(stage)).toHaveLength(10);
    expect(reasonsOf(stage, 'Mirror Refused')).toEqual(Array.from({ length: 5 }, () => 'target-full'));
    expect(stage.work).toEqual([]);
  });

  test('a target that others fill halfway sends the rest to the next one', async () => {
    const stage = aStage({
      document: {
        ...appliances,
        instances: [...(appliances.instances ?? []), { name: 'other', count: 7, zone: 'us-east-1b' }],
      },
      differences: oneTier(['tmt-0000000000000000a', 'tmt-0000000000000000b']),
    });
    // Seven strangers take places at the first target after the loads were read.
    await stage.deliver([aStateChange(stage.idOf('web-0'))]);
    const [taken] = sessionsIn(stage);
    stage.emulator.loadFleet({
      sessions: Array.from({ length: 7 }, (_, index) => ({
        source: stage.interfacesOf(`other-${index}`)[0] ?? '',
        target: taken?.targetId ?? '',
        filter: 'tmf-0aaa1111bbbb2222c',
        number: 1,
      })),
    });
    expect(await stage.deliver(all.slice(0, 12).map((name) => aStateChange(stage.idOf(name))))).toEqual([]);
    const ours = sessionsIn(stage).filter(({ sessionNumber }) => sessionNumber === 10);
    expect(ours).toHaveLength(12);
    expect(ours.filter(({ targetId }) => targetId === taken?.targetId).length).toBeLessThanOrEqual(3);
    expect(reasonsOf(stage, 'Mirror Refused')).toEqual([]);
    expect(reasonsOf(stage, 'Mirror Attached')).toHaveLength(12);
  });

  test('target-full: what EC2 refuses is tried at every target of the pool, within one run', async () => {
    const ids = ['tmt-0000000000000000a', 'tmt-0000000000000000b', 'tmt-0000000000000000c'];
    const instances = [{ name: 'sensor', count: 3, zone: 'us-east-1a' }, ...appliances.instances!.slice(1)];
    const targets = ids.map((id, index) => ({ id, instance: `sensor-${index}` }));
    const stage = aStage({ document: { instances, targets }, differences: oneTier(ids) });
    const tried = new Set<unknown>();
    stage.emulator.faults.add({
      when: 'before',
      action: 'CreateTrafficMirrorSession',
      times: 9,
      matches: ({ TrafficMirrorTargetId: id }) => tried.add(id).size < ids.length,
      error: { code: 'TrafficMirrorSourcesPerTargetLimitExceeded' },
    });
    expect(await launch(stage, 'web-0')).toEqual([]);
    expect([...tried].sort()).toEqual(ids);
    expect(reasonsOf(stage, 'Mirror Attached')).toEqual(['opted-in']);
    expect(reasonsOf(stage, 'Mirror Refused')).toEqual([]);
  });

  test('is-mirror-target: the appliance itself is never a source', async () => {
    const stage = aStage({
      document: { ...appliances, instances: [{ name: 'sensor', count: 2, tags: mirrored }] },
      differences: oneTier(['tmt-0000000000000000a']),
    });
    await launch(stage, 'sensor-0');
    expect(sessionsIn(stage)).toEqual([]);
    expect(reasonsOf(stage, 'Mirror Refused')).toEqual(['is-mirror-target']);
  });
});

describe('What goes away between read and create', () => {
  /** Does something just before the first creation is looked at, which names the target it is for. */
  function beforeFirstCreate(stage: Stage, happen: (targetId: string) => void): void {
    let hasHappened = false;
    stage.emulator.faults.add({
      when: 'before',
      action: 'CreateTrafficMirrorSession',
      matches: ({ TrafficMirrorTargetId }) => {
        if (!hasHappened) happen(String(TrafficMirrorTargetId));
        hasHappened = true;
        return false;
      },
    });
  }

  const pool = [waf, 'tmt-0ccc1111bbbb2222a'];

  test('a target: the session goes to another one of the pool', async () => {
    const stage = aStage({ document: web, differences: { targets: { waf: { ids: pool }, sensors: { ids: pool } } } });
    let gone: string | undefined;
    beforeFirstCreate(stage, (targetId) => {
      gone = targetId;
      stage.emulator.account.targets.remove(targetId);
    });
    expect(await launch(stage)).toEqual([]);
    const left = pool.find((id) => id !== gone);
    expect(sessionsIn(stage).map(({ targetId }) => targetId)).toEqual([left, left]);
  });

  test('target-missing: the only target is refused, the other tier is mirrored', async () => {
    const stage = aStage({ document: web });
    beforeFirstCreate(stage, () => stage.emulator.account.targets.remove(waf));
    expect(await launch(stage)).toEqual([]);
    expect(numbers(stage)).toEqual([20]);
    expect(reasonsOf(stage, 'Mirror Refused')).toEqual(['target-missing']);
    expect(reasonsOf(stage, 'Mirror Attached')).toEqual(['opted-in']);
  });

  test('filter-missing: the user’s filter is gone, the other tier is mirrored', async () => {
    const stage = aStage({ document: web });
    beforeFirstCreate(stage, () => stage.emulator.account.filters.remove('tmf-0aaa1111bbbb2222c'));
    expect(await launch(stage)).toEqual([]);
    expect(numbers(stage)).toEqual([20]);
    expect(reasonsOf(stage, 'Mirror Refused')).toEqual(['filter-missing']);
  });

  test('target-missing: when EC2 cannot be read again, what was done is told and the rest is handed on', async () => {
    const stage = aStage({ document: web });
    beforeFirstCreate(stage, () => {
      stage.emulator.account.targets.remove(waf);
      const error = { code: 'UnauthorizedOperation' };
      stage.emulator.faults.add({ when: 'before', action: 'DescribeTrafficMirrorSessions', error });
    });
    expect(await launch(stage)).toEqual([]);
    expect(numbers(stage)).toEqual([20]);
    expect(reasonsOf(stage, 'Mirror Attached')).toEqual(['opted-in']);
    expect(reasonsOf(stage, 'Mirror Refused')).toEqual([]);
    expect(stage.work).toMatchObject([{ work: { instanceIds: [stage.idOf('web')], hop: 1 } }]);
    await stage.rest();
    expect(reasonsOf(stage, 'Mirror Refused')).toEqual(['target-missing']);
  });

  test.each(['documented', 'observed'] as const)('the filter, in EC2’s %s spelling of not-found', async (spelling) => {
    const stage = aStage({ document: web, emulator: { rules: { notFoundSpelling: spelling } } });
    beforeFirstCreate(stage, () => stage.emulator.account.filters.remove('tmf-0aaa1111bbbb2222c'));
    expect(await launch(stage)).toEqual([]);
    expect(reasonsOf(stage, 'Mirror Refused')).toEqual(['filter-missing']);
  });

  test('the interface: nothing fails and nothing is left', async () => {
    const stage = aStage({ document: web });
    const { account } = stage.emulator;
    beforeFirstCreate(stage, () => {
      const row = account.interfaces.get(stage.interfacesOf('web')[0] ?? '');
      if (row !== undefined) removeInterface(account, row);
    });
    expect(await launch(stage)).toEqual([]);
    await stage.rest();
    expect(sessionsIn(stage)).toEqual([]);
    expect(stage.counts.get('ActionsFailed')).toBeUndefined();
  });
});
