/** One batch of messages: hints → one reconcile of all sources that they name → what is left is sent on. */
import { announce } from './announce.ts';
import type { Run } from './call.ts';
import type { Action } from './core/actions.ts';
import { hintRetryAgeMaxMs, hintRetryDelaysSeconds, hopsMax, tamperingSweepIntervalMs } from './core/limits.ts';
import type { InstanceId, NetworkInterfaceId, Policy, SessionId } from './core/model.ts';
import { ownerTagKeys } from './core/ownership.ts';
import { watchedTagKeys } from './core/watched-tags.ts';
import { readMessage } from './events.ts';
import { Ec2Failure, verdicts } from './failure.ts';
import { type Hint, type MessageReading, showsTags } from './hints.ts';
import { reportPolicy } from './policy-report.ts';
import type { SweepRequest, Work, World } from './ports.ts';
import type { ChangedScope, Reading } from './read.ts';
import { type Report, reconcile } from './reconcile.ts';

export interface Message {
  readonly messageId: string;
  readonly body: string;
}

type Clue = Extract<MessageReading, { kind: 'hints' }> & { readonly messageId: string };

/** Handles a batch and returns the ids of the messages that must come back: only those that failed unexpectedly. */
export async function handleChanges(run: Run, messages: readonly Message[]): Promise<readonly string[]> {
  const { world } = run;
  const clues = messages.flatMap((message) => readClue(world, message));
  if (clues.length === 0) return [];
  // Without a usable policy nothing is written; messages are settled, since a repaired policy triggers a sweep.
  const policy = await reportPolicy(world);
  if (policy === undefined) return [];
  const located = clues.map((clue) => locateClue(clue, policy, world));
  try {
    return await reconcileClues(run, policy, located);
  } catch (error) {
    return handleThrown(run, policy, located, error);
  }
}

function readClue(world: World, { messageId, body }: Message): Clue[] {
  const reading = readMessage(body);
  if (reading.kind === 'hints') {
    world.log.count('EventAgeMs', Math.max(0, world.clock.now() - reading.eventAtMs));
    return [{ ...reading, messageId }];
  }
  const { because } = reading;
  if (reading.kind === 'unreadable') {
    world.log.warn('A message was dropped: it cannot be read.', { messageId, because });
    world.log.count('EventsUnreadable');
  } else {
    world.log.info('A message was dropped: it asks nothing of us.', { messageId, because });
    world.log.count('EventsIgnored');
  }
  return [];
}

/**
 * Adds what is remembered of where a touched session is or was (after the run that memory is gone, if the session is),
 * and forgets tags that the policy does not look at, so that nobody waits for them.
 */
function locateClue(clue: Clue, policy: Policy, world: World): Clue {
  const watched = watchedTagKeys(policy);
  const hints = clue.hints.map((hint): Hint => {
    if (hint.kind === 'session') {
      const { infrastructure, ownSessions } = world.memory;
      const known = infrastructure?.sessions.get(hint.sessionId) ?? ownSessions.get(hint.sessionId)?.session;
      return known === undefined ? hint : { ...hint, networkInterfaceId: known.networkInterfaceId };
    }
    if ((hint.kind !== 'instance' && hint.kind !== 'interface') || hint.tags === undefined) return hint;
    return { ...hint, tags: Object.fromEntries(Object.entries(hint.tags).filter(([key]) => watched.has(key))) };
  });
  return { ...clue, hints };
}

/**
 * The whole batch failed to be read. EC2's throttling or silence defers it; anything else is unexpected, so each
 * message is tried alone, and only those that fail alone come back.
 */
async function handleThrown(
  run: Run,
  policy: Policy,
  clues: readonly Clue[],
  error: unknown,
): Promise<readonly string[]> {
  const { world } = run;
  if (error instanceof Ec2Failure && verdicts[error.kind] === 'retry-now') {
    world.log.warn('EC2 could not be read; the batch is handed on.', { code: error.code, operation: error.operation });
    for (const clue of mergeClues(clues)) await handOn(world, sourcesOf(clue.hints), clue, clue.hop === 0);
    await requestSweep(world, sweepReason(clues.flatMap(({ hints }) => hints)));
    return [];
  }
  world.log.error('The batch failed.', { cause: String(error), messages: clues.length });
  if (clues.length === 1) return clues.map(({ messageId }) => messageId);
  const failed: string[] = [];
  for (const clue of clues) {
    // Whoever finds no time comes back, as the whole batch would if the function were cut off.
    if (world.clock.now() >= run.deadlineAtMs) {
      failed.push(clue.messageId);
      continue;
    }
    try {
      failed.push(...(await reconcileClues(run, policy, [clue])));
    } catch (alone) {
      world.log.error('A message failed alone.', { messageId: clue.messageId, cause: String(alone) });
      failed.push(clue.messageId);
    }
  }
  return failed;
}

