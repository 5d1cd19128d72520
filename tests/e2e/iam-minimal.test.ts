import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateTagsCommand,
  CreateTrafficMirrorFilterCommand,
  CreateTrafficMirrorFilterRuleCommand,
  CreateTrafficMirrorSessionCommand,
  DeleteTagsCommand,
  DeleteTrafficMirrorFilterCommand,
  DeleteTrafficMirrorFilterRuleCommand,
  DeleteTrafficMirrorSessionCommand,
  DeleteTrafficMirrorTargetCommand,
  DescribeInstancesCommand,
  DescribeTagsCommand,
  EC2Client,
  ModifyTrafficMirrorFilterNetworkServicesCommand,
  ModifyTrafficMirrorFilterRuleCommand,
  ModifyTrafficMirrorSessionCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { readPackagedTemplate, type Template } from '../../infra/packaged-template.ts';
import { createBus } from '../../lib/emulator/bus.ts';
import { deployTemplate } from '../../lib/emulator/deploy.ts';
import { createEmulator, type EmulatorOptions } from '../../lib/emulator/emulator.ts';
import type { FleetDocument } from '../../lib/emulator/fleet-document.ts';
import { type AccessUse, createIam } from '../../lib/emulator/iam.ts';
import { compileStatements, type Statement } from '../../lib/emulator/iam-statement.ts';
import { createParameterStore } from '../../lib/emulator/parameter-store.ts';
import { aGuardedAccount, type FunctionRole, roleOf } from '../support/iam.ts';
import { type Door, doMainJob } from '../support/main-job.ts';
import { sessionsIn } from '../support/stage.ts';
import { codeOf } from '../support/witness.ts';

const doors: readonly (readonly [FunctionRole, Door])[] = [
  ['OnChangeRole', 'on-change'],
  ['OnScheduleRole', 'on-schedule'],
];

/** The accesses of one whole life of an account through one door. */
const usesOf = new Map<FunctionRole, readonly AccessUse[]>();
for (const [role, door] of doors) {
  const account = await aGuardedAccount();
  account.actAs(role);
  const stage = await doMainJob(door, account.options);
  usesOf.set(role, account.uses);
  const refused = account.uses.filter(({ isAllowed }) => !isAllowed).map(({ access }) => access);
  test(`${role}: the main job is refused nothing`, () => {
    expect(refused).toEqual([]);
    expect(sessionsIn(stage).map(({ filterId }) => filterId)).toEqual(['tmf-0bbb1111bbbb2222c']);
  });
}

/** A policy without one action of one statement. */
function without(statements: readonly Statement[], sid: string | undefined, action: string): Statement[] {
  return statements.flatMap((statement) => {
    const { Sid, Action } = statement;
    if (Sid !== sid) return [statement];
    const left = [Action].flat().filter((name) => name !== action);
    return left.length === 0 ? [] : [{ ...statement, Action: left }];
  });
}

const ec2Grants = doors.flatMap(([role]) =>
  roleOf(role).statements.flatMap(({ Sid, Action }) =>
    [Action].flat().flatMap((action) => (action.startsWith('ec2:') ? [[role, Sid, action] as const] : [])),
  ),
);

test.each(ec2Grants)('%s %s: without %s a call of the main job is refused', (role, sid, action) => {
  const allows = compileStatements(without(roleOf(role).statements, sid, action));
  const refused = usesOf.get(role)?.filter(({ access }) => !allows(access));
  expect(refused?.map(({ access }) => access.action)).toContain(action);
});

test('UnauthorizedOperation: without CreateTags no session is made, rather than one that is nobody’s', async () => {
  const account = await aGuardedAccount((statements) => without(statements, 'TagWhileCreating', 'ec2:CreateTags'));
  const ec2 = aClient({ ...account.options, fleet });
  expect(await codeOf(ec2.send(createSession(ourTag)))).toBe('UnauthorizedOperation');
});

const ourTag = [{ Key: 'fleetmirror:fleet', Value: 'prod' }];
const theirTag = [{ Key: 'fleetmirror:fleet', Value: 'staging' }];
const ours = { 'fleetmirror:fleet': 'prod' };

/** Things of ours end with 1; of those with 2 one is nobody's and one another fleet's. */
const fleet: FleetDocument = {
  loadBalancers: [{ name: 'nlb' }],
  instances: [{ id: 'i-00000000000000001', interfaces: [{ id: 'eni-00000000000000001' }] }],
  targets: [{ id: 'tmt-00000000000000001', loadBalancer: 'nlb', tags: ours }],
  filters: [
    { id: 'tmf-00000000000000001', tags: ours },
    { id: 'tmf-00000000000000002', rules: [{ direction: 'ingress', number: 1 }] },
  ],
  sessions: [
    {
      id: 'tms-00000000000000001',
      source: 'eni-00000000000000001',
      target: 'tmt-00000000000000001',
      filter: 'tmf-00000000000000001',
      number: 1,
      tags: ours,
    },
    {
      id: 'tms-00000000000000002',
      source: 'eni-00000000000000001',
      target: 'tmt-00000000000000001',
      filter: 'tmf-00000000000000001',
      number: 2,
      tags: { 'fleetmirror:fleet': 'staging' },
    },
  ],
};

