/** What the messages of one batch tell together: where to look, what to expect there, and what no id locates. */

import { eventIdsMax, hintRetryAgeMaxMs, hintRetryDelaysSeconds } from './core/limits.ts';
import type { InstanceId, NetworkInterfaceId, Policy, SessionId } from './core/model.ts';
import { watchedTagKeys } from './core/watched-tags.ts';
import { type Hint, type MessageReading, showsTags } from './hints.ts';
import type { Infrastructure, Memory } from './memory.ts';
import type { SweepRequest, Work } from './ports.ts';
import type { ChangedScope, Reading } from './read.ts';

/** What one message contributes. */
export type Clue = Extract<MessageReading, { kind: 'hints' }> & { readonly messageId: string };

/**
 * Adds what is remembered of where a touched session is or was (after the run that memory is gone, if the session is),
 * and forgets tags that the policy does not look at: nobody waits for them, and a change of none but such tags is no
 * reason to look anywhere. A message that was handed on keeps its hints: it tells what several events had to say of an
 * instance, of which the tags may be the least.
 */
export function locateClue(clue: Clue, policy: Policy, memory: Memory): Clue {
  const watched = watchedTagKeys(policy);
  const isHandedOn = clue.hop + clue.attempt > 0;
  const hints = clue.hints.flatMap((hint): readonly Hint[] => {
    if (hint.kind === 'session') {
      const { infrastructure, ownSessions } = memory;
      const known = infrastructure?.sessions.get(hint.sessionId) ?? ownSessions.get(hint.sessionId)?.session;
      return [known === undefined ? hint : { ...hint, networkInterfaceId: known.networkInterfaceId }];
    }
    if ((hint.kind !== 'instance' && hint.kind !== 'interface') || hint.tags === undefined) return [hint];
    const tags = Object.entries(hint.tags);
    const looked = tags.filter(([key]) => watched.has(key));
    if (tags.length > 0 && looked.length === 0) {
      const { tags: _unwatched, ...rest } = hint;
      return isHandedOn ? [rest] : [];
    }
    return [{ ...hint, tags: Object.fromEntries(looked) }];
  });
  return { ...clue, hints };
}

/** One clue for all that were sent on equally often, so that what is left of a batch is a few messages, not a hundred. */
export function mergeClues(clues: readonly Clue[]): readonly Clue[] {
  const merged = new Map<string, Clue>();
  for (const clue of clues) {
    const key = `${clue.attempt} ${clue.hop}`;
    const known = merged.get(key) ?? { ...clue, hints: [] };
    const eventAtMs = Math.max(known.eventAtMs, clue.eventAtMs);
    const firstEventAtMs = Math.min(beganAtMs(known), beganAtMs(clue));
    const eventIds = [...new Set([...(known.eventIds ?? []), ...(clue.eventIds ?? [])])].slice(0, eventIdsMax);
    const ids = eventIds.length > 0 && { eventIds };
    const first = firstEventAtMs < eventAtMs && { firstEventAtMs };
    merged.set(key, { ...known, ...ids, ...first, eventAtMs, hints: [...known.hints, ...clue.hints] });
  }
  return [...merged.values()];
}

/** Since when the outside world waits for what a clue leads to. */
export function beganAtMs({
  eventAtMs,
  firstEventAtMs = eventAtMs,
}: Pick<Clue, 'eventAtMs' | 'firstEventAtMs'>): number {
  return firstEventAtMs;
}

/**
 * Forgets what an older event of the batch said of a tag of which a newer one speaks too: nobody waits for a value that
 * was replaced.
 */
export function forgetReplacedTags(clues: readonly Clue[]): readonly Clue[] {
  const told = new Set<string>();
  const newestFirst = [...clues].reverse().sort((one, other) => other.eventAtMs - one.eventAtMs);
  const kept = newestFirst.map((clue) => ({ ...clue, hints: clue.hints.map((hint) => forgetTold(hint, told)) }));
  return kept.reverse();
}

function forgetTold(hint: Hint, told: Set<string>): Hint {
  if ((hint.kind !== 'instance' && hint.kind !== 'interface') || hint.tags === undefined) return hint;
  const id = hint.kind === 'instance' ? hint.instanceId : hint.networkInterfaceId;
  const tags = Object.entries(hint.tags).filter(([key]) => !told.has(`${id} ${key}`));
  for (const [key] of tags) told.add(`${id} ${key}`);
  return { ...hint, tags: Object.fromEntries(tags) };
}

