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