async function reconcileClues(run: Run, policy: Policy, clues: readonly Clue[]): Promise<readonly string[]> {
  const { world } = run;
  const hints = clues.flatMap((clue) => clue.hints);
  const scope = scopeOf(hints);
  const report = await reconcile(run, policy, scope, {
    writes: true,
    rereadsInfrastructure: hints.some(({ kind }) => kind === 'infrastructure'),
    tampered: tamperedSources(hints),
  });
  await announce(world, report);
  await requestSweep(world, sweepReason(hints));
  if (report.isObserved) return [];
  for (const clue of mergeClues(clues)) {
    await sendAgain(world, clue, report.reading);
    await deferRest(world, clue, report);
  }
  return clues.filter((clue) => hasFailed(clue, report)).map(({ messageId }) => messageId);
}

/** One clue for all that were sent on equally often, so that what is left of a batch is a few messages, not a hundred. */
function mergeClues(clues: readonly Clue[]): readonly Clue[] {
  const merged = new Map<string, Clue>();
  for (const clue of clues) {
    const key = `${clue.attempt} ${clue.hop}`;
    const known = merged.get(key) ?? { ...clue, hints: [] };
    const eventAtMs = Math.max(known.eventAtMs, clue.eventAtMs);
    merged.set(key, { ...known, eventAtMs, hints: [...known.hints, ...clue.hints] });
  }
  return [...merged.values()];
}

type Sources = Pick<Work, 'instanceIds' | 'networkInterfaceIds' | 'departedInstanceIds'>;

/** The sources that hints name, each once. */
function sourcesOf(hints: readonly Hint[]): Sources {
  const instanceIds = new Set<InstanceId>();
  const departed = new Set<InstanceId>();
  const networkInterfaceIds = tamperedSources(hints);
  for (const hint of hints) {
    if (hint.kind === 'instance') (hint.isDeparture ? departed : instanceIds).add(hint.instanceId);
    if (hint.kind === 'interface') networkInterfaceIds.add(hint.networkInterfaceId);
  }
  return {
    instanceIds: [...instanceIds],
    networkInterfaceIds: [...networkInterfaceIds],
    ...(departed.size > 0 && { departedInstanceIds: [...departed] }),
  };
}

