import { stringify } from 'yaml';
import type { Chance } from './chance.ts';

/** A policy as its author writes it, every default spelled out: what the oracle reads, never what the program parsed. */
export interface WrittenPolicy {
  readonly version: 1;
  readonly fleet: 'prod';
  readonly mode: 'enforce' | 'observe';
  readonly targets: Readonly<Record<string, { readonly ids: readonly string[]; readonly spread: string }>>;
  readonly filters: Readonly<Record<string, { readonly id: string } | WrittenFilter>>;
  readonly tiers: readonly WrittenTier[];
  readonly profiles: Readonly<Record<string, readonly string[]>>;
  readonly coverage: readonly {
    readonly match: { readonly tags: Tagged };
    readonly profile: string;
    readonly mandatory: boolean;
  }[];
  readonly exclude: readonly { readonly tags: Tagged }[];
  readonly interfaces: 'all' | 'primary';
  readonly whileStopped: 'remove' | 'keep';
  readonly guards: { readonly maxDeletes: number; readonly maxDeletePercent: number };
}

type Tagged = Readonly<Record<string, readonly string[]>>;

export interface WrittenFilter {
  readonly allowVxlan: true;
  readonly networkServices: readonly string[];
  readonly ingress: readonly WrittenRule[];
  readonly egress: readonly WrittenRule[];
}

export interface WrittenRule {
  readonly rule: number;
  readonly action: 'accept' | 'reject';
  readonly sourceCidr: string;
  readonly destinationCidr: string;
}

export interface WrittenTier {
  readonly name: string;
  readonly sessionNumber: number;
  readonly target: string;
  readonly filter: string;
  readonly packetLength?: number;
  readonly virtualNetworkId?: number | 'per-source';
  readonly description?: string;
}

/** Ids that policies name; the account has them from the start. */
export const loadBalancerTargets = ['tmt-0aaa1111bbbb2222c', 'tmt-0ccc1111bbbb2222a'] as const;
export const interfaceTargets = ['tmt-0eee1111bbbb2222a', 'tmt-0fff1111bbbb2222b'] as const;
export const givenFilters = ['tmf-0aaa1111bbbb2222c', 'tmf-0bbb1111bbbb2222c'] as const;

/** Another policy of the same fleet each time. */
export function drawPolicy(chance: Chance): WrittenPolicy {
  const numbers = chance.pick([
    [10, 20, 30],
    [10, 20, 40],
    [20, 30, 40],
    [1, 10, 20],
  ]);
  const filterNames = ['http', 'tcp', 'everything', 'narrow'];
  const tiers = ['one', 'two', 'three'].map((name, index): WrittenTier => {
    const packetLength = chance.pick([undefined, undefined, 128]);
    const virtualNetworkId = chance.pick([undefined, undefined, 7000 + index, 'per-source' as const]);
    const description = chance.pick([undefined, undefined, 'seen by the sensors']);
    return {
      name,
      sessionNumber: numbers[index] ?? 50,
      target: chance.pick(['waf', 'sensors']),
      filter: chance.pick(filterNames),
      ...(packetLength !== undefined && { packetLength }),
      ...(virtualNetworkId !== undefined && { virtualNetworkId }),
      ...(description !== undefined && { description }),
    };
  });
  const sensors = chance.pick([
    [...interfaceTargets],
    [interfaceTargets[0]],
    [loadBalancerTargets[1], ...interfaceTargets],
    [loadBalancerTargets[1]],
  ]);
  return {
    version: 1,
    fleet: 'prod',
    mode: chance.happens(0.93) ? 'enforce' : 'observe',
    targets: {
      waf: { ids: [loadBalancerTargets[0]], spread: 'same-zone' },
      sensors: { ids: sensors, spread: chance.pick(['same-zone', 'least-sources']) },
    },
    filters: {
      http: { id: givenFilters[0] },
      tcp: { id: givenFilters[1] },
      everything: {
        allowVxlan: true,
        networkServices: ['amazon-dns'],
        ingress: [acceptAll(10)],
        egress: [acceptAll(10)],
      },
      narrow: {
        allowVxlan: true,
        networkServices: [],
        ingress: [{ ...acceptAll(5), action: 'reject', sourceCidr: '10.1.0.0/16' }, acceptAll(chance.pick([10, 20]))],
        egress: chance.pick([[], [acceptAll(30)]]),
      },
    },
    tiers,
    profiles: {
      default: chance.pick([['one', 'two'], ['two'], ['one', 'two', 'three']]),
      forensic: ['one', 'two', 'three'],
    },
    coverage: chance.pick([
      [],
      [{ match: { tags: { env: ['prod', 'prod-*'] } }, profile: 'default', mandatory: chance.happens(0.4) }],
    ]),
    exclude: [{ tags: { role: ['sensor'] } }],
    interfaces: chance.pick(['all', 'all', 'primary']),
    whileStopped: chance.pick(['remove', 'remove', 'keep']),
    guards: chance.pick([
      { maxDeletes: 50, maxDeletePercent: 20 },
      { maxDeletes: 2, maxDeletePercent: 100 },
      { maxDeletes: 1000, maxDeletePercent: 100 },
    ]),
  };
}

function acceptAll(rule: number): WrittenRule {
  return { rule, action: 'accept', sourceCidr: '0.0.0.0/0', destinationCidr: '0.0.0.0/0' };
}

/** The text that `policy push` would store. */
export function writePolicy(policy: WrittenPolicy): string {
  return stringify(policy);
}
