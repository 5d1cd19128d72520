import type { NetworkInterface } from '../../lib/core/model.ts';

/** An ordinary interface of a running instance (`anInstance()`): type `interface`, attached as the primary one. */
export function anInterface(differences: Partial<NetworkInterface> = {}): NetworkInterface {
  return {
    networkInterfaceId: 'eni-0aaa0000000000001',
    interfaceType: 'interface',
    status: 'in-use',
    ownerId: '111122223333',
    vpcId: 'vpc-0aaa0000000000001',
    subnetId: 'subnet-0aaa0000000000001',
    availabilityZone: 'us-east-1a',
    securityGroupIds: ['sg-0aaa0000000000001'],
    privateIpAddress: '10.0.1.5',
    requesterManaged: false,
    attachment: { status: 'attached', instanceId: 'i-0aaa0000000000001', deviceIndex: 0, networkCardIndex: 0 },
    tags: {},
    ...differences,
  };
}

/** An interface that no instance carries. */
export function aDetachedInterface(differences: Partial<NetworkInterface> = {}): NetworkInterface {
  const { attachment: _, ...rest } = anInterface({ status: 'available' });
  return { ...rest, ...differences };
}

/** The interface of an RDS database: requester-managed, in use, its instance not visible to the account. */
export function anRdsInterface(differences: Partial<NetworkInterface> = {}): NetworkInterface {
  return anInterface({
    networkInterfaceId: 'eni-0dbdb000000000001',
    requesterManaged: true,
    requesterId: 'amazon-rds',
    attachment: { status: 'attached', deviceIndex: 1, networkCardIndex: 0 },
    ...differences,
  });
}
