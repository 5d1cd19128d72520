import { describe, expect, test } from '@jest/globals';
import type { RuleSpec } from '../../../lib/core/model.ts';
import { reportShadows, summarisePolicy } from '../../../lib/core/policy-summary.ts';
import { aRule } from '../../support/filter.ts';
import { aPolicy, aTier } from '../../support/policy.ts';

const managed = (...rules: readonly RuleSpec[]) => ({ kind: 'managed', networkServices: [], rules }) as const;

describe('a policy in sentences', () => {
  test('with every default', () => {
    const http =
      'http as session 10 sends whole packets that the filter tmf-0aaa1111bbbb2222c accepts to waf (tmt-0aaa1111bbbb2222c)';
    const tcp =
      'tcp as session 20 sends whole packets that the filter tmf-0bbb1111bbbb2222c accepts to sensors (tmt-0ccc1111bbbb2222a)';
    const full =
      'full as session 30 sends whole packets that the filter tmf-0ccc1111bbbb2222c accepts to sensors (tmt-0ccc1111bbbb2222a)';
    expect(summarisePolicy(aPolicy())).toEqual([
      'Fleet prod: keeps sessions equal to this policy.',
      'An instance or interface tagged Mirror=true gets the profile default; Mirror=NAME gets the profile or the tiers of that name; Mirror=off gets none.',
      `Profile default: ${http}; then ${tcp}.`,
      `Profile forensic: ${http}; then ${tcp}; then ${full}.`,
      'Every interface of an instance is mirrored.',
      'While an instance is stopped its sessions are removed.',
      "Instance types are judged by AWS's list of 2025-08; unknown types are skipped.",
      'A run that would delete more than 50 sessions, or in a sweep more than 20 % of ours, deletes none of them and raises an alarm.',
    ]);
  });

  test('with every choice made the other way', () => {
    const policy = aPolicy({
      mode: 'observe',
      optIn: { tagKey: 'mirror' },
      targets: { waf: { ids: ['tmt-1', 'tmt-2'], spread: 'same-zone' } },
      filters: { web: managed() },
      tiers: [aTier({ filter: 'web', packetLength: 256 })],
      profiles: { default: ['http'] },
      coverage: [
        { match: {}, profile: 'default', mandatory: false },
        {
          match: { vpcIds: ['vpc-1', 'vpc-2'], tags: { env: ['prod', 'prod-*'], role: ['web'] } },
          profile: 'default',
          mandatory: true,
        },
      ],
      exclude: [{ tags: { role: ['sensor'] } }],
      interfaces: 'primary',
      whileStopped: 'keep',
      instanceTypes: { edition: '2023-06', unknown: 'try', allow: [], deny: [] },
      guards: { maxDeletes: 7, maxDeletePercent: 9 },
    });
    expect(summarisePolicy(policy)).toEqual([
      'Fleet prod: plans and reports, and writes nothing (`mode: observe`).',
      'An instance or interface tagged mirror=true gets the profile default; mirror=NAME gets the profile or the tiers of that name; mirror=off gets none.',
      'Profile default: http as session 10 sends the first 256 bytes that the managed filter web accepts to waf (one of 2 targets).',
      'Coverage 1: every interface gets the profile default without a tag.',
      'Coverage 2: an interface with vpcIds vpc-1 or vpc-2 and tag env=prod or prod-* and tag role=web gets the profile default without a tag; a tag cannot switch it off.',
      'Excluded, whatever else says: an interface with tag role=sensor.',
      'Only the primary interface of an instance is mirrored.',
      'While an instance is stopped its sessions are kept (and billed).',
      "Instance types are judged by AWS's list of 2023-06; unknown types are tried.",
      'A run that would delete more than 7 sessions, or in a sweep more than 9 % of ours, deletes none of them and raises an alarm.',
    ]);
  });
});

