import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { remove } from '../../../lib/core/plan-actions.ts';
import { buildReport } from '../../../lib/core/report.ts';
import { leaveOpen } from '../../../lib/core/report-open.ts';
import { type ReportGroup, reportJsonSchema, reportSchema } from '../../../lib/core/report-schema.ts';
import { aPolicy } from '../../support/policy.ts';
import { aReport, aSource, reportFacts } from '../../support/report.ts';
import { aForeignSession, aSession } from '../../support/session.ts';
import { policyTargets } from '../../support/situation.ts';
import { anNlbTarget } from '../../support/target.ts';

const complete = aSource(1, { mirrored: [10, 20] });

describe('an interface', () => {
  test('as-desired: with all its sessions it is complete since the youngest of them was made', () => {
    const [row] = aReport([complete]).interfaces;
    expect(row).toMatchObject({
      name: 'web-1',
      optIn: 'true',
      profile: 'default',
      status: 'complete',
      because: 'as-desired',
      since: '2026-01-01T00:00:00.000Z',
      desired: [
        { sessionNumber: 10, tier: 'http' },
        { sessionNumber: 20, tier: 'tcp' },
      ],
    });
    expect(row?.sessions.map(({ sessionNumber, isOurs, tier }) => [sessionNumber, isOurs, tier])).toEqual([
      [10, true, 'http'],
      [20, true, 'tcp'],
    ]);
  });

  test('opted-in: what was not made yet is a gap for each tier, and waits for the next sweep', () => {
    const { interfaces, gaps } = aReport([aSource(1)]);
    expect(interfaces[0]).toMatchObject({ status: 'missing', because: 'opted-in' });
    expect(gaps.map(({ sessionNumber, tier, kind }) => [sessionNumber, tier, kind])).toEqual([
      [10, 'http', 'missing'],
      [20, 'tcp', 'missing'],
    ]);
    expect(gaps[0]?.remedy).toContain('the next sweep makes it');
  });

  test('number-held-by-another-owner: some sessions make it partial, and the missing tier is the gap', () => {
    const { interfaces, gaps } = aReport([aSource(1, { mirrored: [20], foreign: [10] })]);
    expect(interfaces[0]).toMatchObject({ status: 'partial', because: 'number-held-by-another-owner' });
    expect(gaps).toHaveLength(1);
    expect(gaps[0]).toMatchObject({ tier: 'http', kind: 'missing', because: 'number-held-by-another-owner' });
  });

  test.each([
    ['type-unsupported', { instanceType: 't2.micro' }],
    ['instance-stopped', { state: 'stopped' }],
    ['instance-terminated', { state: 'shutting-down' }],
  ])('%s: AWS cannot mirror it now, which is one gap for all of its tiers', (because, differences) => {
    const { interfaces, gaps, coverage } = aReport([aSource(1, differences)]);
    expect(interfaces[0]).toMatchObject({ status: 'impossible', because });
    expect(gaps.map(({ kind, because: code, tier }) => [kind, code, tier])).toEqual([
      ['impossible', because, undefined],
    ]);
    expect(coverage).toMatchObject({ wanted: 1, eligible: 0, percent: 100 });
  });

  test('unknown-profile: a tag that cannot be read is a gap, though nobody knows what is wanted', () => {
    const { interfaces, gaps, coverage } = aReport([aSource(1, { tags: { Mirror: 'yess' } })]);
    expect(interfaces[0]).toMatchObject({ status: 'unclear', optIn: 'yess' });
    expect(gaps[0]).toMatchObject({ kind: 'unclear', because: 'unknown-profile', detail: 'the tag says "yess"' });
    expect(coverage.wanted).toBe(0);
  });

  test('not-ours: an interface that nobody wants and that carries a session of others is unwanted, and no gap', () => {
    const report = aReport([aSource(1, { tags: {}, foreign: [7] })]);
    expect(report.interfaces[0]).toMatchObject({ status: 'unwanted', because: 'not-ours', desired: [] });
    expect(report.gaps).toEqual([]);
  });
});

test('a report is the first where none is before it, and an empty one before it is one', () => {
  const first = aReport([aSource(1)]);
  expect([first.isFirst, aReport([aSource(1)], { before: leaveOpen(first) }).isFirst]).toEqual([true, false]);
  expect(aReport([aSource(1)], { before: { gaps: [], troubles: [] } }).isFirst).toBe(false);
  const { isFirst: _, ...old } = first;
  expect(reportSchema.parse(old).isFirst).toBe(false);
});

