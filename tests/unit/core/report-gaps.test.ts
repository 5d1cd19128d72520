import { describe, expect, test } from '@jest/globals';
import type { SourceDecision } from '../../../lib/core/actions.ts';
import { modify, refuseTier, remove, retain } from '../../../lib/core/plan-actions.ts';
import { type Because, reasons } from '../../../lib/core/reasons.ts';
import type { ReportedOutcome, ReportSource } from '../../../lib/core/report-facts.ts';
import { earlierOf, explainReason, findGaps, gapKey, sinceGaps } from '../../../lib/core/report-gaps.ts';
import { anInstance } from '../../support/instance.ts';
import { anInterface } from '../../support/interface.ts';
import { aPolicy, aTier } from '../../support/policy.ts';
import { aCoveredSource } from '../../support/preflight.ts';
import { aReportSource } from '../../support/report-source.ts';
import { aForeignSession, aSession } from '../../support/session.ts';

const networkInterfaceId = 'eni-0aaa0000000000001';
const instanceId = 'i-0aaa0000000000001';
const id = { networkInterfaceId, instanceId } as const;
const tcp = aTier({ name: 'tcp', sessionNumber: 20 });

const told = (
  action: ReportedOutcome['action'],
  outcome: ReportedOutcome['outcome'] = 'observed',
  said: { readonly because?: Because; readonly code?: string } = {},
): ReportedOutcome => ({ action, outcome, ...said });
const [created] = aCoveredSource(anInterface()).actions.filter((action) => action.kind === 'create');
if (created === undefined) throw new Error('a covered source is created');
const refused = (because: Because, detail?: string) => refuseTier(networkInterfaceId, tcp, because, detail);
/** A refusal of the whole source. */
const refusedSource = (because: Because, detail: string) =>
  told({ kind: 'refuse', networkInterfaceId, because, detail }, 'settled');
const gapsOf = (decision: Partial<SourceDecision>, ...outcomes: readonly ReportedOutcome[]) =>
  findGaps(aReportSource(decision, { outcomes }), aPolicy());

describe('no gap', () => {
  test('where nothing is wanted', () => {
    const outcomes = [told(retain(aForeignSession(), 'not-ours')), told(remove(aSession(), 'opted-out'), 'done')];
    expect(gapsOf({ wanted: [] }, ...outcomes)).toEqual([]);
  });
  test('where all that is wanted is in place', () => {
    expect(gapsOf({ inPlace: [20, 10] }, refusedSource('type-unsupported', 'then'))).toEqual([]);
    expect(gapsOf({ inPlace: [20, 10], isEligible: false })).toEqual([]);
  });
});

describe('one gap for all of a source', () => {
  test('unknown-profile: a tag that cannot be read, though nobody knows what is wanted', () => {
    const outcomes = [
      told(retain(aForeignSession(), 'not-ours', 'theirs')),
      told({ kind: 'refuse', networkInterfaceId, because: 'unknown-profile', detail: 'the tag says "yess"' }),
    ];
    expect(gapsOf({ wanted: [] }, ...outcomes)).toEqual([
      {
        ...id,
        kind: 'unclear',
        because: 'unknown-profile',
        remedy: reasons['unknown-profile'],
        detail: 'the tag says "yess"',
      },
    ]);
  });
  test('type-unsupported: what AWS cannot mirror', () => {
    const outcomes = [told(refused('target-full', 'of one tier')), refusedSource('type-unsupported', 't2.micro')];
    expect(gapsOf({ isEligible: false, inPlace: [10] }, ...outcomes)).toEqual([
      {
        ...id,
        kind: 'impossible',
        because: 'type-unsupported',
        remedy: reasons['type-unsupported'],
        detail: 't2.micro',
      },
    ]);
  });
  test.each([
    ['instance-terminated', 'terminated'],
    ['instance-terminated', 'shutting-down'],
    ['read-incomplete', 'running'],
    ['read-incomplete', undefined],
  ] as const)('%s: what nothing was said of, on an instance that is %s', (because, state) => {
    const instance = state && anInstance({ state });
    expect(findGaps(aReportSource({ isEligible: false }, { instance }), aPolicy())).toEqual([
      { ...id, kind: 'impossible', because, remedy: reasons[because] },
    ]);
  });
});

