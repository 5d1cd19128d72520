/** Coverage by group: by VPC, zone, profile, tier and instance family; and gaps by reason. */
import { measureCoverage } from './coverage.ts';
import type { Policy } from './model.ts';
import type { ReportSource } from './report-facts.ts';
import type { CoverageReport, ReportGap, ReportGroup } from './report-schema.ts';

/** The figures of each group of wanted sources, the largest first; sources without a name are `unknown`. */
export function totalBy(
  sources: readonly ReportSource[],
  nameOf: (source: ReportSource) => string | undefined,
): ReportGroup[] {
  const groups = new Map<string, ReportSource[]>();
  for (const source of sources) {
    if (source.decision.wanted.length === 0) continue;
    const name = nameOf(source) ?? 'unknown';
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [source]);
    else group.push(source);
  }
  return [...groups]
    .map(([name, members]) => ({ name, ...measureCoverage(members.map(({ decision }) => decision)) }))
    .sort(byWanted);
}

/** The figures of each tier; here sessions are counted, so that a mirrored one is complete. */
export function totalTiers(sources: readonly ReportSource[], policy: Policy): ReportGroup[] {
  return policy.tiers
    .map(({ name, sessionNumber }) => {
      const ofTier = sources
        .filter(({ decision }) => decision.wanted.includes(sessionNumber))
        .map(({ decision }) => ({
          ...decision,
          wanted: [sessionNumber],
          inPlace: decision.inPlace.filter((number) => number === sessionNumber),
        }));
      return { name, ...measureCoverage(ofTier) };
    })
    .filter(({ wanted }) => wanted > 0)
    .sort(byWanted);
}

/** How many gaps each reason makes, the most frequent first, each with its remedy. */
export function totalGaps(gaps: readonly ReportGap[]): CoverageReport['totals']['gaps'] {
  const totals = new Map<string, CoverageReport['totals']['gaps'][number]>();
  for (const { because, kind, remedy } of gaps) {
    const total = totals.get(because) ?? { because, kind, gaps: 0, remedy };
    total.gaps += 1;
    totals.set(because, total);
  }
  return [...totals.values()].sort((one, other) => other.gaps - one.gaps || (one.because < other.because ? -1 : 1));
}

function byWanted(one: ReportGroup, other: ReportGroup): number {
  return other.wanted - one.wanted || (one.name < other.name ? -1 : 1);
}
