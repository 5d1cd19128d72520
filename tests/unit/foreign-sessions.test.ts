import { describe, expect, test } from '@jest/globals';
import type { FleetDocument } from '../../lib/emulator/fleet-document.ts';
import { aStateChange } from '../support/event.ts';
import { aStage, numbersOn, ourTags, reasonsOf, type Stage, sessionsIn, writesOf } from '../support/stage.ts';

const web: FleetDocument = { instances: [{ name: 'web', tags: { Mirror: 'true' } }] };
const foreign = { source: 'web', target: 'tmt-0aaa1111bbbb2222c', filter: 'tmf-0aaa1111bbbb2222c', number: 10 };

const launch = (stage: Stage) => stage.deliver([aStateChange(stage.idOf('web'))]);
const numbers = (stage: Stage) => numbersOn(stage, stage.interfacesOf('web')[0]);

describe('Sessions of someone else', () => {
  test('number-held-by-another-owner: a foreign session on our number stays, the other tier is mirrored', async () => {
    const stage = aStage({ document: { ...web, sessions: [{ ...foreign, id: 'tms-0fff0000000000001' }] } });
    expect(await launch(stage)).toEqual([]);
    expect(numbers(stage)).toEqual([10, 20]);
    expect(stage.emulator.account.sessions.get('tms-0fff0000000000001')?.description).toBeUndefined();
    expect(reasonsOf(stage, 'Mirror Refused')).toEqual(['number-held-by-another-owner']);
  });

  test('source-full: foreign sessions in all three slots leave none', async () => {
    const sessions = [1, 2, 3].map((number) => ({ ...foreign, number }));
    const stage = aStage({ document: { ...web, sessions } });
    expect(await launch(stage)).toEqual([]);
    expect(numbers(stage)).toEqual([1, 2, 3]);
    expect(reasonsOf(stage, 'Mirror Refused')).toEqual(['source-full', 'source-full']);
  });

  test('source-full: with one slot left the tier with the lowest number wins', async () => {
    const sessions = [1, 2].map((number) => ({ ...foreign, number }));
    const stage = aStage({ document: { ...web, sessions } });
    expect(await launch(stage)).toEqual([]);
    expect(numbers(stage)).toEqual([1, 2, 10]);
    expect(reasonsOf(stage, 'Mirror Refused')).toEqual(['source-full']);
  });

  test('not-ours: our tag under another account’s OwnerId is not ours', async () => {
    const stage = aStage({
      document: {
        instances: [{ name: 'web', tags: { Mirror: 'off' } }],
        interfaces: [{ name: 'theirs', ownerId: '999999999999' }],
        sessions: [
          { ...foreign, ownerId: '999999999999', tags: ourTags() },
          { ...foreign, source: 'theirs', ownerId: '999999999999', tags: ourTags() },
        ],
      },
    });
    await launch(stage);
    await stage.sweep();
    expect(sessionsIn(stage)).toHaveLength(2);
    expect(writesOf(stage)).toEqual({});
  });

  test('not-ours: the session of another fleet in our account is not ours', async () => {
    const stage = aStage({
      document: {
        instances: [{ name: 'web', tags: { Mirror: 'off' } }],
        sessions: [{ ...foreign, tags: ourTags({ 'fleetmirror:fleet': 'staging' }) }],
      },
    });
    await launch(stage);
    await stage.sweep();
    expect(writesOf(stage)).toEqual({});
  });

  test('a run beside us that took our number first is no failure', async () => {
    const stage = aStage({ document: web });
    let isDone = false;
    const { ec2 } = stage.world;
    const beside: typeof ec2 = {
      ...ec2,
      createSession: async (input) => {
        if (!isDone) {
          isDone = true;
          await ec2.createSession({ ...input, clientToken: 'another-run' });
        }
        return ec2.createSession(input);
      },
    };
    expect(await stage.deliver([aStateChange(stage.idOf('web'))], { world: { ec2: beside } })).toEqual([]);
    expect(numbers(stage)).toEqual([10, 20]);
    expect(stage.counts.get('ActionsFailed')).toBeUndefined();
  });
});

describe('Other accounts on a target that is shared', () => {
  const other = '999999999999';
  const [first, second] = ['tmt-00000000000000001', 'tmt-00000000000000002'];
  const http = { name: 'http', sessionNumber: 10, target: 'sensors', filter: 'http' };
  const differences = {
    targets: { sensors: { ids: [first, second] } },
    filters: { http: { id: 'tmf-0aaa1111bbbb2222c' } },
    tiers: [http],
    profiles: { default: ['http'] },
  };
  const targetsOfWeb = (stage: Stage) =>
    sessionsIn(stage)
      .filter(({ networkInterfaceId }) => stage.interfacesOf('web').includes(networkInterfaceId))
      .map(({ targetId }) => targetId);

  test('ours: their sessions take its room, so that no call is wasted on it', async () => {
    const guests = Array.from({ length: 10 }, (_, index) => `guest-${index}`);
    const stage = aStage({
      document: {
        instances: [...(web.instances ?? []), { name: 'near' }, { name: 'far', zone: 'us-east-1b' }],
        interfaces: guests.map((name) => ({ name, ownerId: other })),
        targets: [
          { id: first, instance: 'near' },
          { id: second, instance: 'far' },
        ],
        sessions: guests.map((source) => ({ ...foreign, source, target: first, ownerId: other })),
      },
      differences,
    });
    await launch(stage);
    expect(targetsOfWeb(stage)).toEqual([second]);
    expect(writesOf(stage)).toEqual({ CreateTrafficMirrorSession: 1 });
  });

  test.each(['TrafficMirrorSessionsPerTargetLimitExceeded', 'TrafficMirrorSourcesPerTargetLimitExceeded'])(
    'theirs: their sessions are not shown, and EC2 says %s: the next target of the pool is taken',
    async (code) => {
      const stage = aStage({
        document: {
          instances: [...(web.instances ?? []), { name: 'near' }, { name: 'far', zone: 'us-east-1b' }],
          targets: [
            { id: first, instance: 'near', ownerId: other },
            { id: second, instance: 'far' },
          ],
        },
        differences,
      });
      stage.emulator.faults.add({
        when: 'before',
        action: 'CreateTrafficMirrorSession',
        times: 100,
        matches: ({ TrafficMirrorTargetId }) => TrafficMirrorTargetId === first,
        error: { code },
      });
      expect(await launch(stage)).toEqual([]);
      expect(targetsOfWeb(stage)).toEqual([second]);
      expect(reasonsOf(stage, 'Mirror Refused')).toEqual([]);
    },
  );
});
