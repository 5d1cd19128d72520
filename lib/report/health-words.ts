/** How a report says what is known of the health of its mirrors, and what is not. */
import type { HealthLine, HealthVerdict } from '../core/health.ts';
import type { ReportHealth } from '../core/report-schema.ts';

/** One mirrored instance, or one interface without an instance of this account. */
type Mirror = Pick<HealthLine, 'verdict' | 'mirroredBytes' | 'mirroredPackets'>;

/**
 * How many instances carried traffic, of those that CloudWatch counts. A congested one counts when some of its packets
 * arrived; an interface without an instance is named apart, since nothing measures it.
 */
export function describeCarried(mirrors: readonly Mirror[], minutes: number): string {
  const measured = mirrors.filter(({ verdict }) => verdict !== 'unmeasured');
  const carried = measured.filter(({ mirroredBytes, mirroredPackets }) => mirroredBytes > 0 || mirroredPackets > 0);
  const countOf = (wanted: HealthVerdict) => measured.filter(({ verdict }) => verdict === wanted).length;
  const unmeasured = mirrors.length - measured.length;
  const apart = [
    '',
    ' 1 mirrored interface without an instance of this account is unmeasured.',
    ` ${unmeasured} mirrored interfaces without an instance of this account are unmeasured.`,
  ];
  return `${carried.length} of ${measured.length} mirrored instances carried traffic in the last ${minutes} minutes: ${countOf('congested')} congested, ${countOf('silent')} silent, ${countOf('young')} young.${apart[Math.min(unmeasured, 2)]}`;
}

/** A few sentences; a health that was not read is said to be unknown, with what to do about it. */
export function describeHealth(health: ReportHealth): string {
  if (health.state === 'read') {
    const minutes = Math.round((Date.parse(health.to) - Date.parse(health.from)) / 60_000);
    return `${describeCarried(health.instances, minutes)} ${health.totals.skippedPercent} % of the bytes were dropped.`;
  }
  const { because, operation = 'CloudWatch' } = health;
  switch (because) {
    case 'not-asked':
      return 'Not read: whether the sessions carry anything is unknown. `fleetmirror report --health` reads it from CloudWatch.';
    case 'denied':
      return `Not read: the permission ${operation} is missing, so whether the sessions carry anything is unknown.`;
    case 'failed':
      return `Not read: ${operation} failed, so whether the sessions carry anything is unknown. Try again.`;
  }
}

const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** `1.5 MB`; thousands, as network people count. */
export function describeBytes(bytes: number): string {
  const power = Math.min(units.length - 1, bytes < 1000 ? 0 : Math.floor(Math.log10(bytes) / 3));
  return `${Number((bytes / 1000 ** power).toPrecision(3))} ${units[power]}`;
}
