import { expect, test } from '@jest/globals';
import { interfaceFromEc2 } from '../../../lib/aws/from-ec2.ts';

test('an interface of the control plane of EKS keeps the account of the instance that EC2 does not name', () => {
  const { attachment } = interfaceFromEc2({
    NetworkInterfaceId: 'eni-0aaa0000000000001',
    OwnerId: '111122223333',
    RequesterManaged: false,
    Attachment: { Status: 'attached', InstanceOwnerId: '298800981437', DeviceIndex: 1 },
  });
  expect(attachment).toEqual({
    status: 'attached',
    instanceOwnerId: '298800981437',
    deviceIndex: 1,
    networkCardIndex: 0,
  });
});
