import { describe, expect, test } from '@jest/globals';
import { createEmulator } from '../../../lib/emulator/emulator.ts';
import { createIam, createJsonAuthorizer } from '../../../lib/emulator/iam.ts';
import { type Access, compileStatements, type Statement } from '../../../lib/emulator/iam-statement.ts';
import { loadIamTable } from '../../../lib/emulator/iam-table.ts';
import { findTouches, touchingActions } from '../../../lib/emulator/iam-touch.ts';

const sessionArn = 'arn:aws:ec2:us-east-1:123456789012:traffic-mirror-session/tms-1';

function aStatement(differences: Partial<Statement> = {}): Statement {
  return { Effect: 'Allow', Action: 'ec2:DeleteTrafficMirrorSession', Resource: '*', ...differences };
}

function anAccess(context: Access['context'] = {}, resource = sessionArn): Access {
  return { action: 'ec2:DeleteTrafficMirrorSession', resource, context };
}

describe('A policy', () => {
  test('allows nothing that no statement names', () => {
    expect(compileStatements([])(anAccess())).toBe(false);
    expect(compileStatements([aStatement({ Action: 'ec2:CreateTags' })])(anAccess())).toBe(false);
  });

  test('does not tell the case of an action, and takes wildcards in actions and resources', () => {
    expect(compileStatements([aStatement({ Action: 'EC2:deletetrafficmirror*' })])(anAccess())).toBe(true);
    const allows = compileStatements([aStatement({ Resource: 'arn:aws:ec2:*:123456789012:traffic-mirror-session/*' })]);
    expect(allows(anAccess())).toBe(true);
    expect(allows(anAccess({}, sessionArn.replace('123456789012', '210987654321')))).toBe(false);
  });

  test('that denies decides, whatever else allows', () => {
    expect(compileStatements([aStatement(), aStatement({ Effect: 'Deny' })])(anAccess())).toBe(false);
  });

  test.each([
    ['NotAction', { NotAction: 'ec2:*' }],
    ['an unknown operator', { Condition: { DateGreaterThan: { 'aws:CurrentTime': '2026-01-01' } } }],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: IAM's own placeholder
    ['a policy variable', { Resource: 'arn:aws:s3:::${aws:username}' }],
    ['an unknown effect', { Effect: 'Perhaps' }],
  ])('with %s is refused when it is read, not passed over', (_, differences) => {
    expect(() => compileStatements([aStatement(differences as Partial<Statement>)])).toThrow(/not emulated|no effect/);
  });
});

describe('A condition', () => {
  const key = 'aws:ResourceTag/fleetmirror:fleet';
  const holds = (operator: string, wanted: string | string[], values?: string[]) =>
    compileStatements([aStatement({ Condition: { [operator]: { [key]: wanted } } })])(
      anAccess(values && { [key.toLowerCase()]: values }),
    );

  test.each([
    ['StringEquals', 'prod', ['prod'], true],
    ['StringEquals', ['test', 'prod'], ['prod'], true],
    ['StringEquals', 'prod', ['Prod'], false],
    ['StringEquals', 'prod', undefined, false],
    ['StringEqualsIfExists', 'prod', undefined, true],
    ['StringEqualsIfExists', 'prod', ['test'], false],
    ['StringNotEquals', 'prod', ['test'], true],
    ['StringNotEquals', 'prod', undefined, true],
    ['StringNotEquals', ['test', 'prod'], ['prod'], false],
    ['StringLike', 'pr?d*', ['production'], true],
    ['StringLike', 'prod', undefined, false],
    ['ForAnyValue:StringEquals', 'prod', ['test', 'prod'], true],
    ['ForAnyValue:StringEquals', 'prod', undefined, false],
    ['ForAllValues:StringEquals', 'prod', ['test', 'prod'], false],
    ['ForAllValues:StringEquals', 'prod', ['prod', 'prod'], true],
    ['ForAllValues:StringEquals', 'prod', undefined, true],
    ['Null', 'true', undefined, true],
    ['Null', 'true', ['prod'], false],
    ['Null', 'false', ['prod'], true],
    ['Null', 'false', undefined, false],
  ])('%s %j of %j is %s', (operator, wanted, values, expected) => {
    expect(holds(operator, wanted, values)).toBe(expected);
  });
});

