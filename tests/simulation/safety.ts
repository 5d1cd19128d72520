import type { Account, Session } from '../../lib/emulator/account.ts';
import type { Invocation } from './invocation.ts';
import { foretell, isAlive, isOurs } from './oracle.ts';
import type { WrittenPolicy } from './policies.ts';

/** A rule that was broken, with what broke it. */
export interface Violation {
  readonly rule: string;
  readonly what: string;
}

/** What must hold after every step, whatever the weather. */
export interface Safety {
  /** The account or the policy has changed. */
  readonly note: () => void;
  readonly beforeWrite: (invocation: Invocation, call: Call) => void;
  /** `isDone`: the change was made, whether or not the caller heard of it. */
  readonly afterWrite: (invocation: Invocation, call: Call) => void;
  readonly afterRun: (invocation: Invocation) => void;
  /** The role's policy refused the call: lawful only when the session is not ours any more, or nothing is there. */
  readonly afterDenial: (invocation: Invocation, call: Call) => void;
  readonly doubles: () => ReadonlyMap<string, readonly string[]>;
  readonly countOurs: () => number;
  readonly violations: Violation[];
}

export interface Call {
  readonly action: string;
  readonly parameters: URLSearchParams;
}

interface Surroundings {
  readonly account: Account;
  readonly now: () => number;
  readonly policy: () => WrittenPolicy | undefined;
  /** Nothing that reads show is ever late in this world. */
  readonly isPrompt: boolean;
  /** How late a read may show tags. */
  readonly tagsLateMs: number;
  /** In this world a permission that asks for a tag refuses what is gone. */
  readonly isGoneDenied: boolean;
}

/** How it was just before a write. */
interface Before {
  readonly foreign: string;
  readonly sessions: ReadonlyMap<string, Session>;
  readonly isWantedByRun: (session: Session) => boolean;
}

/** A late read (90 s at most), or a memory of a minute, may make a run act on what was true so long before it began. */
const hindsightMs = 180_000;