describe('after a sweep', () => {
  const facts = reportFacts([aSource(1)]);
  const withOutcome = (outcome: object) =>
    buildReport({
      ...facts,
      isObserved: false,
      outcomes: facts.outcomes.map(({ action }) => ({ action, outcome: 'done' as const, ...outcome })),
    });

  test('sessions that it made are in place', () => {
    const { coverage, gaps } = withOutcome({});
    expect(coverage).toMatchObject({ mirrored: 1, complete: 1, percent: 100 });
    expect(gaps).toEqual([]);
  });

  test('sessions that it moved are in place, and those that it deleted are not', () => {
    const moved = aSource(1, { mirrored: [10] });
    const drifted = { ...moved, sessions: moved.sessions.map((session) => ({ ...session, packetLength: 64 })) };
    const changed = reportFacts([drifted]);
    const [source] = changed.decisions;
    const remake = (kinds: readonly string[]) =>
      buildReport({
        ...changed,
        decisions: changed.decisions.map((decision) => ({ ...decision, inPlace: [] })),
        outcomes: [...(source?.actions ?? []), remove(moved.sessions[0] ?? aSession(), 'target-gone')]
          .filter(({ kind }) => kinds.includes(kind))
          .map((action) => ({ action, outcome: 'done' })),
      }).gaps.map(({ sessionNumber }) => sessionNumber);
    expect(remake(['modify', 'create'])).toEqual([]);
    expect(remake(['modify'])).toEqual([20]);
    expect(remake(['create'])).toEqual([10]);
    expect(remake(['create', 'delete'])).toEqual([10]);
  });

  test('denied: what EC2 refused is a gap with the reason that EC2 gave', () => {
    const { gaps } = withOutcome({ outcome: 'settled', because: 'denied', code: 'UnauthorizedOperation' });
    expect(gaps[0]).toMatchObject({ because: 'denied', kind: 'missing' });
    expect(gaps[0]?.remedy).toContain('control policies');
  });

  test('a code of EC2 that nobody knows stands in the remedy', () => {
    expect(withOutcome({ outcome: 'failed', code: 'InternalFailure' }).gaps[0]?.remedy).toContain('InternalFailure');
  });

  test('what was put off says so', () => {
    expect(withOutcome({ outcome: 'deferred' }).gaps[0]?.remedy).toContain('Put off');
  });

  test('type-refused-by-ec2: what only EC2 knew counts as impossible', () => {
    const { gaps, coverage } = withOutcome({ outcome: 'settled', because: 'type-refused-by-ec2' });
    expect(gaps.map(({ kind, because }) => [kind, because])).toEqual([['impossible', 'type-refused-by-ec2']]);
    expect(coverage).toMatchObject({ wanted: 1, eligible: 0, percent: 100 });
  });
});

test('an interface of which nothing became has no decisions', () => {
  const { interfaces } = buildReport({ ...reportFacts([complete]), outcomes: [] });
  expect(interfaces.map(({ decisions }) => decisions)).toEqual([[]]);
});

test('the sessions of an interface stand in ascending number, as far as there are any', () => {
  const source = aSource(1, { mirrored: [20, 10], foreign: [15] });
  const { interfaces } = aReport([source, aSource(2)]);
  expect(interfaces.map(({ sessions }) => sessions.map(({ sessionNumber }) => sessionNumber))).toStrictEqual([
    [10, 15, 20],
    [],
  ]);
});

test('a gap keeps the time when a report first showed it, whatever its reason is by now', () => {
  const first = aReport([aSource(1)]);
  const later = aReport([aSource(1, { foreign: [10], mirrored: [20] })], {
    takenAt: '2026-03-02T12:00:00.000Z',
    before: leaveOpen(first),
  });
  expect(later.gaps[0]).toMatchObject({ because: 'number-held-by-another-owner', since: first.takenAt });
  expect(later.interfaces[0]?.since).toBe(first.takenAt);
});