test('every resource type that AWS requires of an action is looked at', async () => {
  const table = await loadIamTable();
  const { account } = createEmulator({
    fleet: { filters: [{ id: 'tmf-00000000000000001', rules: [{ direction: 'ingress', number: 1 }] }] },
  });
  const input = {
    NetworkInterfaceId: 'eni-1',
    TrafficMirrorTargetId: 'tmt-1',
    TrafficMirrorFilterId: 'tmf-00000000000000001',
    TrafficMirrorSessionId: 'tms-1',
    TrafficMirrorFilterRuleId: [...account.rules.rows()][0]?.ruleId,
  };
  for (const action of touchingActions) {
    const touched = findTouches(action, input, account)?.map(({ type }) => type);
    const known = table.get(action)?.resourceTypes ?? new Map();
    const required = [...known].flatMap(([type, { isRequired }]) => (isRequired ? [type] : []));
    expect([action, touched]).toEqual([action, expect.arrayContaining(required)]);
    expect(touched?.filter((type) => !known.has(type))).toEqual([]);
  }
});

describe('Callers', () => {
  const roleArn = 'arn:aws:iam::123456789012:role/ours';
  const arn = 'arn:aws:sts::123456789012:assumed-role/ours/fn';
  const principal = {
    type: 'AssumedRole',
    arn,
    roleArn,
    accountId: '123456789012',
    principalId: 'p',
    accessKeyId: 'a',
  } as const;
  const publish = { Entries: [{ Source: 'fleetmirror' }, { Source: 'someone' }] };
  const place = { accountId: '123456789012', region: 'us-east-1' };

  test('without a role that IAM knows may do everything', async () => {
    const iam = await createIam();
    iam.authorize(principal, [anAccess()], 'UnauthorizedOperation');
    expect(iam.isAllowed(roleArn, anAccess())).toBe(true);
  });

  test('AccessDeniedException: of the JSON services are known by their access keys', async () => {
    const iam = await createIam();
    iam.putRolePolicy(roleArn, [
      {
        Effect: 'Allow',
        Action: 'events:PutEvents',
        Resource: 'arn:aws:events:us-east-1:123456789012:event-bus/default',
        Condition: { 'ForAllValues:StringEquals': { 'events:source': 'fleetmirror' } },
      },
    ]);
    const authorize = createJsonAuthorizer(iam, { KEY: principal }, place);
    const header = 'AWS4-HMAC-SHA256 Credential=KEY/20260101/us-east-1/events/aws4_request';
    expect(() => authorize('AWSEvents.PutEvents', publish, header)).toThrow(
      /not authorized to perform: events:PutEvents/,
    );
    expect(() => authorize('AmazonSSM.GetParameter', { Name: '/a' }, header)).toThrow(
      /ssm:GetParameter on resource: .*:parameter\/a /,
    );
    expect(() => authorize('AmazonSSM.DeleteParameter', { Name: '/a' }, header)).toThrow(/ssm:DeleteParameter/);
    authorize('AWSEvents.PutEvents', { Entries: [publish.Entries[0]] }, header);
    authorize('AWSEvents.PutEvents', publish, undefined);
  });

  test.each([
    ['not-found', 'InvalidTrafficMirrorSessionId.NotFound'],
    ['unauthorized', 'UnauthorizedOperation'],
  ] as const)('missingResource %s: are told %s of a session that is gone', async (missingResource, code) => {
    const iam = await createIam();
    iam.putRolePolicy(roleArn, [aStatement({ Condition: { StringEquals: { 'aws:ResourceTag/a': 'b' } } })]);
    const { handleRequest } = createEmulator({ iam, principals: { KEY: principal }, rules: { missingResource } });
    const answer = handleRequest({
      headers: { authorization: 'Credential=KEY/' },
      body: 'Action=DeleteTrafficMirrorSession&Version=2016-11-15&TrafficMirrorSessionId=tms-00000000000000009',
    });
    expect(answer).toMatchObject({ body: expect.stringContaining(`<Code>${code}</Code>`) });
  });
});