function aClient(options: EmulatorOptions): EC2Client {
  const { requestHandler } = createEmulator(options);
  return new EC2Client({
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
    requestHandler,
  });
}

function createSession(tags: typeof ourTag | undefined) {
  return new CreateTrafficMirrorSessionCommand({
    NetworkInterfaceId: 'eni-00000000000000001',
    TrafficMirrorTargetId: 'tmt-00000000000000001',
    TrafficMirrorFilterId: 'tmf-00000000000000001',
    SessionNumber: 3,
    ...(tags && { TagSpecifications: [{ ResourceType: 'traffic-mirror-session', Tags: tags }] }),
  });
}

function createFilter(tags: typeof ourTag | undefined) {
  return new CreateTrafficMirrorFilterCommand({
    ...(tags && { TagSpecifications: [{ ResourceType: 'traffic-mirror-filter', Tags: tags }] }),
  });
}

const session = { TrafficMirrorSessionId: 'tms-00000000000000002' };
const filter = { TrafficMirrorFilterId: 'tmf-00000000000000002' };
const anywhere = { SourceCidrBlock: '0.0.0.0/0', DestinationCidrBlock: '0.0.0.0/0' };
const tagging = (id: string) => ({ Resources: [id], Tags: ourTag });
type Call = (ec2: EC2Client, ruleId: string) => Promise<unknown>;

/** Calls that no function of ours may ever make, with the statement whose condition stands in their way, if one does. */
const forbidden: readonly (readonly [what: string, sid: string | undefined, call: Call])[] = [
  ['create a session without a tag', 'CreateOwnSessions', (ec2) => ec2.send(createSession(undefined))],
  ['create a session of another fleet', 'CreateOwnSessions', (ec2) => ec2.send(createSession(theirTag))],
  [
    'modify a foreign session',
    'ChangeOwnSessions',
    (ec2) => ec2.send(new ModifyTrafficMirrorSessionCommand({ ...session, SessionNumber: 9 })),
  ],
  ['delete a foreign session', 'ChangeOwnSessions', (ec2) => ec2.send(new DeleteTrafficMirrorSessionCommand(session))],
  ['create a filter without a tag', 'CreateOwnFilters', (ec2) => ec2.send(createFilter(undefined))],
  ['create a filter of another fleet', 'CreateOwnFilters', (ec2) => ec2.send(createFilter(theirTag))],
  [
    'add a rule to a foreign filter',
    'RepairOwnFilters',
    (ec2) =>
      ec2.send(
        new CreateTrafficMirrorFilterRuleCommand({
          ...filter,
          ...anywhere,
          TrafficDirection: 'egress',
          RuleNumber: 7,
          RuleAction: 'accept',
        }),
      ),
  ],
  [
    'change a rule of a foreign filter',
    'RepairOwnFilters',
    (ec2, id) =>
      ec2.send(new ModifyTrafficMirrorFilterRuleCommand({ TrafficMirrorFilterRuleId: id, RuleAction: 'reject' })),
  ],
  [
    'delete a rule of a foreign filter',
    'RepairOwnFilters',
    (ec2, id) => ec2.send(new DeleteTrafficMirrorFilterRuleCommand({ TrafficMirrorFilterRuleId: id })),
  ],
  [
    'change the services of a foreign filter',
    'RepairOwnFilters',
    (ec2) =>
      ec2.send(new ModifyTrafficMirrorFilterNetworkServicesCommand({ ...filter, AddNetworkServices: ['amazon-dns'] })),
  ],
  ['delete a foreign filter', 'DeleteOwnFilters', (ec2) => ec2.send(new DeleteTrafficMirrorFilterCommand(filter))],
  [
    'put our tag on a foreign session',
    'TagWhileCreating',
    (ec2) => ec2.send(new CreateTagsCommand(tagging('tms-00000000000000002'))),
  ],
  [
    'put our tag on a foreign filter',
    'TagWhileCreating',
    (ec2) => ec2.send(new CreateTagsCommand(tagging('tmf-00000000000000002'))),
  ],
  ['tag an instance', undefined, (ec2) => ec2.send(new CreateTagsCommand(tagging('i-00000000000000001')))],
  ['tag an interface', undefined, (ec2) => ec2.send(new CreateTagsCommand(tagging('eni-00000000000000001')))],
  ['tag a target', undefined, (ec2) => ec2.send(new CreateTagsCommand(tagging('tmt-00000000000000001')))],
  [
    'take the tag off a session of ours',
    undefined,
    (ec2) => ec2.send(new DeleteTagsCommand({ Resources: ['tms-00000000000000001'] })),
  ],
  [
    'delete a target',
    undefined,
    (ec2) => ec2.send(new DeleteTrafficMirrorTargetCommand({ TrafficMirrorTargetId: 'tmt-00000000000000001' })),
  ],
  [
    'terminate an instance',
    undefined,
    (ec2) => ec2.send(new TerminateInstancesCommand({ InstanceIds: ['i-00000000000000001'] })),
  ],
];

