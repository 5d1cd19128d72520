import type { Target } from '../../lib/core/model.ts';

/** An interface target in the zone of `anInterface()`, on an appliance of a type that takes 10 sources. */
export function aTarget(differences: Partial<Target> = {}): Target {
  return {
    targetId: 'tmt-0aaa1111bbbb2222c',
    kind: 'network-interface',
    ownerId: '111122223333',
    networkInterfaceId: 'eni-0ddd0000000000001',
    availabilityZone: 'us-east-1a',
    instanceType: 'm5.large',
    ...differences,
  };
}

/** A Network Load Balancer as target: serves every zone, takes any number of sources. */
export function anNlbTarget(differences: Partial<Target> = {}): Target {
  return {
    targetId: 'tmt-0bbb0000000000001',
    kind: 'network-load-balancer',
    ownerId: '111122223333',
    ...differences,
  };
}
