import { describe, expect, test } from '@jest/globals';
import type { TargetId, TargetKind } from '../../../lib/core/model.ts';
import { checkPolicyAgainstTargets } from '../../../lib/core/policy-coverage.ts';
import { aPolicy, smallPolicyText } from '../../support/policy.ts';
import { tellIssues } from '../../support/policy-issues.ts';

const rule = (match: unknown, mandatory = false) => ({ match, profile: 'default', mandatory });
const tell = (coverage: readonly unknown[], exclude: readonly unknown[] = []) =>
  tellIssues(smallPolicyText({ coverage, exclude }));

const overtaken = (loser: number, winner: number) =>
  `warning coverage[${loser}]: this rule never applies: coverage[${winner}] matches all that it matches, and comes first. Put the narrower rule first, or remove this one.`;
const excluded = (loser: number, excluder: number) =>
  `warning coverage[${loser}]: this rule never applies: exclude[${excluder}] excludes all that it matches. Remove it, or narrow the exclusion.`;
const emptyList = (path: string) =>
  `warning ${path}: an empty list matches nothing, so that this rule never applies. List values, or remove the key.`;

describe('a coverage rule never applies', () => {
  test.each<[string, unknown[], [number, number][]]>([
    ['after an equal one', [rule({ vpcIds: ['vpc-1'] }), rule({ vpcIds: ['vpc-1'] })], [[1, 0]]],
    [
      'after a wider one',
      [rule({ vpcIds: ['vpc-1', 'vpc-2'] }), rule({ vpcIds: ['vpc-1'], tags: { a: ['b'] } })],
      [[1, 0]],
    ],
    ['after one for all', [rule({}), rule({ requester: ['amazon-rds'] })], [[1, 0]]],
    [
      'before a mandatory one that is wider',
      [rule({ tags: { a: ['b'] } }), rule({ tags: { a: ['b', 'c'] } }, true)],
      [[0, 1]],
    ],
    ['after one with fewer tags', [rule({ tags: { a: ['x'] } }), rule({ tags: { b: ['y'], a: ['x'] } })], [[1, 0]]],
    ['after a mandatory one, mandatory itself', [rule({}, true), rule({ vpcIds: ['vpc-1'] }, true)], [[1, 0]]],
  ])('%s', (_, coverage, pairs) => {
    expect(tell(coverage)).toEqual(pairs.map(([loser, winner]) => overtaken(loser, winner)));
  });

  test('when an exclusion matches all that it matches', () => {
    const vpc1 = rule({ vpcIds: ['vpc-1'], tags: { a: ['b'] } });
    expect(tell([rule({ vpcIds: ['vpc-3'] }), vpc1], [{ vpcIds: ['vpc-2'] }, { vpcIds: ['vpc-1', 'vpc-2'] }])).toEqual([
      excluded(1, 1),
    ]);
    expect(tell([vpc1], [{ tags: { a: ['b', 'c'] } }])).toEqual([excluded(0, 0)]);
  });
});

describe('a coverage rule applies', () => {
  test.each<[string, unknown[]]>([
    ['after a narrower one', [rule({ vpcIds: ['vpc-1'] }), rule({ vpcIds: ['vpc-1', 'vpc-2'] })]],
    [
      'after one that asks for more',
      [rule({ vpcIds: ['vpc-1'], subnetIds: ['subnet-1'] }), rule({ vpcIds: ['vpc-1'] })],
    ],
    ['after one that asks for a tag', [rule({ tags: { a: ['x'] } }), rule({ vpcIds: ['vpc-1'] })]],
    ['after one for another tag', [rule({ tags: { a: ['x'] } }), rule({ tags: { b: ['x'] } })]],
    ['after one for two tags', [rule({ tags: { a: ['x'], b: ['x'] } }), rule({ tags: { a: ['x'] } })]],
    ['after one for another value', [rule({ tags: { a: ['x'] } }), rule({ tags: { a: ['x', 'y'] } })]],
    ['when mandatory, after one that is not', [rule({}), rule({ vpcIds: ['vpc-1'] }, true)]],
  ])('%s', (_, coverage) => {
    expect(tell(coverage)).toEqual([]);
  });

  test('when an exclusion takes a part of it', () => {
    expect(tell([rule({ vpcIds: ['vpc-1', 'vpc-2'] })], [{ vpcIds: ['vpc-1'] }, { tags: { a: ['b'] } }])).toEqual([]);
  });
});

