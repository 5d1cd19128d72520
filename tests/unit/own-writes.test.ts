import { DeleteTagsCommand } from '@aws-sdk/client-ec2';
import { expect, test } from '@jest/globals';
import { ownWritesMs } from '../../lib/core/limits.ts';
import { addOwnFilters } from '../../lib/own-writes.ts';
import { anEmulatedWorld } from '../support/emulated-world.ts';
import { aStateChange } from '../support/event.ts';
import { aStage } from '../support/stage.ts';

test('a filter that we created is believed in for a minute and no longer', () => {
  const { world, clock } = anEmulatedWorld();
  world.memory.ownFilters.set('all-tcp', { filterId: 'tmf-1', writtenAtMs: clock.now() });
  clock.advance(ownWritesMs - 1);
  expect(addOwnFilters(world, new Map())).toEqual(new Map([['all-tcp', 'tmf-1']]));
  clock.advance(1);
  expect(addOwnFilters(world, new Map())).toEqual(new Map());
});

test('a filter that was read stands before the one that we created under its name', () => {
  const { world, clock } = anEmulatedWorld();
  world.memory.ownFilters.set('all-tcp', { filterId: 'tmf-1', writtenAtMs: clock.now() });
  expect(addOwnFilters(world, new Map([['all-tcp', 'tmf-2']]))).toEqual(new Map([['all-tcp', 'tmf-2']]));
});

test('a session that we deleted takes no room at its target in what a warm function remembers', async () => {
  const stage = aStage({ document: { instances: [{ name: 'web', tags: { Mirror: 'http' } }] } });
  await stage.deliver([aStateChange(stage.idOf('web'))]);
  const remembered = () => stage.world.memory.infrastructure?.sessions.size;
  expect(remembered()).toBe(1);
  await stage.operator.send(new DeleteTagsCommand({ Resources: [stage.idOf('web')], Tags: [{ Key: 'Mirror' }] }));
  await stage.deliverEvents();
  expect(remembered()).toBe(0);
});