export function createSafety({ account, now, policy, isPrompt, tagsLateMs, isGoneDenied }: Surroundings): Safety {
  const violations: Violation[] = [];
  /** When each was last true of a session. */
  const unwanted = createMemory(now);
  const excused = createMemory(now);
  const ours = createMemory(now);
  let before: Before = { foreign: '', sessions: new Map(), isWantedByRun: () => true };
  const accuse = (rule: string, what: string) => violations.push({ rule, what });

  const note = () => {
    const wishes = foretell(account, policy() ?? nothingWanted);
    const doubled = new Set([...findDoubles(account).values()].flat());
    for (const session of account.sessions.rows()) {
      const { sessionId, networkInterfaceId, sessionNumber } = session;
      const wish = wishes.get(networkInterfaceId);
      const isWanted =
        isAlive(account, session.targetId) && wish !== undefined && (wish.keeps || wish.byNumber.has(sessionNumber));
      const isDoubled = doubled.has(sessionId);
      unwanted.set(sessionId, !isWanted || isDoubled || areTagsFresh(account, networkInterfaceId, now() - tagsLateMs));
      excused.set(sessionId, isDoubled || !isCarried(account, session, policy()));
      ours.set(sessionId, isOurs(account, session));
    }
  };

  const judgeDelete = (invocation: Invocation, session: Session) => {
    const { sessionId, networkInterfaceId, sessionNumber } = session;
    const sinceMs = invocation.startedAtMs - hindsightMs;
    const what = `${invocation.name} deletes ${sessionId} (${networkInterfaceId} ${sessionNumber})`;
    if (invocation.unfinishedReads.size > 0)
      accuse('no delete after an incomplete read', `${what} after ${[...invocation.unfinishedReads]}`);
    if (unwanted.at(sessionId) < sinceMs && before.isWantedByRun(session)) accuse('no delete of what is wanted', what);
    // A policy that was replaced meanwhile is still the one that this run goes by.
    if (excused.at(sessionId) >= sinceMs || !isCarried(account, session, invocation.policy)) return;
    invocation.guardedDeletes += 1;
    const { maxDeletes, maxDeletePercent } = invocation.policy?.guards ?? { maxDeletes: 0, maxDeletePercent: 0 };
    const most = invocation.kind === 'change' ? Math.min(10, maxDeletes) : maxDeletes;
    const count = invocation.guardedDeletes;
    const share = invocation.kind === 'sweep' ? maxDeletePercent : Number.POSITIVE_INFINITY;
    if (isBeyond({ maxDeletes: most, maxDeletePercent: share }, count, invocation.oursAtStart + 5))
      accuse('deletes within the guards', `${what}, the ${count}th of its run; the guard is ${most}`);
  };

  /** True when what nothing wants, and something carries, is more than a run may delete. */
  const isGuardReached = ({ policy: written, oursAtStart }: Invocation, wishes: ReturnType<typeof foretell>) => {
    const isGuarded = (session: Session) =>
      isOurs(account, session) &&
      isCarried(account, session, written) &&
      !wishes.get(session.networkInterfaceId)?.byNumber.has(session.sessionNumber);
    const count = [...account.sessions.rows()].filter(isGuarded).length;
    return written !== undefined && isBeyond(written.guards, count, oursAtStart);
  };

  return {
    violations,
    note,
    doubles: () => findDoubles(account),
    countOurs: () => [...account.sessions.rows()].filter((session) => isOurs(account, session)).length,
    afterDenial: ({ name }, { action, parameters }) => {
      if (isGoneDenied && namesGone(account, parameters)) return;
      const session = account.sessions.get(parameters.get('TrafficMirrorSessionId') ?? '');
      if (session === undefined || isOurs(account, session))
        accuse('nothing is denied', `${name} may not call ${action}`);
    },
    beforeWrite: (invocation, { action, parameters }) => {
      invocation.writes += 1;
      note();
      // A policy that was replaced meanwhile is still the one that this run goes by.
      const wishes = foretell(account, invocation.policy ?? nothingWanted);
      before = {
        foreign: describeForeign(account),
        sessions: new Map([...account.sessions.rows()].map((each) => [each.sessionId, { ...each }])),
        isWantedByRun: ({ networkInterfaceId, sessionNumber }) => {
          const wish = wishes.get(networkInterfaceId);
          return wish !== undefined && (wish.keeps || wish.byNumber.has(sessionNumber));
        },
      };
      if (invocation.policy?.mode !== 'enforce') accuse('no policy, no write', `${invocation.name} calls ${action}`);
      const sessionId = parameters.get('TrafficMirrorSessionId') ?? '';
      const session = account.sessions.get(sessionId);
      if (
        session !== undefined &&
        !isOurs(account, session) &&
        ours.at(sessionId) < invocation.startedAtMs - hindsightMs
      ) {
        accuse('no foreign session changed', `${invocation.name} calls ${action} on ${sessionId}`);
      }
    },
    afterWrite: (invocation, { action }) => {
      if (describeForeign(account) !== before.foreign) {
        accuse('no foreign session changed', `${invocation.name}: ${action} changed what is not ours`);
      }
      for (const session of before.sessions.values()) {
        if (account.sessions.get(session.sessionId) === undefined) judgeDelete(invocation, session);
      }
      for (const session of account.sessions.rows()) {
        if (!before.sessions.has(session.sessionId)) checkTags(session, account, accuse);
      }
      for (const filter of account.filters.rows()) {
        const keys = Object.keys(account.tags.get(filter.filterId)?.tags ?? {});
        if (filter.createdAt === now() && !keys.includes('fleetmirror:fleet'))
          accuse('owner tags', `filter ${filter.filterId}`);
      }
      for (const [id, sessions] of account.sessionsByInterface) {
        if (sessions.size > 3) accuse('three sessions on a source', `${id} has ${sessions.size}`);
      }
      note();
    },
    afterRun: (invocation) => {
      const isJudged = invocation.kind === 'sweep' && isPrompt && invocation.troubles === 0;
      if (!isJudged || invocation.policy?.mode !== 'enforce' || invocation.policy !== policy()) return;
      const wishes = foretell(account, invocation.policy);
      for (const [key, ids] of invocation.doublesAtStart) {
        const left = ids.filter((id) => account.sessions.get(id) !== undefined);
        const hasMoved = left.some(
          (id) => `${account.sessions.get(id)?.networkInterfaceId} ${account.sessions.get(id)?.sessionNumber}` !== key,
        );
        const [networkInterfaceId = '', number] = key.split(' ');
        const wish = wishes.get(networkInterfaceId);
        if (left.length < 2 || hasMoved || wish?.keeps !== false) continue;
        // Where nothing is wanted the guards hold both, with all the others that they hold.
        if (!wish.byNumber.has(Number(number)) && isGuardReached(invocation, wishes)) continue;
        accuse('one number, one session', `${invocation.name} leaves ${left.join(' and ')} on ${key}`);
      }
    },
  };
}