test('empty lists match nothing, an empty match everything', () => {
  const coverage = [rule({ vpcIds: [], tags: { a: [], b: ['x'] } })];
  expect(tell(coverage, [{ instanceTypes: [], tags: { c: [] } }])).toEqual([
    emptyList('coverage[0].match.vpcIds'),
    emptyList('coverage[0].match.tags.a'),
    emptyList('exclude[0].instanceTypes'),
    emptyList('exclude[0].tags.c'),
  ]);
  expect(tell([], [{ vpcIds: ['vpc-1'] }, {}])).toEqual([
    'warning exclude[1]: an empty match excludes every interface. Name what to exclude.',
  ]);
});

test('what cannot be read is a fault of its own, and neither takes nor loses anything', () => {
  const good = rule({ vpcIds: ['vpc-1'], tags: { a: ['b'] } });
  const coverage = [
    null,
    { profile: 'default' },
    rule({ vpcIds: 7 }),
    rule({ tags: { a: 7 } }),
    good,
    rule({ vpcIds: ['y'] }),
    null,
  ];
  const exclude = [null, { vpcIds: ['x'] }, { tags: 7 }, { tags: { a: 7 } }, { tags: { a: [7] } }];
  expect(tell(coverage, exclude).map((line) => line.slice(0, line.indexOf(': ')))).toEqual([
    'error coverage[0]',
    'error coverage[1].match',
    'error coverage[2].match.vpcIds',
    'error coverage[3].match.tags.a',
    'error coverage[5].match.vpcIds[0]',
    'error coverage[6]',
    'error exclude[0]',
    'error exclude[1].vpcIds[0]',
    'error exclude[2].tags',
    'error exclude[3].tags.a',
    'error exclude[4].tags.a[0]',
  ]);
});

describe('coverage without exclude while a pool holds an endpoint', () => {
  const kinds = (kind: TargetKind) => new Map<TargetId, TargetKind>([['tmt-0aaa1111bbbb2222c', kind]]);
  const covered = { coverage: [{ match: {}, profile: 'default', mandatory: false }] };

  test.each<TargetKind>(['network-load-balancer', 'gateway-load-balancer-endpoint'])('warns of a %s', (kind) => {
    expect(checkPolicyAgainstTargets(aPolicy(covered), kinds(kind))).toEqual([
      {
        path: 'targets.waf',
        line: 0,
        message:
          'coverage without `exclude`: the appliances behind tmt-0aaa1111bbbb2222c could be mirrored to themselves',
        hint: 'Exclude them, for example by a tag: `exclude: [{ tags: { role: [sensor] } }]`.',
        severity: 'warning',
      },
    ]);
  });

  test('names all that hide appliances', () => {
    const ids = ['tmt-1', 'tmt-2', 'tmt-3'] as const;
    const policy = aPolicy({ ...covered, targets: { waf: { ids, spread: 'same-zone' } } });
    const hiding = new Map<TargetId, TargetKind>([
      ['tmt-1', 'network-load-balancer'],
      ['tmt-3', 'gateway-load-balancer-endpoint'],
    ]);
    expect(checkPolicyAgainstTargets(policy, hiding)[0]?.message).toContain('behind tmt-1, tmt-3 could');
  });

  test('says nothing of an interface, with an exclusion, or without coverage', () => {
    expect(checkPolicyAgainstTargets(aPolicy(covered), kinds('network-interface'))).toEqual([]);
    const excluding = aPolicy({ ...covered, exclude: [{ tags: { role: ['sensor'] } }] });
    expect(checkPolicyAgainstTargets(excluding, kinds('network-load-balancer'))).toEqual([]);
    expect(checkPolicyAgainstTargets(aPolicy(), kinds('network-load-balancer'))).toEqual([]);
  });
});
