/** One batch of messages: hints → one reconcile of all sources that they name → what is left is sent on. */
import { announce, announceBrokenRun } from './announce.ts';
import { type Run, startRun } from './call.ts';
import { causesOf, outcomesOf } from './causes.ts';
import {
  awaitedBy,
  type Clue,
  endingTargets,
  forgetReplacedTags,
  hasTargetGone,
  isLate,
  isUnconfirmed,
  lateSources,
  locateClue,
  mergeClues,
  retryDelaySeconds,
  type Sources,
  scopeOf,
  sourcesOf,
  sourcesToldOf,
  sweepReason,
  tamperedSources,
} from './clues.ts';
import { hopsMax, tamperingSweepIntervalMs } from './core/limits.ts';
import type { Policy } from './core/model.ts';
import { readMessage } from './events.ts';
import { isEc2Failure, verdicts } from './failure.ts';
import type { Hint } from './hints.ts';
import { forgetOwnSession } from './own-writes.ts';
import { isInForce, passesByItself, reportPolicy } from './policy-report.ts';
import type { SweepRequest, Work, World } from './ports.ts';
import { type Report, reconcile } from './reconcile.ts';
import { countGuarded } from './restrain.ts';

export interface Message {
  readonly messageId: string;
  readonly body: string;
}

