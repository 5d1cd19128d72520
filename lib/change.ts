/** One batch of messages: hints → one reconcile of all sources that they name → what is left is sent on. */
import { announce } from './announce.ts';
import type { Run } from './call.ts';
import { hintRetryAgeMaxMs, hintRetryDelaysSeconds, hopsMax } from './core/limits.ts';
import type { InstanceId, NetworkInterfaceId, Policy, SessionId } from './core/model.ts';
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
  try {
    return await reconcileClues(run, policy, clues);
  } catch (error) {
    return handleThrown(run, policy, clues, error);
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
    for (const clue of mergeClues(clues)) await handOn(world, sourcesOf([clue]), clue, clue.hop === 0);
    return [];
  }
  world.log.error('The batch failed.', { cause: String(error), messages: clues.length });
  if (clues.length === 1) return clues.map(({ messageId }) => messageId);
  const failed: string[] = [];
  for (const clue of clues) {
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
  const scope = scopeOf(hints, world);
  const report = await reconcile(run, policy, scope, {
    writes: true,
    rereadsInfrastructure: hints.some(({ kind }) => kind === 'infrastructure'),
    tampered: tamperedSources(hints, world),
  });
  await announce(world, report);
  await requestSweep(world, sweepReason(hints, world));
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

interface Sources {
  readonly instanceIds: readonly InstanceId[];
  readonly networkInterfaceIds: readonly NetworkInterfaceId[];
}

function sourcesOf(clues: readonly Clue[]): Sources {
  const hints = clues.flatMap((clue) => clue.hints);
  return {
    instanceIds: hints.flatMap((hint) => (hint.kind === 'instance' ? hint.instanceId : [])),
    networkInterfaceIds: hints.flatMap((hint) => (hint.kind === 'interface' ? hint.networkInterfaceId : [])),
  };
}

function scopeOf(hints: readonly Hint[], world: World): ChangedScope {
  const instanceIds: InstanceId[] = [];
  const departedInstanceIds: InstanceId[] = [];
  const networkInterfaceIds: NetworkInterfaceId[] = [...tamperedSources(hints, world)];
  const sessionIds: SessionId[] = [];
  for (const hint of hints) {
    if (hint.kind === 'instance') instanceIds.push(hint.instanceId);
    if (hint.kind === 'instance' && hint.isDeparture) departedInstanceIds.push(hint.instanceId);
    if (hint.kind === 'interface') networkInterfaceIds.push(hint.networkInterfaceId);
    if (hint.kind === 'session' && locateSession(hint, world) === undefined) sessionIds.push(hint.sessionId);
  }
  return { kind: 'changed', instanceIds, networkInterfaceIds, departedInstanceIds, sessionIds };
}

/** Which interface a touched session is (or was) on, by the event or by what is remembered of it. */
function locateSession(hint: Extract<Hint, { kind: 'session' }>, world: World): NetworkInterfaceId | undefined {
  return hint.networkInterfaceId ?? world.memory.infrastructure?.sessions.get(hint.sessionId)?.networkInterfaceId;
}

function tamperedSources(hints: readonly Hint[], world: World): ReadonlySet<NetworkInterfaceId> {
  return new Set(hints.flatMap((hint) => (hint.kind === 'session' ? (locateSession(hint, world) ?? []) : [])));
}

/** Why a sweep is needed besides this run: something happened that no id in the events locates. */
function sweepReason(hints: readonly Hint[], world: World): SweepRequest['because'] | undefined {
  if (hints.some(({ kind }) => kind === 'unlocated')) return 'detached';
  const isTouched = (hint: Hint) =>
    hint.kind === 'infrastructure' || (hint.kind === 'session' && locateSession(hint, world) === undefined);
  return hints.some(isTouched) ? 'tampered' : undefined;
}

async function requestSweep(world: World, because: SweepRequest['because'] | undefined): Promise<void> {
  if (because === undefined) return;
  await world.queues.requestSweep({ because, hop: 0 });
  world.log.count('SweepsRequested');
}

/** Sends hints again whose object EC2 does not show yet, while the event is young; then drops and counts them. */
async function sendAgain(world: World, clue: Clue, reading: Reading): Promise<void> {
  const late = clue.hints.filter((hint) => isLate(hint, reading));
  if (late.length === 0) return;
  const { instanceIds, networkInterfaceIds } = sourcesOf([{ ...clue, hints: late }]);
  const delaySeconds = hintRetryDelaysSeconds[clue.attempt];
  const ageMs = world.clock.now() - clue.eventAtMs;
  if (delaySeconds === undefined || ageMs >= hintRetryAgeMaxMs) {
    world.log.warn('A hint was dropped: EC2 does not show what it names.', { instanceIds, networkInterfaceIds });
    world.log.count('HintsDropped', late.length);
    return;
  }
  const { eventAtMs, hop } = clue;
  await world.queues.sendWork(
    { instanceIds, networkInterfaceIds, eventAtMs, attempt: clue.attempt + 1, hop },
    delaySeconds,
  );
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
  if (sources.instanceIds.length + sources.networkInterfaceIds.length === 0) return requestSweep(world, 'handed-on');
  if (!hasProgress || clue.hop >= hopsMax) {
    world.log.warn('Work is left to the sweep.', { ...sources, hop: clue.hop });
    world.log.count('LeftToSweep');
    return requestSweep(world, 'handed-on');
  }
  const work: Work = { ...sources, eventAtMs: clue.eventAtMs, attempt: clue.attempt, hop: clue.hop + 1 };
  await world.queues.sendWork(work, 10 * (clue.hop + 1));
}

function outcomesOf(clue: Clue, report: Report): Report['outcomes'] {
  const { instanceIds, networkInterfaceIds } = sourcesOf([clue]);
  const instances = new Set<string | undefined>(instanceIds);
  const interfaces = new Set<string>(networkInterfaceIds);
  for (const hint of clue.hints) {
    if (hint.kind !== 'session') continue;
    if (hint.networkInterfaceId !== undefined) interfaces.add(hint.networkInterfaceId);
    const known = report.infrastructure.sessions.get(hint.sessionId);
    if (known !== undefined) interfaces.add(known.networkInterfaceId);
  }
  return report.outcomes.filter(
    ({ action }) =>
      interfaces.has(action.networkInterfaceId) ||
      (action.instanceId !== undefined && instances.has(action.instanceId)),
  );
}

function hasFailed(clue: Clue, report: Report): boolean {
  return outcomesOf(clue, report).some(({ outcome }) => outcome === 'failed');
}
