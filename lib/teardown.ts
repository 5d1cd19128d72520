/** Removes every session and managed filter of a fleet: what to run before the stack is deleted. */
import { applyPlan, type Outcome } from './apply.ts';
import { type Run, tryCall } from './call.ts';
import { assembleCandidates } from './core/candidates.ts';
import type { Filter, Session } from './core/model.ts';
import { isOurFilter, isOurs } from './core/ownership.ts';
import { inOrderOfApplication, remove } from './core/plan-actions.ts';
import type { World } from './ports.ts';

/** Everything that a fleet has created and that is still there, the sessions of one interface side by side. */
export interface Belongings {
  readonly sessions: readonly Session[];
  readonly filters: readonly Filter[];
}

/** What became of one of them. `gone`: somebody else was faster. `left`: it is still there, and EC2's code says why. */
export type Fate = { readonly fate: 'removed' | 'gone' } | { readonly fate: 'left'; readonly code: string };

export interface TornDown {
  readonly sessions: readonly (Fate & { readonly session: Session })[];
  readonly filters: readonly (Fate & { readonly filter: Filter })[];
}

/** What a teardown would remove. It needs no policy; what others created is never in it. */
export async function findBelongings(world: World): Promise<Belongings> {
  const sessions = (await world.ec2.readSessions('all')).filter((session) => isOurs(session, world));
  const filters = (await world.ec2.readFilters()).filter((filter) => isOurFilter(filter, world.fleet));
  return { sessions: assembleCandidates([], new Map(), sessions).flatMap((candidate) => candidate.sessions), filters };
}

/**
 * Removes them, and says of each what became of it. Guards do not apply: it is what was asked. Sessions go first, since
 * EC2 keeps a filter that is in use, be it by a session of somebody else.
 */
export async function tearDown({ sessions, filters }: Belongings, run: Run): Promise<TornDown> {
  const decisions = assembleCandidates([], new Map(), sessions).map((candidate) => ({
    networkInterfaceId: candidate.networkInterfaceId,
    actions: candidate.sessions.map((session) => remove(session, 'not-covered')).sort(inOrderOfApplication),
    wanted: [],
    isEligible: false,
    inPlace: [],
    isUnreadable: false,
    warnings: [],
  }));
  // What was asked for does not grow old.
  const { outcomes } = await applyPlan({ decisions, filterActions: [], accused: [] }, run, Number.POSITIVE_INFINITY);
  const removedFilters: (Fate & { readonly filter: Filter })[] = [];
  for (const filter of filters) removedFilters.push({ filter, ...(await removeFilter(filter, run)) });
  return { sessions: outcomes.flatMap(judgeDeletion), filters: removedFilters };
}

function judgeDeletion({ action, outcome, because, code }: Outcome): TornDown['sessions'] {
  if (action.kind !== 'delete') return [];
  const { session } = action;
  if (outcome === 'done') return [{ session, fate: 'removed' }];
  // A refusal settles an action too, but it leaves the session where it is.
  if (outcome === 'settled' && because === undefined) return [{ session, fate: 'gone' }];
  return [{ session, fate: 'left', code: code ?? outcome }];
}

async function removeFilter({ filterId }: Filter, run: Run): Promise<Fate> {
  const result = await tryCall(run, 'DeleteTrafficMirrorFilter', () => run.world.ec2.deleteFilter(filterId));
  if (result.kind === 'ok') return { fate: 'removed' };
  if (result.kind === 'no-time') return { fate: 'left', code: 'Deadline' };
  return result.failure.kind === 'vanished' ? { fate: 'gone' } : { fate: 'left', code: result.failure.code };
}