describe('totals', () => {
  const report = () =>
    aReport([
      aSource(1, { mirrored: [10, 20] }),
      aSource(2, { mirrored: [20], vpcId: 'vpc-0bbb', availabilityZone: 'us-east-1b', instanceType: 'c6i.large' }),
      aSource(3, { instanceType: 't2.micro' }),
    ]);
  const named = (groups: readonly ReportGroup[]) =>
    groups.map(({ name, wanted, eligible, mirrored, complete }) => [name, wanted, eligible, mirrored, complete]);

  test('are kept by VPC, zone, profile, instance family, and by tier in sessions', () => {
    const { totals } = report();
    expect(named(totals.vpcs)).toEqual([
      ['vpc-0aaa0000000000001', 2, 1, 1, 1],
      ['vpc-0bbb', 1, 1, 1, 0],
    ]);
    expect(named(totals.zones)).toEqual([
      ['us-east-1a', 2, 1, 1, 1],
      ['us-east-1b', 1, 1, 1, 0],
    ]);
    expect(named(totals.profiles)).toEqual([['default', 3, 2, 2, 1]]);
    expect(named(totals.families)).toEqual([
      ['c6i', 1, 1, 1, 0],
      ['m5', 1, 1, 1, 1],
      ['t2', 1, 0, 0, 0],
    ]);
    expect(named(totals.tiers)).toEqual([
      ['http', 3, 2, 1, 1],
      ['tcp', 3, 2, 2, 2],
    ]);
  });

  test('count gaps by reason, the most frequent first, each with its remedy', () => {
    expect(report().totals.gaps.map(({ because, gaps, kind }) => [because, gaps, kind])).toEqual([
      ['opted-in', 1, 'missing'],
      ['type-unsupported', 1, 'impossible'],
    ]);
  });

  test('are those of what is unknown, where nothing was read of it, and of tiers by tag without a profile', () => {
    const { totals } = buildReport({
      ...reportFacts([aSource(1, { tags: { Mirror: 'tcp' } })]),
      interfaces: new Map(),
      instances: new Map(),
    });
    const names = Object.values(totals).map((groups) =>
      groups.map((each) => ('name' in each ? each.name : each.because)),
    );
    expect(names).toEqual([['unknown'], ['unknown'], ['tiers by tag'], ['tcp'], ['not visible'], ['opted-in']]);
  });
});

describe('quotas and strangers', () => {
  test('slots, sources of targets and sessions are counted, those of others apart', () => {
    const report = aReport([complete, aSource(2, { mirrored: [10, 20], foreign: [11] })]);
    expect(report.quotas.accountSessions).toEqual({ used: 5, ours: 4, limit: 10_000 });
    expect(report.quotas.slots).toEqual({ heldByStrangers: 1, fullInterfaces: 1 });
    expect(report.quotas.targets).toEqual([
      expect.objectContaining({ targetId: 'tmt-0aaa1111bbbb2222c', sources: 2, limit: 10, strangers: 0 }),
      expect.objectContaining({ targetId: 'tmt-0ccc1111bbbb2222a', sources: 2, limit: null }),
    ]);
    expect(report.foreign).toHaveLength(1);
  });

  test('a session of ours to a target of another account is told', () => {
    const shared = anNlbTarget({ targetId: 'tmt-0ccc1111bbbb2222a', ownerId: '444455556666' });
    const report = aReport([complete], { situation: { targets: [policyTargets[0]!, shared] } });
    expect(report.crossAccount).toEqual([
      expect.objectContaining({ targetId: 'tmt-0ccc1111bbbb2222a', targetOwnerId: '444455556666' }),
    ]);
  });

  test('a session of another account of an organisation uses none of our quota', () => {
    const session = aForeignSession({ ownerId: '444455556666' });
    const report = aReport([], { sessions: [session, aSession()] });
    expect(report.quotas.accountSessions).toMatchObject({ used: 1, ours: 1 });
    expect(report.foreign.map(({ ownerId }) => ownerId)).toEqual(['444455556666']);
  });
});

test('the price of a session is a value of the policy', () => {
  const cost = { sessionHourUsd: 0.02, source: 'our contract' };
  const report = aReport([complete], { policy: aPolicy({ cost }) });
  expect(report.cost).toEqual({
    isEstimate: true,
    sessions: 2,
    sessionHourUsd: 0.02,
    hoursPerMonth: 730,
    monthlyUsd: 29.2,
    source: 'our contract',
  });
});

test('a fleet without sessions and sources has a report', () => {
  const report = aReport([]);
  expect(reportSchema.parse(report)).toEqual(report);
  expect(report.coverage).toMatchObject({ wanted: 0, percent: 100 });
});

test('the same facts in another order are the same report', () => {
  const fleet = Array.from({ length: 60 }, (_, index) =>
    aSource(index, { mirrored: index % 3 === 0 ? [10] : [10, 20] }),
  );
  expect(JSON.stringify(aReport([...fleet].reverse()))).toBe(JSON.stringify(aReport(fleet)));
});

test('the published schema is that of the code', () => {
  const file = new URL('../../../infra/report.schema.json', import.meta.url);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(reportJsonSchema())));
});
