import { CreateTagsCommand, DeleteNetworkInterfaceCommand } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { aDeployedFleet, buildFunctions, type DeployedFleet } from '../support/deployed-fleet.ts';
import { eventually } from '../support/eventually.ts';

const [first, second] = ['tmt-0000000000000000a', 'tmt-0000000000000000b'];
/** Longer than queues and functions need on a busy machine. */
const limitMs = 60_000;
let fleet: DeployedFleet;
let removeFunctions: () => Promise<void>;

beforeAll(async () => {
  const { taskRoot, remove } = await buildFunctions();
  removeFunctions = remove;
  fleet = await aDeployedFleet(taskRoot, {
    policy: { targets: { waf: { ids: [first, second] }, sensors: { ids: [second] } } },
    document: {
      instances: [{ name: 'web', count: 4 }],
      interfaces: [{ name: 'first' }, { name: 'second' }],
      targets: [
        { id: first, interface: 'first' },
        { id: second, interface: 'second' },
      ],
    },
  });
}, 120_000);

afterAll(async () => {
  await fleet.close();
  await removeFunctions();
});

test('target-gone: when the interface of a target is deleted, its sessions move at once, without the schedule', async () => {
  const targets = () => [...fleet.aws.emulator.account.sessions.rows()].map(({ targetId }) => targetId);
  const instances = ['web-0', 'web-1', 'web-2', 'web-3'].map(fleet.idOf);
  await fleet.operator.send(new CreateTagsCommand({ Resources: instances, Tags: [{ Key: 'Mirror', Value: 'http' }] }));
  await eventually('four sessions', () => targets().length === 4 || undefined, limitMs);
  expect(new Set(targets())).toEqual(new Set([first, second]));

  await fleet.operator.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId: fleet.idOf('first') }));
  await eventually(
    'all sessions on the second target',
    () => targets().every((id) => id === second) || undefined,
    limitMs,
  );
  expect(targets()).toHaveLength(4);
  const sweeps = () => fleet.events.filter((event) => event['detail-type'] === 'Sweep Completed');
  const [sweep] = await eventually('the end of the sweep', () => (sweeps().length > 0 ? sweeps() : undefined), limitMs);
  expect(sweep?.detail).toMatchObject({ because: 'target-gone', actions: { failed: 0 } });
}, 240_000);
