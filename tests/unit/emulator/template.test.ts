import { describe, expect, test } from '@jest/globals';
import { readTemplate } from '../../../lib/emulator/template.ts';
import { tinyTemplate } from '../../support/tiny-stack.ts';

const place = {
  accountId: '123456789012',
  region: 'us-east-1',
  stackName: 'tiny',
  queuesUrl: 'http://127.0.0.1:1',
};

function read(template: unknown, parameters = {}) {
  return readTemplate(template, parameters, place);
}

/** The tiny template with one resource changed or added. */
function withResource(logicalId: string, resource: object) {
  return { ...tinyTemplate, Resources: { ...tinyTemplate.Resources, [logicalId]: resource } };
}

describe('a packaged template', () => {
  test('gives queues their names, ARNs and attributes', () => {
    const [change, dead, sweep] = read(tinyTemplate).queues;
    expect(change).toEqual({
      logicalId: 'ChangeQueue',
      name: 'tiny-change',
      arn: 'arn:aws:sqs:us-east-1:123456789012:tiny-change',
      attributes: {
        VisibilityTimeout: '3',
        RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead?.arn, maxReceiveCount: 2 }),
      },
    });
    expect(dead?.name).toMatch(/^tiny-DeadLetters-[0-9A-F]{12}$/);
    expect(sweep?.name).toMatch(/^tiny-SweepQueue-[0-9A-F]{12}\.fifo$/);
  });

  test('takes parameters and follows conditions', () => {
    const [change] = read(tinyTemplate, { Fleet: 'other' }).queues;
    expect(change).toMatchObject({ name: 'other-change', attributes: { KmsMasterKeyId: 'key' } });
  });

  test('leaves out what stands under a false condition', () => {
    const template = withResource('Extra', { Type: 'AWS::SQS::Queue', Condition: 'IsOther' });
    expect(read(template).queues.map(({ logicalId }) => logicalId)).not.toContain('Extra');
    expect(read(template, { Fleet: 'other' }).queues.map(({ logicalId }) => logicalId)).toContain('Extra');
  });

  test('gives functions environment, role and limits', () => {
    expect(read(tinyTemplate).functions[0]).toMatchObject({
      name: 'on-change',
      handler: 'dist/on-change.handler',
      timeoutSeconds: 5,
      memoryMb: 256,
      roleArn: expect.stringMatching(/^arn:aws:iam::123456789012:role\/tiny-Role-/),
      environment: { FLEET: 'tiny', CHANGE_QUEUE_URL: 'http://127.0.0.1:1/123456789012/tiny-change' },
    });
  });

  test('gives mappings and schedules', () => {
    const { mappings, schedules } = read(tinyTemplate);
    expect(mappings[0]).toEqual({
      queueArn: 'arn:aws:sqs:us-east-1:123456789012:tiny-change',
      functionName: 'on-change',
      batchSize: 100,
      batchWindowSeconds: 2,
      reportsBatchItemFailures: true,
      concurrencyMax: 2,
    });
    expect(schedules[0]).toMatchObject({ expression: 'rate(15 minutes)', target: { messageGroupId: 'sweep' } });
  });
});

describe('the input of a target', () => {
  const event = { detail: { name: 'a "b"', count: 3 }, resources: ['r-1'] };
  const inputOf = (settings: object) => {
    const target = { Id: 'q', Arn: { 'Fn::GetAtt': ['ChangeQueue', 'Arn'] }, ...settings };
    const rule = { Type: 'AWS::Events::Rule', Properties: { Name: 'r', EventPattern: { a: [1] }, Targets: [target] } };
    return read(withResource('Rule', rule)).rules.at(-1)?.targets[0]?.formatInput(event);
  };

  test('is the event itself, a constant or a part', () => {
    expect(inputOf({})).toBe(JSON.stringify(event));
    expect(inputOf({ Input: '{"x":1}' })).toBe('{"x":1}');
    expect(inputOf({ InputPath: '$.detail' })).toBe(JSON.stringify(event.detail));
  });

  test('is a filled template', () => {
    const InputTransformer = {
      InputPathsMap: { name: '$.detail.name', count: '$.detail.count', first: '$.resources[0]', none: '$.none' },
      InputTemplate: '{"rule":<aws.events.rule-name>,"text":"<name> of <first><none>","n":<count>}',
    };
    expect(JSON.parse(inputOf({ InputTransformer }) ?? '')).toEqual({ rule: 'r', text: 'a "b" of r-1', n: 3 });
  });
});

describe('what is not supported is refused by name (TemplateError)', () => {
  const refused = (message: RegExp) =>
    expect.objectContaining({ name: 'TemplateError', message: expect.stringMatching(message) });

  test.each<[string, object, RegExp]>([
    [
      'an unknown intrinsic function',
      { Type: 'AWS::SQS::Queue', Properties: { QueueName: { 'Fn::Base64': 'x' } } },
      /Fn::Base64/,
    ],
    ['a name that nothing bears', { Type: 'AWS::SQS::Queue', Properties: { QueueName: { Ref: 'Nobody' } } }, /Nobody/],
    [
      'a rule without a pattern',
      { Type: 'AWS::Events::Rule', Properties: { ScheduleExpression: 'rate(1 day)' } },
      /Extra/,
    ],
    [
      'a rule of another bus',
      { Type: 'AWS::Events::Rule', Properties: { EventPattern: { a: [1] }, EventBusName: 'b' } },
      /default bus/,
    ],
    [
      'a pattern of more than 2,048 characters',
      { Type: 'AWS::Events::Rule', Properties: { EventPattern: { a: ['x'.repeat(2048)] } } },
      /2048/,
    ],
    [
      'a mapping of a foreign queue',
      { Type: 'AWS::Lambda::EventSourceMapping', Properties: { EventSourceArn: 'arn:x', FunctionName: 'f' } },
      /Extra/,
    ],
  ])('%s', (_, resource, message) => {
    expect(() => read(withResource('Extra', resource))).toThrow(refused(message));
  });

  test('a document that is no template, and a parameter without a value', () => {
    expect(() => read({})).toThrow(refused(/no CloudFormation template/));
    const template = { ...tinyTemplate, Parameters: { Fleet: { Type: 'String' } } };
    expect(() => read(template)).toThrow(refused(/Fleet has no value/));
  });
});
