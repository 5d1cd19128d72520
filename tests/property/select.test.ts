import { expect, test } from '@jest/globals';
import type { CoverageRule } from '../../lib/core/model.ts';
import { select } from '../../lib/core/select.ts';
import { anInstance } from '../support/instance.ts';
import { anInterface } from '../support/interface.ts';
import { aPolicy } from '../support/policy.ts';

/** Every combination of what can speak for or against an interface; the expected answer is a table, not the code. */
const tagValues = [undefined, 'off', 'full', 'forensic', 'nonsense'] as const;
const tiersOfTag = { full: ['full'], forensic: ['http', 'tcp', 'full'] } as const;
const booleans = [false, true];
const rule = (mandatory: boolean): CoverageRule => ({ match: {}, profile: mandatory ? 'must' : 'may', mandatory });
const profiles = { must: ['tcp'], may: ['http'], default: ['http', 'tcp'], forensic: ['http', 'tcp', 'full'] };

interface Situation {
  excluded: boolean;
  must: boolean;
  may: boolean;
  ofInterface: (typeof tagValues)[number];
  ofInstance: (typeof tagValues)[number];
  secondary: boolean;
}

function situations(): Situation[] {
  const all: Situation[] = [];
  for (const excluded of booleans)
    for (const must of booleans)
      for (const may of booleans)
        for (const ofInterface of tagValues)
          for (const ofInstance of tagValues)
            for (const secondary of booleans) all.push({ excluded, must, may, ofInterface, ofInstance, secondary });
  return all;
}

/** `excluded`, `opted-out`, …, or the reason and the tiers. */
function expectedOf({ excluded, must, may, ofInterface, ofInstance, secondary }: Situation): string {
  const tag = ofInterface ?? ofInstance;
  const asked: readonly string[] = tag === 'full' || tag === 'forensic' ? tiersOfTag[tag] : [];
  const inOrder = (names: readonly string[]) => ['http', 'tcp', 'full'].filter((name) => names.includes(name)).join();
  if (excluded) return 'excluded';
  const wanted = must
    ? `covered ${inOrder(['tcp', ...asked])}`
    : tag === 'off'
      ? 'opted-out'
      : asked.length > 0
        ? `opted-in ${inOrder(asked)}`
        : may
          ? 'covered http'
          : tag === 'nonsense'
            ? 'unknown-profile'
            : 'not-covered';
  const isUnwanted = wanted === 'opted-out' || wanted === 'not-covered';
  return secondary && !isUnwanted ? 'not-primary' : wanted;
}

function answerTo({ excluded, must, may, ofInterface, ofInstance, secondary }: Situation): string {
  const coverage = [...(may ? [rule(false)] : []), ...(must ? [rule(true)] : [])];
  const policy = aPolicy({ profiles, coverage, exclude: excluded ? [{}] : [], interfaces: 'primary' });
  const tagged = (value: string | undefined) => (value === undefined ? {} : { Mirror: value });
  const attachment = {
    status: 'attached',
    instanceId: 'i-0aaa0000000000001',
    deviceIndex: secondary ? 1 : 0,
    networkCardIndex: 0,
  } as const;
  const selection = select(
    policy,
    anInterface({ tags: tagged(ofInterface), attachment }),
    anInstance({ tags: tagged(ofInstance) }),
  );
  if (selection.kind === 'unknown-profile') return 'unknown-profile';
  if (selection.kind === 'unselected') return selection.because;
  return `${selection.because} ${selection.tiers.map(({ name }) => name).join()}`;
}

test('all combinations of exclusion, coverage, tags and position answer as the table of precedence says', () => {
  const all = situations();
  expect(all).toHaveLength(400);
  expect(all.map((situation) => [situation, answerTo(situation)])).toEqual(
    all.map((situation) => [situation, expectedOf(situation)]),
  );
});
