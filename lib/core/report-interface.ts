/** One row of the report: an interface, what it should have, what it has, and why. */
import { tierOf } from './desire.ts';
import { readTag } from './match.ts';
import type { Policy, Session } from './model.ts';
import { createdAtMs, isOurs, type Owner, ownerTagKeys } from './ownership.ts';
import type { ReportSource } from './report-facts.ts';
import { reasonOf } from './report-gaps.ts';
import type { ReportGap, ReportInterface } from './report-schema.ts';

/** Describes a source whose gaps are known. */
export function describeInterface(
  source: ReportSource,
  policy: Policy,
  owner: Owner,
  gaps: readonly ReportGap[],
): ReportInterface {
  const { decision, networkInterface, instance, outcomes } = source;
  const { networkInterfaceId, instanceId, wanted, warnings } = decision;
  const optIn = networkInterface && readTag(policy.optIn.tagKey, networkInterface, instance);
  const name = instance?.tags.Name ?? networkInterface?.tags.Name;
  const desired = policy.tiers.flatMap((tier) =>
    wanted.includes(tier.sessionNumber) ? { sessionNumber: tier.sessionNumber, tier: tier.name } : [],
  );
  const profile = findProfile(
    policy,
    desired.map(({ tier }) => tier),
    optIn,
  );
  const sessions = source.sessions.map((session) => describeSession(session, owner));
  const status = statusOf(source, gaps);
  const because = gaps[0]?.because ?? outcomes[0]?.because ?? decision.actions[0]?.because;
  const since = status === 'complete' ? youngest(sessions) : oldest(gaps);
  return {
    networkInterfaceId,
    ...(instanceId && { instanceId }),
    ...(name && { name }),
    ...(optIn !== undefined && { optIn }),
    ...(networkInterface && { vpcId: networkInterface.vpcId, availabilityZone: networkInterface.availabilityZone }),
    ...(instance && { instanceType: instance.instanceType }),
    ...(networkInterface?.requesterId && { requesterId: networkInterface.requesterId }),
    ...(profile && { profile }),
    desired,
    sessions,
    status,
    ...(because && { because }),
    ...(since && { since }),
    ...(source.verdict && { health: source.verdict }),
    decisions: outcomes.map((told) => {
      const { kind, sessionNumber, detail } = told.action;
      return {
        action: kind,
        because: reasonOf(told),
        ...(sessionNumber !== undefined && { sessionNumber }),
        ...(detail && { detail }),
        outcome: told.outcome,
        ...(told.code && { code: told.code }),
      };
    }),
    warnings: [...warnings],
  };
}

function describeSession(session: Session, owner: Owner): ReportInterface['sessions'][number] {
  const { sessionId, sessionNumber, targetId, virtualNetworkId, tags } = session;
  const isOwn = isOurs(session, owner);
  const tier = isOwn ? tierOf(session) : undefined;
  // A time that someone has edited into nonsense is no time.
  const since = isOwn && createdAtMs(tags) !== undefined ? tags[ownerTagKeys.createdAt] : undefined;
  return {
    sessionId,
    sessionNumber,
    isOurs: isOwn,
    ...(tier && { tier }),
    targetId,
    ...(virtualNetworkId !== undefined && { virtualNetworkId }),
    ...(since && { since }),
  };
}

function statusOf(
  { decision: { wanted, inPlace } }: ReportSource,
  gaps: readonly ReportGap[],
): ReportInterface['status'] {
  const [first] = gaps;
  if (first === undefined) return wanted.length === 0 ? 'unwanted' : 'complete';
  if (inPlace.length > 0) return 'partial';
  return gaps.some(({ kind }) => kind === 'missing') ? 'missing' : first.kind;
}

function youngest(sessions: ReportInterface['sessions']): string | undefined {
  return sessions
    .flatMap(({ since }) => since ?? [])
    .sort()
    .at(-1);
}

function oldest(gaps: readonly ReportGap[]): string | undefined {
  return gaps.map(({ since }) => since).sort()[0];
}

/** The profile that has exactly these tiers: the one that the tag names, of several. */
function findProfile(policy: Policy, tiers: readonly string[], optIn: string | undefined): string | undefined {
  if (tiers.length === 0) return undefined;
  const fitting = Object.entries(policy.profiles).flatMap(([name, own]) => (own.join() === tiers.join() ? name : []));
  return fitting.find((name) => name === optIn?.trim().toLowerCase()) ?? fitting[0];
}
