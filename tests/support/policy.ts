import { stringify } from 'yaml';
import type { Policy, Tier } from '../../lib/core/model.ts';

/**
 * A valid policy of fleet `prod` with every default in place: tiers `http` (10), `tcp` (20), `full` (30), profiles
 * `default` (http, tcp) and `forensic` (all three), one target per pool, three given filters, no coverage.
 */
export function aPolicy(differences: Partial<Policy> = {}): Policy {
  return {
    version: 1,
    fleet: 'prod',
    mode: 'enforce',
    optIn: { tagKey: 'Mirror' },
    targets: {
      waf: { ids: ['tmt-0aaa1111bbbb2222c'], spread: 'same-zone' },
      sensors: { ids: ['tmt-0ccc1111bbbb2222a'], spread: 'same-zone' },
    },
    filters: {
      http: { kind: 'given', id: 'tmf-0aaa1111bbbb2222c' },
      'all-tcp': { kind: 'given', id: 'tmf-0bbb1111bbbb2222c' },
      everything: { kind: 'given', id: 'tmf-0ccc1111bbbb2222c' },
    },
    tiers: [
      aTier(),
      aTier({ name: 'tcp', sessionNumber: 20, target: 'sensors', filter: 'all-tcp' }),
      aTier({ name: 'full', sessionNumber: 30, target: 'sensors', filter: 'everything' }),
    ],
    profiles: { default: ['http', 'tcp'], forensic: ['http', 'tcp', 'full'] },
    coverage: [],
    exclude: [],
    interfaces: 'all',
    whileStopped: 'remove',
    instanceTypes: { edition: '2025-08', unknown: 'skip', allow: [], deny: [] },
    virtualNetworkIdRange: { from: 1, to: 16_777_215 },
    guards: { maxDeletes: 50, maxDeletePercent: 20 },
    cost: { sessionHourUsd: 0.015, source: 'AWS pricing page, US East (Ohio); other Regions may differ' },
    ...differences,
  };
}

/** The tier `http`: session number 10 to pool `waf` through filter `http`, whole packets. */
export function aTier(differences: Partial<Tier> = {}): Tier {
  return { name: 'http', sessionNumber: 10, target: 'waf', filter: 'http', ...differences };
}

/**
 * The YAML of a valid policy that parses to `aPolicy()`. A difference replaces a top-level key; `undefined` removes it.
 */
export function policyText(differences: Readonly<Record<string, unknown>> = {}): string {
  const { targets, tiers, profiles } = aPolicy();
  const written = {
    version: 1,
    fleet: 'prod',
    targets,
    filters: {
      http: { id: 'tmf-0aaa1111bbbb2222c' },
      'all-tcp': { id: 'tmf-0bbb1111bbbb2222c' },
      everything: { id: 'tmf-0ccc1111bbbb2222c' },
    },
    tiers,
    profiles,
    ...differences,
  };
  return stringify(Object.fromEntries(Object.entries(written).filter(([, value]) => value !== undefined)));
}

/** The YAML of a valid policy with one of each: pool `waf`, given filter `web`, tier `http`, profile `default`. */
export function smallPolicyText(differences: Readonly<Record<string, unknown>> = {}): string {
  return policyText({
    targets: { waf: { ids: ['tmt-0aaa1111bbbb2222c'] } },
    filters: { web: { id: 'tmf-0aaa1111bbbb2222c' } },
    tiers: [aTier({ filter: 'web' })],
    profiles: { default: ['http'] },
    ...differences,
  });
}