describe('a gap for each session that is missing', () => {
  const only20 = { inPlace: [10] };
  const gap = (because: Because, differences: object = {}) => [
    { ...id, sessionNumber: 20, tier: 'tcp', kind: 'missing', because, remedy: reasons[because], ...differences },
  ];

  test('with its tier, in the order of what is wanted', () => {
    const unsaid = { ...id, kind: 'missing', because: 'read-incomplete', remedy: reasons['read-incomplete'] };
    expect(gapsOf({})).toEqual([
      { ...unsaid, sessionNumber: 10, tier: 'http' },
      { ...unsaid, sessionNumber: 20, tier: 'tcp' },
    ]);
  });
  test('without a tier where the policy has none of this number any more', () => {
    const [bare] = gapsOf({ wanted: [40] });
    expect(bare).toEqual({
      ...id,
      sessionNumber: 40,
      kind: 'missing',
      because: 'read-incomplete',
      remedy: reasons['read-incomplete'],
    });
  });
  test('target-full: a refusal says more than the deletion that it led to, and than whose session is in the way', () => {
    const outcomes = [
      told(refuseTier(networkInterfaceId, aTier(), 'filter-missing')),
      told(retain(aForeignSession({ sessionNumber: 20 }), 'not-ours')),
      told(remove(aSession({ sessionNumber: 20 }), 'target-gone'), 'done'),
      told(refused('target-full', 'pool sensors')),
    ];
    expect(gapsOf(only20, ...outcomes)).toEqual(gap('target-full', { detail: 'pool sensors' }));
  });
  test('target-gone: without a refusal the deletion is the reason', () => {
    const outcomes = [
      told(retain(aForeignSession({ sessionNumber: 20 }), 'not-ours')),
      told(remove(aSession({ sessionNumber: 20 }), 'target-gone')),
    ];
    expect(gapsOf(only20, ...outcomes)).toEqual(gap('target-gone'));
  });
  test('not-ours is no reason: that of the whole source is told instead', () => {
    const outcomes = [
      told(retain(aForeignSession({ sessionNumber: 20 }), 'not-ours')),
      refusedSource('source-full', 'three sessions'),
    ];
    expect(gapsOf(only20, ...outcomes)).toEqual(gap('source-full', { detail: 'three sessions' }));
  });
  test('type-refused-by-ec2: what only EC2 knew is impossible', () => {
    const outcome = told({ ...created, sessionNumber: 20 }, 'settled', { because: 'type-refused-by-ec2' });
    expect(gapsOf(only20, outcome)).toEqual(gap('type-refused-by-ec2', { kind: 'impossible' }));
  });

  describe('the remedy of a change that is due is what it waits for', () => {
    const changes = [
      { ...created, sessionNumber: 20 },
      modify(aSession(), { ...created.desired, sessionNumber: 20 }, 'opted-in'),
    ];
    test.each<[ReportedOutcome['outcome'], string | undefined, string]>([
      ['observed', undefined, 'Not made yet: the next sweep makes it, or `fleetmirror apply` does so now.'],
      ['deferred', undefined, 'Put off, since time or the patience of EC2 ran out: a sweep goes on with it.'],
      ['deferred', 'Busy', 'Put off, since time or the patience of EC2 ran out: a sweep goes on with it.'],
      ['failed', 'InternalFailure', 'EC2 answered InternalFailure. The log has the call; the next sweep tries again.'],
      ['failed', undefined, reasons['opted-in']],
    ])('%s, code %s', (outcome, code, remedy) => {
      for (const change of changes) {
        expect(gapsOf(only20, told(change, outcome, code === undefined ? {} : { code }))).toEqual(
          gap('opted-in', { remedy }),
        );
      }
    });
    test('denied: unless EC2 gave a reason', () => {
      const outcome = told(changes[0] ?? created, 'observed', { because: 'denied', code: 'UnauthorizedOperation' });
      expect(gapsOf(only20, outcome)).toEqual(gap('denied'));
    });
    test('type-unknown: what is only to be tried says who tries it', () => {
      const trial = told({ ...created, sessionNumber: 20 }, 'observed', { because: 'type-unknown' });
      const remedy = 'AWS does not list this type: the next sweep tries it, or `fleetmirror apply` does so now.';
      expect(gapsOf(only20, trial)).toMatchObject([{ kind: 'impossible', because: 'type-unknown', remedy }]);
      const tried = told({ ...created, sessionNumber: 20 }, 'settled', { because: 'type-unknown' });
      expect(gapsOf(only20, tried)).toMatchObject([{ remedy: reasons['type-unknown'] }]);
      const denied = told({ ...created, sessionNumber: 20 }, 'observed', { because: 'denied' });
      expect(gapsOf(only20, denied)).toMatchObject([{ remedy: reasons.denied }]);
    });
    test('a deletion makes nothing, whenever it comes', () => {
      const deletion = told(remove(aSession({ sessionNumber: 20 }), 'target-gone'), 'deferred', { code: 'Busy' });
      expect(gapsOf(only20, deletion)).toEqual(gap('target-gone'));
    });
  });
});

