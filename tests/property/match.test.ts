import { test } from '@jest/globals';
import fc from 'fast-check';
import { isLike, isMatch } from '../../lib/core/match.ts';
import type { Match, Tags } from '../../lib/core/model.ts';
import { anInstance } from '../support/instance.ts';
import { anInterface } from '../support/interface.ts';

/** The oracle for wildcards: JavaScript's own regular expressions. */
const isLikeByRegExp = (pattern: string, text: string) => {
  const source = [...pattern].map((c) =>
    c === '*' ? '.*' : c === '?' ? '.' : `\\u{${c.codePointAt(0)?.toString(16)}}`,
  );
  return new RegExp(`^${source.join('')}$`, 'su').test(text);
};

const letters = fc.constantFrom('a', 'b', '.', '-', '\n', '😀');
const texts = fc.string({ unit: letters, maxLength: 6 });
const patterns = fc.string({ unit: fc.oneof(letters, fc.constantFrom('*', '?')), maxLength: 6 });

test('wildcards mean what the same regular expression means', () => {
  fc.assert(
    fc.property(patterns, texts, (pattern, text) => isLike(pattern, text) === isLikeByRegExp(pattern, text)),
    { numRuns: 2000 },
  );
});
test('a text without wildcards is like itself, and everything is like `*`', () => {
  fc.assert(fc.property(texts, (text) => isLike(text, text) && isLike('*', text)));
});
test('many wildcards against a long text that does not match end soon', () => {
  const pattern = '*a'.repeat(60);
  const text = `${'a'.repeat(59)}${'b'.repeat(4000)}`;
  if (isLike(pattern, text)) throw new Error('it must not match');
});

/**
 * The oracle for matches: everything true of a candidate written down as facts, and a match as a list of alternatives
 * per key. Universes are so small that collisions abound.
 */
const values = fc.constantFrom('a', 'b', 'c');
const lists = fc.array(values, { maxLength: 3 });
const tags = fc.dictionary(fc.constantFrom('k', 'constructor'), values, { maxKeys: 2, noNullPrototype: true });
const keys = ['vpcIds', 'subnetIds', 'availabilityZones', 'securityGroupIds', 'instanceTypes', 'requester'] as const;
const matches: fc.Arbitrary<Match> = fc
  .record(
    {
      vpcIds: lists,
      subnetIds: lists,
      availabilityZones: lists,
      securityGroupIds: lists,
      instanceTypes: lists,
      requester: lists,
      tags: fc.dictionary(fc.constantFrom('k', 'constructor'), lists, { maxKeys: 2, noNullPrototype: true }),
    },
    { requiredKeys: [] },
  )
  .map((match) => match as Match);

test('a match is true exactly when every key has a value among the facts of the candidate', () => {
  fc.assert(
    fc.property(
      matches,
      fc.record({
        vpc: values,
        subnet: values,
        zone: values,
        groups: lists,
        requester: fc.option(values, { nil: undefined }),
      }),
      fc.option(fc.record({ type: values, tags }), { nil: undefined }),
      tags,
      (match, facts, instance, interfaceTags: Tags) => {
        const known = new Set([
          `vpcIds ${facts.vpc}`,
          `subnetIds ${facts.subnet}`,
          `availabilityZones ${facts.zone}`,
          ...facts.groups.map((group) => `securityGroupIds ${group}`),
          ...(instance ? [`instanceTypes ${instance.type}`] : []),
          ...(facts.requester ? [`requester ${facts.requester}`] : []),
        ]);
        const tagFacts = new Map([...Object.entries(instance?.tags ?? {}), ...Object.entries(interfaceTags)]);
        const expected =
          keys.every((key) => match[key] === undefined || match[key].some((value) => known.has(`${key} ${value}`))) &&
          Object.entries(match.tags ?? {}).every(([key, wanted]) =>
            wanted.some((value) => tagFacts.get(key) === value),
          );
        const candidate = {
          networkInterface: anInterface({
            vpcId: facts.vpc,
            subnetId: facts.subnet,
            availabilityZone: facts.zone,
            securityGroupIds: facts.groups,
            tags: interfaceTags,
            ...(facts.requester && { requesterId: facts.requester }),
          }),
          instance: instance && anInstance({ instanceType: instance.type, tags: instance.tags }),
        };
        return isMatch(match, candidate) === expected;
      },
    ),
    { numRuns: 3000 },
  );
});
