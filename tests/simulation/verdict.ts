import type { Account, Filter, Session } from '../../lib/emulator/account.ts';
import { foretell, isAlive, isOurs, type Wish, type Wishes } from './oracle.ts';
import type { WrittenFilter, WrittenPolicy, WrittenTier } from './policies.ts';

/** A world at rest, and what it should be by. */
export interface Ending {
  readonly account: Account;
  readonly policy: WrittenPolicy;
  /** The sessions that were there before the sweep. */
  readonly before: ReadonlySet<string>;
  /** What one interface target takes in this world, by sources and by sessions. */
  readonly perTargetMax: number;
}

/** Where the account differs from what the oracle says; nothing when they are equal, but for what may differ. */
export function compareAccount(ending: Ending): readonly string[] {
  const { account, policy } = ending;
  const wishes = foretell(account, policy);
  const ours = [...account.sessions.rows()].filter((session) => isOurs(account, session));
  return [
    ...ours.flatMap((session) => judgeSession(ending, session, wishes.get(session.networkInterfaceId))),
    ...[...wishes].flatMap(([id, wish]) => findMissing(ending, id, wish, ours)),
    ...judgeFilters(account, policy),
  ];
}

function judgeSession(ending: Ending, session: Session, wishes: Wishes | undefined): readonly string[] {
  const { account, policy, before } = ending;
  const { sessionId, networkInterfaceId, sessionNumber } = session;
  const what = `${sessionId} (${networkInterfaceId} ${sessionNumber})`;
  const wish = wishes?.byNumber.get(sessionNumber);
  if (wish === undefined) {
    const mayStay = (wishes?.keeps === true && before.has(sessionId)) || standsIn(ending, session, wishes);
    return mayStay ? [] : [`${what} should not be there`];
  }
  const twins = [...(account.sessionsByInterface.get(networkInterfaceId) ?? [])].filter((id) => {
    const other = account.sessions.get(id);
    return other !== undefined && other.sessionNumber === sessionNumber && isOurs(account, other);
  });
  if (twins.length > 1 && !wishes?.keeps) return [`${what} is there twice`];
  if (isLost(account, policy, session, wish.tier)) return [`${what} mirrors to a target that is gone`];
  if (wish.how === 'may') return [];
  return findDifferences(ending, session, wish.tier).map((difference) => `${what} has ${difference}`);
}

/** A tier without room in its pool leaves its slot to the next tier. */
function standsIn(ending: Ending, session: Session, wishes: Wishes | undefined): boolean {
  const { account, policy } = ending;
  const here = [...(account.sessionsByInterface.get(session.networkInterfaceId) ?? [])];
  const numbers = new Set(here.map((id) => account.sessions.get(id)?.sessionNumber));
  const isNext = ([number, { tier }]: readonly [number, Wish]) =>
    number < session.sessionNumber && !numbers.has(number) && isPoolFull(ending, tier);
  const isOfTier = policy.tiers.some(({ sessionNumber }) => sessionNumber === session.sessionNumber);
  return isOfTier && [...(wishes?.byNumber ?? [])].some(isNext);
}

/** Its target is gone and its pool has no other: it mirrors nothing and is billed. */
function isLost(
  account: Account,
  policy: WrittenPolicy,
  { targetId }: Session,
  { target, filter }: WrittenTier,
): boolean {
  const isGone = (id: string) => !isAlive(account, id);
  const written = policy.filters[filter];
  const hasFilter = written !== undefined && (!('id' in written) || account.filters.get(written.id) !== undefined);
  return hasFilter && isGone(targetId) && policy.targets[target]?.ids.every(isGone) === true;
}

function findDifferences(ending: Ending, session: Session, tier: WrittenTier): readonly string[] {
  const { account, policy } = ending;
  const differences: string[] = [];
  const pool = policy.targets[tier.target]?.ids ?? [];
  const isHome = pool.includes(session.targetId) && isAlive(account, session.targetId);
  const hasRoom = pool.some((id) => !isFull(ending, id));
  // On a target that is gone nothing is mirrored, so nothing is repaired there.
  if (!isHome && !hasRoom && !isAlive(account, session.targetId)) return [];
  if (!isHome && hasRoom) differences.push(`the target ${session.targetId}`);
  const filterId = filterOf(account, policy, tier);
  if (session.filterId !== filterId) differences.push(`the filter ${session.filterId}, not ${filterId}`);
  // To anything but an interface 8500 bytes are all that AWS sends.
  const whole = account.targets.get(session.targetId)?.type === 'network-interface' ? undefined : 8500;
  if ((session.packetLength ?? whole) !== (tier.packetLength ?? whole))
    differences.push(`the length ${session.packetLength}`);
  const { virtualNetworkId: wanted } = tier;
  if (typeof wanted === 'number' && session.virtualNetworkId !== wanted)
    differences.push(`the VNI ${session.virtualNetworkId}`);
  const described = tier.description === undefined ? `tier ${tier.name}` : `tier ${tier.name}: ${tier.description}`;
  if (session.description !== described) differences.push(`the description "${session.description}"`);
  return differences;
}

