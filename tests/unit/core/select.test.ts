import { describe, expect, test } from '@jest/globals';
import type { CoverageRule, Policy, Tags } from '../../../lib/core/model.ts';
import { select } from '../../../lib/core/select.ts';
import { anInstance } from '../../support/instance.ts';
import { aDetachedInterface, anInterface, anRdsInterface } from '../../support/interface.ts';
import { aPolicy, aTier } from '../../support/policy.ts';

interface Given extends Partial<Policy> {
  tag?: string;
  interfaceTags?: Tags;
}
const selectWith = ({ tag, interfaceTags = {}, ...policy }: Given) =>
  select(
    aPolicy(policy),
    anInterface({ tags: interfaceTags }),
    anInstance({ tags: tag === undefined ? {} : { Mirror: tag } }),
  );
const names = (given: Given) => {
  const selection = selectWith(given);
  return selection.kind === 'selected' ? [selection.because, ...selection.tiers.map(({ name }) => name)] : selection;
};
const covers = (profile: string, differences: Partial<CoverageRule> = {}): CoverageRule => ({
  match: {},
  profile,
  mandatory: false,
  ...differences,
});
const unselected = (because: string) => ({ kind: 'unselected', because });

test('not-covered: without a tag and without coverage nothing is mirrored', () => {
  expect(names({})).toEqual(unselected('not-covered'));
});
test('opted-in: the tag of the instance selects its profile', () => {
  expect(names({ tag: 'true' })).toEqual(['opted-in', 'http', 'tcp']);
});
test('opted-out: the tag of the interface beats the tag of its instance', () => {
  expect(names({ tag: 'true', interfaceTags: { Mirror: 'off' } })).toEqual(unselected('opted-out'));
  expect(names({ tag: 'off', interfaceTags: { Mirror: 'full' } })).toEqual(['opted-in', 'full']);
});
test('unknown-profile: an empty tag on the interface hides a good one on the instance', () => {
  expect(names({ tag: 'true', interfaceTags: { Mirror: '' } })).toEqual({ kind: 'unknown-profile', tagValue: '' });
});
test('the policy names the tag key, and tag keys are case-sensitive', () => {
  expect(names({ tag: 'true', optIn: { tagKey: 'mirror' } })).toEqual(unselected('not-covered'));
});

describe('precedence: exclude › mandatory coverage › tag off › tag opt-in › coverage', () => {
  test('excluded: exclusion beats mandatory coverage and the tag', () => {
    const given = { tag: 'true', exclude: [{}], coverage: [covers('default', { mandatory: true })] };
    expect(names(given)).toEqual(unselected('excluded'));
  });
  test('covered: mandatory coverage beats tag off, with a warning', () => {
    const selection = selectWith({ tag: 'off', coverage: [covers('default', { mandatory: true })] });
    expect(selection).toMatchObject({
      kind: 'selected',
      because: 'covered',
      tiers: [{ name: 'http' }, { name: 'tcp' }],
    });
    expect(selection).toHaveProperty('warnings', [expect.stringContaining('mandatory')]);
  });
  test('covered: the tag adds tiers to mandatory coverage', () => {
    expect(names({ tag: 'full', coverage: [covers('default', { mandatory: true })] })).toEqual([
      'covered',
      'http',
      'tcp',
      'full',
    ]);
  });
  test('opted-out: tag off beats coverage', () => {
    expect(names({ tag: 'no', coverage: [covers('default')] })).toEqual(unselected('opted-out'));
  });
  test('opted-in: the tag replaces coverage', () => {
    expect(names({ tag: 'full', coverage: [covers('default')] })).toEqual(['opted-in', 'full']);
  });
  test('covered: without a tag the first matching rule wins', () => {
    const coverage = [covers('forensic', { match: { vpcIds: ['vpc-9'] } }), covers('default'), covers('forensic')];
    expect(names({ coverage })).toEqual(['covered', 'http', 'tcp']);
  });
  test('covered: a mandatory rule wins over an optional one that stands before it', () => {
    expect(names({ coverage: [covers('default'), covers('forensic', { mandatory: true })] })).toEqual([
      'covered',
      'http',
      'tcp',
      'full',
    ]);
  });
});

