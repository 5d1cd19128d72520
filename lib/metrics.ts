/**
 * Every metric that the functions write, once. CloudWatch knows them under the namespace `Fleetmirror` with the dimension
 * `fleet`; the alarms, the dashboard and the runbook speak of them by these names. A new metric starts with a line here.
 */

/** A unit of CloudWatch. */
export type Unit = 'Count' | 'Milliseconds' | 'Percent';

export interface Metric {
  readonly unit: Unit;
  /** The dimension beside `fleet` under which it is written as well; each has few values (CloudWatch bills each one). */
  readonly by?: 'tier' | 'reason';
  /** What one value says. */
  readonly meaning: string;
}

export const metrics = {
  SessionsCreated: { unit: 'Count', by: 'tier', meaning: 'Sessions that a run created.' },
  SessionsModified: { unit: 'Count', by: 'tier', meaning: 'Sessions that a run put right in place.' },
  SessionsDeleted: { unit: 'Count', by: 'tier', meaning: 'Sessions that a run deleted.' },
  SessionsRefused: { unit: 'Count', by: 'reason', meaning: 'Sessions that are wanted but not possible.' },
  ActionsFailed: {
    unit: 'Count',
    meaning: 'Actions that failed, or were denied and leave something wrong. Zero after a good sweep.',
  },
  DeletesHeld: { unit: 'Count', meaning: 'Deletions that a guard held.' },
  ForeignSessions: { unit: 'Count', meaning: 'Sessions in the account that are not ours, at the end of a sweep.' },

  EligibleSources: { unit: 'Count', meaning: 'Sources that the policy wants and AWS can mirror.' },
  MirroredSources: { unit: 'Count', meaning: 'Of these, the sources with at least one desired session.' },
  CoveragePercent: { unit: 'Percent', meaning: '100 × mirrored ÷ eligible sources, after a sweep.' },
  AccountSessionHeadroom: { unit: 'Count', meaning: 'Sessions that the account may still have in the Region.' },
  AccountSessionHeadroomPercent: { unit: 'Percent', meaning: 'The same as a share of the quota.' },
  TargetHeadroom: { unit: 'Count', meaning: 'Sources that the target pool with the least room can still take.' },
  TargetHeadroomPercent: { unit: 'Percent', meaning: "The same as a share of that pool's capacity." },

  TimeToMirrorMs: { unit: 'Milliseconds', meaning: 'From an event to the session that it led to.' },
  EventAgeMs: { unit: 'Milliseconds', meaning: 'From an event to the function that read it.' },
  EventsIgnored: { unit: 'Count', meaning: 'Messages that ask nothing of us.' },
  EventsUnreadable: { unit: 'Count', meaning: 'Messages that were dropped because they cannot be read.' },
  HintsDropped: { unit: 'Count', meaning: 'Hints whose object EC2 did not show within five minutes.' },
  EventsLost: { unit: 'Count', meaning: 'Our own events that the bus did not take.' },
  ReportsLost: { unit: 'Count', meaning: 'Coverage reports that could not be written.' },

  SweepDurationMs: { unit: 'Milliseconds', meaning: 'How long a sweep took.' },
  SweepRemaining: { unit: 'Count', meaning: 'Actions that a sweep left to its continuation.' },
  SweepsRequested: { unit: 'Count', meaning: 'Sweeps that changes asked for.' },
  SweepsHalted: { unit: 'Count', meaning: 'Sweeps whose guarded deletions were held.' },
  SweepsFailed: { unit: 'Count', meaning: 'Sweeps that could not read EC2.' },
  LeftToSweep: { unit: 'Count', meaning: 'Work that was handed on too often and waits for the next scheduled sweep.' },
  TamperingLeftToSweep: { unit: 'Count', meaning: "Strangers' changes that wait for the next scheduled sweep." },
  PolicyUnusable: { unit: 'Count', meaning: 'Runs that wrote nothing because somebody must repair the policy.' },
  Throttles: { unit: 'Count', meaning: 'Calls that EC2 throttled.' },
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricName = keyof typeof metrics;

/** What a value is about besides the fleet. */
export interface MetricDimensions {
  readonly tier?: string;
  readonly reason?: string;
}