/** Sources by id, as a message names them. */
export type Sources = Pick<
  Work,
  'instanceIds' | 'networkInterfaceIds' | 'departedInstanceIds' | 'departedNetworkInterfaceIds'
>;

/** The sources that hints name, each once. */
export function sourcesOf(hints: readonly Hint[]): Sources {
  const instanceIds = new Set<InstanceId>();
  const departed = new Set<InstanceId>();
  const networkInterfaceIds = tamperedSources(hints);
  const departedInterfaces = new Set<NetworkInterfaceId>();
  for (const hint of hints) {
    if (hint.kind === 'instance') (hint.isDeparture ? departed : instanceIds).add(hint.instanceId);
    if (hint.kind === 'interface') {
      (hint.isDeparture ? departedInterfaces : networkInterfaceIds).add(hint.networkInterfaceId);
    }
  }
  return {
    instanceIds: [...instanceIds],
    networkInterfaceIds: [...networkInterfaceIds],
    ...(departed.size > 0 && { departedInstanceIds: [...departed] }),
    ...(departedInterfaces.size > 0 && { departedNetworkInterfaceIds: [...departedInterfaces] }),
  };
}

/** What a run has to read for these hints. */
export function scopeOf(hints: readonly Hint[]): ChangedScope {
  const sources = sourcesOf(hints);
  const { instanceIds, departedInstanceIds = [], departedNetworkInterfaceIds = [] } = sources;
  const networkInterfaceIds = [...new Set([...sources.networkInterfaceIds, ...departedNetworkInterfaceIds])];
  const sessionIds = hints.flatMap((hint): SessionId[] => (isUnlocated(hint) ? [hint.sessionId] : []));
  return {
    kind: 'changed',
    instanceIds: [...instanceIds, ...departedInstanceIds],
    networkInterfaceIds,
    departedInstanceIds,
    sessionIds,
  };
}

function isUnlocated(hint: Hint): hint is Extract<Hint, { kind: 'session' }> {
  return hint.kind === 'session' && hint.networkInterfaceId === undefined;
}

/** The sources whose sessions someone else touched. */
export function tamperedSources(hints: readonly Hint[]): Set<NetworkInterfaceId> {
  return new Set(hints.flatMap((hint) => (hint.kind === 'session' ? (hint.networkInterfaceId ?? []) : [])));
}

/** Why a sweep is needed besides this run: something happened that no id in the events locates. */
export function sweepReason(hints: readonly Hint[]): SweepRequest['because'] | undefined {
  if (hints.some(({ kind }) => kind === 'unlocated')) return 'detached';
  return hints.some((hint) => hint.kind === 'infrastructure' || isUnlocated(hint)) ? 'tampered' : undefined;
}

/** What a message must carry so that the next read is known to be late as well. */
export function awaitedBy(hints: readonly Hint[]): Pick<Work, 'tags' | 'runningInstanceIds'> {
  const running = new Set(hints.flatMap((hint) => (hint.kind === 'instance' && hint.isUp ? hint.instanceId : [])));
  const tags: Record<string, Record<string, string | null>> = {};
  for (const hint of hints) {
    if ((hint.kind !== 'instance' && hint.kind !== 'interface') || hint.tags === undefined) continue;
    const id = hint.kind === 'instance' ? hint.instanceId : hint.networkInterfaceId;
    for (const [key, value] of Object.entries(hint.tags)) tags[id] = { ...tags[id], [key]: value ?? null };
  }
  return {
    ...(Object.keys(tags).length > 0 && { tags }),
    ...(running.size > 0 && { runningInstanceIds: [...running] }),
  };
}

/**
 * True when EC2 does not show yet what the hint names: an arriving instance without an interface, an interface that
 * is not there, an instance behind an interface that is not there, tags that the event says were just changed.
 */
export function isLate(hint: Hint, { interfaces, instances }: Reading): boolean {
  if (hint.kind === 'instance') {
    if (hint.isDeparture) return false;
    const instance = instances.get(hint.instanceId);
    if (instance === undefined) return true;
    if (instance.state === 'shutting-down' || instance.state === 'terminated') return false;
    const hasInterface = interfaces.values().some(({ attachment }) => attachment?.instanceId === hint.instanceId);
    return !hasInterface || (hint.tags !== undefined && !showsTags(instance.tags, hint.tags));
  }
  if (hint.kind !== 'interface' || hint.isDeparture) return false;
  const networkInterface = interfaces.get(hint.networkInterfaceId);
  if (networkInterface === undefined) return true;
  if (hint.tags !== undefined && !showsTags(networkInterface.tags, hint.tags)) return true;
  const instanceId = networkInterface.attachment?.instanceId;
  return instanceId !== undefined && !instances.has(instanceId);
}

