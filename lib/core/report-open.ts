/** What one report leaves open for the next, and what of it is closed by then. */

import { isTroubled } from './health.ts';
import type { ReportFacts, ReportSource } from './report-facts.ts';
import { gapKey } from './report-gaps.ts';
import type { ClosedGap, EarlierReport, OpenFindings, ReportGap } from './report-schema.ts';

/** What the next report has to know of this one. Troubles that nobody looked for this time are still as they were. */
export function leaveOpen({ gaps, health }: EarlierReport, before?: OpenFindings): OpenFindings {
  const troubles = health.state === 'read' ? health.instances.filter(isTroubled) : (before?.troubles ?? []);
  return { gaps, troubles };
}

/** The gaps that the report before left open and that are none any more, with what became of each. */
export function closeGaps(
  open: readonly ReportGap[],
  sources: readonly ReportSource[],
  { before, interfaces }: ReportFacts,
): ClosedGap[] {
  const isOpen = new Set(open.map(gapKey));
  const lacking = new Set(open.map(({ networkInterfaceId }) => networkInterfaceId));
  const inPlaceOf = new Map<string, readonly number[]>(
    sources.map(({ decision }) => [decision.networkInterfaceId, decision.inPlace]),
  );
  const isThere: ReadonlySet<string> = new Set(interfaces.keys());
  return (before?.gaps ?? [])
    .filter((gap) => !isOpen.has(gapKey(gap)))
    .map((gap) => {
      const { networkInterfaceId: id, sessionNumber } = gap;
      if (!isThere.has(id)) return { ...gap, now: 'gone' };
      const inPlace = inPlaceOf.get(id) ?? [];
      // A gap of the whole interface is closed by its sessions only when none of them is missing.
      const isMirrored = sessionNumber === undefined ? inPlace.length > 0 : inPlace.includes(sessionNumber);
      if (isMirrored && (sessionNumber !== undefined || !lacking.has(id))) return { ...gap, now: 'mirrored' };
      return { ...gap, now: lacking.has(id) ? 'changed' : 'unwanted' };
    });
}
