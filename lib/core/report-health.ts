/** The part of a report that says whether the mirrors carry anything. */
import { type HealthLine, type HealthVerdict, isTroubled, percentOf } from './health.ts';
import type { ReportFacts } from './report-facts.ts';
import { earlierOf } from './report-gaps.ts';
import type { MirrorReading, OpenFindings, ReportHealth, ReportMirror } from './report-schema.ts';

/** Every instance that is mirrored, the fleet's totals, and which mirrors are well again. Unread is never well. */
export function describeHealth({ health, before, takenAt }: ReportFacts): ReportHealth {
  if (health === undefined) return { state: 'not-read', because: 'not-asked' };
  if (health.kind === 'not-read') return { state: 'not-read', because: health.because, operation: health.operation };
  const { from, to, lines } = health;
  const troubles = before?.troubles ?? [];
  const sinceOf = new Map(troubles.map(({ instanceId, since }) => [instanceId, since]));
  return {
    state: 'read',
    from,
    to,
    totals: totalHealth(lines),
    instances: lines.map((line) => ({
      ...line,
      networkInterfaceIds: [...line.networkInterfaceIds],
      ...(isTroubled(line) && { since: earlierOf(sinceOf.get(line.instanceId), takenAt) }),
    })),
    recovered: findRecovered(lines, troubles, takenAt),
  };
}

function totalHealth(lines: readonly HealthLine[]): MirrorReading['totals'] {
  const countOf = (wanted: HealthVerdict) => lines.filter(({ verdict }) => verdict === wanted).length;
  const mirroredBytes = lines.reduce((sum, line) => sum + line.mirroredBytes, 0);
  const skippedBytes = lines.reduce((sum, line) => sum + line.skippedBytes, 0);
  return {
    instances: lines.length,
    carrying: countOf('carrying'),
    congested: countOf('congested'),
    silent: countOf('silent'),
    young: countOf('young'),
    unmeasured: countOf('unmeasured'),
    mirroredBytes,
    skippedBytes,
    skippedPercent: percentOf(skippedBytes, mirroredBytes + skippedBytes),
  };
}

function findRecovered(
  lines: readonly HealthLine[],
  troubles: OpenFindings['troubles'],
  takenAt: string,
): MirrorReading['recovered'] {
  const lineOf = new Map<ReportMirror['instanceId'], HealthLine>(lines.map((line) => [line.instanceId, line]));
  return troubles.flatMap((trouble) => {
    const line = lineOf.get(trouble.instanceId);
    if (line !== undefined && isTroubled(line)) return [];
    return [{ ...trouble, since: earlierOf(trouble.since, takenAt), now: line?.verdict ?? 'not-mirrored' }];
  });
}
