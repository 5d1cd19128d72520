import { expect, test } from '@jest/globals';
import { readOptIn, tiersOfProfile } from '../../../lib/core/opt-in.ts';
import { aPolicy, aTier } from '../../support/policy.ts';

const tiersFor = (value: string, policy = aPolicy()) => {
  const optIn = readOptIn(policy, value);
  return optIn.kind === 'on' ? optIn.tiers.map(({ name }) => name) : optIn.kind;
};

test.each(['true', 'yes', 'on', '1', 'TRUE', ' Yes ', '\tOn\n'])('%j asks for the profile `default`', (value) => {
  expect(tiersFor(value)).toEqual(['http', 'tcp']);
});
test.each(['false', 'no', 'off', '0', 'FALSE', ' Off '])('opted-out: %j', (value) => {
  expect(tiersFor(value)).toBe('off');
});
test.each([
  ['forensic', ['http', 'tcp', 'full']],
  [' Forensic', ['http', 'tcp', 'full']],
  ['full', ['full']],
  ['full,http', ['http', 'full']],
  ['full + http', ['http', 'full']],
  ['HTTP full', ['http', 'full']],
  ['http, tcp,full', ['http', 'tcp', 'full']],
  ['http http,http', ['http']],
  [',full', ['full']],
  ['full+', ['full']],
])('%j asks for the tiers %j', (value, tiers) => {
  expect(tiersFor(value)).toEqual(tiers);
});
test.each(['', '  ', ',', 'maybe', 'true,http', 'forensic,http', 'http;tcp', 'constructor', '__proto__', '2', 'y'])(
  'unknown-profile: %j is neither a profile nor tiers',
  (value) => {
    expect(tiersFor(value)).toBe('unknown');
  },
);

const four = [10, 20, 30, 40].map((sessionNumber) => aTier({ name: `t${sessionNumber}`, sessionNumber }));
test('unknown-profile: four tiers are more than AWS allows on a source', () => {
  expect(tiersFor('t10,t20,t30,t40', aPolicy({ tiers: four, profiles: {} }))).toBe('unknown');
});
test('three tiers and a repetition are three', () => {
  expect(tiersFor('t40,t20,t10,t20', aPolicy({ tiers: four, profiles: {} }))).toEqual(['t10', 't20', 't40']);
});
test('unknown-profile: `true` means nothing in a policy without the profile `default`', () => {
  expect(tiersFor('true', aPolicy({ profiles: {} }))).toBe('unknown');
});
test('what is asked for is told whole: tiers in ascending session number, no warning', () => {
  const [http, tcp, full] = aPolicy().tiers;
  expect(readOptIn(aPolicy(), 'true')).toEqual({ kind: 'on', tiers: [http, tcp], warnings: [] });
  expect(readOptIn(aPolicy(), 'full+tcp')).toEqual({ kind: 'on', tiers: [tcp, full], warnings: [] });
  expect(readOptIn(aPolicy(), 'no')).toEqual({ kind: 'off' });
  expect(readOptIn(aPolicy(), 'maybe')).toEqual({ kind: 'unknown' });
  expect(readOptIn(aPolicy({ profiles: {} }), 'yes')).toEqual({ kind: 'unknown' });
});
test('a profile wins over a tier of the same name, with a warning that names it', () => {
  const [, tcp, full] = aPolicy().tiers;
  expect(readOptIn(aPolicy({ profiles: { http: ['tcp', 'full'] } }), 'http')).toEqual({
    kind: 'on',
    tiers: [tcp, full],
    warnings: ['`http` names a profile and a tier; the profile is meant. Rename one of them.'],
  });
});
test('the tiers of a profile stand in ascending session number; a profile that is not there has none', () => {
  const [http, , full] = aPolicy().tiers;
  const policy = aPolicy({ profiles: { both: ['full', 'http'] } });
  expect(tiersOfProfile(policy, 'both')).toEqual([http, full]);
  expect(tiersOfProfile(policy, 'default')).toBeUndefined();
  expect(tiersOfProfile(policy, 'constructor')).toBeUndefined();
});
