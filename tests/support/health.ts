import type { Candidate } from '../../lib/core/actions.ts';
import { judgeHealth, listMirrored, type MirrorTraffic } from '../../lib/core/health.ts';
import type { InstanceId } from '../../lib/core/model.ts';
import type { HealthFacts } from '../../lib/core/report-facts.ts';

const toMs = Date.parse('2026-03-01T12:00:00.000Z');
const window = { fromMs: toMs - 3_600_000, toMs };

/** What CloudWatch told of these sources in the hour before noon, by instance; one that is not named has no data. */
export function healthOf(
  candidates: readonly Candidate[],
  traffic: Readonly<Record<InstanceId, MirrorTraffic>>,
): HealthFacts {
  const interfaces = candidates.flatMap(({ networkInterface }) => networkInterface ?? []);
  const mirrored = listMirrored(
    candidates.flatMap(({ sessions }) => sessions),
    new Map(interfaces.map((each) => [each.networkInterfaceId, each])),
    { fleet: 'prod', accountId: '111122223333' },
  );
  return {
    kind: 'read',
    from: new Date(window.fromMs).toISOString(),
    to: new Date(window.toMs).toISOString(),
    lines: judgeHealth(mirrored, new Map(Object.entries(traffic) as [InstanceId, MirrorTraffic][]), window),
  };
}
