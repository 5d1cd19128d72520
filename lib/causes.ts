/** Which messages of a batch led to which outcome: what the log, the events and the time to mirror are told by. */
import type { Outcome } from './apply.ts';
import { beganAtMs, type Clue, sourcesOf } from './clues.ts';
import type { Action } from './core/actions.ts';
import { eventIdsMax } from './core/limits.ts';
import { ownerTagKeys } from './core/ownership.ts';

/** Why an outcome came about. */
export interface Cause {
  /** When the first of the events happened, milliseconds since 1970. */
  readonly eventAtMs: number;
  readonly eventIds: readonly string[];
}

/** The outcomes on sources that these hints name. */
export function outcomesOf({ hints }: Pick<Clue, 'hints'>, outcomes: readonly Outcome[]): readonly Outcome[] {
  const sources = sourcesOf(hints);
  const { instanceIds, networkInterfaceIds, departedInstanceIds = [], departedNetworkInterfaceIds = [] } = sources;
  const instances = new Set<string | undefined>([...instanceIds, ...departedInstanceIds]);
  const interfaces = new Set<string>([...networkInterfaceIds, ...departedNetworkInterfaceIds]);
  const sessions = new Set<string>(hints.flatMap((hint) => (hint.kind === 'session' ? hint.sessionId : [])));
  return outcomes.filter(
    ({ action }) =>
      interfaces.has(action.networkInterfaceId) ||
      (action.instanceId !== undefined && instances.has(action.instanceId)) ||
      ('session' in action && (sessions.has(action.session.sessionId) || instances.has(carrierTagOf(action)))),
  );
}

/** For which instance the session was made: how a departed instance's sessions were found. */
function carrierTagOf({ session }: Extract<Action, { session: unknown }>): string {
  return session.tags[ownerTagKeys.instance] ?? '';
}

/** The cause of each outcome that some clue of the batch names. */
export function causesOf(clues: readonly Clue[], outcomes: readonly Outcome[]): ReadonlyMap<Outcome, Cause> {
  const causes = new Map<Outcome, Cause>();
  for (const clue of clues) {
    const { eventIds = [] } = clue;
    const eventAtMs = beganAtMs(clue);
    for (const outcome of outcomesOf(clue, outcomes)) {
      const known = causes.get(outcome);
      causes.set(outcome, {
        eventAtMs: Math.min(known?.eventAtMs ?? eventAtMs, eventAtMs),
        eventIds: [...new Set([...(known?.eventIds ?? []), ...eventIds])].slice(0, eventIdsMax),
      });
    }
  }
  return causes;
}
