import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import * as sdk from '@aws-sdk/client-ec2';
import * as ssm from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { functionOptions } from '../../build.ts';
import { forgetErrors, writeOutKeys } from '../../infra/bundle-plugins.ts';
import * as ours from '../../lib/aws/ec2.ts';
import type { InstanceId, NetworkInterfaceId, RuleSpec, TargetId } from '../../lib/core/model.ts';
import { createEmulator } from '../../lib/emulator/emulator.ts';
import type { Ec2 } from '../../lib/ports.ts';
import { createVirtualClock } from '../support/emulated-world.ts';

type Code = Pick<typeof ours, 'createEc2'> & { readonly EC2Client: typeof sdk.EC2Client } & Pick<
    typeof ssm,
    'GetParameterCommand' | 'SSMClient'
  >;

let folder: string;
let pruned: Code;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetmirror-test-'));
  const contents = `export { createEc2 } from './lib/aws/ec2.ts'; export { EC2Client } from '@aws-sdk/client-ec2';
    export { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';`;
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
async function walk({ createEc2, EC2Client }: Pick<Code, 'createEc2' | 'EC2Client'>) {
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

describe('a client without its error classes', () => {
  /** What a caller sees of an error of the Parameter Store. */
  async function fail(
    { GetParameterCommand, SSMClient }: Pick<Code, 'GetParameterCommand' | 'SSMClient'>,
    type: string,
    statusCode: number,
  ) {
    const body = Buffer.from(JSON.stringify({ __type: type, message: 'because' }));
    const headers = { 'content-type': 'application/x-amz-json-1.1' };
    const handle = async () => ({ response: { statusCode, headers, body: Readable.from([body]) } });
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const client = new SSMClient({ region: 'us-east-1', credentials, maxAttempts: 1, requestHandler: { handle } });
    const error = await client.send(new GetParameterCommand({ Name: '/policy' })).catch((cause) => cause);
    const { name, message, $fault, $metadata } = error;
    return { name, message, $fault, status: $metadata.httpStatusCode, isError: error instanceof Error };
  }

  test.each([
    ['ParameterNotFound', 400],
    ['InternalServerError', 500],
    ['AccessDeniedException', 400],
    ['ThrottlingException', 400],
    ['NeverHeardOf', 400],
  ])('names %s as the whole SDK does', async (type, status) => {
    expect(await fail(pruned, type, status)).toEqual(await fail(ssm, type, status));
    expect(await fail(pruned, type, status)).toMatchObject({ name: type, message: 'because', status });
  });
  test('forgets the errors of a service, and keeps the class that all of them have in common', () => {
    const base = '_s_registry.registerError(SSMServiceException$, SSMServiceException);';
    const source = `${base}\nexport var Gone$ = [-3, n0, _G];\nn0_registry.registerError(Gone$, Gone);\n`;
    expect(forgetErrors(source)).toBe(`${base}\nexport var Gone$ = [-3, n0, _G];\n\n`);
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
