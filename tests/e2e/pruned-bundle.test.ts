import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as sdk from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { functionOptions } from '../../build.ts';
import { writeOutKeys } from '../../infra/bundle-plugins.ts';
import * as ours from '../../lib/aws/ec2.ts';
import type { InstanceId, NetworkInterfaceId, RuleSpec, TargetId } from '../../lib/core/model.ts';
import { createEmulator } from '../../lib/emulator/emulator.ts';
import type { Ec2 } from '../../lib/ports.ts';
import { createVirtualClock } from '../support/emulated-world.ts';

type Code = Pick<typeof ours, 'createEc2'> & { readonly EC2Client: typeof sdk.EC2Client };

let folder: string;
let pruned: Code;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetmirror-test-'));
  const contents = "export { createEc2 } from './lib/aws/ec2.ts'; export { EC2Client } from '@aws-sdk/client-ec2';";
  const stdin = { contents, resolveDir: join(import.meta.dirname, '../..') };
  await build({ ...functionOptions, stdin, outfile: join(folder, 'ec2.mjs') });
  pruned = await import(join(folder, 'ec2.mjs'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const accept: RuleSpec = {
  direction: 'ingress',
  ruleNumber: 10,
  action: 'accept',
  protocol: 6,
  sourceCidr: '0.0.0.0/0',
  destinationCidr: '10.0.0.0/8',
  destinationPorts: { from: 80, to: 443 },
};

/** Walks through everything that the port can do; the answers are what the SDK made of the same bytes. */
async function walk({ createEc2, EC2Client }: Code) {
  const clock = createVirtualClock();
  const emulator = createEmulator({ seed: 7, clock });
  const ids = emulator.loadFleet({
    instances: [
      { name: 'web', count: 2, interfaces: 2, tags: { Mirror: 'true', team: 'a' } },
      { name: 'sensor', instanceType: 'c5.large' },
    ],
    targets: [{ name: 'sensors', instance: 'sensor' }],
  });
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const { requestHandler } = emulator;
  const client = new EC2Client({ region: 'us-east-1', credentials, maxAttempts: 1, requestHandler });
  const ec2: Ec2 = createEc2(client, clock, () => 0.5);
  const answers: unknown[] = [];
  const note = <T>(answer: T): T => {
    answers.push(answer);
    return answer;
  };
  const interfaces = note(await ec2.readInterfaces('all'));
  const source = interfaces.find(({ attachment }) => attachment?.instanceId === ids.get('web-0'))!;
  note(await ec2.readInterfaces({ networkInterfaceIds: [source.networkInterfaceId] }));
  note(await ec2.readInstances({ instanceIds: [ids.get('web-0') as InstanceId] }));
  note(await ec2.readTargets());
  const filter = { tags: { name: 'all' }, description: 'all', clientToken: 'filter' };
  const filterId = note(await ec2.createFilter(filter));
  await ec2.createRule(filterId, accept, 'rule');
  await ec2.changeNetworkServices(filterId, ['amazon-dns'], []);
  const [made] = note(await ec2.readFilters());
  const { protocol: _, destinationPorts: __, ...anyProtocol } = accept;
  await ec2.modifyRule(made!.rules[0]!.ruleId, accept, anyProtocol);
  note(await ec2.readFilters());
  const session = note(
    await ec2.createSession({
      networkInterfaceId: source.networkInterfaceId,
      targetId: ids.get('sensors') as TargetId,
      filterId,
      sessionNumber: 10,
      packetLength: 256,
      virtualNetworkId: 7001,
      description: 'tier http',
      tags: { owner: 'us' },
      clientToken: 'session',
    }),
  );
  note(await ec2.modifySession(session.sessionId, { packetLength: 'whole', description: 'tier full' }));
  note(await ec2.readSessions('all'));
  note(await ec2.readSessions({ virtualNetworkIds: [7001] }));
  note(await ec2.findSessionIdsByTag('owner', ['us']));
  await ec2.deleteSession(session.sessionId);
  await ec2.deleteRule(made!.rules[0]!.ruleId);
  await ec2.deleteFilter(filterId);
  const gone = ec2.deleteSession(session.sessionId);
  note(await gone.catch(({ kind, code }) => ({ kind, code })));
  const busy = ec2.createSession({ ...session, targetId: 'tmt-0', clientToken: 'busy', tags: {}, description: '' });
  note(await busy.catch(({ kind, code }) => ({ kind, code })));
  note(await ec2.readInterfaces({ networkInterfaceIds: ['eni-0' as NetworkInterfaceId] }));
  return { answers, calls: [...emulator.calls.keys()].sort() };
}

describe('a bundle without the schemas of the actions that we do not use', () => {
  test('sends and reads every action that we use as the whole SDK does', async () => {
    const whole = await walk({ createEc2: ours.createEc2, EC2Client: sdk.EC2Client });
    expect(await walk(pruned)).toEqual(whole);
  });
  test('covers every command that our code sends', async () => {
    const { calls } = await walk(pruned);
    const source = await readFile(join(import.meta.dirname, '../../lib/aws/ec2.ts'), 'utf8');
    const sent = new Set([...source.matchAll(/new (\w+)Command\(/g)].map(([, name]) => name!));
    expect(calls).toEqual([...sent].sort());
  });
});

describe('writeOutKeys', () => {
  test('writes out constants of the file as keys, and leaves every other key alone', () => {
    const source =
      'const _xN = "xmlName";\nconst _q = "a\\"b";\nexport var A$ = [{ [_xN]: _xN, [_q]: 1, [_other]: 2 }];';
    expect(writeOutKeys(source)).toBe(
      'const _xN = "xmlName";\nconst _q = "a\\"b";\nexport var A$ = [{ "xmlName": _xN, [_q]: 1, [_other]: 2 }];',
    );
  });
});