test('a tier that can never mirror is a warning, all else about tiers a note, for each profile that has it', () => {
  const policy = aPolicy({
    filters: {
      all: managed(aRule()),
      tcp: managed(aRule({ protocol: 6 })),
      udp: managed(aRule({ protocol: 17 })),
      both: managed(aRule({ ruleNumber: 1, protocol: 6 }), aRule({ ruleNumber: 2, protocol: 17 })),
      none: managed(aRule({ action: 'reject' })),
      theirs: { kind: 'given', id: 'tmf-1' },
      others: { kind: 'given', id: 'tmf-2' },
    },
    tiers: [
      aTier({ name: 'web', sessionNumber: 1, filter: 'theirs' }),
      aTier({ name: 'dns', sessionNumber: 2, filter: 'others' }),
      aTier({ name: 'first', filter: 'all' }),
      aTier({ name: 'late', sessionNumber: 20, filter: 'tcp' }),
      aTier({ name: 'udp', sessionNumber: 30, filter: 'udp' }),
      aTier({ name: 'last', sessionNumber: 40, filter: 'both' }),
      aTier({ name: 'mute', sessionNumber: 50, filter: 'none' }),
    ],
    profiles: {
      default: ['first', 'late'],
      other: ['web', 'mute'],
      split: ['late', 'udp', 'last'],
      open: ['web', 'dns', 'late'],
    },
  });
  expect(reportShadows(policy)).toEqual({
    warnings: [
      'Profile default: tier late can never mirror a packet: first takes all that its filter accepts.',
      'Profile other: tier mute can never mirror a packet: its filter accepts none that AWS mirrors.',
      'Profile split: tier last can never mirror a packet: late and udp take all that its filter accepts.',
    ],
    notes: [
      'Profile default: tier first mirrors for example ingress tcp 10.0.1.5:44321 > 10.0.2.9:443.',
      'Profile other: tier web: not decided, the rules of theirs stand in the account, not in the policy.',
      'Profile split: tier late mirrors for example ingress tcp 10.0.1.5:44321 > 10.0.2.9:443.',
      'Profile split: tier udp mirrors for example ingress udp 10.0.1.5:44321 > 10.0.2.9:443.',
      'Profile open: tier web: not decided, the rules of theirs stand in the account, not in the policy.',
      'Profile open: tier dns: not decided, the rules of others stand in the account, not in the policy.',
      'Profile open: tier late: not decided, the rules of theirs, others stand in the account, not in the policy.',
    ],
  });
});

describe('a tier behind a rejection', () => {
  const policy = aPolicy({
    filters: {
      'not-web': managed(
        aRule({ ruleNumber: 1, action: 'reject', protocol: 6, destinationPorts: { from: 443, to: 443 } }),
        aRule({ ruleNumber: 2, protocol: 17 }),
      ),
      web: managed(aRule({ protocol: 6, destinationPorts: { from: 443, to: 443 } })),
    },
    tiers: [aTier({ name: 'one', filter: 'not-web' }), aTier({ name: 'two', sessionNumber: 20, filter: 'web' })],
    profiles: { default: ['one', 'two'] },
  });
  const one = 'Profile default: tier one mirrors for example ingress udp 10.0.1.5:44321 > 10.0.2.9:443.';

  test('is told with what it rests on where rejectFallsThrough is true', () => {
    expect(reportShadows(policy, { rejectFallsThrough: true, resolvers: [] })).toEqual({
      warnings: [],
      notes: [
        one,
        'Profile default: tier two mirrors for example ingress tcp 10.0.1.5:44321 > 10.0.2.9:443, but that and all else that it mirrors only if AWS offers what one session rejects by rule to the next, which it does not say (assumed: rejectFallsThrough = true).',
      ],
    });
  });
  test('is told with what it could do otherwise where rejectFallsThrough is false', () => {
    expect(reportShadows(policy, { rejectFallsThrough: false, resolvers: [] })).toEqual({
      warnings: [
        'Profile default: tier two can never mirror a packet: one takes all that its filter accepts; it could if AWS offers what one session rejects by rule to the next, which it does not say (assumed: rejectFallsThrough = false).',
      ],
      notes: [one],
    });
  });
});