test('mandatory tiers keep their slots; of the added ones the lowest session numbers win', () => {
  const tiers = [5, 10, 20, 30].map((sessionNumber) => aTier({ name: `t${sessionNumber}`, sessionNumber }));
  const selection = selectWith({
    tag: 't5,t10,t30',
    tiers,
    profiles: { audit: ['t20', 't30'] },
    coverage: [covers('audit', { mandatory: true })],
  });
  expect(selection).toMatchObject({ tiers: [{ name: 't5' }, { name: 't20' }, { name: 't30' }] });
  expect(selection).toHaveProperty('warnings', ['No session is left for t10: mandatory coverage comes first.']);
});
test('mandatory tiers: everything that finds no session left is named, in the order of the numbers', () => {
  const tiers = [5, 10, 15, 20, 30].map((sessionNumber) => aTier({ name: `t${sessionNumber}`, sessionNumber }));
  const coverage = [covers('audit', { mandatory: true })];
  expect(selectWith({ tag: 't5,t10,t15', tiers, profiles: { audit: ['t20', 't30'] }, coverage })).toHaveProperty(
    'warnings',
    ['No session is left for t10, t15: mandatory coverage comes first.'],
  );
});
test('covered: what is wrong with the tag is told beside mandatory coverage too', () => {
  const profiles = { ...aPolicy().profiles, full: ['http', 'full'] };
  const selection = selectWith({ tag: 'full', profiles, coverage: [covers('default', { mandatory: true })] });
  expect(selection).toHaveProperty('warnings', [expect.stringContaining('names a profile and a tier')]);
});
test('covered: coverage alone warns of nothing, and knows no profile that a tag could have meant', () => {
  for (const mandatory of [true, false]) {
    const selection = selectWith({ coverage: [covers('default', { mandatory })] });
    expect(selection).toMatchObject({ kind: 'selected', because: 'covered', warnings: [] });
    expect(selection).not.toHaveProperty('unknownProfile');
  }
  const tagged = selectWith({ tag: 'full', coverage: [covers('default', { mandatory: true })] });
  expect(tagged).not.toHaveProperty('unknownProfile');
});
test('unknown-profile: an unreadable tag is told beside the coverage that applies', () => {
  expect(selectWith({ tag: 'maybe', coverage: [covers('default')] })).toMatchObject({
    kind: 'selected',
    because: 'covered',
    unknownProfile: 'maybe',
    warnings: ['The opt-in tag says "maybe", which names no profile and no tier: coverage applies.'],
  });
  expect(selectWith({ tag: 'maybe', coverage: [covers('default', { mandatory: true })] })).toHaveProperty('warnings', [
    'The opt-in tag says "maybe", which names no profile and no tier: coverage applies.',
  ]);
});
test('covered: beside tiers that a tag adds, those that mandatory coverage demands are named', () => {
  const coverage = [covers('default', { mandatory: true })];
  expect(selectWith({ tag: 'full', coverage })).toMatchObject({ mandatory: [{ name: 'http' }, { name: 'tcp' }] });
  expect(selectWith({ tag: 'http', coverage })).not.toHaveProperty('mandatory');
});

describe('interfaces: primary', () => {
  const policy = aPolicy({ interfaces: 'primary', coverage: [covers('default')] });
  const attachment = {
    status: 'attached',
    instanceId: 'i-0aaa0000000000001',
    deviceIndex: 0,
    networkCardIndex: 0,
  } as const;
  test('covered: the first interface on the first network card', () => {
    expect(select(policy, anInterface(), anInstance())).toMatchObject({ kind: 'selected' });
  });
  test.each([
    { ...attachment, deviceIndex: 1 },
    { ...attachment, networkCardIndex: 1 },
  ])('not-primary: %j', (other) => {
    expect(select(policy, anInterface({ attachment: other }), anInstance())).toEqual(unselected('not-primary'));
  });
  test('not-primary: an interface that no instance carries', () => {
    expect(select(policy, aDetachedInterface(), undefined)).toEqual(unselected('not-primary'));
  });
  test('covered: an interface of RDS, whatever its index', () => {
    expect(select(policy, anRdsInterface(), undefined)).toMatchObject({ kind: 'selected' });
  });
  test('opted-out: an interface that nobody wants keeps that reason, which the guards count', () => {
    const secondary = anInterface({ attachment: { ...attachment, deviceIndex: 1 } });
    expect(select(policy, secondary, anInstance({ tags: { Mirror: 'off' } }))).toEqual(unselected('opted-out'));
  });
});
