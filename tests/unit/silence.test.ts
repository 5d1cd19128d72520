import { CreateTagsCommand, DeleteTagsCommand } from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { aStateChange } from '../support/event.ts';
import { aStage, type Stage } from '../support/stage.ts';

/** A value that someone has put into a tag although no secret belongs there. */
const secret = 'hunter2-in-a-tag';
const tags = { Mirror: 'true', Password: secret };

/** Everything that leaves a run for people and programs to read. */
function everythingSaid({ logs, published, work, sweepRequests }: Stage): string {
  return JSON.stringify([logs, published, work, sweepRequests]);
}

describe('What a run says', () => {
  test('holds no value of a tag that the policy does not ask for, whatever happens to the instance', async () => {
    const stage = aStage({
      document: {
        instances: [
          { name: 'web', tags },
          { name: 'old', instanceType: 't2.micro', tags },
        ],
      },
    });
    await stage.deliver([aStateChange(stage.idOf('web')), aStateChange(stage.idOf('old'))]);
    const Resources = [stage.idOf('web')];
    await stage.operator.send(new CreateTagsCommand({ Resources, Tags: [{ Key: 'Token', Value: secret }] }));
    await stage.deliverEvents();
    await stage.operator.send(new DeleteTagsCommand({ Resources, Tags: [{ Key: 'Mirror' }] }));
    await stage.deliverEvents();
    await stage.sweep();
    expect(stage.logs.length).toBeGreaterThan(3);
    expect(everythingSaid(stage)).not.toContain(secret);
  });

  test('holds nothing of a message that cannot be read', async () => {
    const stage = aStage();
    const broken = [
      `{"detail": "${secret}`,
      secret,
      { source: 'aws.ec2', 'detail-type': 'EC2 Instance State-change Notification', detail: { 'instance-id': secret } },
      { source: 'aws.tag', 'detail-type': 'Tag Change on Resource', detail: { tags: { Token: secret } } },
      { source: 'aws.ec2', 'detail-type': 'AWS API Call via CloudTrail', detail: { requestParameters: secret } },
      { source: secret, 'detail-type': secret, detail: { token: secret } },
    ];
    expect(await stage.deliver(broken)).toEqual([]);
    expect(stage.logs.length).toBeGreaterThan(0);
    expect(everythingSaid(stage)).not.toContain(secret);
  });

  test('UnauthorizedOperation: holds the code, not the request that EC2 refused', async () => {
    const stage = aStage({ document: { instances: [{ name: 'web', tags }] } });
    stage.emulator.faults.add({
      when: 'before',
      action: 'CreateTrafficMirrorSession',
      times: 2,
      error: { code: 'UnauthorizedOperation', message: `Encoded authorization failure message: ${secret}` },
    });
    await stage.deliver([aStateChange(stage.idOf('web'))]);
    expect(everythingSaid(stage)).toContain('UnauthorizedOperation');
    expect(everythingSaid(stage)).not.toContain(secret);
  });
});