const withoutConditionOf = (sid: string) => (statements: readonly Statement[]) =>
  statements.map(({ Condition, ...rest }) =>
    rest.Sid === sid || Condition === undefined ? rest : { ...rest, Condition },
  );

async function tryAs(
  role: FunctionRole,
  call: Call,
  change?: (statements: readonly Statement[]) => readonly Statement[],
) {
  const account = await aGuardedAccount(change);
  account.actAs(role);
  const { options } = account;
  const emulator = createEmulator({ ...options, fleet });
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const ec2 = new EC2Client({
    region: 'us-east-1',
    credentials,
    maxAttempts: 1,
    requestHandler: emulator.requestHandler,
  });
  const ruleId = [...emulator.account.rules.rows()][0]?.ruleId ?? '';
  return codeOf(call(ec2, ruleId));
}

describe.each(['OnChangeRole', 'OnScheduleRole'] as const)('%s', (role) => {
  const sids = new Set(roleOf(role).statements.map(({ Sid }) => Sid));

  test.each(forbidden)('UnauthorizedOperation: it may not %s', async (_, sid, call) => {
    expect(await tryAs(role, call)).toBe('UnauthorizedOperation');
    // The condition it is, and nothing else, that says no.
    if (sid !== undefined && sids.has(sid)) expect(await tryAs(role, call, withoutConditionOf(sid))).toBe('none');
  });

  test('UnauthorizedOperation: it may not read another Region', async () => {
    for (const [sid, command] of [
      ['ReadFleet', new DescribeInstancesCommand({})],
      ['LocateSessions', new DescribeTagsCommand({})],
    ] as const) {
      if (!sids.has(sid)) continue;
      const read = async (change?: (statements: readonly Statement[]) => readonly Statement[]) => {
        const account = await aGuardedAccount(change);
        account.actAs(role);
        return codeOf(aClient({ ...account.options, region: 'eu-west-1' }).send(command as DescribeInstancesCommand));
      };
      expect(await read()).toBe('UnauthorizedOperation');
      expect(await read(withoutConditionOf(sid))).toBe('none');
    }
  });

  test('every condition on an EC2 action stands in the way of one of these calls', () => {
    const conditioned = roleOf(role).statements.filter(
      ({ Action, Condition }) => Condition !== undefined && [Action].flat().some((name) => name.startsWith('ec2:')),
    );
    const proven = new Set(['ReadFleet', 'LocateSessions', ...forbidden.map(([, sid]) => sid)]);
    expect(conditioned.map(({ Sid }) => Sid).filter((sid) => !proven.has(sid))).toEqual([]);
  });
});

describe('TemplateError: as AWS would, the deployment is refused', () => {
  const polling = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];

  test.each([
    ...polling.map((action) => ['on-change', 'OnChangeRole', action] as const),
    ...polling.map((action) => ['on-schedule', 'OnScheduleRole', action] as const),
    ['the schedule', 'SweepScheduleRole', 'sqs:SendMessage'] as const,
  ])('when %s (%s) has no %s', async (_, role, action) => {
    const template = structuredClone(await readPackagedTemplate('prod'));
    const [policy] = template.Resources[role]?.Properties.Policies ?? [];
    policy.PolicyDocument.Statement = policy.PolicyDocument.Statement.map((statement: Statement) =>
      [statement.Action].flat().includes(action)
        ? { ...statement, Action: [statement.Action].flat().filter((name) => name !== action) }
        : statement,
    );
    await expect(deployWith(template)).rejects.toThrow(`does not allow ${action} on arn:aws:sqs:`);
  });
});

async function deployWith(template: Template): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), 'fleetmirror-iam-'));
  try {
    const templateFile = join(folder, 'template.json');
    await writeFile(templateFile, JSON.stringify(template));
    const place = { accountId: '123456789012', region: 'us-east-1', stackName: 'fleetmirror-prod' };
    const bus = createBus();
    const parameterStore = createParameterStore({ ...place, now: Date.now, emit: bus.publish });
    const iam = await createIam();
    return await deployTemplate({
      ...place,
      templateFile,
      taskRoot: folder,
      bus,
      parameterStore,
      endpoint: 'http://127.0.0.1:9',
      iam,
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}
