import { DeleteTagsCommand, DeleteTrafficMirrorSessionCommand } from '@aws-sdk/client-ec2';
import { expect, test } from '@jest/globals';
import { tagsLateMsMax } from '../../lib/core/limits.ts';
import { createMemory } from '../../lib/memory.ts';
import type { Queues } from '../../lib/ports.ts';
import { aStateChange } from '../support/event.ts';
import { aStage, sessionsIn } from '../support/stage.ts';

const refuse = () => Promise.reject(new Error('SQS takes no message now'));
const refusing: Queues = { sendWork: refuse, requestSweep: refuse };

const names = Array.from({ length: 12 }, (_, index) => `web-${index}`);

/** Twelve instances, all mirrored; then all of them opt out. Answers what tells us so. */
async function aFleetThatOptsOut() {
  const stage = aStage({ document: { instances: [{ name: 'web', count: names.length, tags: { Mirror: 'true' } }] } });
  const changes = names.map((name) => aStateChange(stage.idOf(name)));
  await stage.deliver(changes);
  expect(sessionsIn(stage)).toHaveLength(24);
  // No event will tell of the tags: a new session would be kept, since a read may show the tags of a launch late.
  stage.clock.advance(tagsLateMsMax);
  const Resources = names.map((name) => stage.idOf(name));
  await stage.operator.send(new DeleteTagsCommand({ Resources, Tags: [{ Key: 'Mirror' }] }));
  return { stage, changes };
}

test('left-to-sweep: a batch whose rest cannot be sent comes back whole, and no guard is passed message by message', async () => {
  const { stage, changes } = await aFleetThatOptsOut();
  // EC2 does not show this one yet, so it must be sent again.
  const batch = [...changes, aStateChange('i-0fff0000000000001')];
  expect(await stage.deliver(batch, { world: { queues: refusing } })).toEqual(batch.map((_, index) => index));
  expect(sessionsIn(stage)).toHaveLength(24);
});

test('left-to-sweep: a batch that cannot be read is tried message by message, and its guard of ten holds all the same', async () => {
  const { stage, changes } = await aFleetThatOptsOut();
  stage.emulator.faults.add({ when: 'before', action: 'DescribeInstances', error: { code: 'SomethingNew' } });
  expect(await stage.deliver(changes)).toEqual([]);
  expect(sessionsIn(stage)).toHaveLength(24 - 10);
});

test('a request for a sweep that SQS refuses is made when the message comes back', async () => {
  const stage = aStage({ document: { instances: [{ name: 'web', tags: { Mirror: 'true' } }] } });
  await stage.deliver([aStateChange(stage.idOf('web'))]);
  stage.events.length = 0;
  const TrafficMirrorSessionId = sessionsIn(stage)[0]?.sessionId;
  await stage.operator.send(new DeleteTrafficMirrorSessionCommand({ TrafficMirrorSessionId }));
  // A function that did not make the session knows no source to look at.
  const memory = createMemory();
  const changes = stage.events.splice(0);
  expect(await stage.deliver(changes, { world: { memory, queues: refusing } })).toEqual([0]);
  expect(await stage.deliver(changes, { world: { memory } })).toEqual([]);
  expect(stage.sweepRequests).toEqual([{ because: 'tampered', hop: 0 }]);
});