function scopeOf(hints: readonly Hint[]): ChangedScope {
  const { instanceIds, networkInterfaceIds, departedInstanceIds = [] } = sourcesOf(hints);
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

function tamperedSources(hints: readonly Hint[]): Set<NetworkInterfaceId> {
  return new Set(hints.flatMap((hint) => (hint.kind === 'session' ? (hint.networkInterfaceId ?? []) : [])));
}

/** Why a sweep is needed besides this run: something happened that no id in the events locates. */
function sweepReason(hints: readonly Hint[]): SweepRequest['because'] | undefined {
  if (hints.some(({ kind }) => kind === 'unlocated')) return 'detached';
  return hints.some((hint) => hint.kind === 'infrastructure' || isUnlocated(hint)) ? 'tampered' : undefined;
}

/**
 * Asks for a sweep. Tampering asks only once in a while: a sweep that repairs makes the other side undo it again, and
 * the two of us must come to rest; the scheduled sweep looks at what comes meanwhile.
 */
async function requestSweep(world: World, because: SweepRequest['because'] | undefined): Promise<void> {
  if (because === undefined) return;
  if (because === 'tampered') {
    const nowMs = world.clock.now();
    const { tamperingSweepAtMs } = world.memory;
    if (tamperingSweepAtMs !== undefined && nowMs - tamperingSweepAtMs < tamperingSweepIntervalMs) {
      world.log.count('TamperingLeftToSweep');
      return;
    }
    world.memory.tamperingSweepAtMs = nowMs;
  }
  await world.queues.requestSweep({ because, hop: 0 });
  world.log.count('SweepsRequested');
}

/** Sends hints again whose object EC2 does not show yet, while the event is young; then drops and counts them. */
async function sendAgain(world: World, clue: Clue, reading: Reading): Promise<void> {
  const late = clue.hints.filter((hint) => isLate(hint, reading));
  if (late.length === 0) return;
  const sources = sourcesOf(late);
  const delaySeconds = hintRetryDelaysSeconds[clue.attempt];
  const ageMs = world.clock.now() - clue.eventAtMs;
  if (delaySeconds === undefined || ageMs >= hintRetryAgeMaxMs) {
    world.log.warn('A hint was dropped: EC2 does not show what it names.', { ...sources });
    world.log.count('HintsDropped', late.length);
    return;
  }
  const { eventAtMs, hop } = clue;
  const tags = awaitedTags(late);
  await world.queues.sendWork({ ...sources, ...tags, eventAtMs, attempt: clue.attempt + 1, hop }, delaySeconds);
}

/** What a message must carry so that the next read is known to be late as well. */
function awaitedTags(hints: readonly Hint[]): Pick<Work, 'tags'> {
  const tags: Record<string, Record<string, string | null>> = {};
  for (const hint of hints) {
    if ((hint.kind !== 'instance' && hint.kind !== 'interface') || hint.tags === undefined) continue;
    const id = hint.kind === 'instance' ? hint.instanceId : hint.networkInterfaceId;
    for (const [key, value] of Object.entries(hint.tags)) tags[id] = { ...tags[id], [key]: value ?? null };
  }
  return Object.keys(tags).length > 0 ? { tags } : {};
}

/**
 * True when EC2 does not show yet what the hint names: an arriving instance without an interface, an interface that
 * is not there, an instance behind an interface that is not there, tags that the event says were just changed.
 */
function isLate(hint: Hint, { interfaces, instances }: Reading): boolean {
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

async function deferRest(world: World, clue: Clue, report: Report): Promise<void> {
  const concerned = outcomesOf(clue, report);
  const deferred = concerned.filter(({ outcome }) => outcome === 'deferred');
  if (deferred.length === 0) return;
  const networkInterfaceIds = [...new Set(deferred.map(({ action }) => action.networkInterfaceId))];
  const hasProgress = concerned.some(({ outcome }) => outcome === 'done');
  await handOn(world, { instanceIds: [], networkInterfaceIds }, clue, hasProgress || clue.hop === 0);
}

/** Sends work on with a growing delay; a chain that makes no progress or is too long ends in a sweep. */
async function handOn(world: World, sources: Sources, clue: Clue, hasProgress: boolean): Promise<void> {
  const { instanceIds, networkInterfaceIds, departedInstanceIds = [] } = sources;
  if (instanceIds.length + networkInterfaceIds.length + departedInstanceIds.length === 0) {
    return requestSweep(world, 'handed-on');
  }
  if (!hasProgress || clue.hop >= hopsMax) {
    world.log.warn('Work is left to the sweep.', { ...sources, hop: clue.hop });
    world.log.count('LeftToSweep');
    return requestSweep(world, 'handed-on');
  }
  const { eventAtMs, attempt } = clue;
  const work: Work = { ...sources, ...awaitedTags(clue.hints), eventAtMs, attempt, hop: clue.hop + 1 };
  await world.queues.sendWork(work, 10 * (clue.hop + 1));
}

function outcomesOf(clue: Clue, report: Report): Report['outcomes'] {
  const { instanceIds, networkInterfaceIds, departedInstanceIds = [] } = sourcesOf(clue.hints);
  const instances = new Set<string | undefined>([...instanceIds, ...departedInstanceIds]);
  const interfaces = new Set<string>(networkInterfaceIds);
  const sessions = new Set<string>(clue.hints.flatMap((hint) => (hint.kind === 'session' ? hint.sessionId : [])));
  return report.outcomes.filter(
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

function hasFailed(clue: Clue, report: Report): boolean {
  return outcomesOf(clue, report).some(({ outcome }) => outcome === 'failed');
}
