/** How a report says what is known of the health of its mirrors, and what is not. */
import type { ReportHealth } from '../core/report-schema.ts';

/** One sentence or two; a health that was not read is said to be unknown, with what to do about it. */
export function describeHealth(health: ReportHealth): string {
  if (health.state === 'read') {
    const { instances, carrying, silent, congested, young, unmeasured, skippedPercent } = health.totals;
    const minutes = Math.round((Date.parse(health.to) - Date.parse(health.from)) / 60_000);
    return `${carrying} of ${instances} mirrored instances carried traffic in the last ${minutes} minutes, ${silent} were silent, ${congested} congested, ${young} young, ${unmeasured} unmeasured; ${skippedPercent} % of the bytes were dropped.`;
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
