/** What should be, said a second time and otherwise: from the account itself and the policy as written. Imports no code. */
import type { Account, NetworkInterface, Session } from '../../lib/emulator/account.ts';
import type { WrittenPolicy, WrittenTier } from './policies.ts';

/** `must`: a session with the tier's fields. `may`: one may stay, none may come. A source in `keeps` loses none it has. */
export type Wish = { readonly tier: WrittenTier; readonly how: 'must' | 'may' };
export type Wishes = { readonly byNumber: ReadonlyMap<number, Wish>; readonly keeps: boolean };
const nothing: Wishes = { byNumber: new Map(), keeps: false };
const tagsOf = (account: Account, id = ''): Readonly<Record<string, string>> => account.tags.get(id)?.tags ?? {};
export const isOurs = (account: Account, { sessionId, ownerId }: Session) =>
  ownerId === '123456789012' && tagsOf(account, sessionId)['fleetmirror:fleet'] === 'prod';

/** False when the target, or the interface behind it, is gone: AWS stops mirroring to it. */
export function isAlive({ targets, interfaces }: Account, targetId: string): boolean {
  const target = targets.get(targetId);
  if (target === undefined) return false;
  return target.networkInterfaceId === undefined || interfaces.get(target.networkInterfaceId) !== undefined;
}

/** Every interface with what the policy wants there, given what AWS can mirror now. */
export function foretell(account: Account, policy: WrittenPolicy): ReadonlyMap<string, Wishes> {
  return new Map([...account.interfaces.rows()].map((eni) => [eni.networkInterfaceId, wish(account, policy, eni)]));
}

function wish(account: Account, policy: WrittenPolicy, eni: NetworkInterface): Wishes {
  const { attachment, requesterManaged, networkInterfaceId: id } = eni;
  const instance = account.instances.get(attachment?.instanceId ?? '');
  const up = policy.whileStopped === 'keep' ? /pending|running|stop/ : /pending|running/;
  const carried = requesterManaged ? attachment !== undefined : instance !== undefined && up.test(instance.state);
  const isService = requesterManaged && !/^amazon-(rds|elasticache)$/.test(eni.requesterId ?? '');
  const mayMirror = !isService && !account.targetByInterface.has(id);
  const tags = { ...tagsOf(account, instance?.instanceId), ...tagsOf(account, id) };
  if (!carried || tags.role === 'sensor') return nothing;
  const chosen = choose(policy, tags);
  if (chosen.names === undefined && !chosen.keeps) return nothing;
  if (policy.interfaces === 'primary' && !requesterManaged && attachment?.deviceIndex !== 0) return nothing;
  const type = requesterManaged || chosen.names === undefined ? 'good' : judge(instance?.instanceType ?? '');
  if (type === 'bad' && mayMirror) return nothing;
  const isObstructed = type !== 'good' || !mayMirror || eni.interfaceType !== 'interface';
  const here = [...(account.sessionsByInterface.get(id) ?? [])].flatMap((each) => account.sessions.get(each) ?? []);
  const foreign = here.filter((each) => !isOurs(account, each));
  const byNumber = new Map<number, Wish>();
  let slots = 3 - foreign.length;
  const tiers = policy.tiers.filter(({ name }) => chosen.names?.includes(name));
  const isFirst = ({ name }: WrittenTier) => chosen.first?.includes(name) === true;
  for (const tier of [...tiers.filter(isFirst), ...tiers.filter((each) => !isFirst(each))]) {
    const has = here.some((each) => isOurs(account, each) && each.sessionNumber === tier.sessionNumber);
    if (slots <= 0 || (!has && foreign.some(({ sessionNumber }) => sessionNumber === tier.sessionNumber))) continue;
    const filter = policy.filters[tier.filter];
    const isPossible = !(filter && 'id' in filter) || account.filters.get(filter.id) !== undefined;
    const hasTarget = policy.targets[tier.target]?.ids.some((each) => isAlive(account, each)) === true;
    byNumber.set(tier.sessionNumber, { tier, how: isPossible && hasTarget && !isObstructed ? 'must' : 'may' });
    if (has || (isPossible && hasTarget)) slots -= 1;
  }
  return { byNumber, keeps: chosen.keeps };
}

/** Exclusion › mandatory coverage (a tag may add) › off › tag › coverage; a tag nobody can read loses nothing. */
function choose({ coverage, profiles }: WrittenPolicy, { Mirror: text, env }: Record<string, string>) {
  const rule = env?.startsWith('prod') ? coverage[0] : undefined;
  const word = text?.trim().toLowerCase() ?? '';
  if (word === 'off' && rule?.mandatory !== true) return { keeps: false };
  const asked = profiles[word === 'true' ? 'default' : word] ?? (/^(one|two|three)$/.test(word) ? [word] : undefined);
  const keeps = text !== undefined && word !== 'off' && asked === undefined;
  const covered = profiles[rule?.profile ?? ''];
  const added = rule?.mandatory ? [...(covered ?? []), ...(asked ?? [])] : (asked ?? covered);
  return { keeps, ...(added && { names: added }), ...(rule?.mandatory && covered && { first: covered }) };
}
const judge = (type: string) => (/^(m5|t3|c6i)\./.test(type) ? 'good' : /^(g7|c3)\./.test(type) ? 'bad' : 'unknown');
