import type { SourceDecision } from '../../lib/core/actions.ts';
import type { ReportSource } from '../../lib/core/report-facts.ts';
import { anInstance } from './instance.ts';
import { anInterface } from './interface.ts';

/** A source that wants `http` (10) and `tcp` (20) and has neither; nothing was said of it. */
export function aReportSource(
  decision: Partial<SourceDecision> = {},
  differences: Partial<ReportSource> = {},
): ReportSource {
  return {
    decision: {
      networkInterfaceId: 'eni-0aaa0000000000001',
      instanceId: 'i-0aaa0000000000001',
      actions: [],
      wanted: [10, 20],
      isEligible: true,
      inPlace: [],
      isUnreadable: false,
      warnings: [],
      ...decision,
    },
    outcomes: [],
    networkInterface: anInterface(),
    instance: anInstance(),
    sessions: [],
    verdict: undefined,
    ...differences,
  };
}
