import { expect, test } from '@jest/globals';
import { totalBy, totalGaps, totalTiers } from '../../../lib/core/report-totals.ts';
import { anInterface } from '../../support/interface.ts';
import { aPolicy } from '../../support/policy.ts';
import { aReportSource } from '../../support/report-source.ts';

const inVpc = (vpcId: string, wanted: readonly number[], inPlace: readonly number[], isEligible = true) =>
  aReportSource({ wanted, inPlace, isEligible }, { networkInterface: anInterface({ vpcId }) });

test('groups count the sources that are wanted, the largest first, those of one size by name', () => {
  const sources = [
    inVpc('vpc-c', [10], []),
    aReportSource({}, { networkInterface: undefined }),
    inVpc('vpc-a', [10], [10]),
    inVpc('vpc-b', [10, 20], [10]),
    inVpc('vpc-b', [10], [], false),
    inVpc('vpc-b', [], []),
    inVpc('vpc-d', [], []),
  ];
  const one = { wanted: 1, eligible: 1, mirrored: 0, complete: 0, partial: 0, percent: 0 };
  expect(totalBy(sources, ({ networkInterface }) => networkInterface?.vpcId)).toEqual([
    { name: 'vpc-b', wanted: 2, eligible: 1, mirrored: 1, complete: 0, partial: 1, percent: 100 },
    { ...one, name: 'unknown' },
    { name: 'vpc-a', wanted: 1, eligible: 1, mirrored: 1, complete: 1, partial: 0, percent: 100 },
    { ...one, name: 'vpc-c' },
  ]);
});

test('tiers count sessions, the tier that most sources want first, one that nobody wants not at all', () => {
  const sources = [inVpc('vpc-a', [10, 20], [20]), inVpc('vpc-a', [20], []), inVpc('vpc-a', [10, 20], [10, 20])];
  expect(totalTiers(sources, aPolicy())).toEqual([
    { name: 'tcp', wanted: 3, eligible: 3, mirrored: 2, complete: 2, partial: 0, percent: 66.6 },
    { name: 'http', wanted: 2, eligible: 2, mirrored: 1, complete: 1, partial: 0, percent: 50 },
  ]);
});

test('gaps count by reason, the most frequent first, those of one count by their code', () => {
  const gap = (because: string, remedy: string) =>
    ({ networkInterfaceId: 'eni-1', kind: 'missing', because, remedy, since: '' }) as const;
  const gaps = [
    gap('target-full', 'Add targets.'),
    gap('denied', 'Allow.'),
    gap('account-full', 'Wait.'),
    gap('target-full', 'Add targets.'),
    gap('source-full', 'Remove.'),
  ];
  const total = (because: string, remedy: string, count = 1) => ({ because, kind: 'missing', gaps: count, remedy });
  expect(totalGaps(gaps)).toEqual([
    total('target-full', 'Add targets.', 2),
    total('account-full', 'Wait.'),
    total('denied', 'Allow.'),
    total('source-full', 'Remove.'),
  ]);
});