describe('a gap is named', () => {
  const nameOf = (differences: Partial<ReportSource>, decision: Partial<SourceDecision> = {}) =>
    findGaps(aReportSource({ wanted: [20], ...decision }, differences), aPolicy())[0];
  const named = (name: string) => ({ tags: { Name: name } });

  test('after the instance, else after the interface', () => {
    const networkInterface = anInterface(named('an interface'));
    expect(nameOf({ networkInterface, instance: anInstance(named('web-1')) })).toMatchObject({ name: 'web-1' });
    expect(nameOf({ networkInterface })).toMatchObject({ name: 'an interface' });
    expect(nameOf({ networkInterface, instance: undefined })).toMatchObject({ name: 'an interface' });
  });
  test('by no empty name, and without an instance where there is none', () => {
    const { instanceId: _, ...bare } = aReportSource().decision;
    const gap = { ...aReportSource({}, { instance: undefined, networkInterface: undefined }), decision: bare };
    expect(Object.keys(findGaps(gap, aPolicy())[0] ?? {})).toEqual([
      'networkInterfaceId',
      'sessionNumber',
      'tier',
      'kind',
      'because',
      'remedy',
    ]);
    expect(nameOf({ instance: anInstance(named('')) })).not.toHaveProperty('name');
  });
});

describe('across reports', () => {
  const day = (number: number) => `2026-03-0${number}T12:00:00.000Z`;
  const gap = { ...id, kind: 'missing', because: 'denied', remedy: reasons.denied } as const;

  test('a gap is known by its interface and session number', () => {
    expect(gapKey(gap)).toBe(networkInterfaceId);
    expect(gapKey({ ...gap, sessionNumber: 20 })).toBe(`${networkInterfaceId} 20`);
  });
  test('it is as old as the earlier report says, whatever its reason was; a new one begins now', () => {
    const known = [{ ...gap, sessionNumber: 20, because: 'target-full', since: day(1) }] as const;
    expect(sinceGaps([{ ...gap, sessionNumber: 20 }, gap], day(2), known)).toEqual([
      { ...gap, sessionNumber: 20, since: day(1) },
      { ...gap, since: day(2) },
    ]);
    expect(sinceGaps([gap], day(2))).toEqual([{ ...gap, since: day(2) }]);
  });
  test('a clock that was ahead does not make it begin in the future', () => {
    expect(earlierOf(day(1), day(2))).toBe(day(1));
    expect(earlierOf(day(3), day(2))).toBe(day(2));
    expect(earlierOf(undefined, day(2))).toBe(day(2));
  });
});

test('a reason code is told by its sentence; one that this version does not know stands for itself', () => {
  expect(explainReason('denied')).toBe(reasons.denied);
  expect(explainReason('constructor')).toBe('constructor');
});
