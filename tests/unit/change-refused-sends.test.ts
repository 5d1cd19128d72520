import { DeleteTagsCommand } from '@aws-sdk/client-ec2';
import { expect, test } from '@jest/globals';
import type { Queues } from '../../lib/ports.ts';
import { aStateChange } from '../support/event.ts';
import { aStage, sessionsIn } from '../support/stage.ts';

const refuse = () => Promise.reject(new Error('SQS takes no message now'));
const refusing: Queues = { sendWork: refuse, requestSweep: refuse };

test('left-to-sweep: a batch whose rest cannot be sent comes back whole, and no guard is passed message by message', async () => {
  const names = Array.from({ length: 12 }, (_, index) => `web-${index}`);
  const stage = aStage({ document: { instances: [{ name: 'web', count: names.length, tags: { Mirror: 'true' } }] } });
  const changes = names.map((name) => aStateChange(stage.idOf(name)));
  await stage.deliver(changes);
  expect(sessionsIn(stage)).toHaveLength(24);
  const Resources = names.map((name) => stage.idOf(name));
  await stage.operator.send(new DeleteTagsCommand({ Resources, Tags: [{ Key: 'Mirror' }] }));
  // EC2 does not show this one yet, so it must be sent again.
  const batch = [...changes, aStateChange('i-0fff0000000000001')];
  expect(await stage.deliver(batch, { world: { queues: refusing } })).toEqual(batch.map((_, index) => index));
  expect(sessionsIn(stage)).toHaveLength(24);
});
