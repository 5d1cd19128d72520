import type { FleetDocument } from '../../lib/emulator/fleet-document.ts';
import type { Chance } from './chance.ts';
import { givenFilters, interfaceTargets, loadBalancerTargets } from './policies.ts';

/** Supported types, one that AWS does not mirror, one that no list knows. */
export const instanceTypes = ['m5.large', 't3.micro', 'c6i.large', 'm5.large', 'g7.xlarge', 'zz9.large'] as const;
/** Values of the opt-in tag; undefined: no such tag. */
const tagValues = ['true', 'true', 'forensic', 'one', 'two', 'off', 'Yse', '', undefined] as const;

/** Tags of an instance or interface. */
export function drawTags(chance: Chance): Record<string, string> {
  const mirror = chance.pick(tagValues);
  const env = chance.pick(['prod', 'prod-eu', 'test', undefined]);
  return { ...(mirror !== undefined && { Mirror: mirror }), ...(env !== undefined && { env }) };
}

/** What is there before the first event: targets and filters that policies name, a few instances, foreign sessions. */
export function drawFleet(chance: Chance): FleetDocument {
  const zones = ['us-east-1a', 'us-east-1b'];
  const instances = Array.from({ length: chance.between(1, 6) }, (_, index) => ({
    name: `web${index}`,
    instanceType: chance.pick(instanceTypes),
    zone: chance.pick(zones),
    interfaces: Array.from({ length: chance.between(1, 2) }, (__, device) => ({
      deleteOnTermination: device === 0 || chance.happens(0.5),
      tags: chance.happens(0.2) ? drawTags(chance) : {},
    })),
    state: chance.pick(['running', 'running', 'running', 'stopped'] as const),
    tags: drawTags(chance),
  }));
  const sensors = zones.map((zone, index) => ({ name: `sensor${index}`, zone, tags: { role: 'sensor' } }));
  return {
    loadBalancers: [{ name: 'waf-nlb' }, { name: 'sensors-nlb' }],
    instances: [...sensors, ...instances],
    interfaces: [
      { name: 'database', requesterId: 'amazon-rds', tags: drawTags(chance) },
      { name: 'function', requesterId: '123456789012:lambda', type: 'lambda', tags: { Mirror: 'true' } },
    ],
    targets: [
      { id: loadBalancerTargets[0], loadBalancer: 'waf-nlb' },
      { id: loadBalancerTargets[1], loadBalancer: 'sensors-nlb' },
      { id: interfaceTargets[0], instance: 'sensor0' },
      { id: interfaceTargets[1], instance: 'sensor1' },
    ],
    filters: [...givenFilters.map((id) => ({ id })), { name: 'theirs' }],
    sessions: instances.flatMap(({ name }) =>
      chance.happens(0.25)
        ? [{ source: name, target: loadBalancerTargets[0], filter: 'theirs', number: chance.pick([5, 10, 20, 99]) }]
        : [],
    ),
  };
}