/**
 * True when a run has acted on more, or on less, than EC2 shows: on sessions that only our own memory knows, which
 * another of our functions may have deleted since; on an instance that EC2 shows stopped while the event says that it runs.
 * What was decided stands, but it is worth another look.
 */
export function isUnconfirmed(hint: Hint, { interfaces, instances, remembered }: Reading): boolean {
  if ((hint.kind !== 'instance' && hint.kind !== 'interface') || hint.isDeparture) return false;
  if (hint.kind === 'interface')
    return interfaces.has(hint.networkInterfaceId) && remembered.has(hint.networkInterfaceId);
  const state = instances.get(hint.instanceId)?.state;
  if (hint.isUp && (state === 'stopping' || state === 'stopped')) return true;
  return remembered.values().some((id) => interfaces.get(id)?.attachment?.instanceId === hint.instanceId);
}

/** What a run knows of the interfaces of targets. */
interface TargetSight {
  readonly reading: Reading;
  readonly infrastructure: Pick<Infrastructure, 'targetInterfaceIds'>;
}

/** True when one of the hints tells of the end of a target's interface: what is mirrored to it must move. */
export function hasTargetGone(hints: readonly Hint[], sight: TargetSight): boolean {
  return departedTargets(hints, sight).some((id) => !sight.reading.interfaces.has(id));
}

/**
 * The interfaces of targets whose instance is being terminated, as hints for another look: once the instance is
 * terminated, nothing tells any more which interface was its own.
 */
export function endingTargets(hints: readonly Hint[], sight: TargetSight): readonly Hint[] {
  const { interfaces, instances } = sight.reading;
  const isEnding = (id: NetworkInterfaceId) => {
    const instanceId = interfaces.get(id)?.attachment?.instanceId;
    const state = instanceId && instances.get(instanceId)?.state;
    return state === 'shutting-down' || state === 'terminated';
  };
  return departedTargets(hints, sight)
    .filter(isEnding)
    .map((networkInterfaceId) => ({ kind: 'interface', networkInterfaceId, isDeparture: true }));
}

function departedTargets(hints: readonly Hint[], { reading, infrastructure }: TargetSight): NetworkInterfaceId[] {
  const departed = sourcesBehind(
    hints.filter((hint) => 'isDeparture' in hint && hint.isDeparture),
    reading,
  );
  return [...departed].filter((id) => infrastructure.targetInterfaceIds.has(id));
}

/** After how long the late hints of a clue are sent again; `undefined` when they were often enough, or are too old. */
export function retryDelaySeconds({ eventAtMs, attempt }: Clue, nowMs: number): number | undefined {
  return nowMs - eventAtMs < hintRetryAgeMaxMs ? hintRetryDelaysSeconds[attempt] : undefined;
}

/**
 * The sources on which hints of these clues will look again because EC2 shows them late. A hint for the last time is
 * none of them: what EC2 shows then is acted on.
 */
export function lateSources(clues: readonly Clue[], reading: Reading, nowMs: number): ReadonlySet<NetworkInterfaceId> {
  const awaited = clues.filter((clue) => retryDelaySeconds(clue, nowMs) !== undefined);
  return sourcesBehind(
    awaited.flatMap(({ hints }) => hints.filter((hint) => isLate(hint, reading))),
    reading,
  );
}

/** The sources of whose tags these clues tell. */
export function sourcesToldOf(clues: readonly Clue[], reading: Reading): ReadonlySet<NetworkInterfaceId> {
  const tellsTags = (hint: Hint) => 'tags' in hint && hint.tags !== undefined;
  return sourcesBehind(
    clues.flatMap(({ hints }) => hints.filter(tellsTags)),
    reading,
  );
}

/** The interfaces that the hints name, and those of the instances that they name. */
function sourcesBehind(hints: readonly Hint[], reading: Reading): ReadonlySet<NetworkInterfaceId> {
  const named = scopeOf(hints);
  const instanceIds = new Set(named.instanceIds);
  const sources = new Set(named.networkInterfaceIds);
  for (const { networkInterfaceId, attachment } of reading.interfaces.values()) {
    if (attachment?.instanceId !== undefined && instanceIds.has(attachment.instanceId)) sources.add(networkInterfaceId);
  }
  return sources;
}