/** More deletions than the guards let a run make; a share counts from ten on. */
function isBeyond({ maxDeletes, maxDeletePercent }: WrittenPolicy['guards'], count: number, ours: number): boolean {
  return count > maxDeletes || (count >= 10 && count * 100 > maxDeletePercent * ours);
}

function namesGone({ sessions, filters, rules }: Account, parameters: URLSearchParams): boolean {
  const isGone = (name: string, table: { readonly get: (id: string) => unknown }) =>
    parameters.has(name) && table.get(parameters.get(name) ?? '') === undefined;
  const [session, filter] = [isGone('TrafficMirrorSessionId', sessions), isGone('TrafficMirrorFilterId', filters)];
  return session || filter || isGone('TrafficMirrorFilterRuleId', rules);
}

const nothingWanted: WrittenPolicy = {
  version: 1,
  fleet: 'prod',
  mode: 'enforce',
  targets: {},
  filters: {},
  tiers: [],
  profiles: {},
  coverage: [],
  exclude: [],
  interfaces: 'all',
  whileStopped: 'remove',
  guards: { maxDeletes: 0, maxDeletePercent: 0 },
};

/** Remembers when something was last true of a thing, up to the moment before it became false. */
function createMemory(now: () => number) {
  const lastMs = new Map<string, number>();
  const isTrue = new Set<string>();
  return {
    set: (id: string, value: boolean) => {
      if (value || isTrue.has(id)) lastMs.set(id, now());
      if (value) isTrue.add(id);
      else isTrue.delete(id);
    },
    at: (id: string) => (isTrue.has(id) ? now() : (lastMs.get(id) ?? Number.NEGATIVE_INFINITY)),
  };
}

/** Not carried by anything that runs, or not an interface that the policy looks at: no guard counts its deletion. */
function isCarried(account: Account, { networkInterfaceId }: Session, policy: WrittenPolicy | undefined): boolean {
  const networkInterface = account.interfaces.get(networkInterfaceId);
  const { attachment, requesterManaged } = networkInterface ?? {};
  if (attachment === undefined) return false;
  if (requesterManaged) return true;
  const state = account.instances.get(attachment.instanceId ?? '')?.state ?? 'terminated';
  if (state === 'terminated' || state === 'shutting-down') return false;
  if (policy?.interfaces === 'primary' && attachment.deviceIndex !== 0) return false;
  return policy?.whileStopped === 'keep' || state === 'pending' || state === 'running';
}

/** A run may still see the tags as they were, perhaps together with a newer policy: what that wants nobody can foretell. */
function areTagsFresh(account: Account, networkInterfaceId: string, sinceMs: number): boolean {
  const instanceId = account.interfaces.get(networkInterfaceId)?.attachment?.instanceId ?? '';
  return [networkInterfaceId, instanceId].some((id) =>
    account.tags.get(id)?.before.some(({ until }) => until > sinceMs),
  );
}

/** Sessions of ours that share a number on a source, by `interface number`. */
function findDoubles(account: Account): ReadonlyMap<string, readonly string[]> {
  const byPlace = new Map<string, string[]>();
  for (const session of account.sessions.rows()) {
    if (!isOurs(account, session)) continue;
    const key = `${session.networkInterfaceId} ${session.sessionNumber}`;
    byPlace.set(key, [...(byPlace.get(key) ?? []), session.sessionId]);
  }
  return new Map([...byPlace].filter(([, ids]) => ids.length > 1));
}

/** Everything of Traffic Mirroring that is not ours, as one text. */
function describeForeign(account: Account): string {
  const sessions = [...account.sessions.rows()].filter((session) => !isOurs(account, session));
  const filters = [...account.filters.rows()].filter(
    ({ filterId }) => account.tags.get(filterId)?.tags['fleetmirror:fleet'] !== 'prod',
  );
  const rules = filters.flatMap(({ ruleIds }) => ruleIds.map((id) => account.rules.get(id)));
  return JSON.stringify([sessions, filters, rules, [...account.targets.rows()]]);
}

function checkTags({ sessionId }: Session, account: Account, accuse: (rule: string, what: string) => void): void {
  const tags = account.tags.get(sessionId)?.tags ?? {};
  const missing = ['fleetmirror:fleet', 'fleetmirror:instance', 'fleetmirror:created-at', 'Name'].filter(
    (key) => !tags[key],
  );
  if (missing.length > 0) accuse('owner tags', `${sessionId} has no ${missing.join(', ')}`);
}
