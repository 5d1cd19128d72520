import {
  AttachNetworkInterfaceCommand,
  DescribeNetworkInterfacesCommand,
  DetachNetworkInterfaceCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type EmulatedAws, startEmulatedAws } from '../../lib/cli/emulated-aws.ts';
import { runCli } from '../support/run-cli.ts';

let aws: EmulatedAws;
let ec2: EC2Client;

/** The demo's fleet, mirrored, and a session of ours whose interface EC2 does not show. */
beforeAll(async () => {
  aws = await startEmulatedAws({ fleetFile: 'infra/demo/fleet.yml' });
  ec2 = new EC2Client({
    endpoint: aws.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'operator', secretAccessKey: 'operator' },
  });
  expect((await cli('sweep', '--policy', 'infra/demo/policy.yml')).exitCode).toBe(0);
  aws.emulator.loadFleet({
    sessions: [
      {
        source: 'eni-00000000000000000',
        target: 'tmt-000000000000000fa',
        filter: [...aws.emulator.account.filters.rows()][0]?.filterId ?? '',
        number: 10,
        virtualNetworkId: 6999,
        tags: { 'fleetmirror:fleet': 'demo', 'fleetmirror:instance': 'i-0aaa0000000000001' },
      },
    ],
  });
});

afterAll(async () => {
  ec2.destroy();
  await aws.close();
});

const cli = (...args: string[]) => runCli([...args, '--fleet', 'demo', '--endpoint-url', aws.endpoint]);
const carriersOf = async (id: string): Promise<string[]> =>
  JSON.parse((await cli('vni', id, '--json')).stdout).map(({ instanceId }: { instanceId: string }) => instanceId);
const idOf = (name: string) => aws.ids.get(name) ?? '';

test('vni tells the instance that an interface is attached to now, not the one that its session was made for', async () => {
  const [from, to] = [idOf('db-0'), idOf('web-0')];
  const moved = aws.emulator.account.instances.get(from)?.interfaceIds[1] ?? '';
  expect(await carriersOf(moved)).toEqual([from]);
  const { NetworkInterfaces = [] } = await ec2.send(
    new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [moved] }),
  );
  await ec2.send(
    new DetachNetworkInterfaceCommand({ AttachmentId: NetworkInterfaces[0]?.Attachment?.AttachmentId, Force: true }),
  );
  expect(await carriersOf(moved)).toEqual(['']);
  await ec2.send(new AttachNetworkInterfaceCommand({ NetworkInterfaceId: moved, InstanceId: to, DeviceIndex: 1 }));
  expect(await carriersOf(moved)).toEqual([to]);
  const ofInstance = JSON.parse((await cli('vni', to, '--json')).stdout);
  expect(ofInstance).toContainEqual(expect.objectContaining({ networkInterfaceId: moved, instanceId: to }));
});

test('vni names the service that has an interface instead of an instance', async () => {
  expect(await carriersOf(idOf('rds'))).toEqual(['amazon-rds']);
});

test('vni goes by the tag of the session where EC2 does not show the interface', async () => {
  expect(await carriersOf('6999')).toEqual(['i-0aaa0000000000001']);
});

test('a number that no session carries, and a fleet that has none, are told', async () => {
  expect(await cli('vni', '12345')).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('belongs to 12345') });
  const other = await runCli(['vni', '--fleet', 'other', '--endpoint-url', aws.endpoint]);
  expect([other.exitCode, other.stderr]).toEqual([0, expect.stringContaining('belongs to the fleet other')]);
});