/** Handles a batch and returns the ids of the messages that must come back: only those that failed unexpectedly. */
export async function handleChanges(run: Run, messages: readonly Message[]): Promise<readonly string[]> {
  const { world } = run;
  const clues = messages.flatMap((message) => readClue(world, message));
  if (clues.length === 0) return [];
  // Without a usable policy nothing is written; messages are settled, since a repaired policy triggers a sweep. What
  // passes by itself is repaired by nobody, so that work is handed on.
  const reading = await reportPolicy(world, 'changed', {
    startedAtMs: world.clock.now(),
    because: 'changes',
    eventIds: clues.flatMap(({ eventIds = [] }) => eventIds),
  });
  if (passesByItself(reading)) await handOnAll(world, clues);
  if (reading.kind !== 'valid') return [];
  const { policy } = reading;
  const located = clues.map((clue) => locateClue(clue, policy, world.memory)).filter(({ hints }) => hints.length > 0);
  if (located.length < clues.length) world.log.count('EventsIgnored', clues.length - located.length);
  if (located.length === 0) return [];
  for (const hint of located.flatMap(({ hints }) => hints)) {
    if (hint.kind === 'session') forgetOwnSession(world.memory, hint.sessionId);
  }
  try {
    return (await reconcileClues(run, policy, located, 0)).failed;
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
  if (isEc2Failure(error) && verdicts[error.kind] === 'retry-now') {
    world.log.warn('EC2 could not be read; the batch is handed on.', { code: error.code, operation: error.operation });
    await handOnAll(world, clues);
    return [];
  }
  world.log.error('The batch failed.', { cause: String(error), messages: clues.length });
  if (clues.length === 1) return clues.map(({ messageId }) => messageId);
  const failed: string[] = [];
  // The guards hold for the batch, also where it is taken message by message.
  let deleted = 0;
  for (const [index, clue] of clues.entries()) {
    // Whoever finds no time comes back, as the whole batch would if the function were cut off; so does who finds another
    // policy, since each of these is a run of its own.
    if (world.clock.now() >= run.deadlineAtMs || !(await isInForce(world, policy))) {
      return [...failed, ...clues.slice(index).map(({ messageId }) => messageId)];
    }
    try {
      const one = await reconcileClues(startRun(world, run.deadlineAtMs), policy, [clue], deleted);
      failed.push(...one.failed);
      deleted += one.deleted;
    } catch (alone) {
      world.log.error('A message failed alone.', { messageId: clue.messageId, cause: String(alone) });
      failed.push(clue.messageId);
    }
  }
  return failed;
}

/** What became of messages: those that must come back, and how many guarded deletions they led to. */
interface Handled {
  readonly failed: readonly string[];
  readonly deleted: number;
}

async function reconcileClues(
  run: Run,
  policy: Policy,
  clues: readonly Clue[],
  deletedBefore: number,
): Promise<Handled> {
  const { world } = run;
  const hints = clues.flatMap((clue) => clue.hints);
  const scope = scopeOf(hints);
  const startedAtMs = world.clock.now();
  const eventIds = clues.flatMap((clue) => clue.eventIds ?? []);
  const occasion = { startedAtMs, because: 'changes', eventIds } as const;
  const merged = mergeClues(forgetReplacedTags(clues));
  const report = await reconcile(run, policy, scope, {
    writes: true,
    isInForce: () => isInForce(world, policy),
    rereadsInfrastructure: hints.some(({ kind }) => kind === 'infrastructure'),
    isBatch: true,
    deletedBefore,
    tampered: tamperedSources(hints),
    findLate: (reading) => lateSources(merged, reading, startedAtMs),
    findTold: (reading) => sourcesToldOf(clues, reading),
  }).catch((error: unknown) => {
    announceBrokenRun(world, 'changed', error, occasion);
    throw error;
  });
  // First, since time may be short: what is not published is counted, what is not sent is not done.
  const isSent = await sendRest(world, merged, report, startedAtMs);
  await announce(run, report, { ...occasion, causes: causesOf(clues, report.outcomes) });
  const failed = isSent ? clues.filter((clue) => hasFailed(clue, report)) : clues;
  return { failed: failed.map(({ messageId }) => messageId), deleted: countGuarded(report.outcomes) };
}

/** Sends on what a run leaves to others: a sweep, late hints, put-off actions. False when SQS does not take it. */
async function sendRest(world: World, clues: readonly Clue[], report: Report, startedAtMs: number): Promise<boolean> {
  try {
    const hints = clues.flatMap((clue) => clue.hints);
    await requestSweep(world, hasTargetGone(hints, report) ? 'target-gone' : sweepReason(hints));
    if (report.isObserved) return true;
    for (const clue of clues) {
      await sendAgain(world, clue, report, retryDelaySeconds(clue, startedAtMs));
      await deferRest(world, clue, report);
    }
    return true;
  } catch (cause) {
    // To begin again message by message would pass the guard: what it has just held are single deletions then.
    world.log.error('Work could not be handed on; the batch comes back.', { cause: String(cause) });
    return false;
  }
}

/**
 * Asks for a sweep. Tampering asks only once in a while: a sweep that repairs makes the other side undo it again, and
 * the two of us must come to rest; the scheduled sweep looks at what comes meanwhile.
 */
async function requestSweep(world: World, because: SweepRequest['because'] | undefined): Promise<void> {
  if (because === undefined) return;
  const nowMs = world.clock.now();
  const { tamperingSweepAtMs } = world.memory;
  const isRecent = tamperingSweepAtMs !== undefined && nowMs - tamperingSweepAtMs < tamperingSweepIntervalMs;
  if (because === 'tampered' && isRecent) {
    world.log.count('TamperingLeftToSweep');
    return;
  }
  await world.queues.requestSweep({ because, hop: 0 });
  if (because === 'tampered') world.memory.tamperingSweepAtMs = nowMs;
  world.log.count('SweepsRequested');
}

/**
 * Sends hints again that EC2 does not confirm yet, while the event is young, and those of targets that are about to
 * lose their interface. Those whose object it does not show at all are dropped and counted in the end.
 */
async function sendAgain(world: World, clue: Clue, report: Report, delaySeconds: number | undefined): Promise<void> {
  const { reading } = report;
  const late = clue.hints.filter((hint) => isLate(hint, reading));
  if (delaySeconds !== undefined) {
    const unsettled = clue.hints.filter((hint) => late.includes(hint) || isUnconfirmed(hint, reading));
    const again = [...unsettled, ...endingTargets(clue.hints, report)];
    if (again.length === 0) return;
    const work = { ...sourcesOf(again), ...awaitedBy(again), ...originOf(clue), attempt: clue.attempt + 1 };
    await world.queues.sendWork({ ...work, hop: clue.hop }, delaySeconds);
  } else if (late.length > 0) {
    world.log.warn('A hint was dropped: EC2 does not show what it names.', { ...sourcesOf(late) });
    world.log.count('HintsDropped', late.length);
  }
}

/** Hands on the whole of a batch that could not be looked at. */
async function handOnAll(world: World, clues: readonly Clue[]): Promise<void> {
  for (const clue of mergeClues(forgetReplacedTags(clues)))
    await handOn(world, sourcesOf(clue.hints), clue, clue.hop === 0);
  await requestSweep(world, sweepReason(clues.flatMap(({ hints }) => hints)));
}

async function deferRest(world: World, clue: Clue, report: Report): Promise<void> {
  const concerned = outcomesOf(clue, report.outcomes);
  const deferred = concerned.filter(({ outcome }) => outcome === 'deferred');
  if (deferred.length === 0) return;
  // By the hints that led there, since what the events told goes along: tags, and that an instance came or went.
  const left = clue.hints.flatMap((hint): readonly Hint[] => {
    const own = outcomesOf({ hints: [hint] }, deferred);
    if (hint.kind !== 'session') return own.length > 0 ? [hint] : [];
    return own.map(({ action: { networkInterfaceId } }) => {
      return { kind: 'interface', networkInterfaceId, isDeparture: false };
    });
  });
  const hasProgress = concerned.some(({ outcome }) => outcome === 'done');
  await handOn(world, sourcesOf(left), clue, hasProgress || clue.hop === 0);
}

/** Sends work on with a growing delay; a chain that makes no progress or is too long ends in a sweep. */
async function handOn(world: World, sources: Sources, clue: Clue, hasProgress: boolean): Promise<void> {
  if (Object.values(sources).every((ids) => ids.length === 0)) {
    return requestSweep(world, 'handed-on');
  }
  if (!hasProgress || clue.hop >= hopsMax) {
    world.log.warn('Work is left to the sweep.', { ...sources, hop: clue.hop });
    world.log.count('LeftToSweep');
    return requestSweep(world, 'handed-on');
  }
  const hop = clue.hop + 1;
  const work: Work = { ...sources, ...awaitedBy(clue.hints), ...originOf(clue), attempt: clue.attempt, hop };
  await world.queues.sendWork(work, 10 * hop);
}

/** Which events a clue goes back to, and when they happened. */
function originOf({
  eventAtMs,
  firstEventAtMs,
  eventIds,
}: Clue): Pick<Work, 'eventAtMs' | 'firstEventAtMs' | 'eventIds'> {
  return {
    eventAtMs,
    ...(firstEventAtMs !== undefined && { firstEventAtMs }),
    ...(eventIds !== undefined && { eventIds }),
  };
}

function hasFailed(clue: Clue, report: Report): boolean {
  return outcomesOf(clue, report.outcomes).some(({ outcome }) => outcome === 'failed');
}