function findMissing(
  ending: Ending,
  id: string,
  { byNumber, keeps }: Wishes,
  ours: readonly Session[],
): readonly string[] {
  const { account } = ending;
  const has = new Set(
    ours.filter(({ networkInterfaceId }) => networkInterfaceId === id).map(({ sessionNumber }) => sessionNumber),
  );
  return [...byNumber].flatMap(([number, { tier, how }]) => {
    if (how === 'may' || has.has(number)) return [];
    const isSourceFull = keeps && (account.sessionsByInterface.get(id)?.size ?? 0) >= 3;
    return isSourceFull || isPoolFull(ending, tier) ? [] : [`${id} has no session ${number} (${tier.name})`];
  });
}

function isPoolFull(ending: Ending, { target }: WrittenTier): boolean {
  return ending.policy.targets[target]?.ids.every((targetId) => isFull(ending, targetId)) === true;
}

/** Gone counts as full. A target that may count each session, not each source, is full sooner than we can know. */
function isFull({ account, perTargetMax }: Ending, targetId: string): boolean {
  const target = account.targets.get(targetId);
  if (target === undefined || !isAlive(account, targetId)) return true;
  const sessions = [...(account.sessionsByTarget.get(targetId) ?? [])];
  return target.type === 'network-interface' && sessions.length >= perTargetMax;
}

function managedFilters(account: Account, name: string): readonly Filter[] {
  return [...account.filters.rows()]
    .filter(({ filterId }) => {
      const tags = account.tags.get(filterId)?.tags;
      return tags?.['fleetmirror:fleet'] === 'prod' && tags['fleetmirror:filter'] === name;
    })
    .sort((one, other) => (one.filterId < other.filterId ? -1 : 1));
}

function filterOf(account: Account, policy: WrittenPolicy, { filter }: WrittenTier): string | undefined {
  const written = policy.filters[filter];
  return written !== undefined && 'id' in written ? written.id : managedFilters(account, filter)[0]?.filterId;
}

/** One filter for each name that a tier uses, with exactly its rules; none for a name that no tier uses. */
function judgeFilters(account: Account, policy: WrittenPolicy): readonly string[] {
  return Object.entries(policy.filters).flatMap(([name, written]) => {
    if ('id' in written) return [];
    const found = managedFilters(account, name);
    const isNamed = policy.tiers.some(({ filter }) => filter === name);
    const isInUse = ({ filterId }: Filter) => account.sessionsByFilter.has(filterId);
    const spare = found
      .slice(1)
      .flatMap((filter) => (isInUse(filter) ? [] : [`${filter.filterId} is a spare of ${name}`]));
    const first = found[0];
    if (first === undefined) return spare;
    if (!isNamed) return isInUse(first) ? spare : [...spare, `${first.filterId} (${name}) is not needed`];
    return describeRules(account, first) === describeWritten(written)
      ? spare
      : [...spare, `${first.filterId} (${name}) has other rules`];
  });
}

function describeRules(account: Account, { ruleIds, networkServices }: Filter): string {
  const rules = ruleIds.flatMap((id) => account.rules.get(id) ?? []);
  const lines = rules.map((rule) => {
    const rest = [rule.protocol, rule.sourcePortRange, rule.destinationPortRange].every((each) => each === undefined)
      ? ''
      : ' more';
    return `${rule.direction} ${rule.ruleNumber} ${rule.action} ${rule.sourceCidrBlock} ${rule.destinationCidrBlock}${rest}`;
  });
  return [...lines.sort(), ...networkServices].join('\n');
}

function describeWritten({ ingress, egress, networkServices }: WrittenFilter): string {
  const lines = (['ingress', 'egress'] as const).flatMap((direction) =>
    ({ ingress, egress })[direction].map(
      (each) => `${direction} ${each.rule} ${each.action} ${each.sourceCidr} ${each.destinationCidr}`,
    ),
  );
  return [...lines.sort(), ...networkServices].join('\n');
}
